/**
 * Arithmetic as WebAssembly's, which is IEEE's, rounded to nearest. That is all there is to do while the mode is the native one, Inexact is
 * already recorded and the result is ordinary; else a function looks for the exceptions. Reference: Arm DDI 0406C, A2.7, A8.8.
 */
import type { Emitter } from '../emitter.ts';
import { and, not, or } from '../ops.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { OP } from '../wasm.ts';
import { DOUBLE, type Format, field, formatOf, isZero, one, read, reread, SINGLE, two, write } from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';
import { isDoubtful } from './vfp-limits.ts';
import { addRule, divRule, mulRule, type Rule, sqrtRule } from './vfp-rules.ts';

/** A condition under which the result is not known to be the whole answer, unless another holds. */
interface Doubt {
  readonly condition: Value;
  readonly unless?: () => Value;
}
interface Computed {
  readonly result: Value;
  readonly doubts: readonly Doubt[];
}

type Operation = (e: Emitter, format: Format, a: Value, b: Value, d: Value) => Computed;
type Exact = (e: Emitter, format: Format, a: Value, b: Value, d: Value) => Rule & { readonly result: Value };

interface Arithmetic {
  readonly operation: Operation;
  readonly exact: Exact;
  /** Reads its destination, or only one operand. */
  readonly reads: 'nm' | 'm' | 'dnm';
}

const negated = (format: Format, negate: boolean, value: Value): Value => (negate ? one(format, format.op.neg, value) : value);

const isNoNumber = (e: Emitter, format: Format, result: Value): Doubt => ({ condition: isDoubtful(e, format, result, false) });

/** Underflow is none where an operand is zero. */
function isNotNormal(e: Emitter, format: Format, result: Value, ...operands: readonly Value[]): Doubt {
  const zero = (value: Value) => isZero(format, value);
  return {
    condition: isDoubtful(e, format, result, true),
    unless: () => and(and(zero(result), operands.map(zero).reduce(or)), not(isDoubtful(e, format, result, false))),
  };
}

function leaveIf(e: Emitter, { condition, unless }: Doubt, level: number): void {
  e.put(condition);
  e.expect(false);
  if (unless === undefined) return e.brIf(level);
  e.open(OP.if);
  e.put(not(unless()));
  e.brIf(level);
  e.close();
}

const sum = (name: 'add' | 'sub'): Arithmetic => ({
  reads: 'nm',
  operation(e, format, a, b) {
    const result = e.hold(two(format, format.op[name], a, b));
    return { result, doubts: [isNoNumber(e, format, result)] };
  },
  exact(e, format, a, b) {
    const addend = e.hold(negated(format, name === 'sub', b));
    const result = e.hold(two(format, format.op.add, a, addend));
    return { result, ...addRule(e, format, a, addend, result) };
  },
});

const product = (negate: boolean): Arithmetic => ({
  reads: 'nm',
  operation(e, format, a, b) {
    const result = e.hold(two(format, format.op.mul, a, b));
    return { result: negated(format, negate, result), doubts: [isNotNormal(e, format, result, a, b)] };
  },
  exact(e, format, a, b) {
    const result = e.hold(two(format, format.op.mul, a, b));
    return { result: negated(format, negate, result), ...mulRule(e, format, a, b, result) };
  },
});

const quotient: Arithmetic = {
  reads: 'nm',
  operation(e, format, a, b) {
    const result = e.hold(two(format, format.op.div, a, b));
    return { result, doubts: [isNotNormal(e, format, result, a)] };
  },
  exact(e, format, a, b) {
    const result = e.hold(two(format, format.op.div, a, b));
    return { result, ...divRule(e, format, a, b, result) };
  },
};

const root: Arithmetic = {
  reads: 'm',
  operation(e, format, _, b) {
    const result = e.hold(one(format, format.op.sqrt, b));
    return { result, doubts: [isNoNumber(e, format, result)] };
  },
  exact(e, format, _, b) {
    const result = e.hold(one(format, format.op.sqrt, b));
    return { result, ...sqrtRule(e, format, b, result) };
  },
};

/** VMLA and its kin: the product is rounded, then the sum. */
const chained = (negateAddend: boolean, negateProduct: boolean): Arithmetic => ({
  reads: 'dnm',
  operation(e, format, a, b, d) {
    const unsigned = e.hold(two(format, format.op.mul, a, b));
    const result = e.hold(two(format, format.op.add, negated(format, negateAddend, d), negated(format, negateProduct, unsigned)));
    return { result, doubts: [isNotNormal(e, format, unsigned, a, b), isNoNumber(e, format, result)] };
  },
  exact(e, format, a, b, d) {
    const unsigned = e.hold(two(format, format.op.mul, a, b));
    const first = mulRule(e, format, a, b, unsigned);
    const inexact = e.hold(first.inexact);
    const addend = e.hold(negated(format, negateAddend, d));
    const signed = e.hold(negated(format, negateProduct, unsigned));
    const result = e.hold(two(format, format.op.add, addend, signed));
    const second = addRule(e, format, addend, signed, result);
    return { result, ok: and(first.ok, second.ok), inexact: or(inexact, second.inexact) };
  },
});

/** The function for what the fast path does not know. */
function slowly({ exact, reads }: Arithmetic, format: Format) {
  return (f: FunctionBody): void => {
    const { type } = format;
    f.requireNative();
    const b = f.read(type, f.m);
    const a = reads === 'm' ? b : f.read(type, f.n);
    const { result, ok, inexact } = exact(f.e, format, a, b, reads === 'dnm' ? f.read(type, f.d) : b);
    f.require(ok);
    f.record(inexact);
    f.write(type, f.d, result);
  };
}

/** Natively if it is known to be right, else by the function. */
function lowered(arithmetic: Arithmetic): Staged {
  const single = defineFunction(slowly(arithmetic, SINGLE));
  const double = defineFunction(slowly(arithmetic, DOUBLE));
  return (e, operands) => {
    const format = formatOf(operands);
    const [d, m] = [field(operands, 'd'), field(operands, 'm')];
    const n = arithmetic.reads === 'm' ? m : field(operands, 'n');
    e.checkVfp();
    const b = read(e, format, m);
    const a = arithmetic.reads === 'm' || n === m ? b : read(e, format, n);
    const before = arithmetic.reads === 'dnm' ? read(e, format, d) : b;
    const { result, doubts } = arithmetic.operation(e, format, a, b, before);
    e.open(OP.block);
    const done = e.depth;
    e.open(OP.block);
    const doubtful = e.depth;
    for (const doubt of doubts) leaveIf(e, doubt, doubtful);
    write(e, format, d, result);
    e.br(done);
    e.close();
    const { bytes } = format;
    callOr(e, format === DOUBLE ? double : single, pack(bytes * d, bytes * n, bytes * m));
    reread(e, format, d);
    e.close();
  };
}

export const ARITHMETIC: Readonly<Record<string, Staged>> = {
  VADD: lowered(sum('add')),
  VSUB: lowered(sum('sub')),
  VMUL: lowered(product(false)),
  VNMUL: lowered(product(true)),
  VDIV: lowered(quotient),
  VSQRT: lowered(root),
  VMLA: lowered(chained(false, false)),
  VMLS: lowered(chained(false, true)),
  VNMLA: lowered(chained(true, true)),
  VNMLS: lowered(chained(true, false)),
};
