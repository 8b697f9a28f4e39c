/** VCMP and VCMPE, on registers and with zero. Reference: Arm DDI 0406C, A2.7 (FPCompare) and A8.8. */
import { EQUAL, FPCompare, GREATER, LESS } from './exact/compare.ts';
import { DOUBLE, type Format, SINGLE } from './exact/format.ts';
import { environment } from './exact/unpack.ts';
import { FZ } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import { bits32 } from './slow-path.ts';

/** Sets N, Z, C and V. Only NaNs and flush-to-zero need the bit patterns. */
export function fpCompare64(fp: FpRegisters, n: number, m: number, quietNaNIsInvalid: boolean): void {
  const flags = nativeCompare(fp, fp.d[n]!, fp.d[m]!);
  fp.nzcv = flags !== 0 ? flags : slowCompare(fp, DOUBLE, fp.bits[n]!, fp.bits[m]!, quietNaNIsInvalid);
}

export function fpCompareZero64(fp: FpRegisters, n: number, quietNaNIsInvalid: boolean): void {
  const flags = nativeCompare(fp, fp.d[n]!, 0);
  fp.nzcv = flags !== 0 ? flags : slowCompare(fp, DOUBLE, fp.bits[n]!, 0n, quietNaNIsInvalid);
}

export function fpCompare32(fp: FpRegisters, n: number, m: number, quietNaNIsInvalid: boolean): void {
  const flags = nativeCompare(fp, fp.s[n]!, fp.s[m]!);
  fp.nzcv = flags !== 0 ? flags : slowCompare(fp, SINGLE, bits32(fp, n), bits32(fp, m), quietNaNIsInvalid);
}

export function fpCompareZero32(fp: FpRegisters, n: number, quietNaNIsInvalid: boolean): void {
  const flags = nativeCompare(fp, fp.s[n]!, 0);
  fp.nzcv = flags !== 0 ? flags : slowCompare(fp, SINGLE, bits32(fp, n), 0n, quietNaNIsInvalid);
}

/** The flags, or 0 where the native comparison cannot tell. */
function nativeCompare(fp: FpRegisters, a: number, b: number): number {
  if ((fp.control[STATUS]! & FZ) !== 0) return 0;
  if (a < b) return LESS;
  if (a > b) return GREATER;
  return a === b ? EQUAL : 0;
}

function slowCompare(fp: FpRegisters, format: Format, op1: bigint, op2: bigint, quietNaNIsInvalid: boolean): number {
  const env = environment(fp.control[STATUS]!);
  const flags = FPCompare(format, op1, op2, quietNaNIsInvalid, env);
  fp.raise(env.exceptions);
  return flags;
}
