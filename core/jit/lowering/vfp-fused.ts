/**
 * VFMA and its kin, as core/cpu/fp/fused.ts does them: the exact product and sum as unevaluated pairs, the small part rounded to odd.
 * Reference: Arm DDI 0406C, A2.7, A8.8; Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008.
 */
import { FZ, IXC } from '../../cpu/fp/fpscr.ts';
import { MAX_32, MIN_32 } from '../../cpu/fp/rounding-error.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, not, or } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { Value } from '../value.ts';
import { F32, F64, OP } from '../wasm.ts';
import {
  all,
  any,
  DOUBLE,
  type Format,
  field,
  isZero,
  magnitudeAbove,
  magnitudeAtMost,
  one,
  promote,
  SINGLE,
  status,
} from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';
import {
  differs,
  isModerate,
  isModerateOrZero,
  isNotZero,
  plus,
  productError,
  roundToOdd,
  sumError,
  times,
} from './vfp-rules.ts';

const negated = (format: Format, negate: boolean, value: Value): Value => (negate ? one(format, format.op.neg, value) : value);

/** A product with its error, and an addend: the sum, rounded once. `rest` is 0 if it is exact. */
function fusedSum(e: Emitter, product: Value, tail: Value, c: Value): { readonly result: Value; readonly rest: Value } {
  const low = e.hold(plus(c, tail));
  const lowTail = sumError(e, c, tail, low);
  const high = e.hold(plus(product, low));
  const highTail = sumError(e, product, low, high);
  const rest = e.hold(plus(highTail, lowTail));
  return { result: e.hold(plus(high, roundToOdd(e, rest, sumError(e, highTail, lowTail, rest)))), rest };
}

/** A zero product leaves an ordinary addend as it is. */
const double = (negateAddend: boolean, negateProduct: boolean) => (f: FunctionBody) => {
  const { e } = f;
  f.requireNative(FZ);
  const a = e.hold(negated(DOUBLE, negateProduct, f.read(F64, f.n)));
  const b = f.read(F64, f.m);
  const c = e.hold(negated(DOUBLE, negateAddend, f.read(F64, f.d)));
  const product = e.hold(times(a, b));
  const zero = any(isZero(DOUBLE, a), isZero(DOUBLE, b));
  f.require(all(isModerateOrZero(a), isModerateOrZero(b), isModerateOrZero(c), any(isModerate(product), zero)));
  const { result, rest } = fusedSum(e, product, productError(e, a, b, product), c);
  e.open(OP.block);
  const fine = e.depth;
  const recorded = and(status(e), constant(IXC));
  e.put(and(isModerate(result), or(not(isNotZero(rest)), new Value(recorded.type, OP.i32_ne, recorded, constant(0)))));
  e.brIf(fine);
  // Exactly zero, or the addend alone: then one addition is all.
  const sum = e.hold(plus(product, c));
  f.require(zero);
  f.write(F64, f.d, sum);
  e.put(constant(1));
  e.code.byte(OP.return);
  e.close();
  f.write(F64, f.d, result);
};

/** A single-precision product is exact in double precision. */
const single = (negateAddend: boolean, negateProduct: boolean) => (f: FunctionBody) => {
  const { e } = f;
  f.requireNative(FZ);
  const a = promote(negated(SINGLE, negateProduct, f.read(F32, f.n)));
  const product = e.hold(times(a, promote(f.read(F32, f.m))));
  const c = e.hold(promote(negated(SINGLE, negateAddend, f.read(F32, f.d))));
  const sum = e.hold(plus(product, c));
  const error = sumError(e, product, c, sum);
  const rounded = e.hold(new Value(F32, OP.f32_demote_f64, roundToOdd(e, sum, error)));
  f.require(and(magnitudeAbove(SINGLE, rounded, MIN_32), magnitudeAtMost(SINGLE, rounded, MAX_32)));
  f.record(or(isNotZero(error), differs(promote(rounded), sum)));
  f.write(F32, f.d, rounded);
};

function fused(negateAddend: boolean, negateProduct: boolean): Staged {
  const functions = [defineFunction(single(negateAddend, negateProduct)), defineFunction(double(negateAddend, negateProduct))];
  return (e, operands) => {
    const bytes = operands['sz'] ? 8 : 4;
    e.checkVfp();
    const [d, n, m] = [field(operands, 'd'), field(operands, 'n'), field(operands, 'm')];
    e.fp.forget(FP_OFFSET + bytes * d, bytes);
    callOr(e, functions[operands['sz'] ? 1 : 0] as number, pack(bytes * d, bytes * n, bytes * m));
    e.homes.refill(FP_OFFSET + bytes * d, bytes);
  };
}

export const FUSED: Readonly<Record<string, Staged>> = {
  VFMA: fused(false, false),
  VFMS: fused(false, true),
  VFNMA: fused(true, true),
  VFNMS: fused(true, false),
};
