/** Arithmetic on bit patterns, exact until the final rounding. Reference: Arm DDI 0406C, A2.7 (FPAdd … FPSqrt, FPMax, FPMin). */
import { DZC, RM, RMODE } from '../fpscr.ts';
import { type Format, FPInfinity, FPZero } from './format.ts';
import { bitLength, FPRound } from './round.ts';
import { type Environment, FPProcessNaN, FPProcessNaNs, FPUnpack, invalidOperation, isAnyNaN, type Unpacked } from './unpack.ts';

export type BinaryOperation = (format: Format, op1: bigint, op2: bigint, env: Environment) => bigint;

/** The exact sum of two finite values, rounded. Zeros of one sign keep it; otherwise a zero sum is negative only under RM. */
function roundedSum(format: Format, value1: Unpacked, value2: Unpacked, env: Environment): bigint {
  if (value1.mantissa === 0n && value2.mantissa === 0n && value1.sign === value2.sign) return FPZero(format, value1.sign);
  const exponent = Math.min(value1.exponent, value2.exponent);
  const sum = aligned(value1, exponent) + aligned(value2, exponent);
  if (sum === 0n) return FPZero(format, (env.control & RMODE) === RM);
  return FPRound(format, sum < 0n, sum < 0n ? -sum : sum, exponent, env);
}

function aligned(value: Unpacked, exponent: number): bigint {
  const magnitude = value.mantissa << BigInt(value.exponent - exponent);
  return value.sign ? -magnitude : magnitude;
}

function sumOf(format: Format, value1: Unpacked, value2: Unpacked, env: Environment): bigint {
  const inf1 = value1.type === 'infinity';
  const inf2 = value2.type === 'infinity';
  if (inf1 && inf2 && value1.sign !== value2.sign) return invalidOperation(format, env);
  if (inf1) return FPInfinity(format, value1.sign);
  if (inf2) return FPInfinity(format, value2.sign);
  return roundedSum(format, value1, value2, env);
}

export function FPAdd(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  return FPProcessNaNs(format, [value1, value2], [op1, op2], env) ?? sumOf(format, value1, value2, env);
}

export function FPSub(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  const nan = FPProcessNaNs(format, [value1, value2], [op1, op2], env);
  return nan ?? sumOf(format, value1, { ...value2, sign: !value2.sign }, env);
}

/** The exact product, or undefined where infinity meets zero. */
function productOf(value1: Unpacked, value2: Unpacked): Unpacked | undefined {
  const sign = value1.sign !== value2.sign;
  const infinite = value1.type === 'infinity' || value2.type === 'infinity';
  if (value1.type === 'zero' || value2.type === 'zero') {
    return infinite ? undefined : { type: 'zero', sign, mantissa: 0n, exponent: 0 };
  }
  const type = infinite ? 'infinity' : 'nonzero';
  return { type, sign, mantissa: value1.mantissa * value2.mantissa, exponent: value1.exponent + value2.exponent };
}

export function FPMul(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  const nan = FPProcessNaNs(format, [value1, value2], [op1, op2], env);
  if (nan !== undefined) return nan;
  const product = productOf(value1, value2);
  if (product === undefined) return invalidOperation(format, env);
  if (product.type === 'infinity') return FPInfinity(format, product.sign);
  if (product.type === 'zero') return FPZero(format, product.sign);
  return FPRound(format, product.sign, product.mantissa, product.exponent, env);
}

/** FPMulAdd(): `addend + op1 * op2` with a single rounding. */
export function FPMulAdd(format: Format, addend: bigint, op1: bigint, op2: bigint, env: Environment): bigint {
  const valueA = FPUnpack(format, addend, env);
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  const nan = FPProcessNaNs(format, [valueA, value1, value2], [addend, op1, op2], env);
  const product = nan === undefined || valueA.type === 'quiet' ? invalidProduct(value1, value2) : false;
  if (product) return invalidOperation(format, env);
  return nan ?? sumOf(format, valueA, productOf(value1, value2)!, env);
}

/** Infinity times zero: Invalid Operation even when the addend is a quiet NaN. */
function invalidProduct(value1: Unpacked, value2: Unpacked): boolean {
  return (value1.type === 'infinity' && value2.type === 'zero') || (value1.type === 'zero' && value2.type === 'infinity');
}

export function FPDiv(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  const nan = FPProcessNaNs(format, [value1, value2], [op1, op2], env);
  if (nan !== undefined) return nan;
  const sign = value1.sign !== value2.sign;
  if (value1.type === value2.type && value1.type !== 'nonzero') return invalidOperation(format, env);
  if (value1.type === 'infinity') return FPInfinity(format, sign);
  if (value2.type === 'zero') {
    env.exceptions |= DZC;
    return FPInfinity(format, sign);
  }
  if (value1.type === 'zero' || value2.type === 'infinity') return FPZero(format, sign);
  return quotient(format, sign, value1, value2, env);
}

/** Enough quotient bits that those cut off matter only as "something is left", which the last bit says. */
function quotient(format: Format, sign: boolean, value1: Unpacked, value2: Unpacked, env: Environment): bigint {
  const shift = 2 * format.fractionBits + 4;
  const dividend = value1.mantissa << BigInt(shift);
  const whole = dividend / value2.mantissa;
  const sticky = whole * value2.mantissa === dividend ? 0n : 1n;
  return FPRound(format, sign, (whole << 1n) | sticky, value1.exponent - value2.exponent - shift - 1, env);
}

export function FPSqrt(format: Format, operand: bigint, env: Environment): bigint {
  const value = FPUnpack(format, operand, env);
  if (isAnyNaN(value)) return FPProcessNaN(format, value.type, operand, env);
  if (value.type === 'zero') return FPZero(format, value.sign);
  if (value.sign) return invalidOperation(format, env);
  if (value.type === 'infinity') return FPInfinity(format, false);
  // An even exponent, and a radicand whose root has two bits more than the fraction.
  const shift = 2 * format.fractionBits + 4 + (value.exponent & 1);
  const radicand = value.mantissa << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return FPRound(format, false, (root << 1n) | sticky, (value.exponent - shift) / 2 - 1, env);
}

/** The largest integer whose square does not exceed `value`, by Newton's iteration from above. */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function FPMax(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  return greater(format, op1, op2, false, env);
}

export function FPMin(format: Format, op1: bigint, op2: bigint, env: Environment): bigint {
  return greater(format, op1, op2, true, env);
}

/** The greater operand, or the lesser one. Plus zero counts as greater than minus zero. */
function greater(format: Format, op1: bigint, op2: bigint, lesser: boolean, env: Environment): bigint {
  const value1 = FPUnpack(format, op1, env);
  const value2 = FPUnpack(format, op2, env);
  const nan = FPProcessNaNs(format, [value1, value2], [op1, op2], env);
  if (nan !== undefined) return nan;
  // Bit patterns order like the numbers once negative ones are reversed; a flushed operand is its zero.
  const order = ordinal(format, value1, op1) - ordinal(format, value2, op2);
  const [value, operand] = order > 0n !== lesser ? [value1, op1] : [value2, op2];
  return value.type === 'zero' ? FPZero(format, value.sign) : operand;
}

function ordinal(format: Format, value: Unpacked, operand: bigint): bigint {
  const magnitude = value.type === 'zero' ? 0n : operand & ~format.signBit;
  return value.sign ? -1n - magnitude : magnitude;
}
