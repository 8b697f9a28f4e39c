/** Shifts, and elements that become twice or half as long. Reference: Arm DDI 0406C, A7.4.1, A7.4.2, A7.4.4, A7.4.5. */
import type { Emitter } from '../emitter.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { distance, least, most, saturatingSum, signs } from './neon-integer.ts';
import {
  and,
  andNot,
  binary,
  bitsOf,
  compares,
  each,
  elements,
  type Given,
  long,
  longByScalar,
  narrow,
  not,
  number,
  type Operation,
  or128,
  recordSaturation,
  reversed,
  select,
  shift,
  single,
  singleLong,
  singleNarrow,
  unary,
  wide,
  xor,
  ZERO,
} from './neon-vector.ts';

const sign = (U: number) => (U ? 'u' : 's');
const right = (U: number): 'shr_u' | 'shr_s' => `shr_${sign(U)}`;
const amountOf = ({ operands }: Given): number => number(operands, 'amount');

/** Rounded to the nearest, upwards in the middle: the last bit that goes out counts. */
function rounding(e: Emitter, U: number, size: number, a: Value, amount: number): Value {
  const before = e.hold(shift(right(U), size, a, amount - 1));
  return binary('add', size, shift(right(U), size, before, 1), and(before, each(size, 1)));
}

type ToRight = (e: Emitter, U: number, size: number, a: Value, amount: number) => Value;
const plain: ToRight = (_, U, size, a, amount) => shift(right(U), size, a, amount);

const toRight = (by: ToRight): Staged => single((given) => by(given.e, given.U, given.size, given.a, amountOf(given)));
const accumulating = (by: ToRight): Staged =>
  single((given) => binary('add', given.size, given.c(), by(given.e, given.U, given.size, given.a, amountOf(given))));

const ones = (size: number): bigint => (1n << BigInt(bitsOf(size))) - 1n;
const VSRI: Operation = (given) => {
  const { size, a, c } = given;
  const kept = ones(size) ^ (ones(size) >> BigInt(amountOf(given)));
  return or128(shift('shr_u', size, a, amountOf(given)), and(c(), each(size, kept)));
};
const VSLI: Operation = (given) => {
  const { size, a, c } = given;
  const kept = (1n << BigInt(amountOf(given))) - 1n;
  return or128(shift('shl', size, a, amountOf(given)), and(c(), each(size, kept)));
};

/** To the left with saturation: bits are lost if shifting back does not give what was there. */
const saturatingLeft =
  (from: (U: number) => number, to: (U: number) => number): Operation =>
  (given) => {
    const { e, size, a } = given;
    const [U, toU] = [from(given.U), to(given.U)];
    const shifted = e.hold(shift('shl', size, a, amountOf(given)));
    const back = shift(right(toU), size, shifted, amountOf(given));
    const lost = xor(compares('eq', size, back, a), each(size, ones(size)));
    const saturated = e.hold(U === toU ? lost : or128(lost, signs(size, a)));
    const limit = U ? each(size, ones(size)) : toU ? not(signs(size, a)) : xor(signs(size, a), most(size));
    const result = e.hold(select(saturated, limit, shifted));
    recordSaturation(e, saturated);
    return result;
  };

/** By the signed lowest byte of the other lane, bit by bit of the amount. */
const byRegister =
  (rounds: boolean): Operation =>
  ({ e, U, size, a, b }) => {
    const bits = bitsOf(size);
    const amount = e.hold(shift('shr_s', size, shift('shl', size, b, bits - 8), bits - 8));
    const isRight = e.hold(signs(size, amount));
    const toLeft = e.hold(andNot(amount, isRight));
    // Rounding, one less: the last bit goes out at the end.
    const back = unary('neg', size, amount);
    const toTheRight = e.hold(and(rounds ? binary('sub', size, back, each(size, 1)) : back, isRight));
    const left = steps(e, size, a, toLeft, (x, by) => shift('shl', size, x, by), ZERO());
    const gone = U ? ZERO() : signs(size, a);
    const shifted = e.hold(steps(e, size, left, toTheRight, (x, by) => shift(right(U), size, x, by), gone));
    if (!rounds) return shifted;
    const rounded = binary('add', size, shift(right(U), size, shifted, 1), and(shifted, each(size, 1)));
    return select(isRight, rounded, shifted);
  };

function steps(e: Emitter, size: number, a: Value, amount: Value, by: (x: Value, n: number) => Value, beyond: Value): Value {
  const bits = bitsOf(size);
  let value = e.hold(a);
  for (let bit = 0; 1 << bit < bits; bit++) {
    const mask = signs(size, shift('shl', size, amount, bits - 1 - bit));
    value = e.hold(select(mask, by(value, 1 << bit), value));
  }
  const within = compares('eq', size, and(amount, each(size, ones(size) - BigInt(bits - 1))), ZERO());
  return select(within, value, beyond);
}

// Longer

const extended = (U: number, size: number, a: Value): Value => unary(`extend_low_${sign(U)}`, size + 1, a);
const products = (U: number, size: number, a: Value, b: Value): Value => binary(`extmul_low_${sign(U)}`, size + 1, a, b);

const accumulatedProducts =
  (name: 'add' | 'sub'): Operation =>
  ({ U, size, a, b, c }) =>
    binary(name, size + 1, c(), products(U, size, a, b));

/** Only the least number times itself does not fit, doubled. */
function doubled({ e, size, a, b }: Given): Value {
  const twice = e.hold(shift('shl', size + 1, products(0, size, a, b), 1));
  const mask = e.hold(compares('eq', size + 1, twice, least(size + 1)));
  const result = e.hold(xor(twice, mask));
  recordSaturation(e, mask);
  return result;
}
const accumulatedDoubled =
  (name: 'add' | 'sub'): Operation =>
  (given) => {
    const { e, size, c } = given;
    const { value, saturated } = saturatingSum(e, name, 0, size + 1, c(), doubled(given));
    const result = e.hold(value);
    recordSaturation(e, saturated);
    return result;
  };

const shiftedLong: Operation = (given) => shift('shl', given.size + 1, extended(given.U, given.size, given.a), amountOf(given));

// Narrower

/** The lower halves of elements, or the upper ones. */
const halves = (odd: 0 | 1, size: number, a: Value): Value => elements(odd, size, a, a);
const truncated = (e: Emitter, size: number, a: Value): Value => halves(0, size, e.hold(a));

/** To what fits in half an element: it has saturated where lengthening it again does not give what was there. */
function saturated(e: Emitter, U: number, toU: number, size: number, wideValue: Value): Value {
  const a = e.hold(wideValue);
  const result = e.hold(narrowed(e, U, toU, size, a));
  recordSaturation(e, xor(unary(`extend_low_${sign(toU)}`, size + 1, result), a));
  return result;
}

function narrowed(e: Emitter, U: number, toU: number, size: number, a: Value): Value {
  if (size < 2 && U) return halves(0, size, e.hold(binary('min_u', size + 1, a, each(size + 1, ones(size)))));
  if (size < 2) return binary(`narrow_${sign(toU)}`, size, a, a);
  const high = shift(toU ? 'shr_u' : 'shr_s', 3, toU ? a : shift('shl', 3, a, 32), 32);
  const fits = toU ? compares('eq', 3, high, ZERO()) : compares('eq', 3, high, a);
  const limit = U ? each(3, ones(3)) : toU ? not(signs(3, a)) : xor(signs(3, a), each(3, 0x7fffffff));
  return halves(0, 2, e.hold(select(fits, a, limit)));
}

const saturatingNarrow = (by: ToRight | undefined, toUnsigned: boolean): Staged =>
  singleNarrow((given) => {
    const { e, U, size, a } = given;
    const value = by === undefined ? a : by(e, U, size + 1, a, amountOf(given));
    return saturated(e, toUnsigned ? 0 : U, toUnsigned ? 1 : U, size, value);
  });
const shiftedNarrow = (by: ToRight): Staged =>
  singleNarrow((given) => truncated(given.e, given.size, by(given.e, 1, given.size + 1, given.a, amountOf(given))));

/** The upper half of a sum or difference, cut off or rounded. */
const highHalf = (name: 'add' | 'sub', round: boolean): Staged =>
  narrow(({ e, size, a, b }) => {
    const result = binary(name, size + 1, a, b);
    const half = each(size + 1, 1n << BigInt(bitsOf(size) - 1));
    return halves(1, size, e.hold(round ? binary('add', size + 1, result, half) : result));
  });

const isU = (U: number): number => U;

export const SHIFT: Readonly<Record<string, Staged>> = {
  VSHL_reg: reversed(byRegister(false)),
  VRSHL: reversed(byRegister(true)),
  VSHR: toRight(plain),
  VRSHR: toRight(rounding),
  VSRA: accumulating(plain),
  VRSRA: accumulating(rounding),
  VSRI: single(VSRI),
  VSLI: single(VSLI),
  VSHL_imm: single((given) => shift('shl', given.size, given.a, amountOf(given))),
  VQSHL_imm: single(saturatingLeft(isU, isU)),
  VQSHLU: single(
    saturatingLeft(
      () => 0,
      () => 1,
    ),
  ),

  VADDL: long(({ U, size, a, b }) => binary('add', size + 1, extended(U, size, a), extended(U, size, b))),
  VSUBL: long(({ U, size, a, b }) => binary('sub', size + 1, extended(U, size, a), extended(U, size, b))),
  VADDW: wide(({ U, size, a, b }) => binary('add', size + 1, a, extended(U, size, b))),
  VSUBW: wide(({ U, size, a, b }) => binary('sub', size + 1, a, extended(U, size, b))),
  VABDL: long((given) => extended(1, given.size, distance(given))),
  VABAL: long((given) => binary('add', given.size + 1, given.c(), extended(1, given.size, distance(given)))),
  VMULL_int: long(({ U, size, a, b }) => products(U, size, a, b)),
  VMLAL: long(accumulatedProducts('add')),
  VMLSL: long(accumulatedProducts('sub')),
  VQDMULL: long(doubled),
  VQDMLAL: long(accumulatedDoubled('add')),
  VQDMLSL: long(accumulatedDoubled('sub')),
  VMULL_scalar: longByScalar(({ U, size, a, b }) => products(U, size, a, b)),
  VMLAL_scalar: longByScalar(accumulatedProducts('add')),
  VMLSL_scalar: longByScalar(accumulatedProducts('sub')),
  VQDMULL_scalar: longByScalar(doubled),
  VQDMLAL_scalar: longByScalar(accumulatedDoubled('add')),
  VQDMLSL_scalar: longByScalar(accumulatedDoubled('sub')),
  VSHLL: singleLong(shiftedLong),
  VMOVL: singleLong(({ U, size, a }) => extended(U, size, a)),
  VSHLL_max: singleLong(({ size, a }) => shift('shl', size + 1, extended(1, size, a), bitsOf(size))),

  VMOVN: singleNarrow(({ size, a }) => halves(0, size, a)),
  VQMOVN: saturatingNarrow(undefined, false),
  VQMOVUN: saturatingNarrow(undefined, true),
  VSHRN: shiftedNarrow(plain),
  VRSHRN: shiftedNarrow(rounding),
  VQSHRN: saturatingNarrow(plain, false),
  VQRSHRN: saturatingNarrow(rounding, false),
  VQSHRUN: saturatingNarrow(plain, true),
  VQRSHRUN: saturatingNarrow(rounding, true),
  VADDHN: highHalf('add', false),
  VSUBHN: highHalf('sub', false),
  VRADDHN: highHalf('add', true),
  VRSUBHN: highHalf('sub', true),
};
