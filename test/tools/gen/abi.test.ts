import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HYPERCALLS, uidWords } from '../../../core/hyp/hypercalls.ts';
import { FIRMWARE_CALLS } from '../../../core/hyp/psci.ts';
import { header, manual } from '../../../tools/gen/abi.ts';

const committed = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the published interface of the hypervisor', () => {
  it('is up to date: the header of the guests and the page of the calls', () => {
    expect(committed('guests/lib/hyp_abi.h')).toBe(header());
    expect(committed('docs/hypercalls.md')).toBe(manual());
  });

  it('has no number twice, and vendor calls in the range that SMCCC gives to hypervisors', () => {
    const ids = [...HYPERCALLS, ...FIRMWARE_CALLS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of HYPERCALLS) expect(id >>> 16).toBe(0x8600);
  });

  it('returns the UID in the byte order of SMCCC: the first byte is the lowest of R0', () => {
    expect(uidWords().map((word) => word.toString(16))).toEqual(['529c1e7a', '604f3b4d', 'b7501a9b', 'c4e2d6a9']);
  });
});
