/** Single-precision operations on one element, by the name of their instruction. Reference: Arm DDI 0406C, A2.7, A8.8. */
import { FPAdd, FPDiv, FPMax, FPMin, FPMul, FPMulAdd, FPSub } from '../fp/exact/arithmetic.ts';
import { EQUAL, FPCompare, GREATER } from '../fp/exact/compare.ts';
import { SINGLE } from '../fp/exact/format.ts';
import { type Environment, environment, FPUnpack } from '../fp/exact/unpack.ts';
import { IXC } from '../fp/fpscr.ts';
import { roundToOdd } from '../fp/fused.ts';
import { type FpRegisters, STATUS } from '../fp/registers.ts';
import { addExceptions32, mulExceptions32, sumError, UNSURE } from '../fp/rounding-error.ts';
import { reciprocalEstimate, reciprocalSquareRootEstimate } from './estimate.ts';
import type { Operation } from './lanes.ts';
import { big, bitsOf, exactly, isOrdinary, isPlain, numberOf, SIGN, settle, standard } from './single.ts';

type Lane = Operation['lane'];

const add: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  const rounded = Math.fround(x + y);
  return settle(fp, a, b, rounded, addExceptions32(standard(fp), x, y, x + y, rounded), FPAdd);
};

const subtract: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  const rounded = Math.fround(x - y);
  return settle(fp, a, b, rounded, addExceptions32(standard(fp), x, -y, x - y, rounded), FPSub);
};

const multiply: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  const rounded = Math.fround(x * y);
  return settle(fp, a, b, rounded, mulExceptions32(standard(fp), x, y, x * y, rounded), FPMul);
};

/** FPMulAdd(): one rounding. A product is exact in double precision; rounded to odd, its sum then rounds as if it were exact too. */
const fusedMultiplyAdd: Lane = (a, b, c, _, fp) => {
  const [x, y, z] = [numberOf(a), numberOf(b), numberOf(c)];
  const product = x * y;
  const sum = product + z;
  const error = sumError(product, z, sum);
  const rounded = Math.fround(roundToOdd(sum, error));
  if (isPlain(x) && isPlain(y) && isPlain(z) && (isOrdinary(rounded) || sum === 0)) {
    if (error !== 0 || rounded !== sum) fp.control[STATUS]! |= IXC;
    return bitsOf(rounded);
  }
  return exactly(fp, (env) => FPMulAdd(SINGLE, big(c), big(a), big(b), env));
};

const maximum: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  return settle(fp, a, b, Math.max(x, y), isPlain(x) && isPlain(y) ? 0 : UNSURE, FPMax);
};

const minimum: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  return settle(fp, a, b, Math.min(x, y), isPlain(x) && isPlain(y) ? 0 : UNSURE, FPMin);
};

/** NZCV of a comparison; for equality, quiet NaNs are no invalid operands. */
function compare(a: number, b: number, quietNaNIsInvalid: boolean, fp: FpRegisters): number {
  const env = environment(standard(fp));
  const flags = FPCompare(SINGLE, big(a), big(b), quietNaNIsInvalid, env);
  fp.raise(env.exceptions);
  return flags;
}

const mask = (condition: boolean): number => (condition ? -1 : 0);

const equal: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  return mask(isPlain(x) && isPlain(y) ? x === y : compare(a, b, false, fp) === EQUAL);
};

const greater: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  return mask(isPlain(x) && isPlain(y) ? x > y : compare(a, b, true, fp) === GREATER);
};

const greaterOrEqual: Lane = (a, b, _, __, fp) => {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (isPlain(x) && isPlain(y)) return mask(x >= y);
  const flags = compare(a, b, true, fp);
  return mask(flags === GREATER || flags === EQUAL);
};

const absolute = (a: number): number => a & ~SIGN;
const negated = (a: number): number => a ^ SIGN;

const TWO = bitsOf(2);

/** Infinity times zero, a flushed operand being zero too. */
function isInfinityTimesZero(a: number, b: number, env: Environment): boolean {
  const types = [FPUnpack(SINGLE, big(a), env).type, FPUnpack(SINGLE, big(b), env).type];
  return types.includes('infinity') && types.includes('zero');
}

/**
 * `start - a * b`, rounded twice: FPRecipStep(), and before its halving FPRSqrtStep(). Where all is ordinary, halving is exact.
 */
function step(start: number, special: number, a: number, b: number, fp: FpRegisters, halve: boolean): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  const product = Math.fround(x * y);
  const difference = Math.fround(start - product);
  const result = halve ? difference / 2 : difference;
  if (isPlain(x) && isPlain(y) && isOrdinary(product) && isOrdinary(result)) {
    if (product !== x * y || difference !== start - product || sumError(start, -product, difference) !== 0)
      fp.control[STATUS]! |= IXC;
    return bitsOf(result);
  }
  return exactly(fp, (env) => {
    if (isInfinityTimesZero(a, b, env)) return big(bitsOf(special));
    const exact = FPSub(SINGLE, big(bitsOf(start)), FPMul(SINGLE, big(a), big(b), env), env);
    return halve ? FPDiv(SINGLE, exact, big(TWO), env) : exact;
  });
}

/** Elements are the bit patterns as signed words. */
export const FLOAT = {
  VADD: { lane: add },
  VSUB: { lane: subtract },
  VABD: { lane: (a, b, c, type, fp) => absolute(subtract(a, b, c, type, fp)) },
  VMUL: { lane: multiply },
  VMLA: { lane: (a, b, c, type, fp) => add(c, multiply(a, b, 0, type, fp), 0, type, fp) },
  VMLS: { lane: (a, b, c, type, fp) => add(c, negated(multiply(a, b, 0, type, fp)), 0, type, fp) },
  VFMA: { lane: fusedMultiplyAdd },
  VFMS: { lane: (a, b, c, type, fp) => fusedMultiplyAdd(negated(a), b, c, type, fp) },
  VMAX: { lane: maximum },
  VMIN: { lane: minimum },
  VCEQ: { lane: equal },
  VCGE: { lane: greaterOrEqual },
  VCGT: { lane: greater },
  VCLE: { lane: (a, b, c, type, fp) => greaterOrEqual(b, a, c, type, fp) },
  VCLT: { lane: (a, b, c, type, fp) => greater(b, a, c, type, fp) },
  VACGE: { lane: (a, b, c, type, fp) => greaterOrEqual(absolute(a), absolute(b), c, type, fp) },
  VACGT: { lane: (a, b, c, type, fp) => greater(absolute(a), absolute(b), c, type, fp) },
  VABS: { lane: absolute },
  VNEG: { lane: negated },
  VRECPS: { lane: (a, b, _, __, fp) => step(2, 2, a, b, fp, false) },
  VRSQRTS: { lane: (a, b, _, __, fp) => step(3, 1.5, a, b, fp, true) },
  VRECPE: { lane: (a, _, __, ___, fp) => reciprocalEstimate(a, fp) },
  VRSQRTE: { lane: (a, _, __, ___, fp) => reciprocalSquareRootEstimate(a, fp) },
} as const satisfies Readonly<Record<string, Operation>>;
