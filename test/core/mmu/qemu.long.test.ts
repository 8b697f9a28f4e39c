import { describe, expect, it } from 'vitest';
import { have } from '../../support/oracles.ts';
import { trial } from './oracle/trial.ts';

describe('the MMU against QEMU, at length', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each([101, 102, 103, 104, 105])(
    'answers 100,000 translations and accesses as QEMU does (seed %i)',
    (seed) => {
      const { compared, unexplained } = trial(seed, 9, 310);
      expect(unexplained.slice(0, 3)).toEqual([]);
      expect(compared).toBeGreaterThan(100_000);
    },
  );
});
