/** Which encodings the oracle's sets execute: those of the sets of single instructions, of which each must come up, and those of sequences. */
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { rowsOf, type SetName } from './cases.ts';
import { Random } from './random.ts';
import { SequenceGenerator } from './sequences.ts';

const SETS: readonly SetName[] = ['a32', 't16', 't32', 'vfp', 'neon'];

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
  const nameOf = ({ name, encodingName }: { name: string; encodingName: string }) => `${name} ${encodingName}`;
  const sets = new Set(SETS.flatMap((set) => rowsOf(decoder, set).map(nameOf)));
  const generator = new SequenceGenerator(decoder, new Random(seed));
  for (let i = 0; i < sequences; i++) generator.next();
  const used = new Set(generator.used.keys());
  const rest = decoder.rows.map(nameOf).filter((name) => !sets.has(name) && !used.has(name));
  return { sets, sequences: used, rest };
}
