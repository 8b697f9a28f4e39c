import { describe, expect, it } from 'vitest';
import type { Regime } from '../../../core/mmu/regime.ts';
import { Tlb } from '../../../core/mmu/tlb.ts';
import type { Translation } from '../../../core/mmu/translation.ts';
import { RESET, STAGE2 } from './rig.ts';

const page = (va: number, more: Partial<Translation> = {}): Translation => ({
  va,
  pa: 0x12_34567000,
  ipa: 0xff_fffff000,
  blockBits: 12,
  level: 2,
  nonSecure: true,
  global: true,
  domain: 15,
  privileged: 7,
  user: 5,
  stage2: 3,
  stage2Level: 3,
  type: 'normal',
  attributes: 0xff,
  shareability: 3,
  ...more,
});

const guest = (vmid: number, asid = 0): Regime => ({ ...RESET, asid, stage2: { ...STAGE2, vmid } });
const NS = { kind: 'PL1&0', secure: false } as const;
const HYP: Regime = { ...RESET, kind: 'Hyp' };

function filled(...entries: readonly (readonly [Regime, Translation])[]) {
  const tlb = new Tlb();
  for (const [regime, translation] of entries) tlb.insert(regime, translation);
  const left = () => entries.map(([regime, { va }]) => (tlb.lookup(regime, va) === undefined ? '-' : 'x')).join('');
  return { tlb, left };
}

describe('the TLB (DDI 0406C B3.9, B3.10)', () => {
  it('tells regimes, security states, VMIDs, ASIDs and stage 1 on or off apart', () => {
    const tlb = new Tlb();
    tlb.insert(guest(1, 7), page(0x1000, { global: false }));
    expect(tlb.lookup(guest(1, 7), 0x1abc)).toBeDefined();
    const others = [
      guest(2, 7),
      guest(1, 8),
      { ...RESET, asid: 7 },
      { ...guest(1, 7), enabled: false },
      { ...guest(1, 7), secure: true },
    ];
    for (const other of [...others, HYP]) expect(tlb.lookup(other, 0x1abc)).toBeUndefined();
    expect(tlb.lookup(guest(1, 7), 0x2000)).toBeUndefined();
    expect(tlb.lookup(guest(1, 7), 0x101000)).toBeUndefined();
  });

  it('gives global entries to every ASID', () => {
    const { tlb } = filled([guest(1, 7), page(0x1000)]);
    expect(tlb.lookup(guest(1, 9), 0x1000)).toBeDefined();
  });

  it('TLBIALL removes the Non-secure entries of one VMID', () => {
    const secure = { ...RESET, secure: true };
    const { tlb, left } = filled([guest(1), page(0x1000)], [guest(2), page(0x2000)], [HYP, page(0x3000)], [secure, page(0x4000)]);
    tlb.invalidateAll({ ...NS, vmid: 1 });
    expect(left()).toBe('-xxx');
    tlb.invalidateAll(NS);
    expect(left()).toBe('--xx');
    tlb.invalidateAll({ kind: 'Hyp', secure: false });
    expect(left()).toBe('---x');
    tlb.invalidateAll({ kind: 'PL1&0', secure: true, vmid: 1 });
    expect(left()).toBe('----');
  });

  it('TLBIMVA removes an address of an ASID, or of all where it is global', () => {
    const { tlb, left } = filled(
      [guest(1, 7), page(0x1000, { global: false })],
      [guest(1, 8), page(0x1000, { global: false })],
      [guest(1, 8), page(0x2000)],
      [guest(2, 7), page(0x1000, { global: false })],
    );
    tlb.invalidateAddress({ ...NS, vmid: 1 }, 0x1fff, 7);
    tlb.invalidateAddress({ ...NS, vmid: 1 }, 0x2000, 7);
    expect(left()).toBe('-x-x');
    tlb.invalidateAddressAllAsids({ ...NS, vmid: 1 }, 0x1000);
    expect(left()).toBe('---x');
  });

  it('TLBIASID leaves global entries', () => {
    const { tlb, left } = filled(
      [guest(1, 7), page(0x1000, { global: false })],
      [guest(1, 7), page(0x2000)],
      [guest(1, 8), page(0x3000, { global: false })],
    );
    tlb.invalidateAsid({ ...NS, vmid: 1 }, 7);
    expect(left()).toBe('-xx');
  });

  it('drops a block as a whole, by any address in it', () => {
    const block = (va: number) => page(va, { blockBits: 21 });
    const { tlb, left } = filled(
      [RESET, block(0x80200000)],
      [RESET, block(0x803ff000)],
      [RESET, block(0x80400000)],
      [RESET, page(0x80201000)],
    );
    tlb.invalidateAddress(NS, 0x80345678, 0);
    expect(left()).toBe('--xx');
  });

  it('replaces in turn within a set, and tells which page left', () => {
    const tlb = new Tlb();
    const gone: number[] = [];
    tlb.onEvict((va) => gone.push(va));
    for (let i = 0; i < 6; i++) tlb.insert(RESET, page(0x400000 * i));
    expect(gone).toEqual([0, 0x400000]);
    expect(tlb.lookup(RESET, 0x1400000)).toBeDefined();
    expect(tlb.lookup(RESET, 0x400000)).toBeUndefined();
  });

  const invalidates: [string, (tlb: Tlb) => void][] = [
    ['all', (tlb) => tlb.invalidateAll(NS)],
    ['by address', (tlb) => tlb.invalidateAddress(NS, 0x5000, 1)],
    ['by address, all ASIDs', (tlb) => tlb.invalidateAddressAllAsids(NS, 0x5000)],
    ['by ASID', (tlb) => tlb.invalidateAsid(NS, 1)],
    ['reset', (tlb) => tlb.reset()],
  ];
  it.each(invalidates)(
    'tells its listeners of an invalidate that removes something, and of no other: %s',
    (_name, invalidate) => {
      const tlb = new Tlb();
      let told = 0;
      tlb.onInvalidate(() => told++);
      invalidate(tlb);
      expect(told).toBe(0);
      tlb.insert({ ...RESET, asid: 1 }, page(0x5000, { global: false }));
      invalidate(tlb);
      expect(told).toBe(1);
      invalidate(tlb);
      expect(told).toBe(1);
    },
  );

  it('names each page that an invalidate by address removed, and none after other invalidates', () => {
    const tlb = new Tlb();
    const told: (number | undefined)[] = [];
    tlb.onInvalidate((gone) => told.push(gone));
    tlb.insert(RESET, page(0x5000, { blockBits: 12 }));
    for (const va of [0x30_0000, 0x3f_f000]) tlb.insert(RESET, page(va, { blockBits: 20 }));
    tlb.insert(RESET, page(0x7000));
    tlb.invalidateAddressAllAsids(NS, 0x5000);
    tlb.invalidateAddressAllAsids(NS, 0x6000);
    tlb.invalidateAddressAllAsids(NS, 0x30_4000);
    tlb.invalidateAll(NS);
    expect(told).toEqual([0x5000, 0x30_0000, 0x3f_f000, undefined]);
    for (const va of [0x5000, 0x30_0000, 0x3f_f000, 0x7000]) expect(tlb.lookup(RESET, va)).toBeUndefined();
  });

  it.each([16, 20, 21, 24, 30])('finds all pages of a block of 2^%i bytes, and none once they have gone', (blockBits) => {
    const tlb = new Tlb();
    const base = 0x8000_0000;
    const far = 2 ** blockBits - 0x1000;
    const told: (number | undefined)[] = [];
    for (const offset of [0, 0x3000, far]) tlb.insert(RESET, page(base + offset, { blockBits }));
    tlb.insert(RESET, page(base + far + 0x1000));
    tlb.onInvalidate((gone) => told.push(gone));
    tlb.invalidateAddressAllAsids(NS, base + 0x5000);
    expect([0, 0x3000, far].map((offset) => tlb.lookup(RESET, base + offset))).toEqual([undefined, undefined, undefined]);
    expect(tlb.lookup(RESET, base + far + 0x1000)).toBeDefined();
    tlb.invalidateAddressAllAsids(NS, base + 0x5000);
    expect(told.sort()).toEqual([0, 0x3000, far].map((offset) => base + offset).sort());
  });

  it('saves and takes back every entry and the turn of replacement', () => {
    const tlb = new Tlb();
    const device = page(0xfffff000, {
      type: 'device',
      attributes: 4,
      shareability: 2,
      global: false,
      blockBits: 30,
      stage2Level: 0,
      level: 1,
    });
    tlb.insert(guest(255, 255), device);
    tlb.insert(
      { ...RESET, secure: true, enabled: false },
      page(0x2000, { nonSecure: false, type: 'strongly-ordered', attributes: 0 }),
    );
    for (let i = 0; i < 5; i++) tlb.insert(HYP, page(0x100000 * i));
    const copy = new Tlb();
    copy.insert(RESET, page(0x5000));
    copy.load(tlb.save());
    expect(copy.save()).toEqual(tlb.save());
    expect(copy.lookup(guest(255, 255), 0xfffff000)).toEqual(device);
    expect(copy.lookup(RESET, 0x5000)).toBeUndefined();
    copy.insert(HYP, page(0x500000));
    tlb.insert(HYP, page(0x500000));
    expect(copy.save()).toEqual(tlb.save());
    copy.reset();
    expect(copy.save()).toEqual(new Tlb().save());
  });
});
