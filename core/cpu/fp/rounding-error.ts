/**
 * What a native operation, rounded to nearest, tells about the exact one. Each function answers with the exceptions to record (0 or
 * IXC), or `UNSURE` when only exact arithmetic can say: other rounding modes, NaNs, overflow, and results that may be tiny.
 *
 * The rounding errors come from error-free transformations: the sum of Knuth and Møller, and the product of Dekker and Veltkamp.
 */
import { FZ, IXC, RMODE } from './fpscr.ts';

export const UNSURE = -1;

export const MAX_64 = Number.MAX_VALUE;
export const MIN_64 = 2 ** -1022;
export const MAX_32 = (2 - 2 ** -23) * 2 ** 127;
export const MIN_32 = 2 ** -126;

/** Between these bounds the transformations neither overflow nor lose bits to underflow. */
const LARGE = 2 ** 900;
const SMALL = 2 ** -900;

/** The exact `a + b - sum`. */
export function sumError(a: number, b: number, sum: number): number {
  const right = sum - a;
  return a - (sum - right) + (b - right);
}

/** The exact `a * b - product`, for operands and product within range. */
export function productError(a: number, b: number, product: number): number {
  const scaledA = a * 134217729; // 2^27 + 1 splits a significand in two halves.
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = b * 134217729;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

export function isModerate(x: number): boolean {
  const magnitude = Math.abs(x);
  return magnitude < LARGE && magnitude > SMALL;
}

/** Whether flush-to-zero replaces an operand or an exact result. */
function tiny64(x: number): boolean {
  return x !== 0 && Math.abs(x) < MIN_64;
}

function tiny32(x: number): boolean {
  return x !== 0 && Math.abs(x) < MIN_32;
}

/** Whether the mode makes native arithmetic useless for these operands and this result. */
function foreignMode64(fpscr: number, a: number, b: number, result: number): boolean {
  if ((fpscr & (RMODE | FZ)) === 0) return false;
  return (fpscr & RMODE) !== 0 || tiny64(a) || tiny64(b) || tiny64(result);
}

function foreignMode32(fpscr: number, a: number, b: number, result: number): boolean {
  if ((fpscr & (RMODE | FZ)) === 0) return false;
  return (fpscr & RMODE) !== 0 || tiny32(a) || tiny32(b) || tiny32(result);
}

/** A tiny sum is exact, so addition underflows only in flush-to-zero mode. */
export function addExceptions64(fpscr: number, a: number, b: number, sum: number): number {
  if (!(Math.abs(sum) <= MAX_64) || foreignMode64(fpscr, a, b, sum)) return UNSURE;
  if ((fpscr & IXC) !== 0) return 0;
  if (Math.abs(a) >= LARGE || Math.abs(b) >= LARGE) return UNSURE;
  return sumError(a, b, sum) === 0 ? 0 : IXC;
}

export function mulExceptions64(fpscr: number, a: number, b: number, product: number): number {
  if (foreignMode64(fpscr, a, b, product)) return UNSURE;
  if (product === 0) return a === 0 || b === 0 ? 0 : UNSURE;
  const magnitude = Math.abs(product);
  if (!(magnitude > MIN_64 && magnitude <= MAX_64)) return UNSURE;
  if ((fpscr & IXC) !== 0) return 0;
  if (!(isModerate(a) && isModerate(b) && isModerate(product))) return UNSURE;
  return productError(a, b, product) === 0 ? 0 : IXC;
}

/** A quotient is exact if it times the divisor gives the dividend. */
export function divExceptions64(fpscr: number, a: number, b: number, quotient: number): number {
  if (foreignMode64(fpscr, a, b, quotient)) return UNSURE;
  if (quotient === 0) return a === 0 ? 0 : UNSURE;
  const magnitude = Math.abs(quotient);
  if (!(magnitude > MIN_64 && magnitude <= MAX_64) || b === 0) return UNSURE;
  if ((fpscr & IXC) !== 0) return 0;
  if (!(isModerate(a) && isModerate(b) && isModerate(quotient))) return UNSURE;
  return quotient * b === a && productError(quotient, b, a) === 0 ? 0 : IXC;
}

export function sqrtExceptions64(fpscr: number, a: number, root: number): number {
  if (!(root <= MAX_64) || foreignMode64(fpscr, a, 0, root)) return UNSURE;
  if ((fpscr & IXC) !== 0 || root === 0) return 0;
  if (!isModerate(a)) return UNSURE;
  return root * root === a && productError(root, root, a) === 0 ? 0 : IXC;
}

/** Single precision: `sum` is the sum in double precision, and `rounded` that sum in single precision, which rounds as once. */
export function addExceptions32(fpscr: number, a: number, b: number, sum: number, rounded: number): number {
  if (!(Math.abs(rounded) <= MAX_32) || foreignMode32(fpscr, a, b, rounded)) return UNSURE;
  if ((fpscr & IXC) !== 0) return 0;
  return rounded === sum && sumError(a, b, sum) === 0 ? 0 : IXC;
}

/** The double-precision product of two single-precision numbers is exact. */
export function mulExceptions32(fpscr: number, a: number, b: number, product: number, rounded: number): number {
  if (foreignMode32(fpscr, a, b, rounded)) return UNSURE;
  if (rounded === 0) return a === 0 || b === 0 ? 0 : UNSURE;
  const magnitude = Math.abs(rounded);
  if (!(magnitude > MIN_32 && magnitude <= MAX_32)) return UNSURE;
  return rounded === product ? 0 : IXC;
}

export function divExceptions32(fpscr: number, a: number, b: number, rounded: number): number {
  if (foreignMode32(fpscr, a, b, rounded)) return UNSURE;
  if (rounded === 0) return a === 0 ? 0 : UNSURE;
  const magnitude = Math.abs(rounded);
  if (!(magnitude > MIN_32 && magnitude <= MAX_32) || b === 0) return UNSURE;
  return rounded * b === a ? 0 : IXC;
}

export function sqrtExceptions32(fpscr: number, a: number, rounded: number): number {
  if (!(rounded <= MAX_32) || foreignMode32(fpscr, a, 0, rounded)) return UNSURE;
  return rounded * rounded === a ? 0 : IXC;
}
