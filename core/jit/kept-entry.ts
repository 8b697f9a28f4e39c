/**
 * A region with its function as words, so that many of them are one file: written, read, and compared with what lies in the arena. Places in the
 * arena are unsigned, of 32 bits.
 */
import type { Arena } from '../bus/memory.ts';

/** A region with its function, as a batch has it. */
export interface RegionCode {
  readonly key: number;
  /** From the address of its entry to its place in the arena. */
  readonly delta: number;
  /** Ranges of the arena that it was made from: first byte and end of each. */
  readonly ranges: readonly (readonly [from: number, end: number])[];
  readonly exits: Int32Array;
  /** Of branches in the function: the place of each, doubled, and 1 if its condition usually holds. */
  readonly hints: Int32Array;
  /** The function, with its length in front. */
  readonly code: Uint8Array;
  /** Whether it calls functions that its module must have. */
  readonly callsFunctions: boolean;
  /** Whether a larger one may take its place. */
  readonly grows: boolean;
}

/** The first words; then come the ranges (first byte and length of each), the exits, the hints, the function, and the halfwords that it was made from. */
const HEAD = { words: 0, key: 1, delta: 2, flags: 3, ranges: 4, exits: 5, hints: 6, code: 7, length: 8 } as const;
const FLAG = { callsFunctions: 1, grows: 2 } as const;

/** Where the parts after the ranges begin, in words. */
function partsOf(
  ranges: number,
  exits: number,
  hints: number,
  code: number,
): Record<'exits' | 'hints' | 'code' | 'origin', number> {
  const first = HEAD.length + 2 * ranges;
  const afterExits = first + exits;
  const afterHints = afterExits + hints;
  return { exits: first, hints: afterExits, code: afterHints, origin: afterHints + ((code + 3) >>> 2) };
}

const partsIn = (words: Int32Array) =>
  partsOf(...([HEAD.ranges, HEAD.exits, HEAD.hints, HEAD.code].map((at) => words[at]) as [number, number, number, number]));

export function encode(region: RegionCode, arena: Arena): Int32Array {
  const { key, delta, ranges, exits, hints, code, callsFunctions, grows } = region;
  const parts = partsOf(ranges.length, exits.length, hints.length, code.length);
  const halves = ranges.reduce((sum, [from, end]) => sum + ((end - from) >>> 1), 0);
  const words = new Int32Array(parts.origin + ((halves + 1) >>> 1));
  const flags = (callsFunctions ? FLAG.callsFunctions : 0) | (grows ? FLAG.grows : 0);
  words.set([words.length, key, delta, flags, ranges.length, exits.length, hints.length, code.length]);
  words.set(
    ranges.flatMap(([from, end]) => [from, end - from]),
    HEAD.length,
  );
  words.set(exits, parts.exits);
  words.set(hints, parts.hints);
  new Uint8Array(words.buffer).set(code, 4 * parts.code);
  const halfwords = new Uint16Array(words.buffer);
  let at = 2 * parts.origin;
  for (const [from, end] of ranges) {
    halfwords.set(arena.u16.subarray(from / 2, end / 2), at);
    at += (end - from) >>> 1;
  }
  return words;
}

export function decode(words: Int32Array): RegionCode {
  const parts = partsIn(words);
  const flags = words[HEAD.flags] as number;
  return {
    ...placeIn(words),
    ranges: Array.from({ length: words[HEAD.ranges] as number }, (_, i) => {
      const from = (words[HEAD.length + 2 * i] as number) >>> 0;
      return [from, from + (words[HEAD.length + 2 * i + 1] as number)] as const;
    }),
    exits: words.subarray(parts.exits, parts.hints),
    hints: words.subarray(parts.hints, parts.code),
    code: new Uint8Array(words.buffer, words.byteOffset + 4 * parts.code, words[HEAD.code]),
    callsFunctions: (flags & FLAG.callsFunctions) !== 0,
    grows: (flags & FLAG.grows) !== 0,
  };
}

export const placeIn = (words: Int32Array): Pick<RegionCode, 'key' | 'delta'> => ({
  key: words[HEAD.key] as number,
  delta: words[HEAD.delta] as number,
});

/** The entry at an index; undefined if what lies there cannot be one. */
export function entryAt(all: Int32Array, at: number): Int32Array | undefined {
  const length = all[at] as number;
  if (!(length > HEAD.length) || at + length > all.length) return undefined;
  const words = all.subarray(at, at + length);
  const { exits, hints, code, origin } = partsIn(words);
  const ordered = HEAD.length <= exits && exits <= hints && hints <= code && code <= origin && origin < length;
  return ordered && (words[HEAD.code] as number) >= 0 ? words : undefined;
}

/** Whether the code lies in the arena that an entry was made from. */
export function isThere(words: Int32Array, arena: Arena): boolean {
  const code = arena.u16;
  const { exits, origin } = partsIn(words);
  let at = 2 * origin;
  for (let range = HEAD.length; range < exits; range += 2) {
    const first = (words[range] as number) >>> 1;
    const last = first + ((words[range + 1] as number) >>> 1);
    for (let half = first; half < last; half++, at++) {
      if (code[half] !== (((words[at >>> 1] as number) >>> (16 * (at & 1))) & 0xffff)) return false;
    }
  }
  return true;
}
