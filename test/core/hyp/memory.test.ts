/** What stage 2 refuses, and how a guest and its report learn of it. */
import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { guest, type Part, RESULTS, result } from './guest.ts';
import { GUEST_GICC, GUEST_GICD, GUEST_RAM, GUEST_UART, type PartitionOptions, RAM, ramOf } from './system.ts';

const { makeSystem } = await bundled<typeof import('./system.ts')>('test/core/hyp/system.ts');

const UNMAPPED = 0x70000000;
const CHANNEL = 0x50000000;
const channel = {
  regions: [
    { kind: 'channel', name: 'frames', ipa: CHANNEL, pa: RAM + 0x1000000, size: 0x1000, writable: false, executable: false },
  ],
} as const satisfies Partial<PartitionOptions>;

/** Stores DFSR and DFAR (or IFSR and IFAR), then goes on behind the access. */
const dataAbort: Part = (a) => {
  a.mrc('DFSR', 0);
  result(a).mrc('DFAR', 0);
  result(a).exceptionReturn(4);
};
const prefetchAbort: Part = (a) => {
  a.mrc('IFSR', 0);
  result(a).mrc('IFAR', 0);
  result(a).copy(14, 9).exceptionReturn(0);
};

function run(main: Part, options: Partial<PartitionOptions> = {}) {
  const system = makeSystem({ partitions: [{ ...guest(main, { dataAbort, prefetchAbort }), ...options }] });
  const stop = system.run(1_000_000);
  return { system, stop, results: (count: number) => Array.from({ length: count }, (_, i) => system.peek(0, RESULTS + 4 * i)) };
}

describe('stage 2', () => {
  it('answers reads and writes of addresses that a partition does not have with an external abort', () => {
    const { stop, results, system } = run((a) =>
      a
        .mov(4, UNMAPPED + 8)
        .ldr(5, 4)
        .str(5, 4),
    );
    expect(stop).toBe('ended');
    expect(results(4)).toEqual([0x008, UNMAPPED + 8, 0x808, UNMAPPED + 8]);
    expect(system.report().faults.map(({ kind, va, ipa }) => ({ kind, va, ipa }))).toEqual([
      { kind: 'data abort', va: UNMAPPED + 8, ipa: UNMAPPED + 8 },
      { kind: 'data abort', va: UNMAPPED + 8, ipa: UNMAPPED + 8 },
    ]);
  });

  it('refuses execution of what is not there', () => {
    const { stop, results } = run((a) =>
      a
        .mov(4, UNMAPPED)
        .mov(9, a.here + 20)
        .copy(15, 4)
        .word(0xe7f000f0, 0),
    );
    expect(stop).toBe('ended');
    expect(results(2)).toEqual([0x008, UNMAPPED]);
  });

  it('tells why: the region, the rights and the descriptors', () => {
    const { system } = run(
      (a) =>
        a
          .mov(4, CHANNEL + 0x10)
          .ldr(5, 4)
          .str(5, 4),
      channel,
    );
    const { faults, faultCount } = system.report();
    expect(faultCount).toBe(1);
    expect(faults[0]?.why).toMatch(/^write to read-only channel 'frames' at guest physical address 0x50000010\./);
    expect(faults[0]?.why).toMatch(
      /stage 2 permission fault at level 3 for IPA 0x50000010; VTTBR .*VMID 1.*stage 2 L1 @.*stage 2 L3 @/,
    );
  });

  it('refuses writes to read-only and execution of execute-never memory, and finds the address of a permission fault', () => {
    const { stop, results, system } = run(
      (a) =>
        a
          .mov(4, CHANNEL + 0x10)
          .str(5, 4)
          .mov(9, a.here + 16)
          .copy(15, 4)
          .word(0),
      channel,
    );
    expect(stop).toBe('ended');
    expect(results(4)).toEqual([0x808, CHANNEL + 0x10, 0x008, CHANNEL + 0x10]);
    expect(system.report().faults.map(({ ipa }) => ipa)).toEqual([CHANNEL + 0x10, CHANNEL + 0x10]);
  });

  it("reports a stage-1 table at an address that is not there as an abort of the guest's own walk", () => {
    const { stop, results, system } = run((a) =>
      // TTBR0 leads nowhere; the MMU goes on and the next fetch needs the table. The vectors cannot be fetched either.
      a.mov(4, UNMAPPED).mcr('TTBR0', 4).mov(4, 1).mcr('DACR', 4).mrc('SCTLR', 4).add(4, 4, 1).mcr('SCTLR', 4).mov(5, 0),
    );
    expect(stop).toBe('ended');
    expect(results(1)).toEqual([0]);
    const [first] = system.report().faults;
    expect(first?.kind).toBe('prefetch abort');
    expect(first?.ipa).toBe(UNMAPPED + 0x1000);
    expect(first?.why).toContain('the stage 1 table walk: ');
  });

  it('never lets a partition reach the memory of another, whatever addresses its own tables contain', () => {
    const neighbour = guest((a) => a.mov(0, 0x12345678).str(0, 10).label('loop').b('loop'));
    const spy = guest(
      (a) =>
        a
          .mov(4, ramOf(1) + RESULTS)
          .ldr(0, 4)
          .str(0, 10),
      { dataAbort },
    );
    const system = makeSystem({ cores: 2, partitions: [spy, neighbour] });
    system.run(100_000);
    expect(system.peek(1, RESULTS)).toBe(0x12345678);
    expect([0, 4].map((offset) => system.peek(0, RESULTS + offset))).toEqual([0x008, ramOf(1) + RESULTS]);
  });

  it('faults on a page that was taken away, though the TLB knew it', () => {
    const main: Part = (a) =>
      a
        .mov(4, CHANNEL)
        .label('loop')
        .ldr(5, 4)
        .mov(6, GUEST_RAM + RESULTS)
        .ldr(6, 6)
        .cmp(6, 0)
        .beq('loop');
    const system = makeSystem({ partitions: [{ ...guest(main, { dataAbort }), ...channel }] });
    system.run(10_000);
    expect(system.report().faultCount).toBe(0);
    expect(system.hypervisor.revoke(0, 'frames')).toBe(true);
    expect(system.run(100_000)).toBe('ended');
    expect(system.report().faults[0]).toMatchObject({ kind: 'data abort', ipa: CHANNEL });
  });
});

describe('emulated devices', () => {
  it('takes bytes, halfwords and words of every register, sign-extended where the instruction says so', () => {
    const { results } = run((a) => {
      // UARTIBRD is 16 bits wide.
      a.mov(4, GUEST_UART).mov(0, 0x12348765).str(0, 4, 0x24).ldr(0, 4, 0x24);
      result(a).ldrb(0, 4, 0x24);
      result(a).ldrsh(0, 4, 0x24);
      result(a);
    });
    expect(results(3)).toEqual([0x8765, 0x65, 0xffff8765]);
  });

  it('aborts loads that the syndrome does not describe, and never guesses', () => {
    const { results, system } = run((a) =>
      a
        .mov(4, GUEST_UART + 0x18)
        .ldm(4, 0x60)
        .ldrPost(5, 4, 4)
        .ldrex(5, 4),
    );
    expect(results(6)).toEqual([0x8, GUEST_UART + 0x18, 0x8, GUEST_UART + 0x18, 0x8, GUEST_UART + 0x18]);
    const [first] = system.report().faults;
    expect(first?.why).toContain('the virtual console');
    expect(first?.why).toContain('the hypervisor does not guess');
  });

  it('survives every offset of the distributor with every width', () => {
    const { stop, system } = run((a) => {
      for (const [op, limit] of [
        ['ldr', 0x1000],
        ['ldrb', 0x1000],
        ['str', 0x1000],
        ['strb', 0x1000],
      ] as const) {
        a.mov(4, GUEST_GICD)
          .mov(5, limit / (op.endsWith('b') ? 1 : 4))
          .label(op);
        a[op](6, 4)
          .add(4, 4, op.endsWith('b') ? 1 : 4)
          .subs(5, 5, 1)
          .bne(op);
      }
    });
    expect(stop).toBe('ended');
    expect(system.report()).toMatchObject({ faultCount: 0, exits: { mmio: 0x1000 * 2 + 0x400 * 2 } });
  });

  it('gives the CPU interface directly, without an exit', () => {
    const { results, system } = run((a) => {
      a.mov(4, GUEST_GICC).mov(5, 0xf8).str(5, 4, 4).ldr(0, 4, 4);
      result(a).ldr(0, 4, 0xfc);
      result(a);
    });
    expect(results(2)).toEqual([0xf8, 0x0002043b]);
    expect(system.report().exits['mmio']).toBeUndefined();
  });
});
