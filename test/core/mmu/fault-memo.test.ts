import { describe, expect, it } from 'vitest';
import { Fault } from '../../../core/mmu/fault.ts';
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
});
