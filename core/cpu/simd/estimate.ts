/**
 * Estimates of reciprocals and of reciprocal square roots, which are architected to the bit. Reference: Arm DDI 0406C, A2.7 (FPRecipEstimate,
 * UnsignedRecipEstimate, FPRSqrtEstimate, UnsignedRSqrtEstimate).
 */
import { FPInfinity, FPZero, pack, SINGLE } from '../fp/exact/format.ts';
import { type Environment, FPProcessNaN, FPUnpack, invalidOperation, isAnyNaN } from '../fp/exact/unpack.ts';
import { DZC, UFC } from '../fp/fpscr.ts';
import type { Operation } from './lanes.ts';

/** recip_estimate() of `a` from 0.5 up to 1: in units of 1/256, from 256 to 511. */
function recipEstimate(a: number): number {
  const middle = (Math.floor(a * 512) + 0.5) / 512;
  return Math.floor(256 / middle + 0.5);
}

/** recip_sqrt_estimate() of `a` from 0.25 up to 1, in units of 1/256. */
function recipSqrtEstimate(a: number): number {
  const steps = a < 0.5 ? 512 : 256;
  const middle = (Math.floor(a * steps) + 0.5) / steps;
  return Math.floor(256 * (1 / Math.sqrt(middle)) + 0.5);
}

const exponentOf = (bits: bigint): number => Number(bits >> 23n) & 0xff;
const fractionOf = (bits: bigint): number => Number(bits & SINGLE.fractionMask) / 2 ** 23;

/** An estimate from 1 up to 2 with an exponent. */
const assembled = (sign: boolean, exponent: number, estimate: number): bigint =>
  pack(SINGLE, sign, exponent, BigInt(estimate & 0xff) << 15n);

export function reciprocalEstimate(operand: bigint, env: Environment): bigint {
  const { type, sign } = FPUnpack(SINGLE, operand, env);
  if (type === 'quiet' || type === 'signalling') return FPProcessNaN(SINGLE, type, operand, env);
  if (type === 'infinity') return FPZero(SINGLE, sign);
  if (type === 'zero') {
    env.exceptions |= DZC;
    return FPInfinity(SINGLE, sign);
  }
  const exponent = exponentOf(operand);
  if (exponent >= 253) {
    // From 2^126 on, the reciprocal is subnormal.
    env.exceptions |= UFC;
    return FPZero(SINGLE, sign);
  }
  return assembled(sign, 253 - exponent, recipEstimate((1 + fractionOf(operand)) / 2));
}

export function reciprocalSquareRootEstimate(operand: bigint, env: Environment): bigint {
  const value = FPUnpack(SINGLE, operand, env);
  if (isAnyNaN(value)) return FPProcessNaN(SINGLE, value.type, operand, env);
  if (value.type === 'zero') {
    env.exceptions |= DZC;
    return FPInfinity(SINGLE, value.sign);
  }
  if (value.sign) return invalidOperation(SINGLE, env);
  if (value.type === 'infinity') return FPZero(SINGLE, false);
  const exponent = exponentOf(operand);
  const scaled = (1 + fractionOf(operand)) / (exponent % 2 === 0 ? 2 : 4);
  return assembled(false, Math.floor((380 - exponent) / 2), recipSqrtEstimate(scaled));
}

const UNIT = 2 ** 32;
/** The nine bits of an estimate on top. */
const onTop = (estimate: number): number => estimate * 2 ** 23;

/** The same of unsigned fractions; operands too small for a result have all ones. */
export const ESTIMATE = {
  VRECPE: { lane: (a) => (a < UNIT / 2 ? -1 : onTop(recipEstimate(a / UNIT))) },
  VRSQRTE: { lane: (a) => (a < UNIT / 4 ? -1 : onTop(recipSqrtEstimate(a / UNIT))) },
} as const satisfies Readonly<Record<string, Operation>>;
