import { describe, expect, it } from 'vitest';
import type * as Oracle from '../../../tools/oracle/system-oracle.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

describe('system registers and exceptions in every mode, Hyp and Monitor mode among them', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))(
    'leave all registers as QEMU does, but for the differences named in system-compare.ts: 3,000',
    async () => {
      const { compareSystem } = await bundled<typeof Oracle>('tools/oracle/system-oracle.ts');
      const { events, different } = compareSystem(3000, 20260201);
      expect(different.slice(0, 2).join('\n')).toBe('');
      expect(events.size).toBeGreaterThan(100);
    },
  );
});
