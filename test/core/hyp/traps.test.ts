/** What a guest tries with coprocessors, calls and its own vectors. */
import { describe, expect, it } from 'vitest';
import { EVENTS_TOLD, FAULTS_KEPT } from '../../../core/hyp/health.ts';
import { bundled } from '../../support/bundled.ts';
import type { Assembler } from './assembler.ts';
import { guest, type Part, RESULTS, result } from './guest.ts';
import { GUEST_RAM, GUEST_UART, type PartitionOptions, ramOf } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

/** Counts in R11, and goes on behind the instruction: A32 alone. */
const undefined_: Part = (a) => a.add(11, 11, 1).exceptionReturn(0);

function run(main: Part, options: Partial<PartitionOptions> = {}, ns = 1_000_000) {
  const system = makeSystem({
    partitions: [
      { ...guest((a) => main(a.mov(11, 0)), { undefined: undefined_, dataAbort: (a) => a.exceptionReturn(4) }), ...options },
    ],
  });
  const stop = system.run(ns);
  return {
    system,
    stop,
    results: (count: number) => Array.from({ length: count }, (_, i) => (system.peek(0, RESULTS + 4 * i) ?? 0) | 0),
  };
}

describe('system registers', () => {
  it('show a guest its own processor: identification without what it cannot use', () => {
    const { results, system } = run(
      (a) => {
        for (const name of ['MIDR', 'MPIDR', 'ID_PFR1', 'ID_DFR0', 'ACTLR', 'L2CTLR', 'PMCR'] as const) {
          a.mrc(name, 0);
          result(a);
        }
      },
      { vcpus: [{}, {}] },
    );
    expect(results(7)).toEqual([system.cpus[0]?.model.id.MIDR, 0x80000000 | 0, 0x00010001, 0, 0x40, 1 << 24, 0]);
    expect(system.report().faultCount).toBe(0);
  });

  it('take writes that mean nothing here without a word', () => {
    const { results } = run((a) => {
      a.mov(0, -1).mcr('ACTLR', 0).mcr('DCISW', 0).mcr('PMCR', 0).mcr('L2CTLR', 0).copy(0, 11);
      result(a);
    });
    expect(results(1)).toEqual([0]);
  });

  it('of others and of nobody are UNDEFINED, and the report names the trapped ones', () => {
    const { results, system } = run((a) => {
      a.mrc('HCR', 0).mrc('CNTP_CTL', 0).mcr('LOCKDOWN', 0).copy(0, 11);
      result(a);
    });
    expect(results(1)).toEqual([3]);
    expect(system.report().faults.map(({ kind, why }) => [kind, why.split(':')[0]])).toEqual([
      ['undefined', 'MRC p15, 0, r0, c14, c2, 1'],
      ['undefined', 'MCR p15, 0, r0, c10, c0, 0'],
    ]);
  });

  /** MRC (or MCR) of R12 with every opc1, CRn, CRm and opc2 of coprocessors 14 and 15. VBAR stays, the guest needs it. */
  function everyEncoding(read: boolean): number[] {
    const words: number[] = [];
    for (let n = 0; n < 0x8000; n++) {
      const [coproc, opc1, CRn, CRm, opc2] = [14 + (n >>> 14), (n >>> 11) & 7, (n >>> 7) & 15, (n >>> 3) & 15, n & 7] as const;
      if (coproc === 15 && CRn === 12) continue;
      words.push(0xee00c010 | (read ? 1 << 20 : 0) | (opc1 << 21) | (CRn << 16) | (coproc << 8) | (opc2 << 5) | CRm);
    }
    return words;
  }

  for (const read of [true, false]) {
    it(`of every encoding are emulated or UNDEFINED when ${read ? 'read' : 'written'}, and the guest goes on`, () => {
      const words = everyEncoding(read);
      const { stop, system } = run((a) => {
        a.mov(10, GUEST_RAM + 0x100000)
          .mov(12, 0)
          .word(...words)
          .copy(0, 11);
        result(a);
      });
      expect(stop).toBe('ended');
      const undefinedOnes = system.peek(0, 0x100000) ?? 0;
      expect(undefinedOnes).toBeGreaterThan(words.length * 0.8);
      expect(undefinedOnes).toBeLessThan(words.length);
      expect(system.report().faults.every(({ kind }) => kind === 'undefined')).toBe(true);
    });
  }
});

describe('calls', () => {
  const call = (a: Assembler, id: number, ...args: number[]): Assembler => result(a.call(id, ...args));

  it('answer who is there and what it can do', () => {
    const { results } = run((a) => {
      a.call(0x8600ff01);
      for (const r of [0, 1, 2, 3]) result(a, r);
      call(a, 0x8600ff00);
      a.call(0x8600ff03).str(0, 10).str(1, 10, 4).add(10, 10, 8);
      call(a, 0x86000000, 0x86000011);
      call(a, 0x86000000, 0x86000099);
      a.mov(0, 0x86000003).mov(3, 77).hvc();
      for (const r of [0, 1, 2, 3]) result(a, r);
    });
    expect(results(13).map((word) => word >>> 0)).toEqual([
      0x529c1e7a, 0x604f3b4d, 0xb7501a9b, 0xc4e2d6a9, 18, 1, 0, 0, 0xffffffff, 0, 0, 1, 0,
    ]);
  });

  it('refuse unknown functions and immediates, and keep every other register', () => {
    const { results } = run((a) => {
      call(a, 0xdeadbeef);
      a.mov(0, 0x86000002).hvc(1);
      result(a);
      for (let r = 1; r < 10; r++) a.mov(r, 0x1000 + r);
      a.mov(12, 0x1012).mov(0, 0x86000000).mov(1, 0x86000000).hvc();
      for (let r = 0; r < 10; r++) result(a, r);
      result(a, 12);
    });
    expect(results(13)).toEqual([
      -1,
      -1,
      0,
      0x86000000 | 0,
      0x1002,
      0x1003,
      0x1004,
      0x1005,
      0x1006,
      0x1007,
      0x1008,
      0x1009,
      0x1012,
    ]);
  });

  it('refuse buffers that are not readable memory of the caller, as a whole', () => {
    const WRITE = 0x86000001;
    const { results, system } = run((a) => {
      for (const [address, length] of [
        [0, 4],
        [0x70000000, 4],
        [ramOf(0), 4],
        [GUEST_UART, 4],
        [0x03002000, 4],
        [GUEST_RAM + 0x200000 - 2, 4],
        [GUEST_RAM, 1025],
        [GUEST_RAM, 0xffffffff],
        [0xffffffff, 2],
        [GUEST_RAM, 0],
        [0x70000000, 0],
      ] as const)
        call(a, WRITE, address, length);
    });
    expect(results(11)).toEqual([-2, -2, -2, -2, -2, -2, -2, -2, -2, 0, 0]);
    expect(system.output[0]).toBe('');
    expect(system.report().faultCount).toBe(0);
  });

  it('survive random arguments', () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed;
    };
    const ids = [
      0x86000000, 0x86000001, 0x86000003, 0x86000010, 0x86000011, 0x8600ff00, 0x84000003, 0x84000004, 0x8400000a, 0x80000001,
    ];
    const { stop } = run((a) => {
      for (let i = 0; i < 2000; i++)
        a.call(ids[random() % ids.length] as number, random() >>> (random() % 32), random() >>> (random() % 32), random());
    });
    expect(stop).toBe('ended');
  });

  it('tell the health monitor', () => {
    const { system, results } = run((a) => {
      call(a, 0x86000020, 0, 7);
      call(a, 0x86000020, 1, 8);
      call(a, 0x86000020, 2, 9);
      call(a, 0x86000020, 3, 9);
    });
    expect(results(4)).toEqual([0, 0, 0, -2]);
    expect(system.events.map(({ kind, text }) => [kind, text])).toEqual([
      ['info', 'info report with code 7'],
      ['warning', 'warning report with code 8'],
      ['fault', 'fatal report with code 9'],
      ['off', 'the partition turned itself off'],
    ]);
  });
});

describe('health', () => {
  const crash: Part = (a) => a.mov(4, 0x70000000).ldr(5, 4);

  it('stops a partition at its first fault if its policy says so', () => {
    const { system, stop } = run(crash, { health: { onFault: 'stop', maxRestarts: 0 } });
    expect(stop).toBe('ended');
    expect(system.report()).toMatchObject({ state: 'stopped', faultCount: 1, restarts: 0 });
    expect(system.events.at(-1)).toMatchObject({ kind: 'stop' });
  });

  it('restarts it with the image that is described and nothing else, as often as it may', () => {
    const main: Part = (a) => {
      // A word beyond the image and one within: both must be as at first.
      a.mov(4, GUEST_RAM + 0x30000)
        .ldr(5, 4)
        .mov(6, GUEST_RAM)
        .ldr(7, 6, 0x1c)
        .mov(8, GUEST_UART)
        .add(5, 5, 48)
        .str(5, 8);
      a.mov(5, 1).str(5, 4).str(5, 6, 0x1c);
      crash(a);
    };
    const { system, stop } = run(main, { health: { onFault: 'restart', maxRestarts: 3 } }, 5_000_000);
    expect(stop).toBe('ended');
    expect(system.output[0]).toBe('0000');
    expect(system.report()).toMatchObject({ state: 'stopped', restarts: 3, faultCount: 4 });
  });

  it('ends a guest whose abort vector cannot be fetched, and leaves the others their time', () => {
    const lost = guest((a) => a.mov(0, 0x70000000).mcr('VBAR', 0).copy(15, 0));
    const busy = guest((a) => a.label('loop').b('loop'));
    const system = makeSystem({ slice: 10_000, partitions: [lost, busy] });
    system.run(200_000);
    expect(system.report(0).state).toBe('stopped');
    const { faults, faultCount } = system.report(0);
    expect(faults.map(({ kind }) => kind)).toContain('abort storm');
    expect(faultCount).toBeLessThan(10);
    expect(system.report(1).instructions).toBeGreaterThan(190_000);
  });

  it('keeps a bounded number of faults, however many there are', () => {
    const { system } = run((a) => a.mov(4, 0x70000000).mov(6, 2000).label('loop').ldr(5, 4).subs(6, 6, 1).bne('loop'));
    expect(system.report().faultCount).toBe(2000);
    expect(system.report().faults).toHaveLength(FAULTS_KEPT);
    expect(system.events.filter(({ kind }) => kind === 'fault')).toHaveLength(FAULTS_KEPT);
  });

  it('lets a guest reset itself without end and without a trace', () => {
    const system = makeSystem({ partitions: [guest((a) => a.call(0x84000009))] });
    const pages = JSON.stringify(system.hypervisor.save()).length;
    system.run(EVENTS_TOLD * 1_010_000);
    expect(system.report().restarts).toBeGreaterThan(EVENTS_TOLD);
    expect(system.events).toHaveLength(EVENTS_TOLD);
    expect(JSON.stringify(system.hypervisor.save()).length).toBeLessThan(pages + 1000);
  });
});
