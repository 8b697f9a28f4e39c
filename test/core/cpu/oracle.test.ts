import { describe, expect, it } from 'vitest';
import { compareWithQemu } from '../../../tools/oracle/oracle.ts';
import { have } from '../../support/oracles.ts';

const ready = have('qemu-system-arm', 'arm-none-eabi-as');

describe('random instructions end in the same registers, flags, memory and exceptions as in QEMU', () => {
  for (const set of ['a32', 't16', 't32', 'vfp', 'neon'] as const) {
    it.skipIf(!ready)(`${set}: 20,000 cases, every encoding among them`, () => {
      const { covered, uncovered, different } = compareWithQemu(set, 20_000, 20260101);
      expect([...different.values()].flat().slice(0, 5).join('\n')).toBe('');
      expect(uncovered).toEqual([]);
      expect(covered).toBeGreaterThan(60);
    });
  }
});
