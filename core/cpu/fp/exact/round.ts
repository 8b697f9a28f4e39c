/** The one place where exact values become floating-point numbers. Reference: Arm DDI 0406C, A2.7 (FPRound). */
import { AHP, FZ, IOC, IXC, OFC, RM, RMODE, RN, RP, UFC } from '../fpscr.ts';
import { type Format, FPInfinity, FPMaxNormal, FPZero, HALF, pack } from './format.ts';
import type { Environment } from './unpack.ts';

export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return value === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

/** `value / 2^shift` rounded down, and how the part cut off compares with a half: 0 nothing, 1 less, 2 equal, 3 more. */
export function cut(value: bigint, shift: number): { readonly whole: bigint; readonly rest: 0 | 1 | 2 | 3 } {
  if (shift <= 0) return { whole: value << BigInt(-shift), rest: 0 };
  const whole = value >> BigInt(shift);
  const rest = value - (whole << BigInt(shift));
  if (rest === 0n) return { whole, rest: 0 };
  const half = 1n << BigInt(shift - 1);
  return { whole, rest: rest < half ? 1 : rest === half ? 2 : 3 };
}

/** Whether a magnitude that was cut is rounded away from zero. */
export function roundsUp(control: number, sign: boolean, odd: boolean, rest: 0 | 1 | 2 | 3): boolean {
  switch (control & RMODE) {
    case RN:
      return rest === 3 || (rest === 2 && odd);
    case RP:
      return rest !== 0 && !sign;
    case RM:
      return rest !== 0 && sign;
    default:
      return false;
  }
}

/**
 * FPRound() of the nonzero number `mantissa * 2^exponent` with the given sign. Tininess is detected before rounding. Flush-to-zero
 * applies to single and double results only, and raises Underflow without Inexact.
 */
export function FPRound(format: Format, sign: boolean, mantissa: bigint, exponent: number, env: Environment): bigint {
  const leading = bitLength(mantissa) - 1 + exponent;
  const tiny = leading < format.minimumExponent;
  if (tiny && env.control & FZ && format !== HALF) {
    env.exceptions |= UFC;
    return FPZero(format, sign);
  }
  const unit = Math.max(leading, format.minimumExponent) - format.fractionBits;
  const { whole, rest } = cut(mantissa, unit - exponent);
  if (tiny && rest !== 0) env.exceptions |= UFC;
  const rounded = roundsUp(env.control, sign, (whole & 1n) !== 0n, rest) ? whole + 1n : whole;
  // Adding the integer bit to the exponent field carries a round-up into the next binade, and out of the subnormals.
  const biased = BigInt(unit + format.fractionBits - format.minimumExponent);
  const encoded = (biased << BigInt(format.fractionBits)) + rounded;
  const isAlternative = format === HALF && (env.control & AHP) !== 0;
  if (encoded >> BigInt(format.fractionBits) >= format.exponentMax + (isAlternative ? 1 : 0)) {
    return isAlternative ? alternativeOverflow(sign, env) : overflow(format, sign, env);
  }
  if (rest !== 0) env.exceptions |= IXC;
  return FPZero(format, sign) | encoded;
}

function overflow(format: Format, sign: boolean, env: Environment): bigint {
  env.exceptions |= OFC | IXC;
  const mode = env.control & RMODE;
  const toInfinity = mode === RN || mode === (sign ? RM : RP);
  return toInfinity ? FPInfinity(format, sign) : FPMaxNormal(format, sign);
}

/** The alternative half-precision format has no infinity: the largest magnitude stands in, with Invalid Operation alone. */
export function alternativeOverflow(sign: boolean, env: Environment): bigint {
  env.exceptions |= IOC;
  return pack(HALF, sign, HALF.exponentMax, HALF.fractionMask);
}
