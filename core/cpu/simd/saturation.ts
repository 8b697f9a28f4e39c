/** Saturation and rounding shifts of one element. Reference: Arm DDI 0406C, A2.2.1 (SignedSatQ, UnsignedSatQ), A2.6 (FPSCR.QC). */
import type { ElementType } from '../fp/elements.ts';
import { QC } from '../fp/fpscr.ts';
import type { FpRegisters } from '../fp/registers.ts';

/** SatQ(): the nearest value of the type; FPSCR.QC records that it is another one. */
export function saturate(value: number, { least, most }: ElementType, fp: FpRegisters): number {
  if (value >= least && value <= most) return value;
  fp.raise(QC);
  return value < least ? least : most;
}

export function saturateWide(value: bigint, { wideLeast, wideMost }: ElementType, fp: FpRegisters): bigint {
  if (value >= wideLeast && value <= wideMost) return value;
  fp.raise(QC);
  return value < wideLeast ? wideLeast : wideMost;
}

/** To the right, rounded down. The amounts come near 128, where only exponents of powers of two change: all is exact. */
export const shiftRight = (value: number, amount: number): number => Math.floor(value / 2 ** amount);
export const shiftRightWide = (value: bigint, amount: bigint): bigint => value >> amount;

/** To the right, rounded to the nearest, upwards in the middle. */
export const roundingShiftRight = (value: number, amount: number): number =>
  amount === 0 ? value : Math.floor((value + 2 ** (amount - 1)) / 2 ** amount);
export const roundingShiftRightWide = (value: bigint, amount: bigint): bigint =>
  amount === 0n ? value : (value + (1n << (amount - 1n))) >> amount;
