/** Which encodings the oracle's sets execute: those of the sets of single instructions, of which each must come up, and those of sequences. */
import { Decoder } from '../../core/cpu/decode.ts';
import { GROUPS, INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { nameOf } from './exclusions.ts';
import { Random } from './random.ts';
import { SequenceGenerator } from './sequences.ts';
import { rowsOf, SETS } from './sets.ts';

/** Groups that do more in other modes than User mode, the only one of the sets: sequences must have them. */
const SYSTEM: readonly (keyof typeof GROUPS)[] = ['calls', 'exceptionReturn', 'hints', 'statusRegisters', 'thumbEeState'];
const SYSTEM_NAMES = new Set(SYSTEM.flatMap((group) => Object.keys(GROUPS[group])));

export interface Coverage {
  /** Encodings by what executes them. */
  readonly sets: ReadonlySet<string>;
  readonly sequences: ReadonlySet<string>;
  /** Those that neither does. */
  readonly rest: readonly string[];
}

/** `sequences` as the comparison makes them from the same seed. */
export function coverage(sequences: number, seed: number): Coverage {
  const decoder = new Decoder(INSTRUCTIONS);
  const rows = SETS.flatMap((set) => rowsOf(decoder, set));
  const sets = new Set(rows.filter(({ name }) => !SYSTEM_NAMES.has(name)).map(nameOf));
  const generator = new SequenceGenerator(decoder, new Random(seed));
  for (let i = 0; i < sequences; i++) generator.next();
  const used = new Set(generator.used.keys());
  const rest = decoder.rows.map(nameOf).filter((name) => !sets.has(name) && !used.has(name));
  return { sets, sequences: used, rest };
}
