/**
 * VFMA, VFMS, VFNMA and VFNMS: FPMulAdd() with its single rounding. Reference: Arm DDI 0406C, A2.7 and A8.8.
 *
 * JavaScript has no fused operation. In double precision the exact product and sum are kept as unevaluated pairs, and the small part
 * is rounded to odd so that the last addition rounds as if it were the only one (Boldo and Melquiond, "Emulation of FMA and correctly
 * rounded sums: proved algorithms using rounding to odd", 2008). A single-precision product is exact in double precision.
 */
import { FPMulAdd } from './exact/arithmetic.ts';
import { DOUBLE, SINGLE } from './exact/format.ts';
import { FZ, IXC, RMODE } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import { isModerate, MAX_32, MIN_32, productError, sumError } from './rounding-error.ts';
import { bits32, negatedIf, runs, setBits32 } from './slow-path.ts';

/** Working memory, no state. */
const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);

/** `sum + error`, where `sum` is the nearest number, rounded to odd instead: an inexact result never ends in an even bit. */
export function roundToOdd(sum: number, error: number): number {
  if (error === 0) return sum;
  scratch[0] = sum;
  if ((scratchWords[0]! & 1) !== 0) return sum;
  // An even pattern has an odd neighbour on either side; going outwards only sets the bit, going inwards borrows.
  if (error > 0 === sum > 0) scratchWords[0]! |= 1;
  else {
    if (scratchWords[0] === 0) scratchWords[1]! -= 1;
    scratchWords[0]! -= 1;
  }
  return scratch[0]!;
}

/** `D[d] = ±D[d] + (±D[n]) * D[m]`: VFMA (neither negated), VFMS (n), VFNMA (both), VFNMS (the addend). */
export function fpMulAdd64(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  negateAddend: boolean,
  negateProduct: boolean,
): void {
  const a = negateProduct ? -fp.d[n]! : fp.d[n]!;
  const b = fp.d[m]!;
  const c = negateAddend ? -fp.d[d]! : fp.d[d]!;
  const product = a * b;
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & (RMODE | FZ)) === 0 && isModerate(product) && isModerate(a) && isModerate(b) && (c === 0 || isModerate(c))) {
    const productTail = productError(a, b, product);
    const low = c + productTail;
    const lowTail = sumError(c, productTail, low);
    const high = product + low;
    const highTail = sumError(product, low, high);
    const rest = highTail + lowTail;
    const result = high + roundToOdd(rest, sumError(highTail, lowTail, rest));
    if (isModerate(result) && (rest === 0 || (fpscr & IXC) !== 0)) {
      fp.d[d] = result;
      return;
    }
  }
  // A zero product, the daily bread of sparse data, leaves an ordinary addend as it is.
  if (product === 0 && (a === 0 || b === 0) && isModerate(c) && (fpscr & FZ) === 0) fp.d[d] = c;
  else slowMulAdd64(fp, d, n, m, negateAddend, negateProduct);
}

function slowMulAdd64(fp: FpRegisters, d: number, n: number, m: number, negateAddend: boolean, negateProduct: boolean): void {
  fp.bits[d] = runs(fp, fp.control[STATUS]!, (env) => {
    const addend = negatedIf(negateAddend, DOUBLE, fp.bits[d]!);
    return FPMulAdd(DOUBLE, addend, negatedIf(negateProduct, DOUBLE, fp.bits[n]!), fp.bits[m]!, env);
  });
}

/** The same on S registers. */
export function fpMulAdd32(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  negateAddend: boolean,
  negateProduct: boolean,
): void {
  const a = negateProduct ? -fp.s[n]! : fp.s[n]!;
  const product = a * fp.s[m]!;
  const c = negateAddend ? -fp.s[d]! : fp.s[d]!;
  const sum = product + c;
  const error = sumError(product, c, sum);
  const rounded = Math.fround(roundToOdd(sum, error));
  const magnitude = Math.abs(rounded);
  const fpscr = fp.control[STATUS]!;
  if ((fpscr & (RMODE | FZ)) === 0 && magnitude > MIN_32 && magnitude <= MAX_32) {
    fp.s[d] = rounded;
    if (error !== 0 || rounded !== sum) fp.control[STATUS]! |= IXC;
    return;
  }
  slowMulAdd32(fp, d, n, m, negateAddend, negateProduct);
}

function slowMulAdd32(fp: FpRegisters, d: number, n: number, m: number, negateAddend: boolean, negateProduct: boolean): void {
  const result = runs(fp, fp.control[STATUS]!, (env) => {
    const addend = negatedIf(negateAddend, SINGLE, bits32(fp, d));
    return FPMulAdd(SINGLE, addend, negatedIf(negateProduct, SINGLE, bits32(fp, n)), bits32(fp, m), env);
  });
  setBits32(fp, d, result);
}
