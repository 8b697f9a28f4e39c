import { describe, expect, it } from 'vitest';
import { have } from '../../support/oracles.ts';
import { EAGER, THREADED } from './pair.ts';
import { CONTROL } from './program-texts-control.ts';
import { ABORTS, SELF_MODIFYING } from './program-texts-memory.ts';
import { SYSTEM } from './program-texts-system.ts';
import { VFP } from './program-texts-vfp.ts';
import { assembleAll, Pair } from './programs.ts';

const ONLY_THREADED = { ...THREADED, hot: 0xffff };

const GROUPS = [
  { group: 'code that changes', texts: SELF_MODIFYING, mmus: ['on'] },
  { group: 'aborts', texts: ABORTS, mmus: ['on'] },
  { group: 'control flow and flags', texts: CONTROL, mmus: ['off'] },
  { group: 'the system', texts: SYSTEM, mmus: ['off', 'on'] },
  { group: 'VFP', texts: VFP, mmus: ['off', 'on'] },
] as const;

describe.skipIf(!have('arm-none-eabi-as'))(
  'programs give the same state translated as interpreted, after windows of any size',
  () => {
    for (const { group, texts, mmus } of GROUPS) {
      const programs = assembleAll<string>(texts);
      describe(group, () => {
        for (const [name, program] of Object.entries(programs)) {
          it.each(mmus)(`${name}, the MMU %s`, (mmu) => {
            for (const translations of [EAGER, ONLY_THREADED]) {
              const pair = new Pair({ translations });
              expect((mmu === 'on' ? pair.mmu() : pair).compare(program)).toBe(undefined);
              expect(pair.translated.inside).toBeGreaterThan(20);
            }
          });
        }
      });
    }
  },
);
