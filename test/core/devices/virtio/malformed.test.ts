import { describe, expect, it } from 'vitest';
import { get16, put16, put32, put64 } from '../../../../core/devices/virtio/dma.ts';
import { VirtioEntropy } from '../../../../core/devices/virtio/entropy.ts';
import { Bench, DATA, type RingOptions } from '../../../support/virtio-driver.ts';
import { type Buffer, PackedDriver, RAM, RAM_SIZE, type SplitDriver, tableOf } from '../../../support/virtio-rings.ts';

type Bad = (bench: Bench<VirtioEntropy>) => void;

const [READ, WRITE]: Buffer[] = [
  { address: DATA, length: 64, write: false },
  { address: DATA + 64, length: 64, write: true },
];
const SPLIT = [{}, { legacy: true }, { eventIndex: true }] as const;
const PACKED = [{ packed: true }, { packed: true, eventIndex: true }] as const;
const flagsAt = (bench: Bench<VirtioEntropy>) => (bench.rings[0] instanceof PackedDriver ? 14 : 12);

/** A field of descriptor `i` in the ring. */
const change =
  (buffers: readonly Buffer[], i: number, what: (bytes: Uint8Array, flags: number) => void): Bad =>
  (bench) => {
    bench.add(0, buffers);
    what(bench.memory.at((bench.rings[0]?.base ?? 0) + 16 * i, 16), flagsAt(bench));
  };

/** A field of entry `i` in the indirect table. */
const changeTable =
  (i: number, what: (bytes: Uint8Array, flags: number) => void): Bad =>
  (bench) => {
    const id = bench.add(0, [WRITE!, WRITE!]);
    what(bench.memory.at(tableOf(bench.rings[0]!, id) + 16 * i, 16), flagsAt(bench));
  };

const flag = (bits: number) => (bytes: Uint8Array, at: number) => put16(bytes, at, get16(bytes, at) | bits);
const moveTo = (address: number) => (bytes: Uint8Array) => put64(bytes, 0, address);
const lengthen = (length: number) => (bytes: Uint8Array) => put32(bytes, 8, length);
const avail =
  (at: number, value: number): Bad =>
  (bench) => {
    bench.add(0, [WRITE!]);
    put16(bench.memory.at((bench.rings[0] as SplitDriver).avail + at, 2), 0, value);
  };

const ANY: readonly [string, Bad, RegExp][] = [
  ['a length of zero', change([WRITE!], 0, lengthen(0)), /no bytes/],
  ['a buffer below memory', change([WRITE!], 0, moveTo(RAM - 1)), /out of reach/],
  ['a buffer across the end of memory', change([WRITE!], 0, moveTo(RAM + RAM_SIZE - 63)), /out of reach/],
  ['a buffer at 2^64 - 32', change([WRITE!], 0, (bytes) => bytes.fill(255, 1, 8)), /out of reach/],
  ['a buffer of 4 GiB', change([WRITE!], 0, lengthen(0xffff_ffff)), /more than 67108864 bytes/],
  ['what is to be read after what is to be written', change([WRITE!, READ!], 0, () => {}), /readable descriptor after/],
  ['an indirect descriptor that was not negotiated', change([READ!], 0, flag(4)), /not negotiated/],
  [
    'a ring that is elsewhere',
    (bench) => {
      bench.set('QueueReady', 0);
      bench.set(bench.options.legacy === true ? 'QueuePFN' : 'QueueDriverLow', 1);
      bench.set('QueueDescLow', 4096);
      bench.set('QueueReady', 1);
    },
    /out of reach/,
  ],
];

const SPLIT_ONLY: readonly [string, Bad, RegExp][] = [
  ['a head beyond the table', avail(4, 16), /descriptor 16 of 16/],
  ['an index that jumps ahead', avail(2, 17), /avail\.idx went from 0 to 17/],
  ['an index that goes back', avail(2, 0xffff), /avail\.idx went from 0 to 65535/],
  ['a next beyond the table', change([READ!, WRITE!], 0, (bytes) => put16(bytes, 14, 0xffff)), /descriptor 65535 of 16/],
  ['a chain that ends in itself', change([READ!], 0, (bytes) => put32(bytes, 12, 1)), /goes round/],
  ['a chain that goes round', change([READ!, READ!, READ!], 2, (bytes) => put32(bytes, 12, 1)), /goes round/],
];

const INDIRECT: readonly [string, Bad, RegExp][] = [
  ['an indirect descriptor that goes on', change([WRITE!], 0, flag(1)), /goes on/],
  ['an empty table', change([WRITE!], 0, lengthen(0)), /table of 0 bytes/],
  ['a table of no whole descriptors', change([WRITE!], 0, lengthen(17)), /table of 17 bytes/],
  ['a table out of memory', change([WRITE!], 0, moveTo(16)), /indirect table out of reach/],
  ['a table beyond all memory', change([WRITE!], 0, (bytes) => bytes.fill(255, 0, 8)), /beyond all memory/],
  ['a table within a table', changeTable(0, flag(4)), /within another/],
  ['a buffer out of memory in a table', changeTable(1, moveTo(0)), /out of reach/],
];

const INDIRECT_SPLIT: readonly [string, Bad, RegExp][] = [
  ['a next beyond the table', changeTable(0, (bytes) => put16(bytes, 14, 2)), /descriptor 2 of an indirect table of 2/],
  ['a table that goes round', changeTable(1, (bytes) => put32(bytes, 12, 3)), /goes round/],
];

const INDIRECT_PACKED: readonly [string, Bad, RegExp][] = [
  [
    'an indirect descriptor within a chain',
    (bench) => {
      bench.add(0, [WRITE!]);
      bench.add(0, [WRITE!]);
      put16(bench.memory.at(bench.rings[0]!.base + 14, 2), 0, 0x83);
      put32(bench.memory.at(bench.rings[0]!.base + 8, 4), 0, 16);
    },
    /within a chain/,
  ],
];

function refuses(options: RingOptions, bad: Bad, why: RegExp): void {
  const bench = new Bench(new VirtioEntropy(), { size: 16, ...options }).start();
  expect(bench.request(0, [bench.writable(4)])?.length).toBe(4);
  bench.start();
  const bystander = new Bench(new VirtioEntropy(), options, bench.memory);
  bad(bench);
  const before = bench.memory.bytes.slice(DATA - RAM);
  bench.set('QueueNotify', 0);
  bench.clock.advance(bench.clock.now() + 10_000_000);
  expect(bench.transport.broken).toMatch(why);
  expect(compare(bench.memory.bytes.subarray(DATA - RAM), before)).toBe(0);
  const modern = options.legacy !== true;
  expect([bench.get('Status') & 0x40, bench.get('InterruptStatus'), bench.irq]).toEqual(modern ? [0x40, 2, true] : [0, 0, false]);
  bench.set('QueueNotify', 0); // falls on deaf ears
  bench.clock.advance(bench.clock.now() + 10_000_000);
  expect(bystander.start().request(0, [bystander.writable(9)])?.length).toBe(9);
  expect(bench.start().request(0, [bench.writable(8)])?.length).toBe(8);
  expect(bench.transport.broken).toBe('');
}
const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

describe('a driver that breaks its ring gets nothing but a device that needs a reset, and then works', () => {
  const indirect = (options: RingOptions) => ({ ...options, indirect: true });
  const cases = [
    ...SPLIT.flatMap((options) => [...ANY, ...SPLIT_ONLY].map((bad) => [options, bad] as const)),
    ...PACKED.flatMap((options) => ANY.map((bad) => [options, bad] as const)),
    ...SPLIT.flatMap((options) => [...INDIRECT, ...INDIRECT_SPLIT].map((bad) => [indirect(options), bad] as const)),
    ...PACKED.flatMap((options) => [...INDIRECT, ...INDIRECT_PACKED].map((bad) => [indirect(options), bad] as const)),
  ] as const;
  it.each(cases.map(([options, [name, bad, why]]) => [name, Object.keys(options).join(' '), options, bad, why] as const))(
    '%s (%s)',
    (_name, _way, options, bad, why) => refuses(options, bad, why),
  );

  it('a packed chain longer than its ring', () => {
    const endless: Bad = (bench) => {
      for (let i = 0; i < 16; i++) bench.add(0, [READ!]);
      for (let i = 0; i < 16; i++) flag(1)(bench.memory.at(bench.rings[0]!.base + 16 * i, 16), 14);
    };
    refuses({ packed: true }, endless, /longer than the ring/);
  });

  it('a chain of more than 1024 descriptors, through an indirect table', () => {
    const long: Bad = (bench) => {
      const at = tableOf(bench.rings[0]!, bench.add(0, [WRITE!]));
      for (let i = 0; i < 1025; i++) {
        const bytes = bench.memory.at(at + 16 * i, 16);
        put64(bytes, 0, DATA);
        put32(bytes, 8, 1);
        put16(bytes, 12, 3);
        put16(bytes, 14, i + 1);
      }
      lengthen(16 * 1025)(bench.memory.at(bench.rings[0]!.base, 16));
    };
    refuses({ indirect: true }, long, /more than 1024 descriptors/);
  });

  it.each([0, 3, 1025, 0xffff_ffff])('a queue of %i descriptors', (size) => {
    const bench = new Bench(new VirtioEntropy()).start();
    bench.set('QueueReady', 0);
    bench.set('QueueNum', size);
    bench.set('QueueReady', 1);
    expect(bench.transport.broken).toMatch(/a queue of/);
    expect(bench.get('Status') & 0x40).toBe(0x40);
  });
});
