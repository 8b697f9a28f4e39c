/** What the decoder's answers are held against: the rows taken one by one, without its order and its buckets. */
import type { Op, Row } from '../../core/cpu/decode.ts';

export const nameOf = (row: Row): string => `${row.name} ${row.encodingName}`;

/** Whether a word is of this encoding, all by itself. */
export function matches(row: Row, bits: number, inIT = false): boolean {
  if (((bits ^ row.value) & row.mask) !== 0 || (row.conditional && bits >>> 28 === 15)) return false;
  const values = row.fields.map(({ name, low, width }) => [name, width === 32 ? bits : (bits >>> low) & (2 ** width - 1)]);
  return row.encoding.when?.(Object.fromEntries(values) as never, inIT) ?? true;
}

/** All words of `special` are words of `general` too, which has fewer fixed bits: the special case goes first. */
const within = (special: Row, general: Row): boolean =>
  special.mask !== general.mask && (special.mask & general.mask) === general.mask;

/** Pairs of encodings with words in common where neither is a special case of the other: only `when` can tell them apart. */
export function rivals(rows: readonly Row[]): readonly (readonly [Row, Row])[] {
  return rows.flatMap((a, i) =>
    rows.slice(i + 1).flatMap((b): (readonly [Row, Row])[] => {
      if (a.set !== b.set || a.width !== b.width || ((a.value ^ b.value) & a.mask & b.mask) !== 0) return [];
      return within(a, b) || within(b, a) ? [] : [[a, b]];
    }),
  );
}

/** Whether the answer is one that can be executed: each operand a whole number, and a condition. */
export function defined({ operands, cond, execute }: Op): boolean {
  for (const name in operands) if (!Number.isInteger(operands[name])) return false;
  return cond >= 0 && cond < 15 && typeof execute === 'function';
}
