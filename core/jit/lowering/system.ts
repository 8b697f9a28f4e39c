/**
 * System registers that translated code reads by itself; all others, and whatever may trap, are left to the interpreter.
 * Reference: Arm DDI 0406C, B8.1 (Generic Timer).
 */
import { SCRATCH_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, extendSigned, extendUnsigned, or, sub, sub64, wide, wrap } from '../ops.ts';
import { COUNTERS, OPEN } from '../published.ts';
import type { Staged } from '../translate.ts';
import { inLocal, Value } from '../value.ts';
import { I32, I64, OP } from '../wasm.ts';

const scratch = (e: Emitter, type: typeof I32 | typeof I64, at: number): Value => e.stateAt(type, SCRATCH_OFFSET + 4 * at);

/** CNTPCT or CNTVCT at the instruction in hand, which is counted already. */
function count(e: Emitter, virtual: boolean): Value {
  const left = sub(inLocal(I32, e.budget), constant(e.place.count + 1));
  const time = sub64(scratch(e, I64, COUNTERS.end), extendSigned(left));
  const scaled = new Value(I64, OP.i64_mul, time, extendUnsigned(scratch(e, I32, COUNTERS.numerator)));
  const ticks = new Value(I64, OP.i64_div_u, scaled, extendUnsigned(scratch(e, I32, COUNTERS.denominator)));
  return e.hold(virtual ? sub64(ticks, scratch(e, I64, COUNTERS.offset)) : ticks);
}

const MRRC: Staged = (e, { coproc, opc1, CRm, Rt, Rt2 }) => {
  if (coproc !== 15 || CRm !== 14 || (opc1 !== 0 && opc1 !== 1)) return e.fallback();
  const open = and(scratch(e, I32, COUNTERS.open), constant(opc1 === 0 ? OPEN.CNTPCT : OPEN.CNTVCT));
  e.when(
    open,
    () => {
      const ticks = count(e, opc1 === 1);
      e.setR(Rt as never, wrap(ticks));
      e.setR(Rt2 as never, wrap(new Value(I64, OP.i64_shr_u, ticks, wide(32))));
    },
    () => {
      e.setStateAt(I32, SCRATCH_OFFSET + 4 * COUNTERS.open, or(scratch(e, I32, COUNTERS.open), constant(OPEN.wanted)));
      e.fallback();
    },
  );
};

export const SYSTEM: Readonly<Record<string, Staged>> = { MRRC };
