import { describe, expect, it } from 'vitest';
import type * as Oracle from '../../../tools/oracle/mmu-oracle.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

describe('the MMU against QEMU, at length', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc')).each([101, 102, 103])(
    'ends 100,000 translations, accesses and fetches as QEMU does (seed %i)',
    async (seed) => {
      const { compareMmu } = await bundled<typeof Oracle>('tools/oracle/mmu-oracle.ts');
      const { compared, unexplained } = compareMmu(100_000, seed);
      expect(unexplained.slice(0, 3)).toEqual([]);
      expect(compared).toBeGreaterThan(100_000);
    },
  );
});
