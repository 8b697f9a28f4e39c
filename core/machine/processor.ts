/** One core with all that belongs to it: registers, TLB, memory view, system operations, interpreter. */
import type { State, Stateful } from '../base/state.ts';
import type { AddressMap } from '../bus/address-map.ts';
import type { CodeCache } from '../cpu/code-cache.ts';
import { wakes } from '../cpu/exceptions.ts';
import { CpuMemory } from '../cpu/memory.ts';
import type { CpuModel } from '../cpu/models.ts';
import type { PerformancePort } from '../cpu/performance.ts';
import { resetCpu } from '../cpu/reset.ts';
import { Cpu } from '../cpu/state.ts';
import { Interpreter } from '../cpu/step.ts';
import type { TimerPort } from '../cpu/sysreg/timer.ts';
import { System } from '../cpu/system.ts';
import { TranslatingEngine } from '../jit/engine.ts';
import type { Translations } from '../jit/translations.ts';
import { FaultMemo } from '../mmu/fault-memo.ts';
import { Mmu } from '../mmu/mmu.ts';
import { Tlb } from '../mmu/tlb.ts';
import type { Core } from './run-loop.ts';

export interface Processor extends Core, Stateful {
  readonly tlb: Tlb;
  readonly mmu: Mmu;
  /** What executes one instruction at a time, also where another engine runs. */
  readonly interpreter: Interpreter;
}

/** What a core needs of the machine around it. */
export interface Surroundings {
  readonly map: AddressMap;
  readonly cache: CodeCache;
  /** Without it, everything is interpreted. */
  readonly translations: Translations | undefined;
  readonly timer: TimerPort;
  /** The TLBs of all cores, which broadcast maintenance reaches. */
  readonly tlbs: () => readonly Tlb[];
  readonly monitors: PerformancePort;
}

export function makeProcessor(
  index: number,
  model: CpuModel,
  { map, cache, translations, timer, tlbs, monitors }: Surroundings,
): Processor {
  const cpu = new Cpu(index, model, map.arena);
  const tlb = new Tlb();
  const mmu = new Mmu(map, tlb, cpu.initiator, new FaultMemo(map));
  const system = new System(cpu, { mmu, tlb, timer, shareableTlbs: tlbs, monitors });
  cpu.sys = system;
  cpu.mem = new CpuMemory(cpu, mmu, map, () => system.regimes.current());
  tlb.onInvalidate((page) => (page === undefined ? cpu.mem.regimeChanged() : cpu.mem.pageDropped(page)));
  tlb.onInsert(() => cpu.mem.translationChanged());
  tlb.onEvict((va) => cpu.mem.pageDropped(va));
  const save = () => cpu.save();
  const load = (state: State) => {
    cpu.load(state);
    system.monitors.update();
    system.debug.update();
  };
  const reset = () => resetCpu(cpu, { entry: 0, mode: 'svc', secure: model.security });
  const interpreter = new Interpreter(cpu, cache);
  const engine = translations === undefined ? interpreter : new TranslatingEngine(cpu, interpreter, translations);
  return { cpu, tlb, mmu, interpreter, engine, wakes: () => wakes(cpu), save, load, reset };
}
