import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

type Oracle = typeof import('../../../tools/oracle/sequence-oracle.ts');

describe('random sequences', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))('end as in QEMU: 100,000', async () => {
    const { compareSequences } = await bundled<Oracle>('tools/oracle/sequence-oracle.ts');
    expect(compareSequences(100_000, 77).different.slice(0, 3).join('\n')).toBe('');
  });
});
