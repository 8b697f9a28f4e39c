/** VMLA, VMLS, VNMLA and VNMLS: multiply, round, add, round. Reference: Arm DDI 0406C, A8.8 and A2.7. */
import { FPAdd, FPMul } from './exact/arithmetic.ts';
import { DOUBLE, SINGLE } from './exact/format.ts';
import { FAST_MASK, IXC } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import {
  addExceptions32,
  addExceptions64,
  MAX_32,
  MAX_64,
  MIN_32,
  MIN_64,
  mulExceptions32,
  mulExceptions64,
} from './rounding-error.ts';
import { bits32, negatedIf, runs, setBits32 } from './slow-path.ts';

/**
 * `D[d] = ±D[d] + ±(D[n] * D[m])`, rounded twice: VMLA (neither negated), VMLS (the product), VNMLA (both), VNMLS (the addend).
 */
export function fpMulThenAdd64(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  negateAddend: boolean,
  negateProduct: boolean,
): void {
  const a = fp.d[n]!;
  const b = fp.d[m]!;
  const unsigned = a * b;
  const product = negateProduct ? -unsigned : unsigned;
  const addend = negateAddend ? -fp.d[d]! : fp.d[d]!;
  const sum = addend + product;
  const fpscr = fp.control[STATUS]!;
  const isOrdinary = Math.abs(product) > MIN_64 && Math.abs(sum) <= MAX_64;
  if (isOrdinary && (fpscr & FAST_MASK) === IXC) {
    fp.d[d] = sum;
    return;
  }
  const exceptions = mulExceptions64(fpscr, a, b, unsigned);
  const more = addExceptions64(fpscr, addend, product, sum);
  if (exceptions < 0 || more < 0) slowMulThenAdd64(fp, d, n, m, negateAddend, negateProduct);
  else {
    fp.d[d] = sum;
    fp.control[STATUS]! |= exceptions | more;
  }
}

function slowMulThenAdd64(fp: FpRegisters, d: number, n: number, m: number, negateAddend: boolean, negateProduct: boolean): void {
  fp.bits[d] = runs(fp, fp.control[STATUS]!, (env) => {
    const product = FPMul(DOUBLE, fp.bits[n]!, fp.bits[m]!, env);
    return FPAdd(DOUBLE, negatedIf(negateAddend, DOUBLE, fp.bits[d]!), negatedIf(negateProduct, DOUBLE, product), env);
  });
}

export function fpMulThenAdd32(
  fp: FpRegisters,
  d: number,
  n: number,
  m: number,
  negateAddend: boolean,
  negateProduct: boolean,
): void {
  const a = fp.s[n]!;
  const b = fp.s[m]!;
  const exact = a * b;
  const unsigned = Math.fround(exact);
  const product = negateProduct ? -unsigned : unsigned;
  const addend = negateAddend ? -fp.s[d]! : fp.s[d]!;
  const sum = addend + product;
  const rounded = Math.fround(sum);
  const fpscr = fp.control[STATUS]!;
  const isOrdinary = Math.abs(product) > MIN_32 && Math.abs(rounded) <= MAX_32;
  if (isOrdinary && (fpscr & FAST_MASK) === IXC) {
    fp.s[d] = rounded;
    return;
  }
  const exceptions = mulExceptions32(fpscr, a, b, exact, unsigned);
  const more = addExceptions32(fpscr, addend, product, sum, rounded);
  if (exceptions < 0 || more < 0) slowMulThenAdd32(fp, d, n, m, negateAddend, negateProduct);
  else {
    fp.s[d] = rounded;
    fp.control[STATUS]! |= exceptions | more;
  }
}

function slowMulThenAdd32(fp: FpRegisters, d: number, n: number, m: number, negateAddend: boolean, negateProduct: boolean): void {
  const result = runs(fp, fp.control[STATUS]!, (env) => {
    const product = FPMul(SINGLE, bits32(fp, n), bits32(fp, m), env);
    return FPAdd(SINGLE, negatedIf(negateAddend, SINGLE, bits32(fp, d)), negatedIf(negateProduct, SINGLE, product), env);
  });
  setBits32(fp, d, result);
}
