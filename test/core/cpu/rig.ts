/** One processor with a little memory, and the machinery that its system side needs. */
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { CpuMemory } from '../../../core/cpu/memory.ts';
import { type CpuModel, type ModelOptions, makeModel } from '../../../core/cpu/models.ts';
import { currentRegime } from '../../../core/cpu/regime.ts';
import { type ResetOptions, resetCpu } from '../../../core/cpu/reset.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { Cpu } from '../../../core/cpu/state.ts';
import { Interpreter } from '../../../core/cpu/step.ts';
import type { TimerPort, TimerRegister } from '../../../core/cpu/sysreg/timer.ts';
import { System } from '../../../core/cpu/system.ts';
import { Mmu } from '../../../core/mmu/mmu.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';

export const RAM = 0x40000000;
const SIZE = 0x200000;
const decoder = new Decoder(INSTRUCTIONS);

/** A timer that only remembers. */
class FakeTimer implements TimerPort {
  readonly values = new Map<TimerRegister, readonly [number, number]>([['CNTHCTL', [3, 0]]]);
  readLow(register: TimerRegister): number {
    return this.values.get(register)?.[0] ?? 0;
  }
  readHigh(register: TimerRegister): number {
    return this.values.get(register)?.[1] ?? 0;
  }
  write(register: TimerRegister, low: number, high = 0): void {
    this.values.set(register, [low, high]);
  }
}

export type RigOptions = Partial<ModelOptions & ResetOptions & { readonly memory: number; readonly name: CpuModel['name'] }>;

export function makeRig(options: RigOptions = {}) {
  const { memory = SIZE, security = true, virtualization = true, mode = 'svc', secure = mode === 'svc', entry = RAM } = options;
  const map = new AddressMap(new Arena(new ArrayBuffer(memory + 0x100000)));
  map.addMemory('ram', RAM, memory);
  const model = makeModel(options.name ?? 'cortex-a15', { ...options, security, virtualization });
  const cpu = new Cpu(0, model, map.arena);
  const tlb = new Tlb();
  const timer = new FakeTimer();
  const time = { now: 0 };
  const mmu = new Mmu(map, tlb, cpu.initiator);
  cpu.mem = new CpuMemory(cpu, mmu, map, currentRegime);
  const sys = new System(cpu, { mmu, tlb, timer, monitors: { now: () => time.now, retired: () => time.now } });
  cpu.sys = sys;
  tlb.onInvalidate(() => cpu.mem.regimeChanged());
  resetCpu(cpu, { entry, mode, secure: security && secure });
  const engine = new Interpreter(cpu, new CodeCache(decoder, map.arena));
  const from = { core: 0, secure: true };
  return {
    cpu,
    sys,
    map,
    tlb,
    timer,
    time,
    poke: (at: number, value: number) => map.write(at, 4, value >>> 0, from),
    run: () => engine.run(),
    peek: (at: number) => map.read(at, 4, from),
    /** Puts A32 words at `at`, goes there and executes `count` instructions. */
    execute: (words: readonly number[], at = RAM, count = words.length) => {
      words.forEach((word, i) => {
        map.write(at + 4 * i, 4, word >>> 0, from);
      });
      cpu.s[S.NEXT] = at;
      cpu.s[S.REMAINING] = count;
      engine.run();
    },
    /** The same for halfwords of Thumb; `count` instructions. */
    executeThumb: (halfwords: readonly number[], count: number, at = RAM) => {
      halfwords.forEach((halfword, i) => {
        map.write(at + 2 * i, 2, halfword, from);
      });
      cpu.T = true;
      cpu.s[S.NEXT] = at;
      cpu.s[S.REMAINING] = count;
      engine.run();
    },
  };
}
export type Rig = ReturnType<typeof makeRig>;
