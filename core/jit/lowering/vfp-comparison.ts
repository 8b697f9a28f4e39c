/** Conditions as comparisons of two numbers, where the flags are those of VCMP. Reference: Arm DDI 0406C, A2.7, A8.3. */
import { binary, inLocal, not, Value } from '../value.ts';
import { type F32, F64, I32, OP } from '../wasm.ts';

/** Locals whose comparison gives FPSCR's flags, which memory has too. */
export interface Compared {
  readonly type: typeof F32 | typeof F64;
  readonly x: number;
  readonly y: number;
}

/** Of single and of double precision. */
const FLOAT_OPS = {
  eq: [OP.f32_eq, OP.f64_eq],
  ne: [OP.f32_ne, OP.f64_ne],
  lt: [OP.f32_lt, OP.f64_lt],
  le: [OP.f32_le, OP.f64_le],
  ge: [OP.f32_ge, OP.f64_ge],
  gt: [OP.f32_gt, OP.f64_gt],
} as const;

/** Comparisons of what is no number are false, and so the conditions are as the manual has them. */
export function floatCondition({ type, x, y }: Compared, cond: number): Value {
  const compare = (op: readonly [number, number], a: number, b: number) =>
    new Value(I32, op[type === F64 ? 1 : 0], inLocal(type, a), inLocal(type, b));
  const of = [
    () => compare(FLOAT_OPS.eq, x, y),
    () => not(compare(FLOAT_OPS.lt, x, y)),
    () => compare(FLOAT_OPS.lt, x, y),
    () => binary(OP.i32_or, compare(FLOAT_OPS.ne, x, x), compare(FLOAT_OPS.ne, y, y)),
    () => not(compare(FLOAT_OPS.le, x, y)),
    () => compare(FLOAT_OPS.ge, x, y),
    () => compare(FLOAT_OPS.gt, x, y),
  ];
  const holds = of[cond >> 1]?.() as Value;
  return (cond & 1) === 0 ? holds : not(holds);
}
