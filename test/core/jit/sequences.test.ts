import { expect, it } from 'vitest';
import { STAGED } from '../../../core/jit/staging.ts';
import { bundled } from '../../support/bundled.ts';

type Sequences = typeof import('../../../tools/oracle/engine-lockstep.ts');

it('random sequences are in the same state at every exit, translated and interpreted: 600', async () => {
  const { lockstepSequences } = await bundled<Sequences>('tools/oracle/engine-lockstep.ts');
  const given = lockstepSequences(500, 20260202, { translations: { hot: 1000, batch: 1, patience: 0 } });
  const everything = lockstepSequences(100, 20260203);
  expect([...given.different, ...everything.different].slice(0, 3).join('\n')).toBe('');
  expect(given.exceptions).toBeGreaterThan(4000);
  expect(given.inside / given.instructions).toBeGreaterThan(0.2);
  expect(everything.inside / everything.instructions).toBeGreaterThan(0.3);
});

it('random sequences are in the same state at every exit from what an earlier run has kept: 400', async () => {
  const { lockstepSequences } = await bundled<Sequences>('tools/oracle/engine-lockstep.ts');
  const translations = { hot: 1000, batch: 1, patience: 0 };
  const nothing = [1, 2, 3].map(() => new Uint8Array(0));
  const first = lockstepSequences(400, 20260204, { translations, kept: nothing });
  expect(first.different.slice(0, 3).join('\n')).toBe('');
  expect(first.recalled).toBe(0);
  const kept = first.kept.map((bytes) => bytes as Uint8Array);
  const second = lockstepSequences(400, 20260204, { translations, kept });
  expect(second.different.slice(0, 3).join('\n')).toBe('');
  expect(second.recalled).toBeGreaterThan(2000);
  expect(second.inside).toBeGreaterThan(first.inside / 2);
});

it('a wrong meaning is found at the exit that follows it', async () => {
  const { lockstepSequences } = await bundled<Sequences>('tools/oracle/engine-lockstep.ts');
  const staged = { ...STAGED, ADC_reg: STAGED['ADD_reg'] as (typeof STAGED)[string] };
  const { different, exits } = lockstepSequences(150, 5, { translations: { hot: 1000, batch: 1, patience: 0, staged } });
  expect(exits).toBeGreaterThan(1000);
  expect(different.filter((text) => /: at an exit at \d+: core 0: (R\d+|scalar)/.test(text)).length).toBeGreaterThan(0);
});
