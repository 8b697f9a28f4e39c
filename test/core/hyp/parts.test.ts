/** The smaller parts, each by itself. */
import { describe, expect, it } from 'vitest';
import { type Candidate, choose, controlFor, entryFor, LR } from '../../../core/hyp/list-entry.ts';
import { PageHeap } from '../../../core/hyp/page-heap.ts';
import { RoundRobin } from '../../../core/hyp/round-robin.ts';
import { placeVcpus } from '../../../core/hyp/scheduler.ts';
import { TokenBucket } from '../../../core/hyp/token-bucket.ts';
import { Vcpu } from '../../../core/hyp/vcpu.ts';
import { VPl011 } from '../../../core/hyp/vpl011.ts';
import { deviceContract } from '../../support/device-contract.ts';

describe('the token bucket', () => {
  it('gives its capacity at once and then one for each interval, never more than its capacity', () => {
    const bucket = new TokenBucket(3, 10);
    expect([bucket.take(0, 2), bucket.take(0, 2), bucket.take(5, 1)]).toEqual([2, 1, 0]);
    expect(bucket.next).toBe(10);
    expect([bucket.take(9, 1), bucket.take(10, 1), bucket.take(19, 1), bucket.take(20, 1)]).toEqual([0, 1, 0, 1]);
    expect(bucket.available(1_000_000)).toBe(3);
  });

  it('takes an interval that is no whole number of ticks exactly on average', () => {
    const bucket = new TokenBucket(2, 2.5);
    bucket.take(0, 2);
    let taken = 0;
    for (let now = 1; now <= 100; now++) taken += bucket.take(now, 1);
    expect(taken).toBe(40);
  });
});

describe('the heap', () => {
  it('aligns to the size that is asked for, and refuses what does not fit', () => {
    const heap = new PageHeap(0x1000, 0x7000);
    expect([heap.allocate(), heap.allocate(2), heap.allocate()]).toEqual([0x1000, 0x2000, 0x4000]);
    expect(heap.free).toBe(0x3000);
    expect(() => heap.allocate(4)).toThrow(RangeError);
  });
});

describe('the placement of vCPUs', () => {
  it('keeps to the cores that are asked for and shares the others out', () => {
    const any = {};
    expect(placeVcpus([{ vcpus: [any, any] }, { vcpus: [{ core: 0 }] }, { vcpus: [any] }], 2)).toEqual([[1, 0], [0], [1]]);
    expect(() => placeVcpus([{ vcpus: [{ core: 2 }] }], 2)).toThrow(RangeError);
  });
});

describe('the schedule of a core', () => {
  const make = (count: number) => {
    const vcpus = Array.from({ length: count }, (_, i) => new Vcpu(i, 0, 0));
    for (const vcpu of vcpus) vcpu.start({ address: 0, thumb: false, registers: [] });
    return { vcpus, core: new RoundRobin(0, vcpus, count, 10) };
  };

  it('gives turns in order, each for its slice', () => {
    const { vcpus, core } = make(3);
    const chosen = [0, 5, 10, 15, 20, 30].map((now) => vcpus.indexOf(core.choose(now) as Vcpu));
    expect(chosen).toEqual([0, 0, 1, 1, 2, 0]);
  });

  it('passes over those that wait, leaves one that is alone where it is, and ends a turn that is given up', () => {
    const { vcpus, core } = make(3);
    const [first, second, third] = vcpus as [Vcpu, Vcpu, Vcpu];
    expect(core.choose(0)).toBe(first);
    second.blocked = true;
    expect(core.choose(10)).toBe(third);
    first.blocked = true;
    expect(core.choose(1000)).toBe(third);
    second.blocked = false;
    core.yielded = true;
    expect(core.choose(1001)).toBe(first.runnable ? first : second);
    for (const vcpu of vcpus) vcpu.blocked = true;
    expect(core.choose(1002)).toBeUndefined();
  });
});

describe('a list register', () => {
  const candidate = { id: 40, group: 0, priority: 0xa0, state: LR.PENDING, physical: -1, sender: 0, again: false } as const;

  it('has the fields of GICH_LR (IHI 0048B §5.3.8)', () => {
    expect(entryFor(candidate, false) >>> 0).toBe(0x1a00_0028);
    expect(entryFor({ ...candidate, physical: 72 }, false) >>> 0).toBe(0x9a01_2028);
    expect(entryFor({ ...candidate, id: 5, sender: 3, state: LR.ACTIVE, group: 1, again: true }, false) >>> 0).toBe(0x6a08_0c05);
  });

  it('goes to the most urgent, and to the first pending one in any case', () => {
    const active = { ...candidate, state: LR.ACTIVE };
    const last = { ...candidate, id: 41 };
    expect(choose([candidate, active, active, active, last])).toEqual([candidate, active, active, active]);
    expect(choose([active, active, active, active, last, candidate])).toEqual([active, active, active, last]);
  });

  it('asks to be told of room only while something waits for it', () => {
    const active = { ...candidate, state: LR.ACTIVE };
    const control = (...candidates: Candidate[]) => controlFor(candidates, choose(candidates));
    expect(control(candidate)).toBe(1);
    expect(control(candidate, { ...candidate }, { ...candidate }, active, { ...candidate })).toBe(0b1011);
    expect(control(active, active, active, { ...active }, candidate)).toBe(0b1111);
    expect(control({ ...active }, { ...active }, { ...active }, { ...active }, { ...active })).toBe(0b0111);
  });
});

describe('the virtual PL011', () => {
  deviceContract(
    (clock) => {
      const ports = { put: () => {}, next: () => undefined, interrupt: () => {}, now: () => clock.now() };
      return new VPl011(ports, new TokenBucket(1_000_000, 1));
    },
    { volatile: ['DR'] },
  );
});
