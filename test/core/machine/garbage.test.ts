import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';

const { runGarbage } = await bundled<typeof import('./garbage.ts')>('test/core/machine/garbage.ts');

const seeds = Array.from({ length: 6 }, (_, seed) => seed);

describe.each(['virt', 'vexpress-a15'] as const)('random code on %s', (board) => {
  it('throws nothing at the host, does not hold it up, and does the same again', () => {
    for (const seed of seeds) expect(runGarbage(board, seed), `seed ${seed}`).toBe(runGarbage(board, seed));
  });
});
