/**
 * What a native operation tells about the exact one: core/cpu/fp/rounding-error.ts as translated code. `ok` is whether the result stands and
 * its exceptions are known; `inexact`, which counts only then, whether Inexact is one of them. Flush-to-zero mode changes nothing where
 * `ok` holds. All values are in locals.
 */
import type { Emitter } from '../emitter.ts';
import { add, constant, or } from '../ops.ts';
import { Value } from '../value.ts';
import { F64, I32, I64, OP } from '../wasm.ts';
import {
  all,
  any,
  compare,
  DOUBLE,
  type Format,
  isZero,
  literal,
  magnitudeAbove,
  magnitudeAtLeast,
  magnitudeAtMost,
  magnitudeBelow,
  promote,
  SINGLE,
} from './vfp-format.ts';

export interface Rule {
  readonly ok: Value;
  readonly inexact: Value;
}

/** Between these bounds the transformations neither overflow nor lose bits to underflow. */
const LARGE = 2 ** 900;
const SMALL = 2 ** -900;

const plus = (a: Value, b: Value): Value => new Value(F64, OP.f64_add, a, b);
const minus = (a: Value, b: Value): Value => new Value(F64, OP.f64_sub, a, b);
const times = (a: Value, b: Value): Value => new Value(F64, OP.f64_mul, a, b);

/** The exact `a + b - sum`. */
export function sumError(e: Emitter, a: Value, b: Value, sum: Value): Value {
  const right = e.hold(minus(sum, a));
  return e.hold(plus(minus(a, minus(sum, right)), minus(b, right)));
}

function halves(e: Emitter, a: Value): readonly [Value, Value] {
  const scaled = e.hold(times(a, literal(DOUBLE, 134217729)));
  const high = e.hold(minus(scaled, minus(scaled, a)));
  return [high, e.hold(minus(a, high))];
}

/** The exact `a * b - product`, for operands and product within range. */
export function productError(e: Emitter, a: Value, b: Value, product: Value): Value {
  const [highA, lowA] = halves(e, a);
  const [highB, lowB] = halves(e, b);
  const rest = minus(minus(minus(product, times(highA, highB)), times(lowA, highB)), times(highA, lowB));
  return e.hold(minus(times(lowA, lowB), rest));
}

export const isModerate = (x: Value): Value => all(magnitudeBelow(DOUBLE, x, LARGE), magnitudeAbove(DOUBLE, x, SMALL));
export const isModerateOrZero = (x: Value): Value =>
  all(magnitudeBelow(DOUBLE, x, LARGE), any(magnitudeAbove(DOUBLE, x, SMALL), isZero(DOUBLE, x)));

/** Neither subnormal nor NaN. */
export const isPlain = (format: Format, x: Value): Value => any(magnitudeAtLeast(format, x, format.min), isZero(format, x));
/** A number that is neither subnormal nor beyond the greatest. */
const isOrdinary = (format: Format, x: Value): Value =>
  all(magnitudeAbove(format, x, format.min), magnitudeAtMost(format, x, format.max));
const differs = (a: Value, b: Value): Value => compare(OP.f64_ne, a, b);
const isNotZero = (x: Value): Value => differs(x, literal(DOUBLE, 0));

export function addRule(e: Emitter, format: Format, a: Value, b: Value, sum: Value): Rule {
  const plain = all(isPlain(format, a), isPlain(format, b), isPlain(format, sum));
  if (format === DOUBLE) {
    const ok = e.hold(all(plain, magnitudeBelow(DOUBLE, a, LARGE), magnitudeBelow(DOUBLE, b, LARGE)));
    return { ok, inexact: isNotZero(sumError(e, a, b, sum)) };
  }
  const ok = e.hold(all(plain, magnitudeAtMost(SINGLE, sum, SINGLE.max)));
  const [x, y] = [e.hold(promote(a)), e.hold(promote(b))];
  const exact = e.hold(plus(x, y));
  return { ok, inexact: or(differs(promote(sum), exact), isNotZero(sumError(e, x, y, exact))) };
}

export function mulRule(e: Emitter, format: Format, a: Value, b: Value, product: Value): Rule {
  const zero = any(isZero(format, a), isZero(format, b));
  if (format === DOUBLE) {
    const ok = e.hold(all(isModerateOrZero(a), isModerateOrZero(b), any(isModerate(product), zero)));
    return { ok, inexact: isNotZero(productError(e, a, b, product)) };
  }
  const plain = all(isPlain(SINGLE, a), isPlain(SINGLE, b), magnitudeAtMost(SINGLE, product, SINGLE.max));
  const ok = e.hold(all(plain, any(magnitudeAbove(SINGLE, product, SINGLE.min), zero)));
  return { ok, inexact: differs(promote(product), times(promote(a), promote(b))) };
}

export function divRule(e: Emitter, format: Format, a: Value, b: Value, quotient: Value): Rule {
  const zero = isZero(format, a);
  if (format === DOUBLE) {
    const ok = e.hold(all(isModerateOrZero(a), isModerate(b), any(isModerate(quotient), zero)));
    return { ok, inexact: or(differs(times(quotient, b), a), isNotZero(productError(e, quotient, b, a))) };
  }
  const plain = all(isPlain(SINGLE, a), isOrdinary(SINGLE, b), magnitudeAtMost(SINGLE, quotient, SINGLE.max));
  const ok = e.hold(all(plain, any(magnitudeAbove(SINGLE, quotient, SINGLE.min), zero)));
  return { ok, inexact: differs(times(promote(quotient), promote(b)), promote(a)) };
}

export function sqrtRule(e: Emitter, format: Format, a: Value, root: Value): Rule {
  const positive = compare(format.op.ge, a, literal(format, 0));
  if (format === DOUBLE) {
    const ok = e.hold(all(isModerateOrZero(a), positive));
    return { ok, inexact: or(differs(times(root, root), a), isNotZero(productError(e, root, root, a))) };
  }
  const ok = e.hold(all(isPlain(SINGLE, a), positive, magnitudeAtMost(SINGLE, root, SINGLE.max)));
  const wide = e.hold(promote(root));
  return { ok, inexact: differs(times(wide, wide), promote(a)) };
}

/** `sum + error`, where `sum` is the nearest number, rounded to odd instead: an inexact result never ends in an even bit. */
export function roundToOdd(e: Emitter, sum: Value, error: Value): Value {
  const zero = literal(DOUBLE, 0);
  const bits = e.hold(new Value(I64, OP.i64_reinterpret_f64, sum));
  const even = new Value(
    I32,
    OP.i64_eqz,
    new Value(I64, OP.i64_and, bits, new Value(I64, OP.i64_const, undefined, undefined, undefined, 1)),
  );
  const outwards = compare(OP.i32_eq, compare(OP.f64_gt, error, zero), compare(OP.f64_gt, sum, zero));
  // One or minus one, where there is anything to do.
  const step = new Value(I32, OP.i32_mul, all(even, isNotZero(error)), add(add(outwards, outwards), constant(-1)));
  const odd = new Value(I64, OP.i64_add, bits, new Value(I64, OP.i64_extend_i32_s, step));
  return new Value(F64, OP.f64_reinterpret_i64, odd);
}

export { differs, isNotZero, isOrdinary, minus, plus, times };
