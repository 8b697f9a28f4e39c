import { describe, expect, it } from 'vitest';
import type { MemoryRegion } from '../../../core/bus/address-map.ts';
import { Fault } from '../../../core/mmu/fault.ts';
import type { Regime } from '../../../core/mmu/regime.ts';
import { LONG, RESET, rig, STAGE2, TABLES } from './rig.ts';

/** A section of stage 1, which stage 2 maps at level 1 but for the second GiB. */
function machine() {
  const made = rig();
  const regime = { ...RESET, stage2: { ...STAGE2, vtcr: 0x40 } };
  made.word(TABLES + 4 * 0x100, 0x1000_0c02);
  made.long(STAGE2.vttbr + 8, 0x4000_07fd);
  return { ...made, regime, ask: (va: number, kind: 'read' | 'write' = 'read') => made.mmu.translate(regime, va, kind, true) };
}

describe('walks that end in a fault again and again', () => {
  it('give each time the fault of the address and of the access', () => {
    const { ask } = machine();
    for (let i = 0; i < 3; i++) {
      expect(ask(0x1000_0018)).toMatchObject({ type: 'translation', stage: 2, va: 0x1000_0018, ipa: 0x1000_0018, write: false });
      expect(ask(0x1000_0ffc)).toMatchObject({ va: 0x1000_0ffc, ipa: 0x1000_0ffc, write: false });
      expect(ask(0x1000_0ffc, 'write')).toMatchObject({ va: 0x1000_0ffc, ipa: 0x1000_0ffc, write: true });
      expect(ask(0x1010_0ffc)).toMatchObject({ type: 'translation', stage: 1, level: 1 });
    }
  });

  it('see a change of either stage at once, without any maintenance', () => {
    const { ask, long, word } = machine();
    for (let i = 0; i < 2; i++) expect(ask(0x1000_0018)).toBeInstanceOf(Fault);
    word(TABLES + 4 * 0x100, 0x1010_0c02);
    expect(ask(0x1000_0018)).toMatchObject({ stage: 2, ipa: 0x1010_0018 });
    long(STAGE2.vttbr, 0x4000_07fd);
    expect(ask(0x1000_0018)).toMatchObject({ pa: 0x5010_0000 });
  });

  it('are of one regime only', () => {
    const { ask, mmu, long } = machine();
    expect(ask(0x1000_0018)).toBeInstanceOf(Fault);
    long(TABLES, 0x1000_0c02);
    expect(mmu.translate({ ...LONG, ttbr0: [TABLES + 0x1000, 0] }, 0x1000_0018, 'read', true)).toMatchObject({
      stage: 1,
      long: true,
    });
  });

  it('are not taken for those of other pages, kinds and rights in their place', () => {
    const { ask, mmu, regime } = machine();
    for (let i = 0; i < 2; i++) {
      expect(ask(0x1000_0018)).toMatchObject({ va: 0x1000_0018, stage: 2 });
      expect(ask(0x1004_0018)).toMatchObject({ va: 0x1004_0018, stage: 2 });
      expect(mmu.translate(regime, 0x1004_0018, 'read', false)).toMatchObject({ va: 0x1004_0018, stage: 2 });
      expect(ask(0x1010_0ffc)).toMatchObject({ va: 0x1010_0ffc, stage: 1, ipa: 0 });
      expect(ask(0x1010_0018)).toMatchObject({ va: 0x1010_0018, stage: 1, ipa: 0 });
    }
  });

  it('keep the address of the descriptor where the walk itself was refused', () => {
    const { mmu, regime } = machine();
    const beyond: Regime = { ...regime, ttbr0: [0x9000_0000, 0] };
    for (const va of [0x1000_0018, 0x1000_0ffc]) {
      const fault = mmu.translate(beyond, va, 'read', true);
      expect(fault).toMatchObject({ type: 'translation', stage: 2, onWalk: true, va, ipa: 0x9000_0400 });
    }
  });

  it('are walked again if a descriptor is in no memory, or if they are of another type', () => {
    const { ask, bus, mmu, regime } = machine();
    bus.addWindow(0x9000_0000, 0x1000, { name: 'zeros', read: () => 0, write: () => true });
    const inDevice: Regime = { ...RESET, ttbr0: [0x9000_0000, 0] };
    const denied: Regime = { ...regime, dacr: 0 };
    for (let i = 0; i < 2; i++) {
      expect(mmu.translate(inDevice, 0x18, 'read', true)).toMatchObject({ type: 'translation', stage: 1 });
      expect(mmu.translate(denied, 0x1000_0018, 'read', true)).toMatchObject({ type: 'domain' });
      expect(ask(0x1000_0018)).toMatchObject({ type: 'translation', stage: 2 });
    }
  });

  it('show the words of memory that they follow from, as long as they are remembered', () => {
    const { ask, bus, mmu } = machine();
    const fault = ask(0x1000_0018) as Fault;
    const words = mmu.evidence(fault) as Int32Array;
    expect(words.length).toBeGreaterThanOrEqual(2 * fault.walk.length);
    for (let i = 0; i < words.length; i += 2) expect(bus.arena.i32[words[i] as number]).toBe(words[i + 1]);
    expect(mmu.evidence(new Fault({ type: 'translation', va: 0x1000_1018, write: false, long: false }))).toBeUndefined();
    expect(mmu.evidence(new Fault({ type: 'translation', va: 0x1000_0018, write: false, long: false }))).toBeUndefined();
  });

  it('are forgotten where a memory is no longer to be read directly', () => {
    const { ask, bus, mmu } = machine();
    const fault = ask(0x1000_0018) as Fault;
    const ram = bus.find(TABLES) as MemoryRegion;
    bus.setDirect(ram, false);
    expect(mmu.evidence(fault)).toBeUndefined();
    bus.setDirect(ram, true);
    expect(ask(0x1000_0018)).toMatchObject({ type: 'translation', stage: 2, ipa: 0x1000_0018 });
  });
});
