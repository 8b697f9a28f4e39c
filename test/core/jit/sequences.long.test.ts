import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { STAGED } from '../../../core/jit/staging.ts';
import { bundled } from '../../support/bundled.ts';

type Sequences = typeof import('../../../tools/oracle/engine-lockstep.ts');
type Instructions = typeof import('./instruction-lockstep.ts');
/** Only what is put there is translated. */
const ONLY_GIVEN = { hot: 1000, batch: 1, patience: 0 };

// What runs a few times only is not worth the optimising compiler.
setFlagsFromString('--no-wasm-tier-up');

it('random sequences are in the same state at every exit, translated and interpreted: 100,000', async () => {
  const { lockstepSequences } = await bundled<Sequences>('tools/oracle/engine-lockstep.ts');
  const { different } = lockstepSequences(100_000, 31, { translations: ONLY_GIVEN });
  expect(different.slice(0, 3).join('\n')).toBe('');
});

it('so are single instructions: 70,000', async () => {
  const { lockstepInstructions } = await bundled<Instructions>('test/core/jit/instruction-lockstep.ts');
  for (const set of ['a32', 't16', 't32', 'vfp-a32', 'vfp-t32', 'neon-a32', 'neon-t32'] as const) {
    const { different, translated } = lockstepInstructions(set, 10_000, 32, { translations: ONLY_GIVEN });
    expect(different.slice(0, 3).join('\n')).toBe('');
    expect([...translated.keys()].filter((name) => STAGED[name] !== undefined).length).toBeGreaterThan(10);
  }
});
