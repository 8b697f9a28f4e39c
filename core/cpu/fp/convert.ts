/** VCVT, VCVTR, VCVTB and VCVTT on registers. Reference: Arm DDI 0406C, A2.7 and A8.8. */
import { FixedToFP, FPDoubleToSingle, FPHalfToSingle, FPSingleToDouble, FPSingleToHalf, FPToFixed } from './exact/convert.ts';
import { DOUBLE, type Format, SINGLE } from './exact/format.ts';
import { FZ, IXC, RMODE, RZ } from './fpscr.ts';
import { type FpRegisters, STATUS } from './registers.ts';
import { MAX_32, MIN_32 } from './rounding-error.ts';
import { bits32, runs, setBits32 } from './slow-path.ts';

/** VCVT.F64.F32. */
export function fpSingleToDouble(fp: FpRegisters, d: number, m: number): void {
  const value = fp.s[m]!;
  const magnitude = Math.abs(value);
  if (magnitude <= MAX_32 && (magnitude >= MIN_32 || (fp.control[STATUS]! & FZ) === 0)) fp.d[d] = value;
  else fp.bits[d] = runs(fp, fp.control[STATUS]!, (env) => FPSingleToDouble(bits32(fp, m), env));
}

/** VCVT.F32.F64. */
export function fpDoubleToSingle(fp: FpRegisters, d: number, m: number): void {
  const value = fp.d[m]!;
  const rounded = Math.fround(value);
  const magnitude = Math.abs(rounded);
  if (magnitude <= MAX_32 && (magnitude > MIN_32 || value === 0) && (fp.control[STATUS]! & RMODE) === 0) {
    fp.s[d] = rounded;
    if (rounded !== value) fp.control[STATUS]! |= IXC;
  } else {
    setBits32(
      fp,
      d,
      runs(fp, fp.control[STATUS]!, (env) => FPDoubleToSingle(fp.bits[m]!, env)),
    );
  }
}

/** VCVTB and VCVTT from half precision; `top` chooses the half of S[m]. */
export function fpHalfToSingle(fp: FpRegisters, d: number, m: number, top: boolean): void {
  const half = BigInt((fp.w[m]! >>> (top ? 16 : 0)) & 0xffff);
  setBits32(
    fp,
    d,
    runs(fp, fp.control[STATUS]!, (env) => FPHalfToSingle(half, env)),
  );
}

/** VCVTB and VCVTT to half precision; the other half of S[d] stays. */
export function fpSingleToHalf(fp: FpRegisters, d: number, m: number, top: boolean): void {
  const half = Number(runs(fp, fp.control[STATUS]!, (env) => FPSingleToHalf(bits32(fp, m), env)));
  fp.w[d] = top ? (half << 16) | (fp.w[d]! & 0xffff) : (fp.w[d]! & 0xffff0000) | half;
}

/** Above what a subnormal operand comes to as a number of fixed-point units. */
const FLUSHABLE = 2 ** -90;

/** To the nearest integer, ties to even, for magnitudes below 2^51. */
function nearestInteger(value: number): number {
  return value + 6755399441055744 - 6755399441055744; // 1.5 * 2^52 leaves no room for a fraction.
}

/** `scaled` as an integer by native arithmetic, or NaN if that cannot tell; a tiny operand may have to be flushed. */
function nativeToInteger(fpscr: number, scaled: number, bits: number, unsigned: boolean, towardsZero: boolean): number {
  if ((fpscr & FZ) !== 0 && scaled !== 0 && Math.abs(scaled) < FLUSHABLE) return Number.NaN;
  if (!towardsZero && (fpscr & RMODE) !== 0) return Number.NaN;
  if (!(Math.abs(scaled) < 8589934592)) return Number.NaN; // 2^33 is beyond every format.
  const integer = towardsZero ? Math.trunc(scaled) : nearestInteger(scaled);
  const limit = 2 ** (unsigned ? bits : bits - 1);
  return integer < limit && integer >= (unsigned ? 0 : -limit) ? integer : Number.NaN;
}

/** FPToFixed() of S[m], as a word in which a narrower result is extended. */
function singleToFixed(
  fp: FpRegisters,
  m: number,
  bits: number,
  fraction: number,
  unsigned: boolean,
  towardsZero: boolean,
): number {
  const scaled = fp.s[m]! * 2 ** fraction;
  const integer = nativeToInteger(fp.control[STATUS]!, scaled, bits, unsigned, towardsZero);
  if (Number.isNaN(integer)) return exactToFixed(fp, SINGLE, bits32(fp, m), bits, fraction, unsigned, towardsZero);
  if (integer !== scaled) fp.control[STATUS]! |= IXC;
  return integer | 0;
}

/** FPToFixed() of D[m]. */
function doubleToFixed(
  fp: FpRegisters,
  m: number,
  bits: number,
  fraction: number,
  unsigned: boolean,
  towardsZero: boolean,
): number {
  const scaled = fp.d[m]! * 2 ** fraction;
  const integer = nativeToInteger(fp.control[STATUS]!, scaled, bits, unsigned, towardsZero);
  if (Number.isNaN(integer)) return exactToFixed(fp, DOUBLE, fp.bits[m]!, bits, fraction, unsigned, towardsZero);
  if (integer !== scaled) fp.control[STATUS]! |= IXC;
  return integer | 0;
}

function exactToFixed(
  fp: FpRegisters,
  format: Format,
  operand: bigint,
  bits: number,
  fractionBits: number,
  unsigned: boolean,
  towardsZero: boolean,
): number {
  const fpscr = fp.control[STATUS]!;
  const control = towardsZero ? fpscr | RZ : fpscr;
  return Number(runs(fp, control, (env) => FPToFixed(format, operand, { bits, fractionBits, unsigned }, env))) | 0;
}

/** VCVT (towards zero) and VCVTR (as FPSCR says): the single S[m] to a 32-bit integer in S[d]. */
export function fpToInt32(fp: FpRegisters, d: number, m: number, unsigned: boolean, towardsZero: boolean): void {
  fp.w[d] = singleToFixed(fp, m, 32, 0, unsigned, towardsZero);
}

/** VCVT and VCVTR: the double D[m] to a 32-bit integer in S[d]. */
export function fpToInt64(fp: FpRegisters, d: number, m: number, unsigned: boolean, towardsZero: boolean): void {
  fp.w[d] = doubleToFixed(fp, m, 32, 0, unsigned, towardsZero);
}

/** VCVT from single to fixed point in place, towards zero; a 16-bit result is extended over S[d]. */
export function fpToFixed32(fp: FpRegisters, d: number, bits: 16 | 32, fractionBits: number, unsigned: boolean): void {
  fp.w[d] = singleToFixed(fp, d, bits, fractionBits, unsigned, true);
}

/** VCVT from double to fixed point in place, towards zero; the result is extended over D[d]. */
export function fpToFixed64(fp: FpRegisters, d: number, bits: 16 | 32, fractionBits: number, unsigned: boolean): void {
  const result = doubleToFixed(fp, d, bits, fractionBits, unsigned, true);
  fp.w[2 * d] = result;
  fp.w[2 * d + 1] = unsigned ? 0 : result >> 31;
}

/** FixedToFP() into S[d]; `integer` is exact. */
function fixedToSingle(fp: FpRegisters, d: number, integer: number, fractionBits: number, control: number): void {
  const exact = integer * 2 ** -fractionBits;
  const rounded = Math.fround(exact);
  if (rounded !== exact) {
    const bits = runs(fp, control, (env) => FixedToFP(SINGLE, BigInt(integer), fractionBits, env));
    setBits32(fp, d, bits);
  } else fp.s[d] = rounded;
}

/** VCVT from the 32-bit integer in S[m] to a single in S[d], rounded as FPSCR says. */
export function fpFromInt32(fp: FpRegisters, d: number, m: number, unsigned: boolean): void {
  const word = fp.w[m]!;
  fixedToSingle(fp, d, unsigned ? word >>> 0 : word, 0, fp.control[STATUS]!);
}

/** VCVT from the 32-bit integer in S[m] to a double in D[d], which is always exact. */
export function fpFromInt64(fp: FpRegisters, d: number, m: number, unsigned: boolean): void {
  const word = fp.w[m]!;
  fp.d[d] = unsigned ? word >>> 0 : word;
}

function narrowed(word: number, bits: 16 | 32, unsigned: boolean): number {
  if (bits === 32) return unsigned ? word >>> 0 : word;
  return unsigned ? word & 0xffff : (word << 16) >> 16;
}

/** VCVT from fixed point in the low bits of S[d] to a single, always to nearest. */
export function fpFromFixed32(fp: FpRegisters, d: number, bits: 16 | 32, fractionBits: number, unsigned: boolean): void {
  fixedToSingle(fp, d, narrowed(fp.w[d]!, bits, unsigned), fractionBits, fp.control[STATUS]! & ~RMODE);
}

/** VCVT from fixed point in the low bits of D[d] to a double, which is always exact. */
export function fpFromFixed64(fp: FpRegisters, d: number, bits: 16 | 32, fractionBits: number, unsigned: boolean): void {
  fp.d[d] = narrowed(fp.w[2 * d]!, bits, unsigned) * 2 ** -fractionBits;
}
