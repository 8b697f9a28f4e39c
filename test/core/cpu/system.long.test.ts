import { describe, expect, it } from 'vitest';
import type * as Oracle from '../../../tools/oracle/system-oracle.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

describe('system registers and exceptions, at length', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))('end as in QEMU: 30,000', async () => {
    const { compareSystem } = await bundled<typeof Oracle>('tools/oracle/system-oracle.ts');
    const { different, known } = compareSystem(30_000, 401);
    expect(different.slice(0, 2).join('\n')).toBe('');
    // Every difference that has a name is met, or it is one to delete.
    expect([...known.keys()].length).toBeGreaterThan(15);
  });
});
