/**
 * Arithmetic as WebAssembly's, which is IEEE's, rounded to nearest. That is all there is to do while the mode is the native one, Inexact is
 * already recorded and the result is ordinary; else a function looks for the exceptions. Reference: Arm DDI 0406C, A2.7, A8.8.
 */
import type { Emitter } from '../emitter.ts';
import { and, not, or } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { Value } from '../value.ts';
import { OP } from '../wasm.ts';
import {
  bound,
  compare,
  DOUBLE,
  type Format,
  field,
  formatOf,
  magnitudeAbove,
  one,
  placeOf,
  read,
  SINGLE,
  two,
  write,
} from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';
import { addRule, divRule, mulRule, type Rule, sqrtRule } from './vfp-rules.ts';

/** What an instruction computes, and where that is the whole answer. */
interface Computed {
  readonly result: Value;
  /** What must be so. */
  readonly conditions: readonly Value[];
}

/** `most` is the greatest magnitude that is ordinary, and below all of them if the mode is not the native one. */
type Operation = (e: Emitter, format: Format, a: Value, b: Value, d: Value, most: Value) => Computed;
type Exact = (e: Emitter, format: Format, a: Value, b: Value, d: Value) => Rule & { readonly result: Value };

interface Arithmetic {
  readonly operation: Operation;
  readonly exact: Exact;
  /** Reads its destination, or only one operand. */
  readonly reads: 'nm' | 'm' | 'dnm';
}

const bounded = ({ op, type }: Format, result: Value, most: Value): Value =>
  compare(op.le, new Value(type, op.abs, result), most);
function ordinary(e: Emitter, { op, type, min }: Format, result: Value, most: Value): Value[] {
  const magnitude = e.hold(new Value(type, op.abs, result));
  const least = new Value(type, op.constant, undefined, undefined, undefined, min);
  return [compare(op.le, magnitude, most), compare(op.gt, magnitude, least)];
}
const negated = (format: Format, negate: boolean, value: Value): Value => (negate ? one(format, format.op.neg, value) : value);

const sum = (name: 'add' | 'sub'): Arithmetic => ({
  reads: 'nm',
  operation(e, format, a, b, _, most) {
    const result = e.hold(two(format, format.op[name], a, b));
    return { result, conditions: [bounded(format, result, most)] };
  },
  exact(e, format, a, b) {
    const addend = e.hold(negated(format, name === 'sub', b));
    const result = e.hold(two(format, format.op.add, a, addend));
    return { result, ...addRule(e, format, a, addend, result) };
  },
});

const product = (negate: boolean): Arithmetic => ({
  reads: 'nm',
  operation(e, format, a, b, _, most) {
    const result = e.hold(two(format, format.op.mul, a, b));
    return { result: negated(format, negate, result), conditions: ordinary(e, format, result, most) };
  },
  exact(e, format, a, b) {
    const result = e.hold(two(format, format.op.mul, a, b));
    return { result: negated(format, negate, result), ...mulRule(e, format, a, b, result) };
  },
});

const quotient: Arithmetic = {
  reads: 'nm',
  operation(e, format, a, b, _, most) {
    const result = e.hold(two(format, format.op.div, a, b));
    return { result, conditions: ordinary(e, format, result, most) };
  },
  exact(e, format, a, b) {
    const result = e.hold(two(format, format.op.div, a, b));
    return { result, ...divRule(e, format, a, b, result) };
  },
};

const root: Arithmetic = {
  reads: 'm',
  operation(e, format, _, b, __, most) {
    const result = e.hold(one(format, format.op.sqrt, b));
    return { result, conditions: [bounded(format, result, most)] };
  },
  exact(e, format, _, b) {
    const result = e.hold(one(format, format.op.sqrt, b));
    return { result, ...sqrtRule(e, format, b, result) };
  },
};

/** VMLA and its kin: the product is rounded, then the sum. */
const chained = (negateAddend: boolean, negateProduct: boolean): Arithmetic => ({
  reads: 'dnm',
  operation(e, format, a, b, d, most) {
    const unsigned = e.hold(two(format, format.op.mul, a, b));
    const result = e.hold(two(format, format.op.add, negated(format, negateAddend, d), negated(format, negateProduct, unsigned)));
    return { result, conditions: [magnitudeAbove(format, unsigned, format.min), bounded(format, result, most)] };
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
    const { result, conditions } = arithmetic.operation(e, format, a, b, before, bound(e, format));
    e.open(OP.block);
    const done = e.depth;
    e.open(OP.block);
    const doubtful = e.depth;
    for (const condition of conditions) {
      e.put(not(condition));
      e.brIf(doubtful);
    }
    write(e, format, d, result);
    e.br(done);
    e.close();
    const { bytes, type } = format;
    callOr(e, format === DOUBLE ? double : single, pack(bytes * d, bytes * n, bytes * m));
    e.put(e.stateAt(type, placeOf(format, d)));
    e.fp.set(type, placeOf(format, d));
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
