/** The three floating-point formats and their constants. Reference: Arm DDI 0406C, A2.7 "Floating-point data types and arithmetic". */

/** An encoding: sign, exponent and fraction, from the top. Values in it are bit patterns held as non-negative `bigint`. */
export interface Format {
  readonly bits: number;
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** All-ones exponent, as a number. */
  readonly exponentMax: number;
  /** The exponent of the smallest normal number. */
  readonly minimumExponent: number;
  readonly signBit: bigint;
  readonly fractionMask: bigint;
  /** The top fraction bit: set in a quiet NaN, clear in a signalling one. */
  readonly quietBit: bigint;
}

function format(bits: number, exponentBits: number): Format {
  const fractionBits = bits - exponentBits - 1;
  return {
    bits,
    exponentBits,
    fractionBits,
    exponentMax: 2 ** exponentBits - 1,
    minimumExponent: 2 - 2 ** (exponentBits - 1),
    signBit: 1n << BigInt(bits - 1),
    fractionMask: (1n << BigInt(fractionBits)) - 1n,
    quietBit: 1n << BigInt(fractionBits - 1),
  };
}

export const HALF = format(16, 5);
export const SINGLE = format(32, 8);
export const DOUBLE = format(64, 11);

export function pack(format: Format, sign: boolean, exponent: number, fraction: bigint): bigint {
  return (sign ? format.signBit : 0n) | (BigInt(exponent) << BigInt(format.fractionBits)) | fraction;
}

export function FPZero(format: Format, sign: boolean): bigint {
  return sign ? format.signBit : 0n;
}

export function FPInfinity(format: Format, sign: boolean): bigint {
  return pack(format, sign, format.exponentMax, 0n);
}

export function FPMaxNormal(format: Format, sign: boolean): bigint {
  return pack(format, sign, format.exponentMax - 1, format.fractionMask);
}

export function FPDefaultNaN(format: Format): bigint {
  return pack(format, false, format.exponentMax, format.quietBit);
}

export function FPNeg(format: Format, operand: bigint): bigint {
  return operand ^ format.signBit;
}

/** VFPExpandImm(): the constant that the eight bits of a VMOV (immediate) stand for. */
export function VFPExpandImm(format: Format, imm8: number): bigint {
  const repeated = (imm8 & 0x40) !== 0;
  const low = (imm8 >> 4) & 3;
  // NOT(b6), then copies of b6, then two bits, fill the exponent.
  const exponent = (repeated ? 2 ** (format.exponentBits - 1) - 4 : 2 ** (format.exponentBits - 1)) + low;
  return pack(format, (imm8 & 0x80) !== 0, exponent, BigInt(imm8 & 15) << BigInt(format.fractionBits - 4));
}
