import { expect, it } from 'vitest';
import { STAGED } from '../../../core/jit/staging.ts';
import { bundled } from '../../support/bundled.ts';

type Instructions = typeof import('./instruction-lockstep.ts');
const { lockstepInstructions } = await bundled<Instructions>('test/core/jit/instruction-lockstep.ts');
const SETS = ['a32', 't16', 't32', 'vfp-a32', 'vfp-t32', 'neon-a32', 'neon-t32'] as const;
/** Those with many instructions have more. */
const CASES: Readonly<Record<string, number>> = { a32: 1200, t32: 1000 };
/** Only what is put there is translated. */
const ONLY_GIVEN = { hot: 1000, batch: 1, patience: 0 };
const FOR_EVER = 0x7fff_ffff;

it('every instruction that is translated does what the interpreter does, with random operands, registers, flags and memory', () => {
  const all = new Map<string, number>();
  const different: string[] = [];
  for (const set of SETS) {
    const outcome = lockstepInstructions(set, CASES[set] ?? 700, 20260201, { translations: ONLY_GIVEN });
    different.push(...outcome.different);
    for (const [name, count] of outcome.translated) all.set(name, (all.get(name) ?? 0) + count);
  }
  expect(different.slice(0, 3).join('\n')).toBe('');
  expect(Object.keys(STAGED).filter((name) => !all.has(name))).toEqual(['IT']);
});

it('so does threaded code, whatever the registers and the immediate of a form are', () => {
  for (const set of ['a32', 't16', 't32'] as const) {
    const { different } = lockstepInstructions(set, 1200, 20260202, { translations: { ...ONLY_GIVEN, threaded: FOR_EVER } });
    expect(different.slice(0, 3).join('\n')).toBe('');
  }
});

it.each([0, FOR_EVER])('a wrong meaning is found (threaded: %i)', (threaded) => {
  const staged = { ...STAGED, ADC_reg: STAGED['ADD_reg'] as (typeof STAGED)[string] };
  const { different } = lockstepInstructions('a32', 400, 5, { translations: { ...ONLY_GIVEN, threaded, staged } });
  expect(different.length).toBeGreaterThan(0);
});
