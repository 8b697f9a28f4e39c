/** From register numbers to exact arithmetic on bit patterns and back: the way that any operand, mode and result can take. */
import type { BinaryOperation } from './exact/arithmetic.ts';
import { DOUBLE, type Format, FPNeg, SINGLE } from './exact/format.ts';
import { type Environment, environment } from './exact/unpack.ts';
import { type FpRegisters, STATUS } from './registers.ts';

/** Runs an operation under control bits that are FPSCR's own for VFP and the standard ones for Advanced SIMD; records exceptions. */
export function runs(fp: FpRegisters, control: number, operation: (env: Environment) => bigint): bigint {
  const env = environment(control);
  const result = operation(env);
  fp.raise(env.exceptions);
  return result;
}

export function bits32(fp: FpRegisters, index: number): bigint {
  return BigInt(fp.w[index]! >>> 0);
}

export function setBits32(fp: FpRegisters, index: number, bits: bigint): void {
  fp.w[index] = Number(bits) | 0;
}

export function negatedIf(negate: boolean, format: Format, bits: bigint): bigint {
  return negate ? FPNeg(format, bits) : bits;
}

export function slowBinary32(
  fp: FpRegisters,
  control: number,
  d: number,
  n: number,
  m: number,
  operation: BinaryOperation,
): void {
  const result = runs(fp, control, (env) => operation(SINGLE, bits32(fp, n), bits32(fp, m), env));
  setBits32(fp, d, result);
}

export function slowBinary64(fp: FpRegisters, d: number, n: number, m: number, operation: BinaryOperation): void {
  fp.bits[d] = runs(fp, fp.control[STATUS]!, (env) => operation(DOUBLE, fp.bits[n]!, fp.bits[m]!, env));
}
