/**
 * The virtual GIC against the machine's own: the same random program, alone on a board with a GICv2 and in a partition, must read the same.
 * List registers, their overflow, maintenance interrupts and emulated distributor accesses all take part on the one side alone.
 */
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { VirtualClock } from '../../../core/bus/clock.ts';
import { IrqLine } from '../../../core/bus/irq-line.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { DeviceWindow } from '../../../core/bus/window.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { CpuMemory } from '../../../core/cpu/memory.ts';
import { makeModel } from '../../../core/cpu/models.ts';
import { resetCpu } from '../../../core/cpu/reset.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { Cpu } from '../../../core/cpu/state.ts';
import { Interpreter } from '../../../core/cpu/step.ts';
import { System } from '../../../core/cpu/system.ts';
import { GenericTimer } from '../../../core/devices/generic-timer.ts';
import { Gic } from '../../../core/devices/gic/gic.ts';
import { Mmu } from '../../../core/mmu/mmu.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';
import { bundled } from '../../support/bundled.ts';
import { randoms } from '../../support/device-contract.ts';
import { Assembler } from './assembler.ts';
import { guest, type Part, RESULTS, result } from './guest.ts';
import { GUEST_GICC, GUEST_GICD, GUEST_RAM } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

const SIZE = 0x20_0000;
const ENTRY = GUEST_RAM + 0x20;

/** The program on a machine of its own, with the GIC where a partition has it. Returns what it stored. */
function runBare(program: Part, count: number): (number | undefined)[] {
  const map = new AddressMap(new Arena(new ArrayBuffer(SIZE + 0x100000)));
  map.addMemory('ram', GUEST_RAM, SIZE);
  const cpu = new Cpu(0, makeModel('cortex-a15', { security: false, virtualization: true }), map.arena);
  const line = (which: number) =>
    new IrqLine((level) => {
      cpu.s[which] = level ? 1 : 0;
      cpu.s[S.ATTENTION] = 1;
    });
  const outputs = { irq: line(S.IRQ), fiq: line(S.FIQ), virq: line(S.VIRQ), vfiq: line(S.VFIQ) };
  const gic = new Gic({ cores: 1, interrupts: 96, securityExtensions: false }, [outputs]);
  map.addWindow(GUEST_GICD, 0x1000, new DeviceWindow('gicd', gic.distributor));
  map.addWindow(GUEST_GICC, 0x2000, new DeviceWindow('gicc', gic.cpuInterface));
  const none = new IrqLine(() => {});
  const timer = new GenericTimer(
    new VirtualClock(),
    { frequency: 1_000_000 },
    { physical: none, securePhysical: none, virtual: none, hyp: none },
  );
  const tlb = new Tlb();
  const mmu = new Mmu(map, tlb, cpu.initiator);
  const system = new System(cpu, { mmu, tlb, timer });
  cpu.sys = system;
  cpu.mem = new CpuMemory(cpu, mmu, map, () => system.regimes.current());
  tlb.onInvalidate(() => cpu.mem.regimeChanged());
  const a = new Assembler(GUEST_RAM);
  a.org(ENTRY).mov(10, GUEST_RAM + RESULTS);
  program(a);
  a.label('end').b('end');
  map.load(GUEST_RAM, a.bytes());
  resetCpu(cpu, { entry: ENTRY, mode: 'svc', secure: false });
  cpu.s[S.REMAINING] = 100_000;
  new Interpreter(cpu, new CodeCache(new Decoder(INSTRUCTIONS), map.arena)).run();
  return Array.from({ length: count }, (_, i) => map.read(GUEST_RAM + RESULTS + 4 * i, 4, cpu.initiator));
}

function runInPartition(program: Part, count: number): (number | undefined)[] {
  const system = makeSystem({ partitions: [guest(program)] });
  expect(system.run(10_000_000)).toBe('ended');
  expect(system.report().faultCount).toBe(0);
  return Array.from({ length: count }, (_, i) => system.peek(0, RESULTS + 4 * i));
}

const GICC = { CTLR: 0, PMR: 4, BPR: 8, IAR: 0xc, EOIR: 0x10, RPR: 0x14, HPPIR: 0x18, DIR: 0x1000 } as const;

/**
 * A random life of a GIC, all polled: interrupts stay masked in CPSR. `split`: GICC_CTLR.EOImode. One group alone: with two, a virtual interface
 * differs by definition, as it has one set of active priorities for both.
 */
function randomProgram(seed: number, operations: number, split: boolean): { readonly program: Part; readonly count: number } {
  let count = 0;
  const program: Part = (a) => {
    const random = randoms(seed);
    const any = (n: number) => random() % n;
    const id = () => (any(2) === 0 ? any(16) : 32 + any(16));
    count = 0;
    const write = (base: number, offset: number, value: number) =>
      a
        .mov(1, base + offset)
        .mov(2, value)
        .str(2, 1);
    const read = (base: number, offset: number) => {
      count++;
      return result(a.mov(1, base + offset).ldr(0, 1));
    };
    write(GUEST_GICD, 0, 1);
    write(GUEST_GICC, GICC.PMR, 0xff);
    write(GUEST_GICC, GICC.CTLR, split ? 0x201 : 1);
    write(GUEST_GICD, 0x104, 0xffff);
    // R7 points at the interrupts that are acknowledged and not yet ended; R6 at those that are ended but still active.
    a.mov(7, GUEST_RAM + 0x40000).mov(6, GUEST_RAM + 0x50000);
    const acknowledge = (label: string) => {
      count++;
      result(a.mov(1, GUEST_GICC).ldr(0, 1, GICC.IAR));
      // R3 = R0 & 0x3ff; pushes R0 unless R3 >= 1020.
      a.mov(2, 0x3ff).word(0xe0003002).mov(2, 1020).word(0xe1530002).b(label, 2).str(0, 7).add(7, 7, 4).label(label);
    };
    const end = (label: string) => {
      a.mov(2, GUEST_RAM + 0x40000)
        .word(0xe1570002)
        .beq(label)
        .sub(7, 7, 4)
        .ldr(0, 7)
        .mov(1, GUEST_GICC)
        .str(0, 1, GICC.EOIR);
      if (split) a.str(0, 6).add(6, 6, 4);
      a.label(label);
    };
    const deactivate = (label: string) => {
      a.mov(2, GUEST_RAM + 0x50000)
        .word(0xe1560002)
        .beq(label)
        .sub(6, 6, 4)
        .ldr(0, 6)
        .mov(1, GUEST_GICC + GICC.DIR)
        .str(0, 1)
        .label(label);
    };
    for (let i = 0; i < operations; i++) {
      const kind = any(split ? 18 : 17);
      if (kind < 3) write(GUEST_GICD, 0xf00, (2 << 24) | any(16));
      else if (kind < 5) write(GUEST_GICD, 0x204, 1 << any(16));
      else if (kind === 5)
        a.mov(1, GUEST_GICD + 0x400 + id())
          .mov(2, any(256))
          .strb(2, 1);
      else if (kind === 6) write(GUEST_GICD, any(2) === 0 ? 0x104 : 0x184, any(0x10000));
      else if (kind === 7) write(GUEST_GICC, GICC.PMR, any(3) === 0 ? any(256) : 0xff);
      else if (kind === 8) read(GUEST_GICC, any(2) === 0 ? GICC.RPR : GICC.HPPIR);
      else if (kind === 9) read(GUEST_GICD, [0x200, 0x204, 0x300, 0x304, 0x104, 0xf20][any(6)] as number);
      else if (kind === 10) acknowledge(`a${i}`);
      else if (kind === 11) end(`e${i}`);
      else if (kind === 12) write(GUEST_GICD, any(2) === 0 ? 0x284 : 0x280, any(0x10000));
      else if (kind === 13) write(GUEST_GICD, 0x384, 1 << any(16));
      else if (kind === 14)
        a.mov(1, GUEST_GICD + (any(2) === 0 ? 0xf10 : 0xf20) + any(16))
          .mov(2, 1)
          .strb(2, 1);
      else if (kind === 15) write(GUEST_GICC, GICC.BPR, any(8));
      else if (kind === 16) write(GUEST_GICD, 0xc08, random() & 0xaaaaaaaa);
      else deactivate(`d${i}`);
    }
  };
  program(new Assembler(0));
  return { program, count };
}

describe('a virtual GIC', () => {
  for (const split of [false, true]) {
    it(`reads as a physical one does, whatever a guest does with it${split ? ', with EOImode split' : ''}`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const { program, count } = randomProgram(seed, 400, split);
        const bare = runBare(program, count);
        expect(bare.some((word) => word !== 0)).toBe(true);
        expect({ seed, read: runInPartition(program, count) }).toEqual({ seed, read: bare });
      }
    });
  }
});
