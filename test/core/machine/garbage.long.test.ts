import { describe, expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';

const { runGarbage } = await bundled<typeof import('./garbage.ts')>('test/core/machine/garbage.ts');

const hundreds = [100, 300];

describe.each(['virt', 'vexpress-a15'] as const)('random code on %s', (board) => {
  it.each(hundreds)('throws nothing and does the same again: a hundred seeds from %i', (first) => {
    for (let seed = first; seed < first + 100; seed++)
      expect(runGarbage(board, seed), `seed ${seed}`).toBe(runGarbage(board, seed));
  });
});
