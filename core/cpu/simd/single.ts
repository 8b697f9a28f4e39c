/**
 * Single-precision lanes as bit patterns: a native operation where it is the exact one under StandardFPSCRValue() (rounded to nearest,
 * flushed to zero, default NaNs), else exact arithmetic. Reference: Arm DDI 0406C, A2.7.
 */
import type { BinaryOperation } from '../fp/exact/arithmetic.ts';
import { SINGLE } from '../fp/exact/format.ts';
import type { Environment } from '../fp/exact/unpack.ts';
import { IXC, standardFPSCRValue } from '../fp/fpscr.ts';
import { type FpRegisters, STATUS } from '../fp/registers.ts';
import { MAX_32, MIN_32 } from '../fp/rounding-error.ts';
import { runs } from '../fp/slow-path.ts';

/** Working memory, no state: a bit pattern and its number. */
const numbers = new Float32Array(1);
const patterns = new Int32Array(numbers.buffer);

export function numberOf(bits: number): number {
  patterns[0] = bits;
  return numbers[0]!;
}

/** The pattern of a number that is no NaN. */
export function bitsOf(value: number): number {
  numbers[0] = value;
  return patterns[0]!;
}

/** The standard control bits, and whether Inexact is already recorded. */
export function standard(fp: FpRegisters): number {
  const fpscr = fp.control[STATUS]!;
  return standardFPSCRValue(fpscr) | (fpscr & IXC);
}

export const big = (bits: number): bigint => BigInt(bits >>> 0);

/** Runs exact arithmetic under the standard control bits, or with more of them. */
export function exactly(fp: FpRegisters, operation: (env: Environment) => bigint, control = 0): number {
  return Number(runs(fp, standardFPSCRValue(fp.control[STATUS]!) | control, operation)) | 0;
}

/** The native result with its exceptions, or all again exactly where they are unsure. */
export function settle(
  fp: FpRegisters,
  a: number,
  b: number,
  result: number,
  exceptions: number,
  operation: BinaryOperation,
): number {
  if (exceptions < 0) return exactly(fp, (env) => operation(SINGLE, big(a), big(b), env));
  fp.control[STATUS]! |= exceptions;
  return bitsOf(result);
}

/** A number that no mode treats specially. */
export function isOrdinary(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude > MIN_32 && magnitude <= MAX_32;
}

/** An operand that flush-to-zero leaves as it is, and no NaN or infinity. */
export const isPlain = (value: number): boolean => value === 0 || isOrdinary(value);

export const SIGN = 0x80000000 | 0;
