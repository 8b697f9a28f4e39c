/** Conversions. Where the result is inexact, Inexact is recorded; NaNs, results that do not fit and other rounding modes are the interpreter's. */
import { FZ, IXC, RMODE } from '../../cpu/fp/fpscr.ts';
import { MAX_32, MIN_32 } from '../../cpu/fp/rounding-error.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, eq, not, or, sar, shl } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { Value } from '../value.ts';
import { F32, F64, I32, OP } from '../wasm.ts';
import {
  all,
  any,
  compare,
  DOUBLE,
  type Format,
  fallBack,
  isZero,
  literal,
  magnitudeAbove,
  magnitudeAtLeast,
  magnitudeAtMost,
  placeOf,
  promote,
  read,
  SINGLE,
  STATUS_OFFSET,
  status,
  write,
} from './vfp-format.ts';
import { differs, times } from './vfp-rules.ts';

/** Does it if a condition holds, else leaves it to the interpreter without leaving the region. */
const guarded = (e: Emitter, condition: Value, format: Format, d: number, then: () => void): void =>
  e.usually(condition, then, () => fallBack(e, placeOf(format, d), format.bytes));

/** Records Inexact, which is rarely new. */
export function recordInexact(e: Emitter, inexact: Value): void {
  e.when(and(inexact, not(and(status(e), constant(IXC)))), () => e.setStateAt(I32, STATUS_OFFSET, or(status(e), constant(IXC))));
}

const without = (e: Emitter, bits: number): Value => not(and(status(e), constant(bits)));

interface Fixed {
  readonly double: boolean;
  readonly m: number;
  readonly bits: number;
  readonly fraction: number;
  readonly signed: boolean;
  readonly towardsZero: boolean;
}

/** FPToFixed() of what fits. A tiny operand that flush-to-zero replaces is no integer. */
function toFixed(
  e: Emitter,
  { double, m, bits, fraction, signed, towardsZero }: Fixed,
  to: Format,
  d: number,
  put: (integer: Value) => void,
): void {
  e.checkVfp();
  const value = double ? read(e, DOUBLE, m) : promote(read(e, SINGLE, m));
  const scaled = e.hold(fraction === 0 ? value : times(value, literal(DOUBLE, 2 ** fraction)));
  const integer = e.hold(new Value(F64, towardsZero ? OP.f64_trunc : OP.f64_nearest, scaled));
  const limit = 2 ** (signed ? bits - 1 : bits);
  const fits = and(
    compare(OP.f64_ge, integer, literal(DOUBLE, signed ? -limit : 0)),
    compare(OP.f64_lt, integer, literal(DOUBLE, limit)),
  );
  const inexact = e.hold(differs(integer, scaled));
  const native = towardsZero ? without(e, FZ) : without(e, FZ | RMODE);
  guarded(e, and(fits, towardsZero ? or(not(inexact), native) : native), to, d, () => {
    put(new Value(I32, signed ? OP.i32_trunc_f64_s : OP.i32_trunc_f64_u, integer));
    recordInexact(e, inexact);
  });
}

/** `S` for a signed integer. */
const VCVT_to_integer: Staged = (e, { sz, S, op, d, m }) => {
  const fixed = { double: !!sz, m: m as number, bits: 32, fraction: 0, signed: !!S, towardsZero: !!op };
  toFixed(e, fixed, SINGLE, d as number, (integer) => e.setFpWord(d as never, integer));
};

/** The register is operand and result; `U` for an unsigned integer. */
const VCVT_to_fixed: Staged = (e, { sz, sx, U, d, fbits }) => {
  const [register, bits] = [d as number, sx ? 32 : 16];
  const fixed = { double: !!sz, m: register, bits, fraction: fbits as number, signed: !U, towardsZero: true };
  toFixed(e, fixed, sz ? DOUBLE : SINGLE, register, (integer) => {
    if (!sz) return e.setFpWord(d as never, integer);
    const low = e.hold(integer);
    e.setFpWord((2 * register) as never, low);
    e.setFpWord((2 * register + 1) as never, U ? constant(0) : new Value(I32, OP.i32_shr_s, low, constant(31)));
  });
};

const toDouble = (integer: Value, signed: boolean): Value =>
  new Value(F64, signed ? OP.f64_convert_i32_s : OP.f64_convert_i32_u, integer);

/** FixedToFP() of a number that double precision holds exactly. */
function toSingle(e: Emitter, d: number, exact: Value, always: boolean): void {
  const value = e.hold(exact);
  const rounded = e.hold(new Value(F32, OP.f32_demote_f64, value));
  const inexact = e.hold(differs(promote(rounded), value));
  const put = () => {
    write(e, SINGLE, d, rounded);
    recordInexact(e, inexact);
  };
  if (always) put();
  else guarded(e, or(not(inexact), without(e, RMODE)), SINGLE, d, put);
}

const VCVT_from_integer: Staged = (e, { sz, S, d, m }) => {
  e.checkVfp();
  const value = toDouble(e.fpWord(m as never), !!S);
  if (sz) write(e, DOUBLE, d as number, value);
  else toSingle(e, d as number, value, false);
};

/** Always to nearest. */
const VCVT_from_fixed: Staged = (e, { sz, sx, U, d, fbits }) => {
  const register = d as number;
  e.checkVfp();
  const whole = e.fpWord((sz ? 2 * register : register) as never);
  const word = sx ? whole : U ? and(whole, constant(0xffff)) : sar(shl(whole, constant(16)), constant(16));
  const value = times(toDouble(word, !U), literal(DOUBLE, 2 ** -(fbits as number)));
  if (sz) write(e, DOUBLE, register, value);
  else toSingle(e, register, value, true);
};

const VCVT_precision: Staged = (e, { sz, d, m }) => {
  e.checkVfp();
  if (!sz) {
    const value = read(e, SINGLE, m as number);
    const plain = any(magnitudeAtLeast(SINGLE, value, MIN_32), isZero(SINGLE, value), without(e, FZ));
    guarded(e, and(magnitudeAtMost(SINGLE, value, MAX_32), plain), DOUBLE, d as number, () =>
      write(e, DOUBLE, d as number, promote(value)),
    );
    return;
  }
  const value = read(e, DOUBLE, m as number);
  const rounded = e.hold(new Value(F32, OP.f32_demote_f64, value));
  const inRange = any(magnitudeAbove(SINGLE, rounded, MIN_32), isZero(DOUBLE, value));
  guarded(
    e,
    all(magnitudeAtMost(SINGLE, rounded, MAX_32), inRange, eq(and(status(e), constant(RMODE)), constant(0))),
    SINGLE,
    d as number,
    () => {
      const inexact = e.hold(differs(promote(rounded), value));
      write(e, SINGLE, d as number, rounded);
      recordInexact(e, inexact);
    },
  );
};

export const CONVERSIONS: Readonly<Record<string, Staged>> = {
  VCVT_from_integer,
  VCVT_to_integer,
  VCVT_from_fixed,
  VCVT_to_fixed,
  VCVT_precision,
};
