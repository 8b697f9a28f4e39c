/**
 * Conversions between formats, and to and from fixed point. Reference: Arm DDI 0406C, A2.7 (FPToFixed, FixedToFP, FPHalfToSingle,
 * FPSingleToHalf, FPSingleToDouble, FPDoubleToSingle).
 */
import { AHP, DN, IOC, IXC } from '../fpscr.ts';
import { DOUBLE, type Format, FPDefaultNaN, FPInfinity, FPZero, HALF, pack, SINGLE } from './format.ts';
import { alternativeOverflow, cut, FPRound, roundsUp } from './round.ts';
import { type Environment, FPUnpack, isAnyNaN, type Unpacked } from './unpack.ts';

/** A fixed-point operand: `bits` wide, the lowest `fractionBits` of them behind the point. */
export interface FixedFormat {
  readonly bits: number;
  readonly fractionBits: number;
  readonly unsigned: boolean;
}

/** FPToFixed(): rounds as the environment says, saturates, and turns NaNs into zero. */
export function FPToFixed(format: Format, operand: bigint, fixed: FixedFormat, env: Environment): bigint {
  const value = FPUnpack(format, operand, env);
  if (isAnyNaN(value)) {
    env.exceptions |= IOC;
    return 0n;
  }
  const least = fixed.unsigned ? 0n : -(1n << BigInt(fixed.bits - 1));
  const most = (1n << BigInt(fixed.unsigned ? fixed.bits : fixed.bits - 1)) - 1n;
  const { integer, inexact } = roundToInteger(value, fixed.fractionBits, env);
  if (value.type === 'infinity' || integer < least || integer > most) {
    env.exceptions |= IOC;
    return value.sign ? least : most;
  }
  if (inexact) env.exceptions |= IXC;
  return integer;
}

function roundToInteger(value: Unpacked, fractionBits: number, env: Environment): { integer: bigint; inexact: boolean } {
  const { whole, rest } = cut(value.mantissa, -(value.exponent + fractionBits));
  const magnitude = roundsUp(env.control, value.sign, (whole & 1n) !== 0n, rest) ? whole + 1n : whole;
  return { integer: value.sign ? -magnitude : magnitude, inexact: rest !== 0 };
}

/** FixedToFP() of an integer that has already been sign- or zero-extended. Zero becomes plus zero. */
export function FixedToFP(format: Format, integer: bigint, fractionBits: number, env: Environment): bigint {
  if (integer === 0n) return FPZero(format, false);
  return FPRound(format, integer < 0n, integer < 0n ? -integer : integer, -fractionBits, env);
}

/** A NaN keeps the top of its payload in the other format, and becomes quiet. */
function convertNaN(from: Format, to: Format, value: Unpacked, operand: bigint, env: Environment): bigint {
  if (value.type === 'signalling') env.exceptions |= IOC;
  if (env.control & DN) return FPDefaultNaN(to);
  const shift = BigInt(to.fractionBits - from.fractionBits);
  const fraction = operand & from.fractionMask;
  return pack(to, value.sign, to.exponentMax, (shift < 0n ? fraction >> -shift : fraction << shift) | to.quietBit);
}

function convert(from: Format, to: Format, operand: bigint, env: Environment): bigint {
  const value = FPUnpack(from, operand, env);
  if (isAnyNaN(value)) return convertNaN(from, to, value, operand, env);
  if (value.type === 'infinity') return FPInfinity(to, value.sign);
  if (value.type === 'zero') return FPZero(to, value.sign);
  return FPRound(to, value.sign, value.mantissa, value.exponent, env);
}

export function FPSingleToDouble(operand: bigint, env: Environment): bigint {
  return convert(SINGLE, DOUBLE, operand, env);
}

export function FPDoubleToSingle(operand: bigint, env: Environment): bigint {
  return convert(DOUBLE, SINGLE, operand, env);
}

export function FPHalfToSingle(operand: bigint, env: Environment): bigint {
  return convert(HALF, SINGLE, operand, env);
}

/** FPSingleToHalf(): the alternative format has neither NaNs, which become zero, nor infinities, which become its largest value. */
export function FPSingleToHalf(operand: bigint, env: Environment): bigint {
  if ((env.control & AHP) === 0) return convert(SINGLE, HALF, operand, env);
  const value = FPUnpack(SINGLE, operand, env);
  if (isAnyNaN(value)) {
    env.exceptions |= IOC;
    return FPZero(HALF, value.sign);
  }
  return value.type === 'infinity' ? alternativeOverflow(value.sign, env) : convert(SINGLE, HALF, operand, env);
}
