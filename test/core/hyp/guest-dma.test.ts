/** What the devices of a partition reach of memory. */
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import type { RegionConfig } from '../../../core/hyp/config.ts';
import { GuestDma } from '../../../core/hyp/guest-dma.ts';
import { PageHeap } from '../../../core/hyp/page-heap.ts';
import { PhysicalMemory } from '../../../core/hyp/physical-memory.ts';
import { Stage2Tables } from '../../../core/hyp/stage2-tables.ts';
import { ConfinedMemory } from '../../support/confined-memory.ts';
import { fuzzAll } from '../../support/virtio-fuzz.ts';

const PA = 0x8000_0000;
const GUEST = 0x4000_0000;

const region = (more: Partial<RegionConfig>): RegionConfig => ({
  kind: 'ram',
  name: 'RAM',
  ipa: GUEST,
  pa: PA,
  size: 0x1000,
  writable: true,
  executable: true,
  ...more,
});

/** Memory whose words are their own addresses, and the partition's way to it. */
function bench(...regions: readonly RegionConfig[]) {
  const map = new AddressMap(new Arena(new ArrayBuffer(0x80_0000)));
  map.addMemory('ram', PA, 0x80_0000);
  for (let at = 0; at < 0x70_0000; at += 4) map.write(PA + at, 4, PA + at, { core: 0, secure: false });
  const memory = new PhysicalMemory(map);
  const tables = new Stage2Tables(memory, new PageHeap(PA + 0x70_0000, 0x10_0000), 1, 2 ** 40);
  for (const one of regions) tables.map(one);
  const dma = new GuestDma(tables, memory, regions);
  const word = (address: number) => {
    const bytes = new Uint8Array(4);
    return dma.read(address, bytes) ? new DataView(bytes.buffer).getUint32(0, true) : undefined;
  };
  const put = (address: number, length = 4) => dma.write(address, new Uint8Array(length).fill(0xee));
  return { map, memory, tables, dma, word, put };
}

describe('the memory of a partition, as its devices reach it', () => {
  it('is where stage 2 leads to, in pages and in blocks', () => {
    const { word, put, map } = bench(
      region({ pa: PA + 0x3000 }),
      region({ ipa: 0x8000_0000, pa: PA + 0x40_0000, size: 0x20_0000 }),
    );
    expect([word(GUEST), word(GUEST + 0xffc), word(0x801f_fffc)]).toEqual([PA + 0x3000, PA + 0x3ffc, PA + 0x5f_fffc]);
    expect(put(0x8010_0000)).toBe(true);
    expect([...map.dump(PA + 0x4f_fffc, 12)!].slice(4, 8)).toEqual([0xee, 0xee, 0xee, 0xee]);
  });

  it('goes across a boundary of pieces that lie apart, and nowhere if one piece is missing', () => {
    const pieces = [region({ pa: PA + 0x5000 }), region({ ipa: GUEST + 0x1000, pa: PA + 0x2000 })];
    const { dma, put, map } = bench(...pieces);
    const bytes = new Uint8Array(8);
    expect(dma.read(GUEST + 0xffc, bytes)).toBe(true);
    expect([...new Uint32Array(bytes.buffer)]).toEqual([PA + 0x5ffc, PA + 0x2000]);
    expect(put(GUEST + 0x1ffc, 8)).toBe(false);
    expect([...map.dump(PA + 0x2ffc, 4)!]).not.toContain(0xee);
    expect(put(GUEST + 0xffc, 8)).toBe(true);
    expect([...map.dump(PA + 0x5ffc, 4)!, ...map.dump(PA + 0x2000, 4)!]).toEqual(new Array(8).fill(0xee));
  });

  it.each([
    ['below', GUEST - 4],
    ['behind', GUEST + 0x1000],
    ['at its physical address', PA],
    ['above the tables', 2 ** 40],
    ['where numbers are no longer exact', 2 ** 53],
    ['nowhere', Number.NaN],
    ['before the beginning', -4],
  ])('is not what lies %s', (_, address) => {
    const { dma, word, put } = bench(region({}));
    expect([word(address), put(address), dma.reaches(address, 1, false)]).toEqual([undefined, false, false]);
  });

  it('is RAM only: neither devices nor channels, and not written where it is read-only', () => {
    const { word, put } = bench(
      region({ writable: false }),
      region({ kind: 'device', ipa: GUEST + 0x10_0000 }),
      region({ kind: 'channel', ipa: GUEST + 0x20_0000 }),
    );
    expect([word(GUEST), put(GUEST)]).toEqual([PA, false]);
    expect([word(GUEST + 0x10_0000), word(GUEST + 0x20_0000)]).toEqual([undefined, undefined]);
  });

  it('is no more than what the tables still map', () => {
    const { tables, dma, word } = bench(region({}), region({ ipa: GUEST + 0x1000, pa: PA + 0x1000 }));
    expect(dma.reaches(GUEST, 0x2000, true)).toBe(true);
    tables.unmap(GUEST, 0x1000);
    expect([word(GUEST), word(GUEST + 0x1000), dma.reaches(GUEST, 0x2000, true)]).toEqual([undefined, PA + 0x1000, false]);
  });

  it('costs the tables no look for each access', () => {
    const { memory, dma } = bench(region({ size: 0x10_0000 }));
    dma.reaches(GUEST, 1, false);
    let looks = 0;
    const read = memory.readWord.bind(memory);
    memory.readWord = (address) => {
      looks++;
      return read(address);
    };
    for (let i = 0; i < 1000; i++) dma.reaches(GUEST + i, 0x8000, true);
    expect(looks).toBe(0);
  });
});

it('drivers that break every rule change nothing of a neighbour', () => {
  const memory = new ConfinedMemory();
  const { broken, served } = fuzzAll(11, 300, memory);
  expect(Math.min(broken, served)).toBeGreaterThan(50);
  expect(memory.intact).toBe(true);
});
