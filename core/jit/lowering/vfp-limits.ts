/**
 * Which results of native arithmetic stand as they are: while the mode is the native one and Inexact is recorded, those whose exponent says
 * that they are numbers, and normal ones where less might be Underflow. One comparison with a word of `Cpu.scratch` tells; nothing is below
 * it in other modes. Reference: Arm DDI 0406C, A2.7.
 */
import { FAST_MASK, IXC, LEN, STRIDE } from '../../cpu/fp/fpscr.ts';
import { STATUS } from '../../cpu/fp/registers.ts';
import { type Cpu, SCRATCH_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, eq, sub } from '../ops.ts';
import { binary, select, Value } from '../value.ts';
import { F64, I32, I64, OP } from '../wasm.ts';
import { type Format, status } from './vfp-format.ts';

/** Numbers and normal numbers of single, then of double precision, from this place in `Cpu.scratch` on. */
const FIRST = 56;
const LIMITS = [0xff, 0xfd, 0x7ff, 0x7fd] as const;
const DOUBLE = 2;
const NORMAL = 1;
const FAST = FAST_MASK | LEN | STRIDE;

/** What translated code finds when it is entered. It may be behind FPSCR where that makes it slower only. */
export function publishLimits({ fp, scratch }: Cpu): void {
  const fast = ((fp.control[STATUS] as number) & FAST) === IXC;
  if ((scratch[FIRST] !== 0) === fast) return;
  for (const [i, limit] of LIMITS.entries()) scratch[FIRST + i] = fast ? limit : 0;
}

/** The same in translated code. */
export function updateLimits(e: Emitter): void {
  const fast = e.hold(eq(and(status(e), constant(FAST)), constant(IXC)));
  for (const [i, limit] of LIMITS.entries())
    e.setStateAt(I32, SCRATCH_OFFSET + 4 * (FIRST + i), select(fast, constant(limit), constant(0)));
}

/**
 * Whether a result, which is in a local, does not stand; `normal`: unless it is a normal number, else any number will do. The least normal
 * exponent is left out: such a result may have been less before it was rounded.
 */
export function isDoubtful(e: Emitter, { type }: Format, result: Value, normal: boolean): Value {
  const exponent = type === F64 ? exponent64(result) : exponent32(result);
  const limit = e.stateAt(I32, SCRATCH_OFFSET + 4 * (FIRST + (type === F64 ? DOUBLE : 0) + (normal ? NORMAL : 0)));
  return binary(OP.i32_ge_u, normal ? sub(exponent, constant(2)) : exponent, limit);
}

const exponent64 = (value: Value): Value => {
  const bits = new Value(I64, OP.i64_reinterpret_f64, value);
  const shift = new Value(I64, OP.i64_const, undefined, undefined, undefined, 52);
  return and(new Value(I32, OP.i32_wrap_i64, new Value(I64, OP.i64_shr_u, bits, shift)), constant(0x7ff));
};
const exponent32 = (value: Value): Value =>
  and(binary(OP.i32_shr_u, new Value(I32, OP.i32_reinterpret_f32, value), constant(23)), constant(0xff));
