/**
 * VADD, VSUB, VMUL, VNMUL, VDIV, VSQRT, VNEG and VABS on registers. Reference: Arm DDI 0406C, A2.7 and A8.8.
 *
 * Each operation is one native operation when the mode is the native one, Inexact is already recorded, and the result is ordinary.
 * Else `rounding-error.ts` finds the exceptions, and what it cannot decide goes to the exact arithmetic.
 */
import { type BinaryOperation, FPAdd, FPDiv, FPMul, FPSqrt, FPSub } from './exact/arithmetic.ts';
import type { Format } from './exact/format.ts';
import type { Environment } from './exact/unpack.ts';
import { FAST_MASK, IXC } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import {
  addExceptions32,
  addExceptions64,
  divExceptions32,
  divExceptions64,
  MAX_32,
  MAX_64,
  MIN_32,
  MIN_64,
  mulExceptions32,
  mulExceptions64,
  sqrtExceptions32,
  sqrtExceptions64,
} from './rounding-error.ts';
import { slowBinary32, slowBinary64 } from './slow-path.ts';

/** Stores a native result with its exceptions, or does it all again exactly. */
function settle64(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  result: number,
  exceptions: number,
  operation: BinaryOperation,
): void {
  if (exceptions < 0) slowBinary64(fp, d, n, m, operation);
  else {
    fp.d[d] = result;
    fp.control[STATUS]! |= exceptions;
  }
}

function settle32(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  result: number,
  exceptions: number,
  operation: BinaryOperation,
): void {
  if (exceptions < 0) slowBinary32(fp, fp.control[STATUS]!, d, n, m, operation);
  else {
    fp.s[d] = result;
    fp.control[STATUS]! |= exceptions;
  }
}

export function fpAdd64(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.d[n]!;
  const b = fp.d[m]!;
  const sum = a + b;
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & FAST_MASK) === IXC && Math.abs(sum) <= MAX_64) fp.d[d] = sum;
  else settle64(fp, d, n, m, sum, addExceptions64(fpscr, a, b, sum), FPAdd);
}

export function fpSub64(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.d[n]!;
  const b = fp.d[m]!;
  const difference = a - b;
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & FAST_MASK) === IXC && Math.abs(difference) <= MAX_64) fp.d[d] = difference;
  else settle64(fp, d, n, m, difference, addExceptions64(fpscr, a, -b, difference), FPSub);
}

export function fpMul64(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.d[n]!;
  const b = fp.d[m]!;
  const product = a * b;
  const fpscr = fp.control[STATUS]!;
  const magnitude = Math.abs(product);
  if ((fpscr & FAST_MASK) === IXC && magnitude <= MAX_64 && magnitude > MIN_64) fp.d[d] = product;
  else settle64(fp, d, n, m, product, mulExceptions64(fpscr, a, b, product), FPMul);
}

export function fpDiv64(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.d[n]!;
  const b = fp.d[m]!;
  const quotient = a / b;
  const fpscr = fp.control[STATUS]!;
  const magnitude = Math.abs(quotient);
  if ((fpscr & FAST_MASK) === IXC && magnitude <= MAX_64 && magnitude > MIN_64) fp.d[d] = quotient;
  else settle64(fp, d, n, m, quotient, divExceptions64(fpscr, a, b, quotient), FPDiv);
}

export function fpSqrt64(fp: FpRegisters, d: number, m: number): void {
  const a = fp.d[m]!;
  const root = Math.sqrt(a);
  const exceptions = sqrtExceptions64(fp.control[STATUS]!, a, root);
  settle64(fp, d, m, m, root, exceptions, unarySqrt);
}

function unarySqrt(format: Format, operand: bigint, _: bigint, env: Environment): bigint {
  return FPSqrt(format, operand, env);
}

export function fpAdd32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const sum = a + b;
  const rounded = Math.fround(sum);
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & FAST_MASK) === IXC && Math.abs(rounded) <= MAX_32) fp.s[d] = rounded;
  else settle32(fp, d, n, m, rounded, addExceptions32(fpscr, a, b, sum, rounded), FPAdd);
}

export function fpSub32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const difference = a - b;
  const rounded = Math.fround(difference);
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & FAST_MASK) === IXC && Math.abs(rounded) <= MAX_32) fp.s[d] = rounded;
  else settle32(fp, d, n, m, rounded, addExceptions32(fpscr, a, -b, difference, rounded), FPSub);
}

export function fpMul32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const product = a * b;
  const rounded = Math.fround(product);
  const fpscr = fp.control[STATUS]!;
  const magnitude = Math.abs(rounded);
  if ((fpscr & FAST_MASK) === IXC && magnitude <= MAX_32 && magnitude > MIN_32) fp.s[d] = rounded;
  else settle32(fp, d, n, m, rounded, mulExceptions32(fpscr, a, b, product, rounded), FPMul);
}

export function fpDiv32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const rounded = Math.fround(a / b);
  const fpscr = fp.control[STATUS]!;
  const magnitude = Math.abs(rounded);
  if ((fpscr & FAST_MASK) === IXC && magnitude <= MAX_32 && magnitude > MIN_32) fp.s[d] = rounded;
  else settle32(fp, d, n, m, rounded, divExceptions32(fpscr, a, b, rounded), FPDiv);
}

export function fpSqrt32(fp: FpRegisters, d: number, m: number): void {
  const a = fp.s[m]!;
  const rounded = Math.fround(Math.sqrt(a));
  const exceptions = sqrtExceptions32(fp.control[STATUS]!, a, rounded);
  settle32(fp, d, m, m, rounded, exceptions, unarySqrt);
}

/** VMOV (register): NaNs and all. */
export function fpMove64(fp: FpRegisters, d: number, m: number): void {
  fp.w[2 * d] = fp.w[2 * m]!;
  fp.w[2 * d + 1] = fp.w[2 * m + 1]!;
}

export function fpMove32(fp: FpRegisters, d: number, m: number): void {
  fp.w[d] = fp.w[m]!;
}

/** FPNeg() and FPAbs() change the sign bit only, that of a NaN as well, and raise nothing. */
export function fpNeg64(fp: FpRegisters, d: number, m: number): void {
  fp.w[2 * d] = fp.w[2 * m]!;
  fp.w[2 * d + 1] = fp.w[2 * m + 1]! ^ 0x80000000;
}

export function fpAbs64(fp: FpRegisters, d: number, m: number): void {
  fp.w[2 * d] = fp.w[2 * m]!;
  fp.w[2 * d + 1] = fp.w[2 * m + 1]! & 0x7fffffff;
}

export function fpNeg32(fp: FpRegisters, d: number, m: number): void {
  fp.w[d] = fp.w[m]! ^ 0x80000000;
}

export function fpAbs32(fp: FpRegisters, d: number, m: number): void {
  fp.w[d] = fp.w[m]! & 0x7fffffff;
}

/** VNMUL: the negated product, that of NaNs as well. */
export function fpNegMul64(fp: FpRegisters, d: number, n: number, m: number): void {
  fpMul64(fp, d, n, m);
  fpNeg64(fp, d, d);
}

export function fpNegMul32(fp: FpRegisters, d: number, n: number, m: number): void {
  fpMul32(fp, d, n, m);
  fpNeg32(fp, d, d);
}
