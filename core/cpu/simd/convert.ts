/** Conversions of lanes between single precision, integers, fixed point and half precision. Reference: Arm DDI 0406C, A2.7, A8.8 (VCVT). */
import { FixedToFP, FPHalfToSingle, FPSingleToHalf, FPToFixed } from '../fp/exact/convert.ts';
import { SINGLE } from '../fp/exact/format.ts';
import { IXC, RZ } from '../fp/fpscr.ts';
import { type FpRegisters, STATUS } from '../fp/registers.ts';
import type { Operation } from './lanes.ts';
import { big, bitsOf, exactly, isPlain, numberOf } from './single.ts';

/** Towards zero, saturated; `least` and `most` tell whether the integer has a sign. */
function toFixed(a: number, fractionBits: number, unsigned: boolean, fp: FpRegisters): number {
  const value = numberOf(a);
  const scaled = value * 2 ** fractionBits;
  const integer = Math.trunc(scaled);
  const [least, most] = unsigned ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
  if (isPlain(value) && integer >= least && integer <= most) {
    if (integer !== scaled) fp.control[STATUS]! |= IXC;
    return integer | 0;
  }
  return exactly(fp, (env) => FPToFixed(SINGLE, big(a), { bits: 32, fractionBits, unsigned }, env), RZ);
}

/** To nearest; what double precision holds exactly is rounded once. */
function fromFixed(integer: number, fractionBits: number, fp: FpRegisters): number {
  const exact = integer * 2 ** -fractionBits;
  const rounded = Math.fround(exact);
  if (rounded === exact) return bitsOf(rounded);
  return exactly(fp, (env) => FixedToFP(SINGLE, BigInt(integer), fractionBits, env));
}

/** The constant is the number of fraction bits. */
export const CONVERT = {
  to_signed: { lane: (a, fractionBits, _, __, fp) => toFixed(a, fractionBits, false, fp) },
  to_unsigned: { lane: (a, fractionBits, _, __, fp) => toFixed(a, fractionBits, true, fp) },
  /** Of a signed or an unsigned element. */
  from_fixed: { lane: (a, fractionBits, _, __, fp) => fromFixed(a, fractionBits, fp) },
  half_to_single: { lane: (a, _, __, ___, fp) => exactly(fp, (env) => FPHalfToSingle(BigInt(a), env)) },
  single_to_half: { lane: (a, _, __, ___, fp) => exactly(fp, (env) => FPSingleToHalf(big(a), env)) },
} as const satisfies Readonly<Record<string, Operation>>;
