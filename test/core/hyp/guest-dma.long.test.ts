import { expect, it } from 'vitest';
import { ConfinedMemory } from '../../support/confined-memory.ts';
import { fuzzAll } from '../../support/virtio-fuzz.ts';

it.each([21, 22, 23, 24, 25])(
  '2000 drivers of partitions that break every rule change nothing of a neighbour, seed %i',
  (seed) => {
    const memory = new ConfinedMemory();
    const { broken, served } = fuzzAll(seed, 2000, memory);
    expect(broken + served).toBeGreaterThanOrEqual(2000);
    expect(Math.min(broken, served)).toBeGreaterThan(400);
    expect(memory.intact).toBe(true);
  },
);
