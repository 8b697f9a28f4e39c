/**
 * Single-precision lanes of Advanced SIMD, held as single registers: VFP's arithmetic under StandardFPSCRValue(), that is rounded to
 * nearest, flushed to zero, with default NaNs. Reference: Arm DDI 0406C, A2.7 and A8.8.
 */
import { type BinaryOperation, FPAdd, FPMax, FPMin, FPMul, FPSub } from './exact/arithmetic.ts';
import { IXC, standardFPSCRValue } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import { addExceptions32, MAX_32, MIN_32, mulExceptions32 } from './rounding-error.ts';
import { slowBinary32 } from './slow-path.ts';

/** The standard control bits, and whether Inexact is already recorded. */
function standard(fp: FpRegisters): number {
  const fpscr = fp.control[STATUS]!;
  return standardFPSCRValue(fpscr) | (fpscr & IXC);
}

function settle(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  result: number,
  exceptions: number,
  operation: BinaryOperation,
): void {
  if (exceptions < 0) slowBinary32(fp, standardFPSCRValue(fp.control[STATUS]!), d, n, m, operation);
  else {
    fp.s[d] = result;
    fp.control[STATUS]! |= exceptions;
  }
}

export function neonAdd32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const rounded = Math.fround(a + b);
  settle(fp, d, n, m, rounded, addExceptions32(standard(fp), a, b, a + b, rounded), FPAdd);
}

export function neonSub32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const rounded = Math.fround(a - b);
  settle(fp, d, n, m, rounded, addExceptions32(standard(fp), a, -b, a - b, rounded), FPSub);
}

export function neonMul32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const rounded = Math.fround(a * b);
  settle(fp, d, n, m, rounded, mulExceptions32(standard(fp), a, b, a * b, rounded), FPMul);
}

/** Numbers that no mode treats specially, so that JavaScript's maximum is the manual's. */
function isOrdinary(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude > MIN_32 && magnitude <= MAX_32;
}

export function neonMax32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  settle(fp, d, n, m, Math.max(a, b), isOrdinary(a) && isOrdinary(b) ? 0 : -1, FPMax);
}

export function neonMin32(fp: FpRegisters, d: number, n: number, m: number): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  settle(fp, d, n, m, Math.min(a, b), isOrdinary(a) && isOrdinary(b) ? 0 : -1, FPMin);
}
