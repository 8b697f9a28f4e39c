/**
 * Single-precision vectors under StandardFPSCRValue(): rounded to nearest, flushed to zero, default NaNs. WebAssembly's operations are those
 * as long as no lane is tiny, NaN or beyond the greatest; the rules are those of core/cpu/simd/float.ts. Reference: Arm DDI 0406C, A2.7, A7.4.
 */
import { IXC } from '../../cpu/fp/fpscr.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and as and32, constant, not as not32, or as or32 } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { inLocal, Value } from '../value.ts';
import { OP, SIMD, V128 } from '../wasm.ts';
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
  readQ,
  readSplat,
  shift,
  shuffle,
  single,
  v1,
  v2,
  writeV,
  xor,
  ZERO,
} from './neon-vector.ts';
import { recordInexact } from './vfp-convert.ts';
import { fallBack, status } from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';

const numbers = new Float32Array(1);
/** A number in each lane. */
function splat(value: number): Value {
  numbers[0] = value;
  return each(2, new Uint32Array(numbers.buffer)[0] as number);
}
const MIN = 2 ** -126;
const MAX = (2 - 2 ** -23) * 2 ** 127;
/** Sums of numbers below it have an error that is a number. */
const LARGE = 2 ** 100;

const absolute = (a: Value): Value => and(a, each(2, 0x7fffffff));
const negated = (a: Value): Value => xor(a, each(2, 0x80000000));
const isZero = (a: Value): Value => v2(SIMD.f32x4_eq, a, ZERO());
const isAtMost = (a: Value, bound: number): Value => v2(SIMD.f32x4_le, absolute(a), splat(bound));
const isAbove = (a: Value, bound: number): Value => v2(SIMD.f32x4_gt, absolute(a), splat(bound));
const isNumber = (a: Value): Value => v2(SIMD.f32x4_eq, a, a);

/** No lane of several vectors is subnormal: twice the magnitude, less one, is great for zero too. */
function arePlain(...vectors: readonly Value[]): Value {
  const magnitudes = vectors.map((a) => binary('sub', 2, shift('shl', 2, a, 1), each(2, 1)));
  return compares(
    'ge_u',
    2,
    magnitudes.reduce((a, b) => binary('min_u', 2, a, b)),
    each(2, 0x00ffffff),
  );
}

interface Answer {
  readonly result: Value;
  /** Lanes of ones where that is the whole answer. */
  readonly ok: Value;
}
interface Given {
  readonly e: Emitter;
  readonly a: Value;
  readonly b: Value;
  readonly c: Value;
}
interface Arithmetic {
  readonly operation: (given: Given) => Answer;
  /** Whether any lane is inexact, and more that has to be so for that to be known. */
  readonly inexact: (given: Given) => { readonly inexact: Value; readonly ok: Value };
  readonly accumulates: boolean;
}

function sum(e: Emitter, a: Value, b: Value): Answer {
  const result = e.hold(v2(SIMD.f32x4_add, a, b));
  return { result, ok: and(arePlain(a, b, result), isAtMost(result, MAX)) };
}

/** Only the product of zero may be zero. */
function product(e: Emitter, a: Value, b: Value): Answer {
  const result = e.hold(v2(SIMD.f32x4_mul, a, b));
  const whole = or128(isAbove(result, MIN), or128(isZero(a), isZero(b)));
  return { result, ok: and(and(arePlain(a, b), isAtMost(result, MAX)), whole) };
}

function sumError(e: Emitter, a: Value, b: Value): { readonly inexact: Value; readonly ok: Value } {
  const result = e.hold(v2(SIMD.f32x4_add, a, b));
  const right = e.hold(v2(SIMD.f32x4_sub, result, a));
  const left = v2(SIMD.f32x4_sub, a, v2(SIMD.f32x4_sub, result, right));
  const error = v2(SIMD.f32x4_add, left, v2(SIMD.f32x4_sub, b, right));
  return { inexact: isAny(v2(SIMD.f32x4_ne, error, ZERO())), ok: and(isAtMost(a, LARGE), isAtMost(b, LARGE)) };
}

const upper = (a: Value): Value => shuffle(a, a, (i) => (i + 8) & 15);
const promote = (a: Value): Value => v1(SIMD.f64x2_promote_low_f32x4, a);

/** In double precision products are exact. */
function productInexact(e: Emitter, a: Value, b: Value): Value {
  const result = e.hold(v2(SIMD.f32x4_mul, a, b));
  const half = (part: (x: Value) => Value) =>
    v2(SIMD.f64x2_ne, promote(part(result)), v2(SIMD.f64x2_mul, promote(part(a)), promote(part(b))));
  return isAny(
    or128(
      half((x) => x),
      half(upper),
    ),
  );
}

const adding = (negate: boolean, after: (x: Value) => Value = (x) => x): Arithmetic => {
  const second = ({ e, b }: Given) => (negate ? e.hold(negated(b)) : b);
  return {
    accumulates: false,
    operation(given) {
      const { result, ok } = sum(given.e, given.a, second(given));
      return { result: after(result), ok };
    },
    inexact: (given) => sumError(given.e, given.a, second(given)),
  };
};

const multiplying: Arithmetic = {
  accumulates: false,
  operation: ({ e, a, b }) => product(e, a, b),
  inexact: ({ e, a, b }) => ({ inexact: productInexact(e, a, b), ok: each(2, -1) }),
};

/** The product is rounded, then the sum. */
const chained = (start: (given: Given) => Value, negate: boolean, after: (x: Value) => Value = (x) => x): Arithmetic => {
  const term = ({ e, a, b }: Given) => {
    const { result, ok } = product(e, a, b);
    return { value: negate ? e.hold(negated(result)) : result, ok };
  };
  return {
    accumulates: true,
    operation(given) {
      const { value, ok } = term(given);
      const total = sum(given.e, start(given), value);
      return { result: after(total.result), ok: and(ok, total.ok) };
    },
    inexact(given) {
      const { e, a, b } = given;
      const second = sumError(e, start(given), term(given).value);
      return { inexact: or32(productInexact(e, a, b), second.inexact), ok: second.ok };
    },
  };
};

/** FPRecipStep() and FPRSqrtStep(): product and result must be ordinary, the latter after it is halved. */
const stepping = (start: number, halve: boolean): Arithmetic => {
  const half = (x: Value) => (halve ? v2(SIMD.f32x4_mul, x, splat(0.5)) : x);
  const chain = chained(() => splat(start), true, half);
  return {
    ...chain,
    accumulates: false,
    operation(given) {
      const { e, a, b } = given;
      const { result, ok } = chain.operation(given);
      const held = e.hold(result);
      const ordinary = and(isAbove(held, MIN), isAbove(v2(SIMD.f32x4_mul, a, b), MIN));
      return { result: held, ok: and(ok, ordinary) };
    },
    inexact(given) {
      const { e, a, b } = given;
      const value = e.hold(negated(v2(SIMD.f32x4_mul, a, b)));
      const second = sumError(e, e.hold(splat(start)), value);
      return { inexact: or32(productInexact(e, a, b), second.inexact), ok: second.ok };
    },
  };
};

// How operands come

const QUADWORD = 1;
const SCALAR = 2;

/** A doubleword is there twice, so that its upper half is as ordinary as the lower one. */
const readTwice = (e: Emitter, Q: number, d: number): Value => (Q ? readQ(e, d) : readSplat(e, 3, d, 0));

function loadBy(e: Emitter, op: number, at: Value): Value {
  const local = e.temporary(V128);
  e.put(at);
  e.memory(op, 0, FP_OFFSET);
  e.setLocal(local);
  return inLocal(V128, local);
}

/** The function for what is not yet known to be inexact. */
function slowly({ operation, inexact }: Arithmetic) {
  return (f: FunctionBody): void => {
    const { e } = f;
    const quadword = e.hold(and32(f.more, constant(QUADWORD)));
    const either = (bit: Value, yes: Value, no: Value) => e.hold(new Value(V128, OP.select, yes, no, bit));
    const read = (at: Value) => either(quadword, loadBy(e, SIMD.load, at), loadBy(e, SIMD.load64_splat, at));
    const scalar = e.hold(and32(f.more, constant(SCALAR)));
    const b = either(scalar, loadBy(e, SIMD.load32_splat, f.m), read(f.m));
    const given = { e, a: read(f.n), b, c: read(f.d) };
    const { result, ok } = operation(given);
    const held = e.hold(result);
    f.require(areAll(2, ok));
    const found = inexact(given);
    const flag = e.hold(found.inexact);
    f.require(areAll(2, found.ok));
    f.record(flag);
    e.when(
      quadword,
      () => e.storeAt(V128, f.d, FP_OFFSET, held),
      () => {
        e.put(f.d);
        e.put(held);
        e.memory(SIMD.store64_lane, 0, FP_OFFSET);
        e.code.byte(0);
      },
    );
  };
}

/** Natively if Inexact is recorded and no lane is special; else by a function, or the interpreter. */
function finish(e: Emitter, { result, ok }: Answer, Q: number, d: number, otherwise: () => void): void {
  const held = e.hold(result);
  e.open(OP.block);
  const done = e.depth;
  e.open(OP.block);
  const doubtful = e.depth;
  e.put(not32(and32(status(e), constant(IXC))));
  e.brIf(doubtful);
  e.put(not32(areAll(2, ok)));
  e.brIf(doubtful);
  writeV(e, Q, d, held);
  e.br(done);
  e.close();
  otherwise();
  if (Q) {
    e.put(e.stateAt(V128, FP_OFFSET + 8 * d));
    e.fp.set(V128, FP_OFFSET + 8 * d);
  }
  e.close();
}

interface Lowered {
  readonly vectors: Staged;
  readonly scalar: Staged;
  readonly pairs: Staged;
}

function lowered(arithmetic: Arithmetic): Lowered {
  const slow = defineFunction(slowly(arithmetic));
  const write =
    (scalar: boolean): Staged =>
    (e, operands) => {
      e.checkVfp();
      const [Q, d, n, m, x] = ['Q', 'd', 'n', 'm', 'x'].map((name) => number(operands, name)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const a = readTwice(e, Q, n);
      const b = scalar ? readSplat(e, 2, m, x) : n === m ? a : readTwice(e, Q, m);
      const c = arithmetic.accumulates ? readTwice(e, Q, d) : a;
      const more = (Q ? QUADWORD : 0) | (scalar ? SCALAR : 0);
      finish(e, arithmetic.operation({ e, a, b, c }), Q, d, () =>
        callOr(e, slow, pack(8 * d, 8 * n, 8 * m + (scalar ? 4 * x : 0), more)),
      );
    };
  return { vectors: write(false), scalar: write(true), pairs: pairwise(arithmetic) };
}

/** Pairs of neighbours of n, then of m. */
const pairwise =
  (arithmetic: Pick<Arithmetic, 'operation'>): Staged =>
  (e, operands) => {
    e.checkVfp();
    const both = pairOf(e, number(operands, 'n'), number(operands, 'm'));
    const [a, b] = [e.hold(elements(0, 2, both, both)), e.hold(elements(1, 2, both, both))];
    finish(e, arithmetic.operation({ e, a, b, c: a }), 0, number(operands, 'd'), () => e.fallback());
  };
function pairOf(e: Emitter, n: number, m: number): Value {
  const [x, y] = [readSplat(e, 3, n, 0), readSplat(e, 3, m, 0)];
  return e.hold(shuffle(x, y, (i) => (i < 8 ? i : 8 + i)));
}

// What raises nothing

/** Writes it if a condition holds in all lanes. */
function guarded(e: Emitter, ok: Value, Q: number, d: number, result: Value, more: () => void = () => {}): void {
  const held = e.hold(result);
  e.when(
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

const add = lowered(adding(false));
const multiply = lowered(multiplying);
const multiplyAdd = lowered(chained(({ c }) => c, false));
const multiplySubtract = lowered(chained(({ c }) => c, true));

export const FLOAT: Readonly<Record<string, Staged>> = {
  VADD_f32: add.vectors,
  VSUB_f32: lowered(adding(true)).vectors,
  VABD_f32: lowered(adding(true, absolute)).vectors,
  VPADD_f32: add.pairs,
  VMUL_f32: multiply.vectors,
  VMUL_scalar_f32: multiply.scalar,
  VMLA_f32: multiplyAdd.vectors,
  VMLA_scalar_f32: multiplyAdd.scalar,
  VMLS_f32: multiplySubtract.vectors,
  VMLS_scalar_f32: multiplySubtract.scalar,
  VRECPS: lowered(stepping(2, false)).vectors,
  VRSQRTS: lowered(stepping(3, true)).vectors,
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
