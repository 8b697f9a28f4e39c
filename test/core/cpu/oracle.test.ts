import { beforeAll, describe, expect, it } from 'vitest';
import { SETS, type SetName } from '../../../tools/oracle/sets.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

type Oracle = typeof import('../../../tools/oracle/oracle.ts');
const ready = have('qemu-system-arm', 'arm-none-eabi-as');

/** Where QEMU must differ, by the reason. */
const EXPLAINED: Readonly<Record<SetName, readonly string[]>> = {
  a32: ['debug-channel', 'misaligned-branch'],
  t16: ['misaligned-branch'],
  t32: ['debug-channel', 'misaligned-branch'],
  'vfp-a32': [],
  'vfp-t32': [],
  'neon-a32': ['align-256'],
  'neon-t32': ['align-256'],
};

let oracle: Oracle;
beforeAll(async () => {
  oracle = await bundled<Oracle>('tools/oracle/oracle.ts');
});

describe('random instructions end in the same registers, flags, memory and exceptions as in QEMU', () => {
  for (const set of SETS) {
    it.skipIf(!ready)(`${set}: 8,000 cases, every encoding and undefined words among them`, () => {
      const outcome = oracle.compareWithQemu(set, 8000, 20260101);
      expect([...outcome.different.values()].flatMap(({ described }) => described).join('\n')).toBe('');
      expect([...outcome.explained.keys()].sort()).toEqual(EXPLAINED[set]);
      expect(outcome.uncovered).toEqual([]);
      expect(outcome.covered).toBeGreaterThan(35);
      expect(outcome.undefined).toBeGreaterThan(20);
    });
  }
});
