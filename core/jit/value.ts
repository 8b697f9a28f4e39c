/**
 * What the translator computes with: trees of WebAssembly operations that are not yet written. A value that is used more than once is kept in
 * a local when it is first written.
 */
import { I32, OP, type ValueType } from './wasm.ts';

export class Value {
  readonly type: ValueType;
  /** The opcode that makes it from its operands; of a constant or a local, the one that pushes it. */
  readonly op: number;
  readonly a: Value | undefined;
  readonly b: Value | undefined;
  readonly c: Value | undefined;
  /** Of a constant, its value. */
  readonly constant: number;
  /** What follows the opcode of a vector's operation: lanes, or the bytes of a constant. */
  immediate: readonly number[] | undefined = undefined;
  /** The local that holds it, or -1 while none does. */
  local = -1;
  /** Goes to a local when first written, because more uses follow. */
  kept = false;
  /** Has been written, and no use follows unless it is kept. */
  spent = false;

  constructor(type: ValueType, op: number, a?: Value, b?: Value, c?: Value, constant = 0) {
    this.type = type;
    this.op = op;
    this.a = a;
    this.b = b;
    this.c = c;
    this.constant = constant;
  }

  get isConstant(): boolean {
    return this.op === OP.i32_const;
  }
}

export const constant = (value: number): Value => new Value(I32, OP.i32_const, undefined, undefined, undefined, value | 0);

/** A vector's operation with its immediate bytes. */
export function withImmediate(value: Value, immediate: readonly number[]): Value {
  value.immediate = immediate;
  return value;
}

/** What is in a local; the translator sees to it that the local keeps it. */
export function inLocal(type: ValueType, local: number): Value {
  const value = new Value(type, OP.local_get);
  value.local = local;
  return value;
}

const unsigned = (x: number): number => x >>> 0;
const truth = (x: boolean): number => (x ? 1 : 0);

/** Operations on words whose result is known when both operands are. */
const FOLD: { readonly [op: number]: (a: number, b: number) => number } = {
  [OP.i32_add]: (a, b) => a + b,
  [OP.i32_sub]: (a, b) => a - b,
  [OP.i32_mul]: Math.imul,
  [OP.i32_and]: (a, b) => a & b,
  [OP.i32_or]: (a, b) => a | b,
  [OP.i32_xor]: (a, b) => a ^ b,
  [OP.i32_shl]: (a, b) => a << b,
  [OP.i32_shr_s]: (a, b) => a >> b,
  [OP.i32_shr_u]: (a, b) => a >>> b,
  [OP.i32_eq]: (a, b) => truth(a === b),
  [OP.i32_ne]: (a, b) => truth(a !== b),
  [OP.i32_lt_s]: (a, b) => truth(a < b),
  [OP.i32_lt_u]: (a, b) => truth(unsigned(a) < unsigned(b)),
  [OP.i32_gt_s]: (a, b) => truth(a > b),
  [OP.i32_gt_u]: (a, b) => truth(unsigned(a) > unsigned(b)),
  [OP.i32_le_s]: (a, b) => truth(a <= b),
  [OP.i32_le_u]: (a, b) => truth(unsigned(a) <= unsigned(b)),
  [OP.i32_ge_s]: (a, b) => truth(a >= b),
  [OP.i32_ge_u]: (a, b) => truth(unsigned(a) >= unsigned(b)),
};

/** Those for which 0 on the right changes nothing. */
const NEUTRAL: readonly number[] = [OP.i32_add, OP.i32_sub, OP.i32_or, OP.i32_xor, OP.i32_shl, OP.i32_shr_s, OP.i32_shr_u];

/** An operation on two words. */
export function binary(op: number, a: Value, b: Value): Value {
  const fold = FOLD[op];
  if (fold !== undefined && b.isConstant) {
    if (a.isConstant) return constant(fold(a.constant, b.constant));
    if (b.constant === 0 && NEUTRAL.includes(op)) return a;
  }
  return new Value(I32, op, a, b);
}

/** Whether a condition does not hold. */
export const not = (a: Value): Value => (a.isConstant ? constant(truth(a.constant === 0)) : new Value(I32, OP.i32_eqz, a));

/** One of two values. */
export function select(condition: Value, a: Value, b: Value): Value {
  if (condition.isConstant) return condition.constant !== 0 ? a : b;
  return new Value(a.type, OP.select, a, b, condition);
}
