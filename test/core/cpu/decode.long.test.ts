import { describe, expect, it } from 'vitest';
import { Decoder, isWide, type Row } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { defined, matches, nameOf, rivals } from '../../support/encodings.ts';

const decoder = new Decoder(INSTRUCTIONS);
const WORDS = 50_000_000;
const hex = (bits: number): string => (bits >>> 0).toString(16);

/** The encodings that `when` must keep from claiming the words of each, by name. */
const contenders = new Map<string, Row[]>();
for (const [a, b] of rivals(decoder.rows)) {
  contenders.set(nameOf(a), [...(contenders.get(nameOf(a)) ?? []), b]);
  contenders.set(nameOf(b), [...(contenders.get(nameOf(b)) ?? []), a]);
}

/** What is wrong with the answer to a word; undefined if nothing is. */
function fault(set: 'A32' | 'T32', bits: number, narrow: boolean, inIT: boolean): string | undefined {
  const op = decoder.decode(set, bits, narrow, inIT);
  if (!defined(op)) return `${set} ${hex(bits)}: ${op.name} has no defined answer`;
  const others = contenders.get(`${op.name} ${op.encoding}`);
  const other = others?.find((row) => matches(row, bits, inIT));
  return other === undefined ? undefined : `${set} ${hex(bits)}: claimed by ${op.name} ${op.encoding} and ${nameOf(other)}`;
}

describe('the decoder has one answer', () => {
  it('to every 16-bit Thumb instruction, in IT blocks and outside', () => {
    const faults = [];
    for (let bits = 0; bits < 0x10000; bits++)
      if (!isWide(bits)) faults.push(fault('T32', bits, true, false), fault('T32', bits, true, true));
    expect(faults.filter((text) => text !== undefined)).toEqual([]);
  });

  for (const set of ['A32', 'T32'] as const) {
    it(`to ${WORDS} random ${set} words`, () => {
      const random = new Random(set === 'A32' ? 11 : 12);
      const faults: string[] = [];
      for (let i = 0; i < WORDS && faults.length < 10; i++) {
        let bits = random.word();
        // A wide instruction starts with 11101, 11110 or 11111.
        while (set === 'T32' && !isWide(bits >>> 16)) bits = (bits << 3) | 0xe0000000 | (random.word() & 7);
        const found = fault(set, bits | 0, false, set === 'T32' && (i & 1) === 1);
        if (found !== undefined) faults.push(found);
      }
      expect(faults).toEqual([]);
    });
  }
});
