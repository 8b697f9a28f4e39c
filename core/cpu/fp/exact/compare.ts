/** Comparison of bit patterns. Reference: Arm DDI 0406C, A2.7 (FPCompare). */
import { IOC } from '../fpscr.ts';
import type { Format } from './format.ts';
import { type Environment, FPUnpack, isAnyNaN, type Unpacked } from './unpack.ts';

/** NZCV of the four answers. */
export const EQUAL = 0b0110;
export const LESS = 0b1000;
export const GREATER = 0b0010;
export const UNORDERED = 0b0011;

/** FPCompare(): a signalling NaN is an invalid operation, a quiet one only if `quietNaNIsInvalid`. */
export function FPCompare(format: Format, op1: bigint, op2: bigint, quietNaNIsInvalid: boolean, env: Environment): number {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  if (isAnyNaN(value1) || isAnyNaN(value2)) {
    if (quietNaNIsInvalid || value1.type === 'signalling' || value2.type === 'signalling') env.exceptions |= IOC;
    return UNORDERED;
  }
  const order = rank(format, value1, op1) - rank(format, value2, op2);
  return order === 0n ? EQUAL : order < 0n ? LESS : GREATER;
}

/** Magnitudes order like their bit patterns. */
function rank(format: Format, value: Unpacked, operand: bigint): bigint {
  const magnitude = value.type === 'zero' ? 0n : operand & ~format.signBit;
  return value.sign ? -magnitude : magnitude;
}
