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
  type Answer,
  absolute,
  arePlain,
  isAbove,
  isAtMost,
  isZero,
  LARGE,
  MAX,
  MIN,
  negated,
  pairOf,
  promote,
  readTwice,
  splat,
  upper,
} from './neon-lanes.ts';
import { and, areAll, each, elements, isAny, number, or128, readSplat, v2, writeV, ZERO } from './neon-vector.ts';
import { status } from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';

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
  for (const doubt of [not32(and32(status(e), constant(IXC))), not32(areAll(2, ok))]) {
    e.put(doubt);
    e.expect(false);
    e.brIf(doubtful);
  }
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
};
