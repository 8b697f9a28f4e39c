/** Vectors of Advanced SIMD as WebAssembly's: a doubleword is the lower half of one. Reference: Arm DDI 0406C, A2.6.2, A7.3. */
import { QC } from '../../cpu/fp/fpscr.ts';
import type { Operands } from '../../cpu/insn.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Emitter } from '../emitter.ts';
import { constant, or } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { Value, withImmediate } from '../value.ts';
import { comparison, I32, lanes, SIMD, V128 } from '../wasm.ts';
import { STATUS_OFFSET, status } from './vfp-format.ts';

export const v1 = (op: number, a: Value): Value => new Value(V128, op, a);
export const v2 = (op: number, a: Value, b: Value): Value => new Value(V128, op, a, b);
export const select = (mask: Value, a: Value, b: Value): Value => new Value(V128, SIMD.bitselect, a, b, mask);

type Lanes = Parameters<typeof lanes>[0];
type Comparison = Parameters<typeof comparison>[0];
export const unary = (op: Lanes, size: number, a: Value): Value => v1(lanes(op, size), a);
export const binary = (op: Lanes, size: number, a: Value, b: Value): Value => v2(lanes(op, size), a, b);
export const compares = (op: Comparison, size: number, a: Value, b: Value): Value => v2(comparison(op, size), a, b);
export const and = (a: Value, b: Value): Value => v2(SIMD.and, a, b);
export const or128 = (a: Value, b: Value): Value => v2(SIMD.or, a, b);
export const xor = (a: Value, b: Value): Value => v2(SIMD.xor, a, b);
export const andNot = (a: Value, b: Value): Value => v2(SIMD.andnot, a, b);
export const not = (a: Value): Value => v1(SIMD.not, a);

export const bitsOf = (size: number): number => 8 << size;

/** Each lane shifted by a number of bits, which may be all of them. */
export function shift(op: 'shl' | 'shr_s' | 'shr_u', size: number, a: Value, amount: number): Value {
  if (amount === 0) return a;
  const most = bitsOf(size) - 1;
  if (amount > most && op !== 'shr_s') return ZERO();
  return new Value(V128, lanes(op, size), a, constant(Math.min(amount, most)));
}

/** Sixteen bytes. */
export const bytes = (content: readonly number[]): Value => withImmediate(new Value(V128, SIMD.const), content);
/** A number in each lane. */
export function each(size: number, value: number | bigint): Value {
  const wide = BigInt(value);
  return bytes(Array.from({ length: 16 }, (_, i) => Number((wide >> BigInt(8 * (i & ((1 << size) - 1)))) & 0xffn)));
}
export const ZERO = (): Value => each(0, 0);

/** Bytes of two vectors, counted through both. */
export const shuffle = (a: Value, b: Value, pick: (i: number) => number): Value =>
  withImmediate(
    v2(SIMD.shuffle, a, b),
    Array.from({ length: 16 }, (_, i) => pick(i) & 31),
  );

/** The elements of one parity of two vectors, one after the other: of the first into the lower half. */
export const elements = (odd: 0 | 1, size: number, a: Value, b: Value): Value =>
  shuffle(a, b, (i) => (2 * (i >> size) + odd) * (1 << size) + (i & ((1 << size) - 1)));

export const isAny = (a: Value): Value => new Value(I32, SIMD.any_true, a);
export const areAll = (size: number, a: Value): Value => new Value(I32, lanes('all_true', size), a);

// Registers

export function readQ(e: Emitter, d: number): Value {
  const offset = FP_OFFSET + 8 * d;
  const known = e.fp.get(V128, offset);
  if (known !== undefined) return known;
  e.put(e.stateAt(V128, offset));
  return e.fp.set(V128, offset);
}
/** Zeros above it. */
export const readD = (e: Emitter, d: number): Value => e.stateBy(SIMD.load64_zero, V128, FP_OFFSET + 8 * d);
export const readV = (e: Emitter, Q: number, d: number): Value => (Q ? readQ(e, d) : readD(e, d));

const SPLATS = [SIMD.load8_splat, SIMD.load16_splat, SIMD.load32_splat, SIMD.load64_splat] as const;
/** An element of a D register, or what follows it, in each lane. */
export const readSplat = (e: Emitter, size: number, d: number, x: number): Value =>
  e.stateBy(SPLATS[size] as number, V128, FP_OFFSET + 8 * d + (x << size));

export const splatAt = (size: number): number => SPLATS[size] as number;

/** Writes half of a vector, or the whole of it. */
export function writeV(e: Emitter, Q: number, d: number, value: Value): void {
  if (!Q) return writeHalf(e, d, value, 0);
  const held = value.local < 0 ? e.hold(value) : value;
  e.setStateAt(V128, FP_OFFSET + 8 * d, held);
  e.put(held);
  e.fp.set(V128, FP_OFFSET + 8 * d);
}

export function writeHalf(e: Emitter, d: number, value: Value, half: 0 | 1): void {
  e.getLocal(0);
  e.put(value);
  e.memory(SIMD.store64_lane, 3, FP_OFFSET + 8 * d);
  e.fp.forget(FP_OFFSET + 8 * d, 8);
  e.code.byte(half);
}

/** FPSCR.QC, if any bit is set. */
export function recordSaturation(e: Emitter, saturated: Value): void {
  e.when(isAny(saturated), () => e.setStateAt(I32, STATUS_OFFSET, or(status(e), constant(QC))));
}

// Shapes of instructions: which registers meet. An operation has all operands in locals.

export interface Given {
  readonly e: Emitter;
  readonly U: number;
  /** Of an element: of the result where that is narrower, of the operands where it is wider. */
  readonly size: number;
  readonly a: Value;
  readonly b: Value;
  /** What the destination holds. */
  readonly c: () => Value;
  readonly operands: Operands;
}
export type Operation = (given: Given) => Value;

export const number = (operands: Operands, name: string): number => operands[name] ?? 0;

type Reader = (e: Emitter, operands: Operands) => Value;
interface Shape {
  readonly a: Reader;
  readonly b: Reader;
  /** Whether the result is a quadword. */
  readonly Q: (operands: Operands) => number;
}

const vector =
  (name: string): Reader =>
  (e, operands) =>
    readV(e, number(operands, 'Q'), number(operands, name));
const quadword =
  (name: string): Reader =>
  (e, operands) =>
    readQ(e, number(operands, name));
const doubleword =
  (name: string): Reader =>
  (e, operands) =>
    readD(e, number(operands, name));
const scalarReader: Reader = (e, { size, m, x }) => readSplat(e, size as number, m as number, x as number);
const nothing: Reader = () => ZERO();
const byQ = (operands: Operands): number => number(operands, 'Q');

const shaped =
  ({ a, b, Q }: Shape) =>
  (operation: Operation): Staged =>
  (e, operands) => {
    e.checkVfp();
    const d = number(operands, 'd');
    const long = Q(operands);
    const [U, size] = [number(operands, 'U'), number(operands, 'size')];
    const c = () => readV(e, long, d);
    writeV(e, long, d, operation({ e, U, size, a: a(e, operands), b: b(e, operands), c, operands }));
  };

export const same = shaped({ a: vector('n'), b: vector('m'), Q: byQ });
/** The first operand of shifts is the one that others have second. */
export const reversed = shaped({ a: vector('m'), b: vector('n'), Q: byQ });
export const single = shaped({ a: vector('m'), b: nothing, Q: byQ });
export const long = shaped({ a: doubleword('n'), b: doubleword('m'), Q: () => 1 });
export const wide = shaped({ a: quadword('n'), b: doubleword('m'), Q: () => 1 });
export const narrow = shaped({ a: quadword('n'), b: quadword('m'), Q: () => 0 });
export const singleLong = shaped({ a: doubleword('m'), b: nothing, Q: () => 1 });
export const singleNarrow = shaped({ a: quadword('m'), b: nothing, Q: () => 0 });
export const byScalar = shaped({ a: vector('n'), b: scalarReader, Q: byQ });
export const longByScalar = shaped({ a: doubleword('n'), b: scalarReader, Q: () => 1 });
/** Pairs of neighbours of n, then of m. */
export const pairs =
  (operation: Operation): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [d, n, m] = [number(operands, 'd'), number(operands, 'n'), number(operands, 'm')];
    const [U, size] = [number(operands, 'U'), number(operands, 'size')];
    const [x, y] = [readD(e, n), readD(e, m)];
    // Both in one vector, so that its even and odd elements are what meets.
    const both = e.hold(shuffle(x, y, (i) => (i < 8 ? i : 8 + i)));
    const [a, b] = [e.hold(elements(0, size, both, both)), e.hold(elements(1, size, both, both))];
    writeV(e, 0, d, operation({ e, U, size, a, b, c: ZERO, operands }));
  };
