import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import type { RegionConfig } from '../../../core/hyp/config.ts';
import { PageHeap } from '../../../core/hyp/page-heap.ts';
import { PhysicalMemory } from '../../../core/hyp/physical-memory.ts';
import { Stage2Tables } from '../../../core/hyp/stage2-tables.ts';
import { Fault } from '../../../core/mmu/fault.ts';
import { Mmu } from '../../../core/mmu/mmu.ts';
import type { AccessKind, Regime } from '../../../core/mmu/regime.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';

const HEAP = 0x8000_0000;
const SIZE = 0x10_0000;
const MEGABYTE = 0x10_0000;

function makeTables(regions: readonly RegionConfig[]) {
  const map = new AddressMap(new Arena(new ArrayBuffer(SIZE + 0x1000)));
  map.addMemory('heap', HEAP, SIZE);
  const memory = new PhysicalMemory(map);
  const heap = new PageHeap(HEAP, SIZE);
  const tables = new Stage2Tables(memory, heap, 7, Math.max(...regions.map(({ ipa, size }) => ipa + size)));
  for (const region of regions) tables.map(region);
  const [low, high] = tables.vttbr;
  // Stage 1 with long descriptors would be needed for addresses above 4 GiB; those are asked by `lookup` alone.
  const regime: Regime = {
    kind: 'PL1&0',
    secure: false,
    sctlr: 0,
    enabled: false,
    defaultCacheable: false,
    long: false,
    ttbcr: 0,
    ttbr0: [0, 0],
    ttbr1: [0, 0],
    asid: 0,
    dacr: 0,
    mair0: 0,
    mair1: 0,
    secureInstructionFetch: false,
    stage2: {
      vttbr: (high & 0xff) * 0x1_0000_0000 + (low >>> 0),
      vmid: (high >>> 16) & 0xff,
      vtcr: tables.vtcr >>> 0,
      protectedWalk: true,
    },
  };
  const mmu = new Mmu(map, new Tlb(), { core: 0, secure: false });
  const walk = (ipa: number, kind: AccessKind) => mmu.probe(regime, ipa, kind, true);
  return { tables, heap, walk };
}

const region = (more: Partial<RegionConfig>): RegionConfig => ({
  kind: 'ram',
  name: 'r',
  ipa: 0x4000_0000,
  pa: 0x9000_0000,
  size: 0x1000,
  writable: true,
  executable: true,
  ...more,
});

describe('stage-2 tables', () => {
  it('give the processor what the regions say, page by page, and nothing beside them', () => {
    const { walk } = makeTables([
      region({ size: 3 * MEGABYTE }),
      region({ ipa: 0x5000_0000, pa: 0xa000_0000, writable: false, executable: false }),
    ]);
    for (const [ipa, pa] of [
      [0x4000_0000, 0x9000_0000],
      [0x401f_f000, 0x901f_f000],
      [0x402f_f000, 0x902f_f000],
    ] as const)
      for (const kind of ['read', 'write', 'execute'] as const)
        expect(walk(ipa, kind)).toMatchObject({ pa, type: 'strongly-ordered' });
    expect(walk(0x4030_0000, 'read')).toMatchObject({ type: 'translation', stage: 2, level: 3 });
    expect(walk(0x3fff_f000, 'read')).toMatchObject({ type: 'translation', stage: 2, level: 1 });
    expect(walk(0x5000_0000, 'read')).toMatchObject({ pa: 0xa000_0000 });
    expect(walk(0x5000_0000, 'write')).toMatchObject({ type: 'permission', stage: 2, level: 3 });
    expect(walk(0x5000_0000, 'execute')).toMatchObject({ type: 'permission', stage: 2, level: 3 });
    expect(walk(0xffff_f000, 'read')).toBeInstanceOf(Fault);
  });

  it('use blocks where they can, and agree with themselves', () => {
    const block = makeTables([region({ size: 2 * MEGABYTE })]);
    const pages = makeTables([region({ size: 2 * MEGABYTE, pa: 0x9000_1000 })]);
    expect(block.heap.free - pages.heap.free).toBe(0x1000);
    expect(block.tables.lookup(0x401f_ffff)).toEqual({ pa: 0x901f_ffff, readable: true, writable: true, memory: true });
    expect(pages.tables.lookup(0x401f_ffff)).toEqual({ pa: 0x9020_0fff, readable: true, writable: true, memory: true });
  });

  it('reach as far as the highest region, and not an address further', () => {
    const { tables } = makeTables([region({ ipa: 0xf_ffff_f000, pa: 0xff_0000_0000 })]);
    expect(tables.ipaBits).toBe(36);
    // T0SZ is -4, with its sign in S.
    expect(tables.vtcr & 0x1f).toBe(0x1c);
    expect(tables.lookup(0xf_ffff_f123)).toEqual({ pa: 0xff_0000_0123, readable: true, writable: true, memory: true });
    expect(tables.lookup(0xf_ffff_efff)).toBeUndefined();
    expect(tables.lookup(0x10_0000_0000)).toBeUndefined();
    expect(tables.lookup(-1)).toBeUndefined();
  });

  it('can be unmapped, whole', () => {
    const { tables, walk } = makeTables([
      region({ size: 3 * MEGABYTE }),
      region({ kind: 'device', ipa: 0x4030_0000, pa: 0x1000_0000 }),
    ]);
    tables.unmap(0x4000_0000, 3 * MEGABYTE);
    for (const ipa of [0x4000_0000, 0x401f_f000, 0x4020_0000, 0x402f_f000])
      expect(walk(ipa, 'read')).toMatchObject({ type: 'translation' });
    expect(walk(0x4030_0000, 'read')).toMatchObject({ pa: 0x1000_0000 });
  });

  it('say the same to the processor and to the hypervisor, for any regions', () => {
    const pages = fc.integer({ min: 1, max: 1200 });
    const one = fc.record({
      gap: pages,
      size: pages,
      pa: fc.integer({ min: 0, max: 0xffff }),
      writable: fc.boolean(),
      executable: fc.boolean(),
      device: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 8000 }), { minLength: 20, maxLength: 20 }),
        (list, probes) => {
          let at = 0x3ff0_0000;
          const regions = list.map(({ gap, size, pa, writable, executable, device }, i) => {
            at += gap * 0x1000;
            const made = region({
              kind: device ? 'device' : 'ram',
              name: `r${i}`,
              ipa: at,
              pa: pa * 0x1000,
              size: size * 0x1000,
              writable,
              executable,
            });
            at += size * 0x1000;
            return made;
          });
          const { tables, walk } = makeTables(regions);
          for (const probe of probes) {
            const ipa = 0x3ff0_0000 + probe * 0x1000;
            const found = regions.find((r) => ipa >= r.ipa && ipa < r.ipa + r.size);
            const expected = found && {
              pa: found.pa + (ipa - found.ipa),
              readable: true,
              writable: found.writable,
              memory: found.kind === 'ram',
            };
            expect(tables.lookup(ipa)).toEqual(expected);
            const allowed = (kind: AccessKind) => !(walk(ipa, kind) instanceof Fault);
            expect([allowed('read'), allowed('write'), allowed('execute')]).toEqual([
              found !== undefined,
              found?.writable === true,
              found?.executable === true,
            ]);
            if (found !== undefined) expect(walk(ipa, 'read')).toMatchObject({ pa: expected?.pa });
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
});
