import { expect, it } from 'vitest';
import { fuzzAll } from '../../../support/virtio-fuzz.ts';

it.each([3, 4, 5, 6, 7, 8, 9, 10])('1500 drivers that break every rule harm nothing but their own device, seed %i', (seed) => {
  const { broken, served } = fuzzAll(seed, 1500);
  expect(broken + served).toBeGreaterThanOrEqual(1500);
  expect(Math.min(broken, served)).toBeGreaterThan(300);
});
