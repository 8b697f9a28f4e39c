/** The sets of single instructions: a word belongs to exactly one, and so does an encoding, by its fixed bits. Reference: Arm DDI 0406C, A5.1, A6.1, A7.3. */
import type { Decoder, Row } from '../../core/cpu/decode.ts';
import { isWide } from '../../core/cpu/decode.ts';
import type { InstructionSet } from '../../core/cpu/insn.ts';
import type { Random } from './random.ts';

export const SETS = ['a32', 't16', 't32', 'vfp-a32', 'vfp-t32', 'neon-a32', 'neon-t32'] as const;
export type SetName = (typeof SETS)[number];

/** An instruction as bits: an A32 word, a T32 one with the first halfword on top, or a T32 halfword. */
export interface Word {
  readonly set: InstructionSet;
  readonly bits: number;
  readonly narrow: boolean;
}

/** Coprocessor instructions of CP10 and CP11, in both instruction sets, whatever the four bits at the top. */
function isVfpSpace(bits: number): boolean {
  const coprocessor = ((bits >>> 25) & 7) === 6 || ((bits >>> 24) & 15) === 14;
  return coprocessor && ((bits >>> 9) & 7) === 5;
}

/** Data processing, and the loads and stores of elements and structures. */
function isSimdSpace(set: InstructionSet, bits: number): boolean {
  if (set === 'A32') return bits >>> 25 === 0b1111001 || (bits & 0xff100000) >>> 0 === 0xf4000000;
  return ((bits >>> 24) & 0xef) === 0xef || (bits & 0xff100000) >>> 0 === 0xf9000000;
}

export function setOf({ set, bits, narrow }: Word): SetName {
  if (narrow) return 't16';
  const suffix = set === 'A32' ? 'a32' : 't32';
  if (isSimdSpace(set, bits)) return `neon-${suffix}`;
  return isVfpSpace(bits) ? `vfp-${suffix}` : suffix;
}

export const hasVfp = (name: SetName): boolean => name.includes('-');

export const wordOf = (row: Row, bits: number): Word => ({ set: row.set, bits: bits >>> 0, narrow: row.width === 16 });

export const rowsOf = (decoder: Decoder, name: SetName): readonly Row[] =>
  decoder.rows.filter((row) => setOf(wordOf(row, row.value | row.shouldBe)) === name);

/** A word of the set's space, each as likely as any other; undefined if it is another set's. */
export function anyWord(name: SetName, random: Random): Word | undefined {
  const word = draw(name, random);
  return setOf(word) === name ? word : undefined;
}

function draw(name: SetName, random: Random): Word {
  const bits = random.word();
  if (name === 't16') return narrow(bits >>> 16, random);
  const set = name.endsWith('a32') ? 'A32' : 'T32';
  const word = (value: number): Word => ({ set, bits: value >>> 0, narrow: false });
  switch (name) {
    case 'a32':
      return word(bits);
    case 't32':
      // Of the eleven bits that make a halfword the first of two, those are drawn again that do not.
      return isWide(bits >>> 16) ? word(bits) : draw(name, random);
    case 'neon-a32':
      return word(random.once(4) ? (bits & 0x00efffff) | 0xf4000000 : (bits & 0x01ffffff) | 0xf2000000);
    case 'neon-t32':
      return word(random.once(4) ? (bits & 0x00efffff) | 0xf9000000 : (bits & 0x10ffffff) | 0xef000000);
    default:
      return word(coprocessor(bits, random) | (set === 'A32' ? bits & 0xf0000000 : 0xe0000000 | (bits & 0x10000000)));
  }
}

/** A third of the space is data processing, the rest loads and stores. */
function coprocessor(bits: number, random: Random): number {
  const kind = random.once(3) ? 0x0e000000 | (bits & 0x00ffffff) : 0x0c000000 | (bits & 0x01ffffff);
  return (kind & ~0xe00) | 0xa00;
}

function narrow(halfword: number, random: Random): Word {
  return isWide(halfword) ? narrow(random.word() >>> 16, random) : { set: 'T32', bits: halfword, narrow: true };
}
