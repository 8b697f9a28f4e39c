/** The mode that compares the two engines with each other: random sequences, at every exit from translated code. It needs nothing of QEMU. */
import { setFlagsFromString } from 'node:v8';
import { lockstepSequences } from './engine-lockstep.ts';
import type { Mode, Options } from './mode.ts';

/** Only what is given to it beforehand is translated: every place of a sequence at which translated code may be entered. */
const GIVEN = { hot: 1000, batch: 1, patience: 0 };

/** What runs a few times only is not worth the optimising compiler. */
export const quickCode = (): void => setFlagsFromString('--no-wasm-tier-up');

const millions = (count: number): string => `${(count / 1e6).toFixed(1)} M`;

function engines({ cases, seed, shown }: Options): number {
  quickCode();
  const { different, exceptions, exits, inside, instructions, outside, translated } = lockstepSequences(cases, seed, {
    translations: GIVEN,
  });
  for (const text of different.slice(0, shown)) console.log(text);
  console.log(
    `  translated: ${millions(translated)} instructions; executed there: ${millions(inside - outside)} of ${millions(instructions)}`,
  );
  console.log(
    `engines: ${cases} sequences with ${exceptions} exceptions, compared at ${exits} exits, ${different.length} differ`,
  );
  return different.length;
}

export const ENGINES_MODE = {
  engines: {
    about: 'the interpreter with the translator, in such blocks, at every exit from translated code; --engine has no say',
    run: engines,
  },
} as const satisfies Readonly<Record<string, Mode>>;
