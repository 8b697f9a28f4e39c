/** Interrupts, timers and several virtual processors. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import type { Assembler } from './assembler.ts';
import { enableInterrupts, guest, handleInterrupt, type Part, RESULTS, result, SYSTEM_OFF } from './guest.ts';
import { GUEST_GICC, GUEST_GICD, GUEST_RAM, GUEST_UART, RAM } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

const CPU_ON = 0x84000003;
const CPU_OFF = 0x84000002;
const AFFINITY_INFO = 0x84000004;
const NOTIFY = 0x86000011;
const VTIMER = 27;

/** Waits with WFI until R8 has counted `n` interrupts. */
const waitFor = (a: Assembler, n: number, label = 'wait'): Assembler =>
  a.label(label).cpsid().cmp(8, n).b(`${label} done`, 10).wfi().cpsie().b(label).label(`${label} done`).cpsie();

/** A GICD_SGIR write. */
const sgi = (a: Assembler, value: number): Assembler => a.mov(4, GUEST_GICD).mov(5, value).str(5, 4, 0xf00);

const words = (system: ReturnType<typeof makeSystem>, id: number, count: number) =>
  Array.from({ length: count }, (_, i) => system.peek(id, RESULTS + 4 * i));

describe('the virtual timer', () => {
  it('interrupts at the tick that the guest asked for, as often as it asks, and never after the guest stops it', () => {
    const main: Part = (a) => {
      enableInterrupts(a, VTIMER).mov(8, 0).mov(4, 1000).mcr('CNTV_TVAL', 4).mov(4, 1).mcr('CNTV_CTL', 4);
      waitFor(a, 5).copy(0, 8);
      result(a);
    };
    const irq: Part = (a) =>
      handleInterrupt(a, () => {
        a.str(3, 10)
          .add(10, 10, 4)
          .add(8, 8, 1)
          .mov(4, 1000)
          .mcr('CNTV_TVAL', 4)
          .cmp(8, 5)
          .bne('again')
          .mov(4, 0)
          .mcr('CNTV_CTL', 4)
          .label('again');
      });
    const system = makeSystem({ partitions: [guest(main, { irq })] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(words(system, 0, 6)).toEqual([27, 27, 27, 27, 27, 5]);
    // Five times 1000 ticks of 10 ns, and little besides.
    expect(system.clock.now()).toBeGreaterThan(50_000);
    expect(system.clock.now()).toBeLessThan(51_000);
  });

  it('comes again at once while its condition holds after the end of interrupt, as a level does', () => {
    const main: Part = (a) => {
      enableInterrupts(a, VTIMER).mov(8, 0).mov(4, 10).mcr('CNTV_TVAL', 4).mov(4, 1).mcr('CNTV_CTL', 4);
      waitFor(a, 3);
    };
    const irq: Part = (a) =>
      handleInterrupt(a, () => a.add(8, 8, 1).cmp(8, 3).bne('again').mov(4, 0).mcr('CNTV_CTL', 4).label('again'));
    const system = makeSystem({ partitions: [guest(main, { irq })] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(system.clock.now()).toBeLessThan(2_000);
  });

  it('wakes a guest whose core another guest has', () => {
    const main: Part = (a) => {
      enableInterrupts(a, VTIMER).mov(8, 0).mov(4, 1000).mcr('CNTV_TVAL', 4).mov(4, 1).mcr('CNTV_CTL', 4);
      waitFor(a, 1);
    };
    const irq: Part = (a) => handleInterrupt(a, () => a.add(8, 8, 1).mov(4, 0).mcr('CNTV_CTL', 4));
    const busy = guest((a) => a.label('loop').b('loop'));
    const system = makeSystem({ slice: 5000, partitions: [guest(main, { irq }), busy] });
    system.run(30_000);
    expect(system.report(0).state).toBe('off');
    expect(system.report(1).instructions).toBeGreaterThan(20_000);
  });

  it('that is never serviced takes no time of others', () => {
    const storm = guest((a) => enableInterrupts(a, VTIMER).mov(4, 1).mcr('CNTV_CTL', 4).cpsie().label('loop').b('loop'), {
      irq: (a) => a.exceptionReturn(4),
    });
    const busy = guest((a) => a.label('loop').b('loop'));
    const system = makeSystem({ slice: 10_000, partitions: [storm, busy] });
    system.run(1_000_000);
    expect(system.report(1).instructions).toBeGreaterThan(480_000);
  });
});

describe('software-generated interrupts', () => {
  const second = GUEST_RAM + 0x8000;
  const startSecond: Part = (a) => a.call(CPU_ON, 1, second, 0xabcd);
  const irq: Part = (a) => handleInterrupt(a, () => a.str(3, 10).add(10, 10, 4).add(8, 8, 1));

  for (const cores of [1, 2]) {
    it(`go to the other virtual processor with their sender, on ${cores} core(s)`, () => {
      const main: Part = (a) => {
        enableInterrupts(a).mov(8, 0);
        startSecond(a);
        waitFor(a, 1).call(SYSTEM_OFF);
        a.org(second)
          .mov(10, GUEST_RAM + RESULTS + 0x100)
          .str(0, 10)
          .add(10, 10, 4)
          .mrc('MPIDR', 0)
          .str(0, 10);
        sgi(a, (1 << 16) | 5)
          .label('park')
          .wfi()
          .b('park');
      };
      const system = makeSystem({ cores, partitions: [{ ...guest(main, { irq }), vcpus: [{}, {}] }] });
      expect(system.run(1_000_000)).toBe('ended');
      expect(words(system, 0, 1)).toEqual([(1 << 10) | 5]);
      expect([system.peek(0, RESULTS + 0x100), system.peek(0, RESULTS + 0x104)]).toEqual([0xabcd, 0x80000001]);
    });
  }

  it('of two senders arrive twice, and those to nobody not at all', () => {
    const main: Part = (a) => {
      enableInterrupts(a).mov(8, 0);
      startSecond(a);
      a.mov(6, GUEST_RAM + RESULTS + 0x200)
        .label('until')
        .ldr(7, 6)
        .cmp(7, 1)
        .bne('until');
      sgi(a, (1 << 16) | 3);
      sgi(a, (0xfc << 16) | 3);
      sgi(a, (3 << 24) | (1 << 16) | 4);
      a.cpsie();
      waitFor(a, 2).call(SYSTEM_OFF);
      a.org(second);
      sgi(a, (1 << 16) | 3)
        .mov(6, GUEST_RAM + RESULTS + 0x200)
        .mov(7, 1)
        .str(7, 6)
        .label('park')
        .wfi()
        .b('park');
    };
    const system = makeSystem({ cores: 2, partitions: [{ ...guest(main, { irq }), vcpus: [{}, {}] }] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(words(system, 0, 3)).toEqual([3, (1 << 10) | 3, 0]);
  });

  it('fill the list registers and more, and arrive in the order of their priorities', () => {
    const main: Part = (a) => {
      enableInterrupts(a).mov(8, 0).mov(4, GUEST_GICD);
      for (let id = 0; id < 16; id++) a.mov(5, 0xf0 - 8 * id).strb(5, 4, 0x400 + id);
      for (let id = 0; id < 16; id++) sgi(a, (2 << 24) | id);
      a.cpsie();
      waitFor(a, 16);
    };
    const system = makeSystem({ partitions: [guest(main, { irq })] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(words(system, 0, 17)).toEqual([...Array.from({ length: 16 }, (_, i) => 15 - i), 0]);
  });

  it('that nest deeper than there are list registers all end', () => {
    // Each handler sends the next more urgent interrupt and takes it before it ends.
    const main: Part = (a) => {
      enableInterrupts(a)
        .mov(8, 0)
        .mov(13, GUEST_RAM + 0x20000)
        .mov(4, GUEST_GICD);
      for (let id = 0; id < 8; id++) a.mov(5, 0xf0 - 0x10 * id).strb(5, 4, 0x400 + id);
      a.cps(0x12)
        .mov(13, GUEST_RAM + 0x22000)
        .cps(0x13)
        .mov(9, 0)
        .mov(11, 0);
      sgi(a, (2 << 24) | 0).cpsie();
      a.label('wait').cmp(11, 8).bne('wait');
      a.mov(4, GUEST_GICC).ldr(0, 4, 0x14);
      result(a).mov(4, GUEST_GICD).ldr(0, 4, 0x300);
      result(a);
    };
    const nested: Part = (a) => {
      a.sub(14, 14, 4).word(0xf96d0513); // SRSDB SP!, #0x13
      a.cps(0x13).word(0xe92d400a); // PUSH {R1, R3, LR}
      a.mov(1, GUEST_GICC).ldr(3, 1, 0xc).add(9, 9, 1).cmp(9, 8).beq('deep');
      a.mov(1, GUEST_GICD)
        .mov(12, 2 << 24)
        .word(0xe18cc009)
        .str(12, 1, 0xf00)
        .cpsie()
        .word(...Array<number>(8).fill(0xe320f000))
        .cpsid();
      a.label('deep').mov(1, GUEST_GICC).str(3, 1, 0x10).add(11, 11, 1);
      a.word(0xe8bd400a, 0xf8bd0a00); // POP {R1, R3, LR}; RFEIA SP!
    };
    const system = makeSystem({ partitions: [guest(main, { irq: nested })] });
    expect(system.run(1_000_000)).toBe('ended');
    // Nothing runs (GICV_RPR) and nothing is active any more.
    expect(words(system, 0, 2)).toEqual([0xff, 0]);
  });
});

describe('PSCI', () => {
  it('tells the states of processors, and every mistake of CPU_ON by its code', () => {
    const second = GUEST_RAM + 0x8000;
    const main: Part = (a) => {
      const calls = [
        [AFFINITY_INFO, 1, 0],
        [CPU_ON, 7, second, 0],
        [CPU_ON, 0x80000001, second, 0],
        [CPU_ON, 0, second, 0],
        [CPU_ON, 1, 0x70000000, 0],
        [CPU_ON, 1, GUEST_GICC, 0],
        [CPU_ON, 1, second, 0],
        [CPU_ON, 1, second, 0],
        [AFFINITY_INFO, 1, 0],
        [AFFINITY_INFO, 2, 0],
        [AFFINITY_INFO, 1, 1],
        [0x84000000],
        [0x8400000a, CPU_ON],
        [0x8400000a, 0x84000012],
        [0x80000000],
        [0x80000001, 0x80000000],
        [0x80000001, 0x80008000],
        [0x84000006],
      ] as const;
      for (const [id, ...args] of calls) {
        a.call(id, ...args);
        result(a);
      }
      a.label('until').call(AFFINITY_INFO, 1, 0).cmp(0, 1).bne('until').call(CPU_ON, 1, second, 0);
      result(a).call(SYSTEM_OFF).org(second).call(CPU_OFF);
    };
    const system = makeSystem({ partitions: [{ ...guest(main), vcpus: [{}, {}] }], slice: 1000 });
    expect(system.run(1_000_000)).toBe('ended');
    expect(words(system, 0, 19).map((word) => (word ?? 0) | 0)).toEqual([
      1, -2, -2, -4, -9, -9, 0, -5, 2, -2, -2, 0x10001, 0, -1, 0x10001, 0, -1, 2, 0,
    ]);
  });

  it('ends a partition with its last processor, and answers by SMC too', () => {
    const main: Part = (a) => a.mov(0, 0x84000000).smc().str(0, 10).mov(0, CPU_OFF).smc();
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(words(system, 0, 1)).toEqual([0x10001]);
    expect(system.report()).toMatchObject({ state: 'off', exits: { smc: 2 } });
  });

  it('suspends until an interrupt', () => {
    const main: Part = (a) => {
      enableInterrupts(a, VTIMER).mov(4, 100).mcr('CNTV_TVAL', 4).mov(4, 1).mcr('CNTV_CTL', 4).call(0x84000001, 0, 0, 0);
      result(a);
    };
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run(1_000_000)).toBe('ended');
    expect(system.clock.now()).toBeGreaterThan(1000);
    expect(words(system, 0, 1)).toEqual([0]);
  });
});

describe('doorbells', () => {
  const shared = { ipa: 0x50000000, pa: RAM + 0x1000000, size: 0x1000 } as const;
  const end = (doorbell: number, writable: boolean, peer: number) => ({
    regions: [{ ...shared, kind: 'channel', name: 'channel', writable, executable: false }] as const,
    channels: [
      { name: 'channel', ipa: shared.ipa, size: shared.size, writable, doorbell, peers: [{ partition: peer, channel: 0 }] },
    ],
  });
  const irq: Part = (a) => handleInterrupt(a, () => a.str(3, 10).add(10, 10, 4).add(8, 8, 1));

  for (const cores of [1, 2]) {
    it(`carry data and its announcement to the peer, on ${cores} core(s)`, () => {
      const reader: Part = (a) => {
        enableInterrupts(a, 50).mov(8, 0);
        waitFor(a, 1).mov(4, shared.ipa).ldr(0, 4);
        result(a).call(0x86000010, 0).str(1, 10).str(2, 10, 4).str(3, 10, 8);
      };
      const writer: Part = (a) => {
        a.mov(4, 3000).label('delay').subs(4, 4, 1).bne('delay').mov(4, shared.ipa).mov(5, 0xfeed).str(5, 4).call(NOTIFY, 0);
        result(a).call(NOTIFY, 1);
        result(a);
      };
      const system = makeSystem({
        cores,
        partitions: [
          { ...guest(reader, { irq }), ...end(50, false, 1) },
          { ...guest(writer), ...end(49, true, 0) },
        ],
      });
      expect(system.run(1_000_000)).toBe('ended');
      expect(words(system, 0, 5)).toEqual([50, 0xfeed, shared.ipa, shared.size, 50 << 16]);
      expect(words(system, 1, 2).map((word) => (word ?? 0) | 0)).toEqual([0, -4]);
    });
  }

  it('are rate-limited, and those of a peer that is gone are denied', () => {
    const flood: Part = (a) => {
      a.mov(6, 300).mov(7, 0).label('loop').call(NOTIFY, 0);
      // Counts the refusals.
      a.word(0xe1a00fa0, 0xe0877000).subs(6, 6, 1).bne('loop').copy(0, 7);
      result(a).mov(4, GUEST_UART).mov(5, 33).str(5, 4);
      a.mov(6, 20_000).label('delay').subs(6, 6, 1).bne('delay').call(NOTIFY, 0);
      result(a);
    };
    const sink: Part = (a) => a.mov(6, 10_000).label('delay').subs(6, 6, 1).bne('delay');
    const system = makeSystem({
      cores: 2,
      partitions: [
        { ...guest(flood), ...end(0, true, 1) },
        { ...guest(sink), ...end(49, false, 0) },
      ],
    });
    expect(system.run(1_000_000)).toBe('ended');
    const [refused, late] = words(system, 0, 2) as [number, number];
    expect(refused).toBeGreaterThan(40);
    expect(refused).toBeLessThan(45);
    expect(late | 0).toBe(-3);
  });
});

describe('the console', () => {
  it('interrupts for typed bytes, each of which arrives once and in order', () => {
    const main: Part = (a) => {
      enableInterrupts(a, 32).mov(8, 0).mov(4, GUEST_UART).mov(5, 0x50).str(5, 4, 0x38);
      waitFor(a, 5);
    };
    const irq: Part = (a) => handleInterrupt(a, () => a.mov(4, GUEST_UART).ldr(5, 4).str(5, 4).add(8, 8, 1));
    const system = makeSystem({ partitions: [guest(main, { irq })] });
    system.run(10_000);
    expect(system.report().state).toBe('running');
    system.type(0, 'he');
    system.run(10_000);
    system.type(0, 'llo');
    expect(system.run(10_000)).toBe('ended');
    expect(system.output[0]).toBe('hello');
  });

  /** Uses up what may be written at once. */
  const fill = (a: Assembler): Assembler => {
    a.mov(8, 16).label('burst').call(0x86000001, GUEST_RAM, 1024).subs(8, 8, 1).bne('burst');
    return a.call(0x86000001, GUEST_RAM, 1024);
  };

  it('takes a flood of output at its own pace and loses nothing of a guest that looks at the flags', () => {
    const main: Part = (a) => {
      result(fill(a)).call(0x86000001, GUEST_RAM, 1024);
      result(a).mov(4, GUEST_UART).mov(6, 50).mov(5, 46).label('full').ldr(7, 4, 0x18).word(0xe3170020).bne('full');
      a.str(5, 4).subs(6, 6, 1).bne('full');
    };
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run(100_000_000)).toBe('ended');
    expect(system.output[0]).toHaveLength(16384 + 50);
    expect(words(system, 0, 2).map((word) => (word ?? 0) | 0)).toEqual([-5, -5]);
    // A microsecond for each byte beyond those that may come at once.
    expect(system.clock.now()).toBeGreaterThan(50_000);
  });

  it('tells a guest that waits for room when there is room', () => {
    const main: Part = (a) => {
      enableInterrupts(a, 32);
      fill(a).mov(4, GUEST_UART).str(5, 4).mov(5, 0x20).str(5, 4, 0x38).wfi();
    };
    const system = makeSystem({ partitions: [guest(main)] });
    expect(system.run(100_000_000)).toBe('ended');
    expect(system.clock.now()).toBeLessThan(3_000);
    expect(system.report().exits['wfi']).toBe(1);
  });
});
