import { describe, expect, it } from 'vitest';
import { ALL, Bench, frame } from './rig.ts';

const plain = (...names: readonly string[]) => new Bench(names.map((name) => ({ name, vlan: 1 })));

describe('a switch', () => {
  it('passes a frame to everybody until it knows where its receiver is', () => {
    const bench = plain('a', 'b', 'c');
    expect(bench.reaches('a', frame(1, 2))).toEqual(['b', 'c']);
    expect(bench.reaches('b', frame(2, 1))).toEqual(['a']);
    expect(bench.reaches('a', frame(1, 2))).toEqual(['b']);
    expect(bench.reaches('a', frame(1, ALL))).toEqual(['b', 'c']);
    expect(bench.reaches('c', frame(2, 9))).toEqual(['a', 'b']);
    expect(bench.reaches('a', frame(1, 2))).toEqual(['c']);
    expect(bench.reaches('c', frame(3, 2))).toEqual([]);
  });

  it('forgets who was silent for 300 s', () => {
    const bench = plain('a', 'b', 'c');
    bench.reaches('b', frame(2, ALL));
    bench.clock.advance(299e9);
    expect(bench.reaches('a', frame(1, 2))).toEqual(['b']);
    bench.clock.advance(301e9);
    expect(bench.reaches('a', frame(1, 2))).toEqual(['b', 'c']);
  });

  it('delivers after its delay, in the order of sending, what it was given and nothing else', () => {
    const bench = new Bench(
      ['a', 'b', 'c'].map((name) => ({ name, vlan: 1 })),
      2500,
    );
    const sent = frame(1, 3, { length: 1514 });
    bench.send('a', sent);
    bench.send('b', frame(2, 3));
    bench.clock.advance(2499);
    expect(bench.seen['c']).toEqual([]);
    sent.fill(0);
    bench.clock.advance(1e6);
    expect(bench.seen['c']).toEqual([
      { at: 2500, frame: frame(1, 3, { length: 1514 }) },
      { at: 2500, frame: frame(2, 3) },
    ]);
  });

  it.each([
    ['no header', Uint8Array.of(1, 2, 3)],
    ['a group as its source', frame(ALL, 2)],
    ['a message to the bridge', Uint8Array.from([1, 0x80, 0xc2, 0, 0, 0, ...frame(1, 2).subarray(6)])],
    ['a tag of no VLAN here', frame(1, 2, { tags: [7] })],
    ['the tag of its own VLAN, on a port without tags', frame(1, 2, { tags: [1] })],
    ['two tags', frame(1, 2, { tags: [0, 7] })],
  ])('drops a frame with %s', (_, bytes) => {
    const bench = plain('a', 'b');
    expect(bench.reaches('a', bytes)).toEqual([]);
    expect(bench.lan.ports.map(({ counts }) => counts)).toEqual([
      { received: 0, sent: 0, dropped: 1 },
      { received: 0, sent: 0, dropped: 0 },
    ]);
  });

  it('does not let a port teach more than 64 addresses, nor push out those of another', () => {
    const bench = plain('a', 'b', 'c');
    bench.reaches('b', frame(200, ALL));
    for (let station = 1; station <= 100; station++) bench.reaches('a', frame(station, ALL));
    expect(bench.reaches('c', frame(201, 200))).toEqual(['b']);
    expect(bench.reaches('c', frame(201, 36))).toEqual(['a', 'b']);
    expect(bench.reaches('c', frame(201, 37))).toEqual(['a']);
  });

  it('has 64 places for each sender in the queue to a receiver', () => {
    const bench = plain('a', 'b', 'c');
    for (let i = 0; i < 1000; i++) bench.send('a', frame(1, 3));
    bench.send('b', frame(2, 3));
    bench.clock.advance(1e6);
    expect(bench.seen['c']?.length).toBe(65);
    expect(bench.lan.ports.at(-1)?.counts).toEqual({ received: 0, sent: 65, dropped: 936 });
  });
});

describe('VLANs', () => {
  it('keep their ports apart, also where addresses are the same', () => {
    const bench = new Bench([
      { name: 'a', vlan: 10 },
      { name: 'b', vlan: 10 },
      { name: 'c', vlan: 20 },
      { name: 'd', vlan: 20 },
    ]);
    expect(bench.reaches('a', frame(1, ALL))).toEqual(['b']);
    expect(bench.reaches('c', frame(1, ALL))).toEqual(['d']);
    expect(bench.reaches('b', frame(2, 1))).toEqual(['a']);
    expect(bench.reaches('d', frame(2, 1))).toEqual(['c']);
    for (const tag of [20, 0x3000 | 20]) expect(bench.reaches('a', frame(1, ALL, { tags: [tag] }))).toEqual([]);
  });

  it('meet on a trunk, where their frames have tags', () => {
    const bench = new Bench([
      { name: 'a', vlan: 10 },
      { name: 'b', vlan: 20 },
      { name: 'trunk', trunk: [10, 20] },
    ]);
    expect(bench.reaches('a', frame(1, ALL))).toEqual(['trunk']);
    expect(bench.seen['trunk']?.[0]?.frame).toEqual(frame(1, ALL, { length: 64, tags: [10] }));
    expect(bench.reaches('trunk', frame(9, ALL, { length: 64, tags: [0xa000 | 20] }))).toEqual(['b']);
    expect(bench.seen['b']?.[0]?.frame).toEqual(frame(9, ALL));
    for (const tags of [[], [0], [30]]) expect(bench.reaches('trunk', frame(9, ALL, { tags }))).toEqual([]);
  });

  it('keep the priority of a tag', () => {
    const bench = new Bench([
      { name: 'a', vlan: 1, trunk: [10] },
      { name: 'b', trunk: [1, 10] },
    ]);
    bench.reaches('a', frame(1, ALL, { tags: [0xa000 | 10] }));
    expect(bench.seen['b']?.[0]?.frame).toEqual(frame(1, ALL, { tags: [0xa000 | 10] }));
    bench.reaches('a', frame(1, ALL, { length: 64, tags: [0x6000] }));
    expect(bench.seen['b']?.[0]?.frame).toEqual(frame(1, ALL, { length: 64, tags: [0x6000 | 1] }));
  });
});

describe('a port with an address of its own', () => {
  const bench = new Bench([
    { name: 'a', vlan: 1, mac: frame(0, 1).subarray(0, 6) },
    { name: 'b', vlan: 1 },
    { name: 'c', vlan: 1 },
  ]);

  it('gets frames for it alone, before it ever sent one', () => {
    expect(bench.reaches('b', frame(2, 1))).toEqual(['a']);
  });

  it('may use no other, and nobody else may use it', () => {
    expect(bench.reaches('a', frame(7, ALL))).toEqual([]);
    expect(bench.reaches('b', frame(1, ALL))).toEqual([]);
    expect(bench.reaches('a', frame(1, ALL))).toEqual(['b', 'c']);
    expect(bench.reaches('c', frame(3, 1))).toEqual(['a']);
  });
});

describe('a rate', () => {
  const limited = () =>
    new Bench([
      { name: 'a', vlan: 1, rate: { bits: { perSecond: 8_000_000, burst: 24_000 } } },
      { name: 'b', vlan: 1 },
    ]);

  it('lets a burst through at once, and then a byte each microsecond', () => {
    const bench = limited();
    for (let i = 0; i < 6; i++) bench.send('a', frame(1, 2, { length: 1000 }));
    bench.clock.advance(1e9);
    expect(bench.seen['b']?.map(({ at }) => at)).toEqual([0, 0, 0, 1, 2, 3].map((ms) => ms * 1e6 + 10_000));
  });

  it('keeps a sender that is too fast to its rate, with no more than 32 frames waiting', () => {
    const bench = limited();
    for (let time = 0; time < 1e9; time += 10e6) {
      bench.clock.advance(time);
      for (let i = 0; i < 20; i++) bench.send('a', frame(1, 2, { length: 1000 }));
    }
    bench.clock.advance(2e9);
    const seen = bench.seen['b'] ?? [];
    expect(seen.length).toBeGreaterThan(990);
    expect(seen.length).toBeLessThanOrEqual(3 + 990 + 32);
    expect(seen.at(-1)?.at).toBeLessThan(1.04e9);
  });
});

describe('a rate in frames', () => {
  it.each([
    [100, undefined, 100],
    [1000, undefined, 1000],
    [1000, 800_000, 100],
    [50, 800_000, 50],
  ])('of %i a second, with %s bits, is what passes in two seconds', (frames, bits, passes) => {
    const schedule = (perSecond: number, burst: number) => ({ perSecond, burst });
    const rate = { frames: schedule(frames, 8), bits: bits === undefined ? undefined : schedule(bits, 16_000) };
    const bench = new Bench([
      { name: 'a', vlan: 1, rate },
      { name: 'b', vlan: 1 },
    ]);
    for (let ms = 0; ms < 2000; ms++) {
      bench.clock.advance(ms * 1e6);
      for (let i = 0; i < 3; i++) bench.send('a', frame(1, 2, { length: 1000 }));
    }
    bench.clock.advance(2e9);
    const seen = bench.seen['b']?.length ?? 0;
    expect(seen).toBeGreaterThanOrEqual(2 * passes);
    expect(seen).toBeLessThanOrEqual(2 * passes + 8);
  });
});

it('a switch that was saved with frames under way goes on as it would have', () => {
  const make = () =>
    new Bench([
      { name: 'a', vlan: 1, rate: { bits: { perSecond: 1_000_000, burst: 16_000 } } },
      { name: 'b', vlan: 1 },
      { name: 'c', vlan: 1, trunk: [5] },
    ]);
  const [one, two] = [make(), make()];
  one.reaches('b', frame(2, ALL));
  for (let i = 0; i < 5; i++) one.send('a', frame(1, 2, { length: 900 }));
  one.clock.advance(one.clock.now() + 5_000_000);
  const [saved, time] = [one.lan.save(), one.clock.now()];
  for (const name of ['a', 'b', 'c']) (one.seen[name] as unknown[]).length = 0;
  two.clock.reset(time);
  two.lan.load(saved);
  expect(two.lan.save()).toEqual(saved);
  for (const bench of [one, two]) {
    bench.send('a', frame(1, 2, { length: 900 }));
    bench.clock.advance(time + 1e9);
  }
  expect(one.seen['b']?.length).toBe(4);
  expect(two.seen).toEqual(one.seen);
  two.lan.reset();
  expect(two.lan.save()).toEqual(make().lan.save());
});
