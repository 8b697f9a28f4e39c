import { describe, expect, it } from 'vitest';
import { compareSequences } from '../../../tools/oracle/sequence-oracle.ts';
import { have } from '../../support/oracles.ts';

describe('random sequences with loops, IT blocks, memory, exceptions, changes of mode and instruction set', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))('end as in QEMU, with the same exceptions on the way: 2,000', () => {
    const { exceptions, used, different } = compareSequences(2000, 20260103);
    expect(different.slice(0, 3).join('\n')).toBe('');
    expect(exceptions).toBeGreaterThan(15_000);
    expect(used.size).toBeGreaterThan(300);
  });
});
