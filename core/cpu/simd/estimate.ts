/**
 * Estimates of reciprocals and of reciprocal square roots, which are architected to the bit. Reference: Arm DDI 0406C, A2.7 (FPRecipEstimate,
 * UnsignedRecipEstimate, FPRSqrtEstimate, UnsignedRSqrtEstimate).
 */
import { FPInfinity, FPZero, SINGLE } from '../fp/exact/format.ts';
import { type Environment, FPProcessNaN, FPUnpack, invalidOperation } from '../fp/exact/unpack.ts';
import { DZC, UFC } from '../fp/fpscr.ts';
import type { FpRegisters } from '../fp/registers.ts';
import type { Operation } from './lanes.ts';
import { big, exactly, SIGN } from './single.ts';

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

const exponentOf = (bits: number): number => (bits >>> 23) & 0xff;
const fractionOf = (bits: number): number => (bits & 0x7fffff) / 2 ** 23;

/** An estimate from 1 up to 2 with a sign and an exponent. */
const assembled = (sign: number, exponent: number, estimate: number): number =>
  sign | (exponent << 23) | ((estimate & 0xff) << 15);

/** From 2^126 on, the reciprocal is subnormal. */
const HUGE_EXPONENT = 253;

/** FPRecipEstimate(). */
export function reciprocalEstimate(operand: number, fp: FpRegisters): number {
  const exponent = exponentOf(operand);
  if (exponent === 0 || exponent >= HUGE_EXPONENT) return exactly(fp, (env) => specialReciprocal(big(operand), env));
  return assembled(operand & SIGN, HUGE_EXPONENT - exponent, recipEstimate((1 + fractionOf(operand)) / 2));
}

function specialReciprocal(operand: bigint, env: Environment): bigint {
  const { type, sign } = FPUnpack(SINGLE, operand, env);
  if (type === 'quiet' || type === 'signalling') return FPProcessNaN(SINGLE, type, operand, env);
  if (type === 'zero') {
    env.exceptions |= DZC;
    return FPInfinity(SINGLE, sign);
  }
  if (type === 'nonzero') env.exceptions |= UFC;
  return FPZero(SINGLE, sign);
}

/** FPRSqrtEstimate(). */
export function reciprocalSquareRootEstimate(operand: number, fp: FpRegisters): number {
  const exponent = exponentOf(operand);
  if (operand < 0 || exponent === 0 || exponent === 255) return exactly(fp, (env) => specialRoot(big(operand), env));
  const scaled = (1 + fractionOf(operand)) / (exponent % 2 === 0 ? 2 : 4);
  return assembled(0, (380 - exponent) >> 1, recipSqrtEstimate(scaled));
}

function specialRoot(operand: bigint, env: Environment): bigint {
  const { type, sign } = FPUnpack(SINGLE, operand, env);
  if (type === 'quiet' || type === 'signalling') return FPProcessNaN(SINGLE, type, operand, env);
  if (type === 'zero') {
    env.exceptions |= DZC;
    return FPInfinity(SINGLE, sign);
  }
  return sign ? invalidOperation(SINGLE, env) : FPZero(SINGLE, false);
}

const UNIT = 2 ** 32;
/** The nine bits of an estimate on top. */
const onTop = (estimate: number): number => estimate * 2 ** 23;

/** The same of unsigned fractions; operands too small for a result have all ones. */
export const ESTIMATE = {
  VRECPE: { lane: (a) => (a < UNIT / 2 ? -1 : onTop(recipEstimate(a / UNIT))) },
  VRSQRTE: { lane: (a) => (a < UNIT / 4 ? -1 : onTop(recipSqrtEstimate(a / UNIT))) },
} as const satisfies Readonly<Record<string, Operation>>;
