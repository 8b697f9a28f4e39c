/**
 * Floating-point arithmetic as WebAssembly's, which is IEEE's, rounded to nearest. That is all there is to do while the mode is the native one,
 * Inexact is already recorded and the result is ordinary; core/cpu/fp does the rest. Reference: Arm DDI 0406C, A2.7, A8.8.
 */
import { FAST_MASK, FZ, IXC, LEN, RMODE, STRIDE } from '../../cpu/fp/fpscr.ts';
import { FLAGS, STATUS } from '../../cpu/fp/registers.ts';
import { MAX_32, MAX_64, MIN_32, MIN_64 } from '../../cpu/fp/rounding-error.ts';
import type { Operands } from '../../cpu/insn.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, constant, eq, or, select } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { Value } from '../value.ts';
import { F32, F64, I32, I64, OP } from '../wasm.ts';

/** FPSCR stands after the registers. */
const CONTROL_OFFSET = FP_OFFSET + 32 * 8;

/** A format: the operations of one width. */
interface Format {
  readonly type: typeof F32 | typeof F64;
  readonly bits: typeof I32 | typeof I64;
  readonly bytes: number;
  readonly max: number;
  readonly min: number;
  readonly op: Readonly<
    Record<'constant' | 'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'abs' | 'neg' | 'lt' | 'gt' | 'le' | 'ge' | 'eq', number>
  >;
}

const SINGLE: Format = {
  type: F32,
  bits: I32,
  bytes: 4,
  max: MAX_32,
  min: MIN_32,
  op: {
    constant: OP.f32_const,
    add: OP.f32_add,
    sub: OP.f32_sub,
    mul: OP.f32_mul,
    div: OP.f32_div,
    sqrt: OP.f32_sqrt,
    abs: OP.f32_abs,
    neg: OP.f32_neg,
    lt: OP.f32_lt,
    gt: OP.f32_gt,
    le: OP.f32_le,
    ge: OP.f32_ge,
    eq: OP.f32_eq,
  },
};
const DOUBLE: Format = {
  type: F64,
  bits: I64,
  bytes: 8,
  max: MAX_64,
  min: MIN_64,
  op: {
    constant: OP.f64_const,
    add: OP.f64_add,
    sub: OP.f64_sub,
    mul: OP.f64_mul,
    div: OP.f64_div,
    sqrt: OP.f64_sqrt,
    abs: OP.f64_abs,
    neg: OP.f64_neg,
    lt: OP.f64_lt,
    gt: OP.f64_gt,
    le: OP.f64_le,
    ge: OP.f64_ge,
    eq: OP.f64_eq,
  },
};

const formatOf = (operands: Operands): Format => (operands['sz'] ? DOUBLE : SINGLE);
const number = (operands: Operands, name: string): number => operands[name] as number;
const place = ({ bytes }: Format, register: number): number => FP_OFFSET + bytes * register;

const read = (e: Emitter, format: Format, register: number): Value => e.stateAt(format.type, place(format, register));
const write = (e: Emitter, format: Format, register: number, value: Value): void =>
  e.setStateAt(format.type, place(format, register), value);
const status = (e: Emitter): Value => e.stateAt(I32, CONTROL_OFFSET + 4 * STATUS);

const literal = ({ type, op }: Format, value: number): Value =>
  new Value(type, op.constant, undefined, undefined, undefined, value);
const two = ({ type }: Format, op: number, a: Value, b: Value): Value => new Value(type, op, a, b);
const one = ({ type }: Format, op: number, a: Value): Value => new Value(type, op, a);
const compare = (op: number, a: Value, b: Value): Value => new Value(I32, op, a, b);

const magnitudeAtMost = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.le, one(format, format.op.abs, value), literal(format, bound));
const magnitudeAbove = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.gt, one(format, format.op.abs, value), literal(format, bound));

/** Whether the mode is the native one and Inexact is recorded; short vectors, which make arithmetic UNDEFINED, are not that mode. */
const fast = (e: Emitter): Value => eq(and(status(e), constant(FAST_MASK | LEN | STRIDE)), constant(IXC));

/** Does it if a condition holds, else leaves it to the interpreter without leaving the region. */
function guarded(e: Emitter, condition: Value, then: () => void): void {
  e.when(condition, then, () => e.fallback());
}

type Name = 'add' | 'sub' | 'mul' | 'div';
const arithmetic =
  (name: Name, negated = false): Staged =>
  (e, operands) => {
    const format = formatOf(operands);
    e.checkVfp();
    const result = e.hold(
      two(format, format.op[name], read(e, format, number(operands, 'n')), read(e, format, number(operands, 'm'))),
    );
    const bounded = and(fast(e), magnitudeAtMost(format, result, format.max));
    const scales = name === 'mul' || name === 'div';
    guarded(e, scales ? and(bounded, magnitudeAbove(format, result, format.min)) : bounded, () =>
      write(e, format, number(operands, 'd'), negated ? one(format, format.op.neg, result) : result),
    );
  };

/** VMLA and its kin: the product is rounded, then the sum. */
const chained =
  (negateAddend: boolean, negateProduct: boolean): Staged =>
  (e, operands) => {
    const format = formatOf(operands);
    e.checkVfp();
    const product = e.hold(
      two(format, format.op.mul, read(e, format, number(operands, 'n')), read(e, format, number(operands, 'm'))),
    );
    const addend = read(e, format, number(operands, 'd'));
    const signed = (value: Value, negate: boolean) => (negate ? one(format, format.op.neg, value) : value);
    const sum = e.hold(two(format, format.op.add, signed(addend, negateAddend), signed(product, negateProduct)));
    const inRange = and(magnitudeAtMost(format, product, format.max), magnitudeAbove(format, product, format.min));
    guarded(e, and(and(fast(e), inRange), magnitudeAtMost(format, sum, format.max)), () =>
      write(e, format, number(operands, 'd'), sum),
    );
  };

const VSQRT: Staged = (e, operands) => {
  const format = formatOf(operands);
  e.checkVfp();
  const root = e.hold(one(format, format.op.sqrt, read(e, format, number(operands, 'm'))));
  guarded(e, and(fast(e), compare(format.op.le, root, literal(format, format.max))), () =>
    write(e, format, number(operands, 'd'), root),
  );
};

/** The sign bit changes, whatever the rest is. */
const signBit =
  (op: 'neg' | 'abs' | 'move'): Staged =>
  (e, { sz, d, m }) => {
    e.checkVfp();
    e.leaveIf(and(status(e), constant(LEN | STRIDE)));
    const word = (register: number | undefined) => (sz ? 2 * (register as number) + 1 : (register as number));
    if (sz) e.setFpWord((2 * (d as number)) as never, e.fpWord((2 * (m as number)) as never));
    const top = e.fpWord(word(m) as never);
    const changed =
      op === 'move' ? top : op === 'abs' ? and(top, constant(0x7fffffff)) : new Value(I32, OP.i32_xor, top, constant(0x80000000));
    e.setFpWord(word(d) as never, changed);
  };

/** N, Z, C and V as a comparison sets them. */
const [LESS, EQUAL, GREATER] = [0x8000_0000, 0x6000_0000, 0x2000_0000];

const compares =
  (withZero: boolean): Staged =>
  (e, operands) => {
    const format = formatOf(operands);
    e.checkVfp();
    const a = read(e, format, number(operands, 'd'));
    const b = withZero ? literal(format, 0) : read(e, format, number(operands, 'm'));
    const ordered = or(compare(format.op.le, a, b), compare(format.op.ge, a, b));
    const native = eq(and(status(e), constant(FZ)), constant(0));
    guarded(e, and(ordered, native), () => {
      const flags = select(
        compare(format.op.lt, a, b),
        constant(LESS),
        select(compare(format.op.eq, a, b), constant(EQUAL), constant(GREATER)),
      );
      e.setStateAt(I32, CONTROL_OFFSET + 4 * FLAGS, flags);
    });
  };

/** FPSCR's flags go to APSR; all else of VMRS is the interpreter's. */
const VMRS: Staged = (e, { reg, Rt }) => {
  if (reg !== 1 || Rt !== 15) return e.fallback();
  e.checkVfp();
  e.flags.setPacked(e.stateAt(I32, CONTROL_OFFSET + 4 * FLAGS));
};

const VCVT_from_integer: Staged = (e, { sz, S, d, m }) => {
  e.checkVfp();
  const word = e.fpWord(m as never);
  if (sz) {
    write(e, DOUBLE, d as number, new Value(F64, S ? OP.f64_convert_i32_s : OP.f64_convert_i32_u, word));
    return;
  }
  guarded(e, fast(e), () => write(e, SINGLE, d as number, new Value(F32, S ? OP.f32_convert_i32_s : OP.f32_convert_i32_u, word)));
};

/** Towards zero only; the result fits, and Inexact is recorded already. */
const VCVT_to_integer: Staged = (e, operands) => {
  const { sz, S, op, d, m } = operands;
  if (!op) return e.fallback();
  e.checkVfp();
  const format = sz ? DOUBLE : SINGLE;
  const value = read(e, format, m as number);
  const wide = e.hold(sz ? value : new Value(F64, OP.f64_promote_f32, value));
  const above = compare(OP.f64_gt, wide, literal(DOUBLE, S ? -2147483649 : -1));
  const below = compare(OP.f64_lt, wide, literal(DOUBLE, S ? 2147483648 : 4294967296));
  guarded(e, and(fast(e), and(above, below)), () =>
    e.setFpWord(d as never, new Value(I32, S ? OP.i32_trunc_f64_s : OP.i32_trunc_f64_u, wide)),
  );
};

const VCVT_precision: Staged = (e, { sz, d, m }) => {
  e.checkVfp();
  if (!sz) {
    const value = read(e, SINGLE, m as number);
    const magnitude = one(SINGLE, SINGLE.op.abs, value);
    const ordinary = and(
      compare(OP.f32_le, magnitude, literal(SINGLE, MAX_32)),
      compare(OP.f32_ge, magnitude, literal(SINGLE, MIN_32)),
    );
    guarded(e, or(ordinary, compare(OP.f32_eq, value, literal(SINGLE, 0))), () =>
      write(e, DOUBLE, d as number, new Value(F64, OP.f64_promote_f32, value)),
    );
    return;
  }
  const value = read(e, DOUBLE, m as number);
  const rounded = e.hold(new Value(F32, OP.f32_demote_f64, value));
  const inRange = and(magnitudeAtMost(SINGLE, rounded, MAX_32), magnitudeAbove(SINGLE, rounded, MIN_32));
  const nearest = eq(and(status(e), constant(RMODE | IXC)), constant(IXC));
  guarded(e, and(inRange, nearest), () => write(e, SINGLE, d as number, rounded));
};

export const VFP: Readonly<Record<string, Staged>> = {
  VADD: arithmetic('add'),
  VSUB: arithmetic('sub'),
  VMUL: arithmetic('mul'),
  VNMUL: arithmetic('mul', true),
  VDIV: arithmetic('div'),
  VMLA: chained(false, false),
  VMLS: chained(false, true),
  VNMLA: chained(true, true),
  VNMLS: chained(true, false),
  VSQRT,
  VABS: signBit('abs'),
  VNEG: signBit('neg'),
  VMOV_reg: signBit('move'),
  VCMP: compares(false),
  VCMP_zero: compares(true),
  VMRS,
  VCVT_from_integer,
  VCVT_to_integer,
  VCVT_precision,
};
