/** Floating point: comparisons, moves and system registers, and the table of all that is lowered. Reference: Arm DDI 0406C, A2.7, A8.8. */
import { FPSCR_MASK, FZ, LEN, NZCV, STRIDE } from '../../cpu/fp/fpscr.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, not, or, select } from '../ops.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { F64, I32 } from '../wasm.ts';
import { ARITHMETIC } from './vfp-arithmetic.ts';
import type { Compared } from './vfp-comparison.ts';
import { CONVERSIONS } from './vfp-convert.ts';
import {
  compare,
  DOUBLE,
  FLAGS_OFFSET,
  type Format,
  field,
  formatOf,
  literal,
  one,
  read,
  SINGLE,
  STATUS_OFFSET,
  status,
  write,
} from './vfp-format.ts';
import { callOr, defineFunction, type FunctionBody, pack } from './vfp-functions.ts';
import { FUSED } from './vfp-fused.ts';
import { updateLimits } from './vfp-limits.ts';
import { isPlain } from './vfp-rules.ts';

/** Short vectors, which Cortex-A15 lacks, make data processing UNDEFINED. */
const checkScalar = (e: Emitter): void => {
  e.checkVfp();
  e.leaveIf(and(status(e), constant(LEN | STRIDE)));
};

/** The sign bit changes, whatever the rest is: WebAssembly's operations on it and its transfers leave a NaN's bits alone too. */
const signBit =
  (op: 'neg' | 'abs' | 'move'): Staged =>
  (e, { sz, d, m }) => {
    checkScalar(e);
    const format = sz ? DOUBLE : SINGLE;
    const value = read(e, format, m as number);
    write(e, format, d as number, op === 'move' ? value : one(format, format.op[op], value));
  };

const VMOV_imm: Staged = (e, { sz, d, imm }) => {
  checkScalar(e);
  const word = (sz ? 2 : 1) * (d as number);
  if (sz) e.setFpWord(word as never, constant(0));
  e.setFpWord((sz ? word + 1 : word) as never, constant(imm as number));
};

/** N, Z, C and V as a comparison sets them. */
const [LESS, EQUAL, GREATER] = [0x8000_0000, 0x6000_0000, 0x2000_0000];

const setFlags = (e: Emitter, format: Format, a: Value, b: Value): void =>
  e.setStateAt(
    I32,
    FLAGS_OFFSET,
    select(compare(format.op.lt, a, b), constant(LESS), select(compare(format.op.eq, a, b), constant(EQUAL), constant(GREATER))),
  );
const isOrdered = (format: Format, a: Value, b: Value): Value => or(compare(format.op.le, a, b), compare(format.op.ge, a, b));

/** In flush-to-zero mode; `more` is 1 for a comparison with zero. */
const flushing = (format: Format) => (f: FunctionBody) => {
  const { e } = f;
  const a = f.read(format.type, f.d);
  const b = e.hold(select(f.more, literal(format, 0), f.read(format.type, f.m)));
  f.require(and(isOrdered(format, a, b), and(isPlain(format, a), isPlain(format, b))));
  setFlags(e, format, a, b);
};
const FLUSHING = [defineFunction(flushing(SINGLE)), defineFunction(flushing(DOUBLE))];

/** Two numbers of which the comparison gives the flags that are in memory. */
function alike(e: Emitter, format: Format, { x, y }: Compared): void {
  const flags = e.stateAt(I32, FLAGS_OFFSET);
  const is = (bit: number, yes: number, no: Value) => select(and(flags, constant(1 << bit)), literal(format, yes), no);
  e.put(is(30, 0, is(31, -1, is(28, Number.NaN, literal(format, 1)))));
  e.setLocal(x);
  e.put(literal(format, 0));
  e.setLocal(y);
}

const compares =
  (withZero: boolean): Staged =>
  (e, operands) => {
    const format = formatOf(operands);
    const { type, bytes } = format;
    const [d, m] = [field(operands, 'd'), withZero ? 0 : field(operands, 'm')];
    e.checkVfp();
    const a = read(e, format, d);
    const b = withZero ? literal(format, 0) : read(e, format, m);
    const native = not(and(status(e), constant(FZ)));
    e.flags.keepCompared();
    const compared = e.comparison(type);
    e.put(a);
    e.setLocal(compared.x);
    e.put(b);
    e.setLocal(compared.y);
    e.usually(
      and(isOrdered(format, a, b), native),
      () => setFlags(e, format, a, b),
      () => {
        callOr(e, FLUSHING[type === F64 ? 1 : 0] as number, pack(bytes * d, 0, bytes * m, withZero ? 1 : 0));
        alike(e, format, compared);
      },
    );
    e.compared = compared;
  };

const FPSCR = 1;

/** FPSCR to a core register, or its flags to APSR; all else of VMRS is the interpreter's. */
const VMRS: Staged = (e, { reg, Rt }) => {
  if (reg !== FPSCR) return e.fallback();
  e.checkVfp();
  const flags = Rt === 15 && e.compared !== undefined ? constant(0) : e.stateAt(I32, FLAGS_OFFSET);
  if (Rt === 15 && e.compared !== undefined) e.flags.setCompared(e.compared);
  else if (Rt === 15) e.flags.setPacked(flags);
  else e.setR(Rt as never, or(flags, status(e)));
};

/** FPEXC enables and disables. */
const VMSR: Staged = (e, { reg, Rt }) => {
  if (reg !== FPSCR) return e.interpret();
  e.checkVfp();
  const value = e.hold(e.r(Rt as never));
  e.flags.keepCompared();
  e.compared = undefined;
  e.setStateAt(I32, STATUS_OFFSET, and(value, constant(FPSCR_MASK & ~NZCV)));
  e.setStateAt(I32, FLAGS_OFFSET, and(value, constant(NZCV)));
  updateLimits(e);
};

export const VFP: Readonly<Record<string, Staged>> = {
  ...ARITHMETIC,
  ...FUSED,
  ...CONVERSIONS,
  VABS: signBit('abs'),
  VNEG: signBit('neg'),
  VMOV_reg: signBit('move'),
  VMOV_imm,
  VCMP: compares(false),
  VCMP_zero: compares(true),
  VMRS,
  VMSR,
};
