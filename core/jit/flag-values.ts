/** Flags as values: of the operands of an addition or subtraction. Reference: Arm DDI 0406C, A2.2.1 (AddWithCarry), A8.3. */
import { type ADDITION, type DIRECT, SUBTRACTION } from './flag-state.ts';
import { binary, constant, type Value } from './value.ts';
import { OP } from './wasm.ts';

/** What AddWithCarry() gives; carry and overflow are made if they are asked for. */
export interface Sum {
  readonly result: Value;
  readonly carry: FlagSource;
  readonly overflow: FlagSource;
}
/** A flag of an addition: which, and of what. */
export interface FlagSource {
  readonly kind: typeof ADDITION | typeof SUBTRACTION | typeof DIRECT;
  readonly x: Value;
  readonly y: Value;
  /** The flag itself. */
  readonly value: () => Value;
}

export const negative = (x: Value): Value => binary(OP.i32_lt_s, x, constant(0));

/** The conditions after a comparison, as comparisons of its operands. */
export const COMPARISON: { readonly [cond: number]: number } = {
  0: OP.i32_eq,
  1: OP.i32_ne,
  2: OP.i32_ge_u,
  3: OP.i32_lt_u,
  8: OP.i32_gt_u,
  9: OP.i32_le_u,
  10: OP.i32_ge_s,
  11: OP.i32_lt_s,
  12: OP.i32_gt_s,
  13: OP.i32_le_s,
};

/** What `word(~x)` was made of. */
export function complemented(value: Value): Value | undefined {
  if (value.isConstant) return constant(~value.constant);
  return value.op === OP.i32_xor && value.b?.isConstant && value.b.constant === -1 ? value.a : undefined;
}

export function carryOf(kind: number, x: Value, y: Value): Value {
  if (kind === SUBTRACTION) return binary(OP.i32_ge_u, x, y);
  return binary(OP.i32_lt_u, binary(OP.i32_add, x, y), x);
}

export function overflowOf(kind: number, x: Value, y: Value): Value {
  const result = binary(kind === SUBTRACTION ? OP.i32_sub : OP.i32_add, x, y);
  const other = kind === SUBTRACTION ? binary(OP.i32_xor, x, y) : binary(OP.i32_xor, y, result);
  return negative(binary(OP.i32_and, binary(OP.i32_xor, x, result), other));
}
