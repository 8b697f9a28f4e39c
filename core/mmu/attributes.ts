/**
 * Memory attributes. Whatever describes them (TEX bits, MAIR, stage 2's MemAttr) ends up as a MAIR byte and a shareability.
 * Reference: DDI 0406C B3.8 (memory region attributes) and its tables for TEX remap and for combining the stages.
 */
import { bit, bits } from '../base/bits.ts';
import { type Regime, SCTLR } from './regime.ts';
import type { MemoryType } from './translation.ts';

export type Shareability = 0 | 2 | 3;

export interface Attributes {
  /** A byte as in MAIR. */
  readonly attributes: number;
  readonly shareability: Shareability;
}

const NON: Shareability = 0;
const OUTER: Shareability = 2;
const INNER: Shareability = 3;

export const STRONGLY_ORDERED = 0x00;
export const DEVICE = 0x04;
const NON_CACHEABLE = 0x4;
/** Two-bit cacheability of TEX and NMRR fields (Non-cacheable, WB WA, WT, WB without WA) as a nibble of MAIR. */
const NIBBLE = [NON_CACHEABLE, 0xf, 0xa, 0xe] as const;

const nibble = (field: number): number => NIBBLE[field & 3] as number;
const both = (cacheability: number): number => cacheability * 0x11;

export const memoryType = (attributes: number): MemoryType =>
  attributes >>> 4 !== 0 ? 'normal' : attributes === STRONGLY_ORDERED ? 'strongly-ordered' : 'device';

/** Device and Strongly-ordered memory is shareable for all; so is Normal memory that no cache holds. */
const settled = (attributes: number, shareability: Shareability): Attributes =>
  attributes >>> 4 === 0 || attributes === both(NON_CACHEABLE)
    ? { attributes, shareability: OUTER }
    : { attributes, shareability };

/** Stage 1 off: Strongly-ordered for data, or what HCR.DC makes of it. */
export const stage1Off = (regime: Regime): Attributes =>
  regime.defaultCacheable ? { attributes: 0xff, shareability: NON } : { attributes: STRONGLY_ORDERED, shareability: OUTER };

/** SH of a long descriptor; the reserved 0b01 is UNPREDICTABLE: we choose Non-shareable. */
const sh = (field: number): Shareability => (field === 2 ? OUTER : field === 3 ? INNER : NON);

/** AttrIndx and SH of a long stage-1 descriptor. */
export function mairAttributes(regime: Regime, descriptor: number): Attributes {
  const index = bits(descriptor, 4, 2);
  const word = index < 4 ? regime.mair0 : regime.mair1;
  return settled((word >>> (8 * (index & 3))) & 0xff, sh(bits(descriptor, 9, 8)));
}

/** TEX[2:0], C, B and S of a short descriptor. */
export function shortAttributes(regime: Regime, tex: number, cb: number, s: number): Attributes {
  if (regime.sctlr & SCTLR.tre) return remapped(regime, ((tex & 1) << 2) | cb, s);
  const shareability = s === 1 ? OUTER : NON;
  if (tex >= 4) return settled((nibble(tex) << 4) | nibble(cb), shareability);
  return settled(texTable(tex, cb), shareability);
}

/** TEX[2] is 0. Reserved encodings are UNPREDICTABLE: we choose Strongly-ordered, the strictest. */
function texTable(tex: number, cb: number): number {
  switch ((tex << 2) | cb) {
    case 0b00001:
    case 0b01000:
      return DEVICE;
    case 0b00010:
      return both(0xa);
    case 0b00011:
      return both(0xe);
    case 0b00100:
      return both(NON_CACHEABLE);
    case 0b00111:
      return both(0xf);
    default:
      return STRONGLY_ORDERED;
  }
}

/** SCTLR.TRE: PRRR (in mair0) gives type and shareability, NMRR (in mair1) the cacheability. */
function remapped(regime: Regime, n: number, s: number): Attributes {
  const { mair0: prrr, mair1: nmrr } = regime;
  const type = bits(prrr, 2 * n + 1, 2 * n);
  if (type !== 2) return settled(type === 1 ? DEVICE : STRONGLY_ORDERED, OUTER);
  const shareable = bit(prrr, 18 + s) === 1;
  const shareability = !shareable ? NON : bit(prrr, 24 + n) === 1 ? INNER : OUTER;
  return settled((nibble(nmrr >>> (2 * n + 16)) << 4) | nibble(nmrr >>> (2 * n)), shareability);
}

/** Whether stage 2's MemAttr[3:0] says Device or Strongly-ordered. */
export const isDevice = (memAttr: number): boolean => memAttr >>> 2 === 0;

/** Combines one cacheability of the two stages: Non-cacheable wins, then Write-Through; the allocation hint is stage 1's. */
function combineNibble(first: number, second: number): number {
  if (first === NON_CACHEABLE || second <= 1) return NON_CACHEABLE;
  const writeThrough = second === 2 && first >= 0xc;
  return writeThrough ? 0x8 | (first & 3) : first;
}

/** What the two stages make together: the stricter type, and the wider shareability. */
export function combine(first: Attributes, memAttr: number, secondSh: number): Attributes {
  const shareability = widest(first.shareability, sh(secondSh));
  const second = memoryType(first.attributes);
  if (isDevice(memAttr)) {
    const strict = memAttr === 0 || second === 'strongly-ordered';
    return settled(strict ? STRONGLY_ORDERED : second === 'device' ? first.attributes : memAttr << 2, shareability);
  }
  if (second !== 'normal') return first;
  const outer = combineNibble(first.attributes >>> 4, memAttr >>> 2);
  const inner = combineNibble(first.attributes & 0xf, memAttr & 3);
  return settled((outer << 4) | inner, shareability);
}

const widest = (a: Shareability, b: Shareability): Shareability => {
  if (a === OUTER || b === OUTER) return OUTER;
  return a === INNER || b === INNER ? INNER : NON;
};
