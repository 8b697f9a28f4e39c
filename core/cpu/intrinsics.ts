/**
 * Arithmetic that the restricted subset cannot spell, as functions of words: the translator has one operation for each.
 * Reference: Arm DDI 0406C, A2.2.1 and D16.5.
 */
import { word as toWord, type uint, type word } from './insn.ts';

/** The low 32 bits of a product. */
export const multiply = (x: word, y: word): word => Math.imul(x, y) as word;

/** Bits<63:32> of the unsigned product. */
export function multiplyHighUnsigned(x: word, y: word): word {
  const [xLow, xHigh] = [x & 0xffff, x >>> 16];
  const [yLow, yHigh] = [y & 0xffff, y >>> 16];
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16);
  return toWord(xHigh * yHigh + (middle - (middle % 0x10000)) / 0x10000 + ((middle % 0x10000) + xLow * yHigh) / 0x10000);
}

/** Bits<63:32> of the signed product. */
export const multiplyHighSigned = (x: word, y: word): word =>
  toWord(multiplyHighUnsigned(x, y) - (x < 0 ? y : 0) - (y < 0 ? x : 0));

/** Rounded towards zero; 0 if the divisor is 0. */
export const divideSigned = (x: word, y: word): word => ((x / y) | 0) as word;

export const divideUnsigned = (x: uint, y: uint): word => ((x / y) | 0) as word;

export const countLeadingZeroBits = (x: word): word => Math.clz32(x) as word;
