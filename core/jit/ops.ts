/** The operations that staged instructions are written in; each makes a value and writes nothing. */
import type { Emitter } from './emitter.ts';
import { binary, constant, select, Value } from './value.ts';
import { I32, I64, OP } from './wasm.ts';

export { constant, not, select } from './value.ts';

/** The numbers of the registers in a list, from the lowest on. */
export function numbersIn(list: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < 16; i++) if (((list >> i) & 1) === 1) numbers.push(i);
  return numbers;
}

type Binary = (a: Value, b: Value) => Value;
const word =
  (op: number): Binary =>
  (a, b) =>
    binary(op, a, b);
const long =
  (op: number, type: typeof I32 | typeof I64): Binary =>
  (a, b) =>
    new Value(type, op, a, b);

export const add = word(OP.i32_add);
export const sub = word(OP.i32_sub);
export const and = word(OP.i32_and);
export const or = word(OP.i32_or);
export const xor = word(OP.i32_xor);
export const shl = word(OP.i32_shl);
export const sar = word(OP.i32_shr_s);
export const shr = word(OP.i32_shr_u);
export const eq = word(OP.i32_eq);
export const ne = word(OP.i32_ne);
export const ltS = word(OP.i32_lt_s);
export const gtS = word(OP.i32_gt_s);
export const leS = word(OP.i32_le_s);
export const geS = word(OP.i32_ge_s);
export const ltU = word(OP.i32_lt_u);
export const gtU = word(OP.i32_gt_u);
export const leU = word(OP.i32_le_u);
export const geU = word(OP.i32_ge_u);

// Exact integers, in 64 bits.

export const add64 = long(OP.i64_add, I64);
export const sub64 = long(OP.i64_sub, I64);
export const eq64 = long(OP.i64_eq, I32);
export const ne64 = long(OP.i64_ne, I32);
export const lt64 = long(OP.i64_lt_s, I32);
export const gt64 = long(OP.i64_gt_s, I32);
export const le64 = long(OP.i64_le_s, I32);
export const ge64 = long(OP.i64_ge_s, I32);
export const wide = (value: number): Value => new Value(I64, OP.i64_const, undefined, undefined, undefined, value);
export const extendSigned = (a: Value): Value => new Value(I64, OP.i64_extend_i32_s, a);
export const extendUnsigned = (a: Value): Value => new Value(I64, OP.i64_extend_i32_u, a);
export const wrap = (a: Value): Value => new Value(I32, OP.i32_wrap_i64, a);

// What core/cpu/intrinsics.ts has as functions.

export const multiply = (_: Emitter, x: Value, y: Value): Value => binary(OP.i32_mul, x, y);
const high = (product: Value): Value => wrap(new Value(I64, OP.i64_shr_u, product, wide(32)));
const product = long(OP.i64_mul, I64);
export const multiplyHighUnsigned = (_: Emitter, x: Value, y: Value): Value =>
  high(product(extendUnsigned(x), extendUnsigned(y)));
export const multiplyHighSigned = (_: Emitter, x: Value, y: Value): Value => high(product(extendSigned(x), extendSigned(y)));
export const countLeadingZeroBits = (_: Emitter, x: Value): Value => new Value(I32, OP.i32_clz, x);

/** Division by zero traps in WebAssembly, as it does for the one signed quotient that does not fit: in 64 bits only zero is left. */
function divide(e: Emitter, op: number, x: Value, y: Value): Value {
  const divisor = e.keep(y);
  const zero = new Value(I64, OP.i64_extend_i32_u, new Value(I32, OP.i64_eqz, divisor));
  const quotient = wrap(new Value(I64, op, x, new Value(I64, OP.i64_or, divisor, zero)));
  return select(new Value(I32, OP.i64_ne, divisor, wide(0)), quotient, constant(0));
}
export const divideSigned = (e: Emitter, x: Value, y: Value): Value => divide(e, OP.i64_div_s, extendSigned(x), extendSigned(y));
export const divideUnsigned = (e: Emitter, x: Value, y: Value): Value =>
  divide(e, OP.i64_div_u, extendUnsigned(x), extendUnsigned(y));
