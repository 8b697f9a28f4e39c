/** Lanes of single precision: what makes them ordinary. Reference: Arm DDI 0406C, A2.7, and core/cpu/simd/single.ts. */
import type { Emitter } from '../emitter.ts';
import type { Value } from '../value.ts';
import { SIMD } from '../wasm.ts';
import { and, binary, compares, each, readQ, readSplat, shift, shuffle, v1, v2, xor, ZERO } from './neon-vector.ts';

const numbers = new Float32Array(1);
/** A number in each lane. */
export function splat(value: number): Value {
  numbers[0] = value;
  return each(2, new Uint32Array(numbers.buffer)[0] as number);
}
export const MIN = 2 ** -126;
export const MAX = (2 - 2 ** -23) * 2 ** 127;
/** Sums of numbers below it have an error that is a number. */
export const LARGE = 2 ** 100;

export const absolute = (a: Value): Value => and(a, each(2, 0x7fffffff));
export const negated = (a: Value): Value => xor(a, each(2, 0x80000000));
export const isZero = (a: Value): Value => v2(SIMD.f32x4_eq, a, ZERO());
export const isAtMost = (a: Value, bound: number): Value => v2(SIMD.f32x4_le, absolute(a), splat(bound));
export const isAbove = (a: Value, bound: number): Value => v2(SIMD.f32x4_gt, absolute(a), splat(bound));
export const isNumber = (a: Value): Value => v2(SIMD.f32x4_eq, a, a);

/** No lane of several vectors is subnormal: twice the magnitude, less one, is great for zero too. */
export function arePlain(...vectors: readonly Value[]): Value {
  const magnitudes = vectors.map((a) => binary('sub', 2, shift('shl', 2, a, 1), each(2, 1)));
  return compares(
    'ge_u',
    2,
    magnitudes.reduce((a, b) => binary('min_u', 2, a, b)),
    each(2, 0x00ffffff),
  );
}

export interface Answer {
  readonly result: Value;
  /** Lanes of ones where that is the whole answer. */
  readonly ok: Value;
}
export const upper = (a: Value): Value => shuffle(a, a, (i) => (i + 8) & 15);
export const promote = (a: Value): Value => v1(SIMD.f64x2_promote_low_f32x4, a);

/** A doubleword is there twice, so that its upper half is as ordinary as the lower one. */
export const readTwice = (e: Emitter, Q: number, d: number): Value => (Q ? readQ(e, d) : readSplat(e, 3, d, 0));

/** Two doublewords as one vector. */
export function pairOf(e: Emitter, n: number, m: number): Value {
  const [x, y] = [readSplat(e, 3, n, 0), readSplat(e, 3, m, 0)];
  return e.hold(shuffle(x, y, (i) => (i < 8 ? i : 8 + i)));
}
