import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
import type { Translation } from '../../../core/mmu/translation.ts';
import { LONG, RESET, rig, STAGE2, TABLES } from './rig.ts';

const page = (result: Translation | Fault): Translation => {
  if (result instanceof Fault) throw new Error(`${result.type} fault at level ${result.level}`);
  return result;
};
const fault = (result: Translation | Fault): Fault => {
  if (!(result instanceof Fault)) throw new Error(`translated to ${result.pa.toString(16)}`);
  return result;
};

describe('the MMU', () => {
  it('maps flat and strongly-ordered while stage 1 is off', () => {
    const { mmu } = rig();
    const off = page(mmu.translate({ ...RESET, enabled: false }, 0x12345678, 'read', true));
    expect(off).toMatchObject({ va: 0x12345000, pa: 0x12345000, type: 'strongly-ordered', nonSecure: true });
  });

  it('makes memory Normal with HCR.DC', () => {
    const { mmu } = rig();
    const regime = { ...RESET, enabled: false, defaultCacheable: true };
    expect(page(mmu.translate(regime, 0x1000, 'read', true))).toMatchObject({
      type: 'normal',
      attributes: 0xff,
      shareability: 0,
    });
  });

  it('answers a walk that no memory answers with an external abort', () => {
    const { mmu } = rig();
    const found = fault(mmu.translate({ ...RESET, ttbr0: [0x80000000, 0] }, 0x1000, 'write', true));
    expect(found).toMatchObject({ type: 'external abort on walk', level: 1, stage: 1, write: true });
  });

  it('keeps a stale translation until it is invalidated', () => {
    const { mmu, tlb, word } = rig();
    word(TABLES, 0x40000c02);
    expect(page(mmu.translate(RESET, 0x1234, 'read', true)).pa).toBe(0x40001000);
    word(TABLES, 0x50000c02);
    expect(page(mmu.translate(RESET, 0x1234, 'read', true)).pa).toBe(0x40001000);
    expect(page(mmu.probe(RESET, 0x1234, 'read', true)).pa).toBe(0x50001000);
    tlb.invalidateAddress({ kind: 'PL1&0', secure: false, vmid: 0 }, 0x80000, 0);
    expect(page(mmu.translate(RESET, 0x1234, 'read', true)).pa).toBe(0x50001000);
  });

  it('never caches a translation fault', () => {
    const { mmu, word } = rig();
    expect(fault(mmu.translate(RESET, 0x1234, 'read', true)).type).toBe('translation');
    word(TABLES, 0x40000c02);
    expect(page(mmu.translate(RESET, 0x1234, 'read', true)).pa).toBe(0x40001000);
  });

  it('refuses from the TLB what the rights of the cached page refuse', () => {
    const { mmu, word } = rig();
    word(TABLES, 0x40000402);
    page(mmu.translate(RESET, 0x1234, 'read', true));
    word(TABLES, 0);
    expect(fault(mmu.translate(RESET, 0x1234, 'read', false))).toMatchObject({ type: 'permission', level: 1, walk: [] });
  });

  it('says a stage-1 permission fault before a stage-2 fault of the same access', () => {
    const { mmu, long } = rig();
    const regime = { ...LONG, stage2: STAGE2 };
    long(STAGE2.vttbr + 8, 0x400007fd); // IPA 1 GiB up: flat
    long(TABLES, 0x80000441 | (2 << 6)); // VA 0: read-only, to an IPA that stage 2 lacks
    expect(fault(mmu.translate(regime, 0x1234, 'write', true))).toMatchObject({ type: 'permission', stage: 1, level: 1 });
    expect(fault(mmu.translate(regime, 0x1234, 'read', true))).toMatchObject({
      type: 'translation',
      stage: 2,
      level: 1,
      ipa: 0x80001234,
    });
  });

  it('reports a stage-2 fault on the stage-1 walk with the address of the descriptor', () => {
    const { mmu } = rig();
    const found = fault(mmu.translate({ ...LONG, stage2: STAGE2 }, 0x40001234, 'read', true));
    expect(found).toMatchObject({ type: 'translation', stage: 2, onWalk: true, ipa: TABLES + 8, va: 0x40001234, long: true });
  });

  it('gives stage 1 alone for ATS1C operations, while the walk itself passes stage 2', () => {
    const { mmu, long } = rig();
    const regime = { ...LONG, stage2: STAGE2 };
    long(STAGE2.vttbr + 8, 0x400007fd);
    long(TABLES, 0x80000741);
    expect(page(mmu.probeStage1(regime, 0x1234, 'read', true))).toMatchObject({
      pa: 0x80001000,
      attributes: 0xff,
      shareability: 3,
    });
  });
});
