import { describe, expect, it } from 'vitest';
import { compareSequences } from '../../../tools/oracle/sequence-oracle.ts';
import { have } from '../../support/oracles.ts';

describe('random sequences', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))('end as in QEMU: 100,000', () => {
    expect(compareSequences(100_000, 77).different.slice(0, 3).join('\n')).toBe('');
  });
});
