import { describe, expect, it } from 'vitest';
import { fuzzAll } from '../../../support/virtio-fuzz.ts';

/** Seeds that once found something. */
const KEPT: readonly number[] = [1, 2];

describe('drivers that break every rule', () => {
  it.each(KEPT)('harm nothing but their own device, seed %i', (seed) => {
    const { broken, served } = fuzzAll(seed, 500);
    expect(broken + served).toBeGreaterThanOrEqual(500);
    expect(Math.min(broken, served)).toBeGreaterThan(100);
  });
});
