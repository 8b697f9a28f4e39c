/**
 * Which results of native arithmetic stand as they are: while the mode is the native one and Inexact is recorded, those whose exponent says
 * that they are numbers, and normal ones where less might be Underflow. One comparison with a word of `Cpu.scratch` tells; nothing is below
 * it in other modes. Compared is the word that begins with the exponent: the sign is shifted out. Reference: Arm DDI 0406C, A2.7.
 */
import { FAST_MASK, IXC, LEN, STRIDE } from '../../cpu/fp/fpscr.ts';
import { STATUS } from '../../cpu/fp/registers.ts';
import { type Cpu, SCRATCH_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, eq, shl, sub, wide, wrap } from '../ops.ts';
import { binary, select, Value } from '../value.ts';
import { F64, I32, I64, OP } from '../wasm.ts';
import { type Format, status } from './vfp-format.ts';

/** Numbers and normal numbers of single, then of double precision, from this place in `Cpu.scratch` on. */
const FIRST = 56;
const [FRACTION_32, FRACTION_64] = [24, 21] as const;
const LIMITS = [0xff << FRACTION_32, 0xfd << FRACTION_32, 0x7ff << FRACTION_64, 0x7fd << FRACTION_64] as const;
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
  const [word, two, first] = type === F64 ? [word64(result), 2 << FRACTION_64, DOUBLE] : [word32(result), 2 << FRACTION_32, 0];
  const limit = e.stateAt(I32, SCRATCH_OFFSET + 4 * (FIRST + first + (normal ? NORMAL : 0)));
  return binary(OP.i32_ge_u, normal ? sub(word, constant(two)) : word, limit);
}

const word64 = (value: Value): Value => {
  const bits = new Value(I64, OP.i64_reinterpret_f64, value);
  return wrap(new Value(I64, OP.i64_shr_u, bits, wide(31)));
};
const word32 = (value: Value): Value => shl(new Value(I32, OP.i32_reinterpret_f32, value), constant(1));
