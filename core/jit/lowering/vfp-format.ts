/** Floating-point registers and numbers as the translator writes them. Reference: Arm DDI 0406C, A2.6, A2.7. */
import { LEN, RMODE, STRIDE } from '../../cpu/fp/fpscr.ts';
import { FLAGS, STATUS } from '../../cpu/fp/registers.ts';
import { MAX_32, MAX_64, MIN_32, MIN_64 } from '../../cpu/fp/rounding-error.ts';
import type { Operands } from '../../cpu/insn.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { and, or } from '../ops.ts';
import { Value } from '../value.ts';
import { F32, F64, I32, OP } from '../wasm.ts';

/** FPSCR stands after the registers. */
const CONTROL_OFFSET = FP_OFFSET + 32 * 8;
export const STATUS_OFFSET = CONTROL_OFFSET + 4 * STATUS;
export const FLAGS_OFFSET = CONTROL_OFFSET + 4 * FLAGS;

/** The modes in which arithmetic is UNDEFINED or rounds otherwise. */
export const FOREIGN = RMODE | LEN | STRIDE;

type Operation = 'constant' | 'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'abs' | 'neg' | 'lt' | 'gt' | 'le' | 'ge' | 'eq' | 'ne';

/** A format: the operations of one width. */
export interface Format {
  readonly type: typeof F32 | typeof F64;
  readonly bytes: number;
  readonly max: number;
  readonly min: number;
  readonly op: Readonly<Record<Operation, number>>;
}

export const SINGLE: Format = {
  type: F32,
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
    ne: OP.f32_ne,
  },
};
export const DOUBLE: Format = {
  type: F64,
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
    ne: OP.f64_ne,
  },
};

export const formatOf = (operands: Operands): Format => (operands['sz'] ? DOUBLE : SINGLE);
export const field = (operands: Operands, name: string): number => operands[name] as number;
export const placeOf = ({ bytes }: Format, register: number): number => FP_OFFSET + bytes * register;

export const isAtHome = (e: Emitter, format: Format, register: number): boolean =>
  format === DOUBLE ? e.homes.hasDouble(register) : e.homes.hasSingle(register);

/** A register, from its local if it is known. */
export function read(e: Emitter, format: Format, register: number): Value {
  if (isAtHome(e, format, register)) return format === DOUBLE ? e.homes.double(register) : e.homes.single(register);
  const offset = placeOf(format, register);
  const known = e.fp.get(format.type, offset);
  if (known !== undefined) return known;
  e.put(e.stateAt(format.type, offset));
  return e.fp.set(format.type, offset);
}

export function write(e: Emitter, format: Format, register: number, value: Value): void {
  if (isAtHome(e, format, register)) {
    if (format === DOUBLE) e.homes.setDouble(register, value);
    else e.homes.setSingle(register, value);
    return;
  }
  const offset = placeOf(format, register);
  const held = value.local < 0 ? e.hold(value) : value;
  e.setStateAt(format.type, offset, held);
  e.put(held);
  e.fp.set(format.type, offset);
}

/** A function, or the interpreter, has changed a register in memory, and perhaps what is recorded. */
export function reread(e: Emitter, format: Format, register: number): void {
  const place = placeOf(format, register);
  if (isAtHome(e, format, register)) e.homes.refill(place, format.bytes);
  else {
    e.put(e.stateAt(format.type, place));
    e.fp.set(format.type, place);
  }
}

export const status = (e: Emitter): Value => e.stateAt(I32, STATUS_OFFSET);

export const literal = ({ type, op }: Format, value: number): Value =>
  new Value(type, op.constant, undefined, undefined, undefined, value);
export const two = ({ type }: Format, op: number, a: Value, b: Value): Value => new Value(type, op, a, b);
export const one = ({ type }: Format, op: number, a: Value): Value => new Value(type, op, a);
export const compare = (op: number, a: Value, b: Value): Value => new Value(I32, op, a, b);
export const promote = (a: Value): Value => new Value(F64, OP.f64_promote_f32, a);

export const magnitudeAtMost = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.le, one(format, format.op.abs, value), literal(format, bound));
export const magnitudeBelow = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.lt, one(format, format.op.abs, value), literal(format, bound));
export const magnitudeAbove = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.gt, one(format, format.op.abs, value), literal(format, bound));
export const magnitudeAtLeast = (format: Format, value: Value, bound: number): Value =>
  compare(format.op.ge, one(format, format.op.abs, value), literal(format, bound));
export const isZero = (format: Format, value: Value): Value => compare(format.op.eq, value, literal(format, 0));

/** The interpreter executes the instruction in hand, which changes what lies at an offset. */
export function fallBack(e: Emitter, offset: number, bytes: number): void {
  const { known } = e.fp;
  e.homes.store();
  e.fallbackFloat();
  e.fp.known = known;
  e.fp.forget(offset, bytes);
  e.homes.refill(offset, bytes);
}

/** All of several conditions, or any of them. */
export const all = (...conditions: readonly Value[]): Value => conditions.reduce(and);
export const any = (...conditions: readonly Value[]): Value => conditions.reduce(or);
