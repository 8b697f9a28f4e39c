import { describe, expect, it } from 'vitest';
import { DIFFERENCES } from '../../../tools/oracle/mmu-compare.ts';
import { OPERATIONS } from '../../../tools/oracle/mmu-layout.ts';
import type * as Oracle from '../../../tools/oracle/mmu-oracle.ts';
import { isKnownQemu } from '../../../tools/oracle/qemu.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

describe('the MMU against QEMU', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))(
    'accesses, fetches and translations of every kind and privilege under random tables end as in QEMU, but for the differences named in mmu-compare.ts: 12,000',
    async () => {
      const { compareMmu } = await bundled<typeof Oracle>('tools/oracle/mmu-oracle.ts');
      const { compared, unexplained, known, endings } = compareMmu(12_000, 1);
      expect(unexplained.slice(0, 3)).toEqual([]);
      expect(compared).toBeGreaterThan(12_000);
      for (const { name, kind } of OPERATIONS) {
        const ways = [...endings.keys()].filter((ending) => ending.startsWith(`${name}: `));
        const always = /^(ATS1H|fetch across)/.test(name) || kind?.does === 'nothing' || kind?.does === 'maintenance';
        expect(ways.length, `${name} succeeded and failed`).toBeGreaterThan(always ? 0 : 1);
      }
      // A named difference that no longer shows is one to delete.
      if (!isKnownQemu()) return;
      for (const { name, rare } of DIFFERENCES) expect(known.has(name) || rare === true, name).toBe(true);
    },
  );
});
