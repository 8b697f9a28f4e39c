/**
 * What raises nothing but Inexact in conversions: comparisons, extremes, estimates. The rules are those of core/cpu/simd.
 * Reference: Arm DDI 0406C, A2.7, A7.4.
 */
import { IXC } from '../../cpu/fp/fpscr.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and as and32, constant, not as not32 } from '../ops.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { SIMD } from '../wasm.ts';
import { type Answer, absolute, arePlain, isNumber, negated, pairOf, promote, readTwice, splat, upper } from './neon-lanes.ts';
import {
  and,
  areAll,
  binary,
  compares,
  each,
  elements,
  isAny,
  number,
  or128,
  shift,
  single,
  v1,
  v2,
  writeV,
  ZERO,
} from './neon-vector.ts';
import { recordInexact } from './vfp-convert.ts';
import { fallBack, status } from './vfp-format.ts';

/** Writes it if a condition holds in all lanes. */
function guarded(e: Emitter, ok: Value, Q: number, d: number, result: Value, more: () => void = () => {}): void {
  const held = e.hold(result);
  e.usually(
    areAll(2, ok),
    () => {
      writeV(e, Q, d, held);
      more();
    },
    () => fallBack(e, FP_OFFSET + 8 * d, Q ? 16 : 8),
  );
}

type Quiet = (e: Emitter, a: Value, b: Value) => Answer;

const quiet =
  (operation: Quiet, zero = false): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [Q, d, m] = [number(operands, 'Q'), number(operands, 'd'), number(operands, 'm')];
    const second = zero ? e.hold(ZERO()) : readTwice(e, Q, m);
    const { result, ok } = operation(e, zero ? readTwice(e, Q, m) : readTwice(e, Q, number(operands, 'n')), second);
    guarded(e, ok, Q, d, result);
  };

const comparing =
  (op: number, change: (e: Emitter, a: Value) => Value = (_, a) => a): Quiet =>
  (e, a, b) => ({
    result: v2(op, change(e, a), change(e, b)),
    ok: and(and(arePlain(a, b), isNumber(a)), isNumber(b)),
  });
const magnitudes = (_: Emitter, a: Value): Value => absolute(a);

const extreme =
  (op: number): Quiet =>
  (e, a, b) => {
    const result = e.hold(v2(op, a, b));
    return { result, ok: and(arePlain(a, b), isNumber(result)) };
  };
const extremeOfPairs =
  (op: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const both = pairOf(e, number(operands, 'n'), number(operands, 'm'));
    const { result, ok } = extreme(op)(e, e.hold(elements(0, 2, both, both)), e.hold(elements(1, 2, both, both)));
    guarded(e, ok, 0, number(operands, 'd'), result);
  };

// Conversions

const LIMITS = { s: [-(2 ** 31), 2 ** 31], u: [0, 2 ** 32] } as const;

/** Towards zero. */
const toFixed: Staged = (e, operands) => {
  e.checkVfp();
  const [U, Q, d, m] = ['U', 'Q', 'd', 'm'].map((name) => number(operands, name)) as [number, number, number, number];
  const a = readTwice(e, Q, m);
  const scaled = e.hold(v2(SIMD.f32x4_mul, a, splat(2 ** number(operands, 'fbits'))));
  const integer = e.hold(v1(SIMD.f32x4_trunc, scaled));
  const [least, limit] = LIMITS[U ? 'u' : 's'];
  const fits = and(v2(SIMD.f32x4_ge, integer, splat(least)), v2(SIMD.f32x4_lt, integer, splat(limit)));
  const inexact = e.hold(isAny(v2(SIMD.f32x4_ne, integer, scaled)));
  const result = v1(U ? SIMD.i32x4_trunc_sat_f32x4_u : SIMD.i32x4_trunc_sat_f32x4_s, integer);
  guarded(e, and(arePlain(a), fits), Q, d, result, () => recordInexact(e, inexact));
};

/** To nearest. */
const fromFixed: Staged = (e, operands) => {
  e.checkVfp();
  const [U, Q, d, m] = ['U', 'Q', 'd', 'm'].map((name) => number(operands, name)) as [number, number, number, number];
  const a = readTwice(e, Q, m);
  const converted = e.hold(v1(U ? SIMD.f32x4_convert_i32x4_u : SIMD.f32x4_convert_i32x4_s, a));
  const widened = U ? SIMD.f64x2_convert_low_i32x4_u : SIMD.f64x2_convert_low_i32x4_s;
  const differs = (part: (x: Value) => Value) => v2(SIMD.f64x2_ne, promote(part(converted)), v1(widened, part(a)));
  e.when(not32(and32(status(e), constant(IXC))), () =>
    recordInexact(
      e,
      e.hold(
        isAny(
          or128(
            differs((x) => x),
            differs(upper),
          ),
        ),
      ),
    ),
  );
  writeV(e, Q, d, v2(SIMD.f32x4_mul, converted, splat(2 ** -number(operands, 'fbits'))));
};

// Estimates: the eight upper bits of the fraction give nine of the result.

const exponent = (a: Value): Value => and(shift('shr_u', 2, a, 23), each(2, 0xff));
/** The bits of an estimate from 256 to 511 below its leading one, where a fraction has its upper ones. */
const toFraction = (estimate: Value): Value => {
  const integer = v1(SIMD.i32x4_trunc_sat_f32x4_u, v2(SIMD.f32x4_add, estimate, splat(0.5)));
  return shift('shl', 2, and(integer, each(2, 0xff)), 15);
};
const toNumber = (a: Value): Value => v1(SIMD.f32x4_convert_i32x4_u, a);
const quotient = (a: Value, b: Value): Value => v2(SIMD.f32x4_div, a, b);

const reciprocal: Quiet = (e, a) => {
  const middle = toNumber(binary('add', 2, and(shift('shr_u', 2, a, 14), each(2, 0x1fe)), each(2, 513)));
  const power = e.hold(exponent(a));
  const result = or128(
    or128(and(a, each(2, 0x80000000)), shift('shl', 2, binary('sub', 2, each(2, 253), power), 23)),
    toFraction(quotient(splat(262144), middle)),
  );
  return { result, ok: compares('lt_u', 2, binary('sub', 2, power, each(2, 1)), each(2, 252)) };
};

/** Of an odd exponent the fraction counts from a quarter to a half, else from there to 1. */
const reciprocalRoot: Quiet = (e, a) => {
  const middle = toNumber(binary('add', 2, and(shift('shr_u', 2, a, 15), each(2, 0xfe)), each(2, 257)));
  const power = e.hold(exponent(a));
  const odd = and(power, each(2, 1));
  const scale = toNumber(binary('add', 2, shift('shl', 2, odd, 9), each(2, 512)));
  const root = v2(SIMD.f32x4_mul, v1(SIMD.f32x4_sqrt, quotient(scale, middle)), splat(256));
  const result = or128(shift('shl', 2, shift('shr_u', 2, binary('sub', 2, each(2, 380), power), 1), 23), toFraction(root));
  const ordinary = compares('lt_u', 2, binary('sub', 2, shift('shr_u', 2, a, 23), each(2, 1)), each(2, 254));
  return { result, ok: ordinary };
};

export const QUIET: Readonly<Record<string, Staged>> = {
  VRECPE_f32: quiet(reciprocal, true),
  VRSQRTE_f32: quiet(reciprocalRoot, true),
  VMAX_f32: quiet(extreme(SIMD.f32x4_max)),
  VMIN_f32: quiet(extreme(SIMD.f32x4_min)),
  VPMAX_f32: extremeOfPairs(SIMD.f32x4_max),
  VPMIN_f32: extremeOfPairs(SIMD.f32x4_min),
  VABS_f32: single(({ a }) => absolute(a)),
  VNEG_f32: single(({ a }) => negated(a)),
  VCEQ_f32: quiet(comparing(SIMD.f32x4_eq)),
  VCGE_f32: quiet(comparing(SIMD.f32x4_ge)),
  VCGT_f32: quiet(comparing(SIMD.f32x4_gt)),
  VACGE: quiet(comparing(SIMD.f32x4_ge, magnitudes)),
  VACGT: quiet(comparing(SIMD.f32x4_gt, magnitudes)),
  VCEQ_zero_f32: quiet(comparing(SIMD.f32x4_eq), true),
  VCGE_zero_f32: quiet(comparing(SIMD.f32x4_ge), true),
  VCGT_zero_f32: quiet(comparing(SIMD.f32x4_gt), true),
  VCLE_zero_f32: quiet(comparing(SIMD.f32x4_le), true),
  VCLT_zero_f32: quiet(comparing(SIMD.f32x4_lt), true),
  VCVT_vector_to_integer: toFixed,
  VCVT_vector_to_fixed: toFixed,
  VCVT_vector_from_integer: fromFixed,
  VCVT_vector_from_fixed: fromFixed,
};
