import { expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';

type Sequences = typeof import('./sequence-lockstep.ts');

it('random sequences are in the same state at every exception, translated and interpreted: 600', async () => {
  const { lockstepSequences } = await bundled<Sequences>('test/core/jit/sequence-lockstep.ts');
  const given = lockstepSequences(500, 20260202, { translations: { hot: 1000, batch: 1, patience: 0 } });
  const everything = lockstepSequences(100, 20260203);
  expect([...given.different, ...everything.different].slice(0, 3).join('\n')).toBe('');
  expect(given.exceptions).toBeGreaterThan(4000);
  expect(given.inside / given.instructions).toBeGreaterThan(0.2);
  expect(everything.inside / everything.instructions).toBeGreaterThan(0.3);
});
