/** What belongs to a guest stays its own, whoever has the core in between. */
import { describe, expect, it } from 'vitest';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT, type SlotName } from '../../../core/cpu/slots.ts';
import { BANK, type Cpu } from '../../../core/cpu/state.ts';
import type { Assembler } from './assembler.ts';
import { guest, type Part, RESULTS, result } from './guest.ts';
import { GUEST_GICC, GUEST_RAM, makeSystem, type PartitionOptions } from './system.ts';

/** Banked registers that PL1 may write by MSR, as R and SYSm. */
const BANKED: readonly (readonly [number, number])[] = [
  ...[5, 8, 9, 10, 11, 12, 13, 14, 16, 17, 20, 21, 22, 23].map((SYSm) => [0, SYSm] as const),
  ...[14, 16, 20, 22].map((SYSm) => [1, SYSm] as const),
];
/** Registers of PL1 that hold any value without effect while the MMU is off. */
const SYSTEM: readonly (readonly [number, number, number, number])[] = [
  [0, 2, 0, 0], // TTBR0
  [0, 2, 0, 1], // TTBR1
  [0, 2, 0, 2], // TTBCR
  [0, 3, 0, 0], // DACR
  [0, 5, 0, 0], // DFSR
  [0, 5, 0, 1], // IFSR
  [0, 5, 1, 0], // ADFSR
  [0, 5, 1, 1], // AIFSR
  [0, 6, 0, 0], // DFAR
  [0, 6, 0, 2], // IFAR
  [0, 7, 4, 0], // PAR
  [0, 10, 2, 0], // PRRR
  [0, 10, 2, 1], // NMRR
  [0, 10, 3, 0], // AMAIR0
  [0, 10, 3, 1], // AMAIR1
  [0, 12, 0, 0], // VBAR
  [0, 13, 0, 1], // CONTEXTIDR
  [0, 13, 0, 2], // TPIDRURW
  [0, 13, 0, 3], // TPIDRURO
  [0, 13, 0, 4], // TPIDRPRW
  [2, 0, 0, 0], // CSSELR
  [0, 14, 1, 0], // CNTKCTL
];
const SLOTS: readonly SlotName[] = [
  'SCTLR',
  'CPACR',
  'TTBR0',
  'TTBR1',
  'TTBCR',
  'DACR',
  'DFSR',
  'IFSR',
  'ADFSR',
  'AIFSR',
  'DFAR',
  'IFAR',
  'PAR',
  'MAIR0',
  'MAIR1',
  'AMAIR0',
  'AMAIR1',
  'VBAR',
  'CONTEXTIDR',
  'TPIDRURW',
  'TPIDRURO',
  'TPIDRPRW',
  'CSSELR',
  'FPEXC',
];

/** Fills every register that a guest has with numbers of its own, then spins. */
function filler(seed: number): PartitionOptions {
  let last = seed;
  const next = () => {
    last = (Math.imul(last, 1664525) + 1013904223) >>> 0;
    return last;
  };
  const main: Part = (a) => {
    const table = GUEST_RAM + 0x4000;
    a.mov(0, 0xf << 20)
      .mcr('CPACR', 0)
      .mov(0, 1 << 30)
      .word(0xeee80a10)
      .mov(1, table)
      .word(0xecb10b20, 0xecd10b20);
    a.mov(0, next() & 0xf7c0009f).word(0xeee10a10);
    for (const [R, SYSm] of BANKED) a.mov(0, R === 0 ? next() : (next() & 0xf0000000) | 0x1d3).msrBanked(R, SYSm, 0);
    for (const encoding of SYSTEM) a.mov(0, encoding[1] === 2 && encoding[3] === 2 ? next() & 7 : next()).mcrAt(encoding, 0);
    a.mov(0, GUEST_GICC)
      .mov(1, next() & 0xf8)
      .str(1, 0, 4);
    // CPSR flags, then all general registers.
    a.mov(0, next()).word(0xe12cf000);
    for (let r = 0; r < 15; r++) a.mov(r, next());
    a.label('spin').b('spin').org(table);
    for (let i = 0; i < 64; i++) a.word(next());
  };
  return guest(main);
}

/** Where nothing that counts stands while Supervisor mode runs: its own registers are in use, and Monitor and Hyp mode are not the guest's. */
const OTHERS = new Set<number>([
  ...[BANK.SP_svc, BANK.LR_svc, BANK.SP_mon, BANK.LR_mon, BANK.SP_hyp, BANK.ELR_hyp, BANK.SPSR_mon, BANK.SPSR_hyp],
  ...[0, 1, 2, 3, 4].map((i) => BANK.R8_usr + i),
]);
const WIDE = ['TTBR0', 'TTBR1', 'PAR'];

/** All that a guest could see of its processor and its interrupt interface. */
function view({ cpus, gic, timers }: ReturnType<typeof makeSystem>) {
  const cpu = cpus[0] as Cpu;
  const { banks } = gic.save()['virtualControl'] as unknown as { readonly banks: readonly { readonly vmcr: number }[] };
  return {
    words: [...cpu.words.subarray(0, 15)],
    status: [...cpu.s.subarray(S.N, S.IT + 1)],
    banked: [...cpu.banked].map((value, i) => (OTHERS.has(i) ? 0 : value)),
    fp: [...cpu.fp.w],
    FPSCR: cpu.fp.FPSCR,
    system: SLOTS.flatMap((name) => [cpu.system[SLOT[name]], WIDE.includes(name) ? cpu.system[SLOT[name] + 1] : 0]),
    vmcr: banks[0]?.vmcr,
    kernel: timers[0]?.save()['kernel'],
  };
}

describe('a world switch', () => {
  it('keeps every register of two guests that share a core', () => {
    const seeds = [1, 77777];
    const alone = seeds.map((seed) => {
      const system = makeSystem({ partitions: [filler(seed)] });
      system.run(20_000);
      return view(system);
    });
    expect(alone[0]).not.toEqual(alone[1]);
    const system = makeSystem({ slice: 1000, partitions: seeds.map(filler) });
    system.run(50_000);
    const seen = [0, 0];
    for (let i = 0; i < 40; i++) {
      system.run(737);
      const now = view(system);
      const who = now.words[0] === alone[0]?.words[0] ? 0 : 1;
      expect(now).toEqual(alone[who]);
      seen[who] = (seen[who] as number) + 1;
    }
    expect(Math.min(...seen)).toBeGreaterThan(10);
  });

  it('starts a guest with zeros where another left its values', () => {
    // The second starts when the first, which filled everything, has turned itself off.
    const second: Part = (a) => {
      a.str(1, 10).str(2, 10, 4).str(8, 10, 8).str(12, 10, 12).str(13, 10, 16).str(14, 10, 20);
      a.mrc('TPIDRPRW', 0).str(0, 10, 24).mrc('DFAR', 0).str(0, 10, 28).mrc('TTBR0', 0).str(0, 10, 32);
      a.mov(0, 0xf << 20)
        .mcr('CPACR', 0)
        .mov(0, 1 << 30)
        .word(0xeee80a10, 0xee100b10)
        .str(0, 10, 36);
    };
    const system = makeSystem({ slice: 2000, partitions: [filler(5), guest(second)] });
    system.run(100_000);
    expect(system.report(1).state).toBe('off');
    expect(Array.from({ length: 10 }, (_, i) => system.peek(1, RESULTS + 4 * i))).toEqual(Array<number>(10).fill(0));
  });

  it('forgets what the guest had marked exclusive', () => {
    const main: Part = (a) => {
      a.mov(4, GUEST_RAM + 0x20000)
        .ldrex(5, 4)
        .call(0x86000002)
        .strex(0, 5, 4);
      result(a).ldrex(5, 4).strex(0, 5, 4);
      result(a);
    };
    const other = guest((a) => a.label('loop').b('loop'));
    const system = makeSystem({ slice: 1000, partitions: [guest(main), other] });
    system.run(10_000);
    expect([0, 4].map((offset) => system.peek(0, RESULTS + offset))).toEqual([1, 0]);
  });

  it('leaves a guest that masks interrupts and waits no more than its turn', () => {
    const sleeper = guest((a) => a.cpsid().wfi().label('loop').b('loop'));
    const greedy = guest((a) => a.cpsid().label('loop').b('loop'));
    const system = makeSystem({ slice: 1000, partitions: [sleeper, greedy, greedy] });
    system.run(100_000);
    expect(system.report(0).instructions).toBeLessThan(100);
    const [first, second] = [system.report(1).instructions, system.report(2).instructions];
    expect(Math.abs(first - second)).toBeLessThan(1200);
  });

  it('is the same in every run', () => {
    const states = [0, 1].map(() => {
      const system = makeSystem({ slice: 1000, partitions: [1, 2, 3].map(filler) });
      system.run(30_000);
      return system.hypervisor.save();
    });
    expect(states[0]).toEqual(states[1]);
  });
});

describe('the state of the hypervisor', () => {
  it('comes back whole from what it saved', () => {
    const talk = (a: Assembler) =>
      a.mov(4, GUEST_RAM).label('loop').call(0x86000001, GUEST_RAM, 3).mov(4, 0x70000000).ldr(5, 4).b('loop');
    const make = () =>
      makeSystem({
        slice: 1000,
        partitions: [filler(1), { ...guest(talk, { dataAbort: (a) => a.exceptionReturn(4) }), vcpus: [{}, {}] }],
      });
    const system = make();
    system.run(23_456);
    const saved = system.hypervisor.save();
    const other = make();
    expect(other.hypervisor.save()).not.toEqual(saved);
    other.hypervisor.load(saved);
    expect(other.hypervisor.save()).toEqual(saved);
    other.hypervisor.reset();
    expect(other.report(1)).toMatchObject({ state: 'off', faultCount: 0, instructions: 0 });
  });
});
