/** PAR as the address translation operations leave it, in both formats. Reference: DDI 0406C B4.1.112, B3.14. */
import { bit, bits } from '../base/bits.ts';
import { DEVICE } from './attributes.ts';
import { Fault } from './fault.ts';
import { longStatus, shortStatus } from './fault-status.ts';
import type { Translation } from './translation.ts';

/** Low and high word; a 32-bit PAR leaves the high word zero. */
export type Par = readonly [number, number];

/**
 * Which format is used is the operation's business: 64 bits for TTBCR.EAE = 1, for ATS1H*, for ATS1C* executed in Hyp mode, and for
 * ATS12NSO* while HCR.VM or HCR.DC is 1.
 */
export function par(result: Translation | Fault, long: boolean): Par {
  if (result instanceof Fault) return long ? longFailure(result) : shortFailure(result);
  return long ? longSuccess(result) : shortSuccess(result);
}

const LPAE = 1 << 11;

function longSuccess({ pa, nonSecure, attributes, shareability }: Translation): Par {
  const flags = LPAE | (nonSecure ? 1 << 9 : 0) | (shareability << 7);
  return [((pa % 0x1_0000_0000) | flags) >>> 0, ((attributes << 24) | Math.floor(pa / 0x1_0000_0000)) >>> 0];
}

/** F, FST, S2WLK for a stage-2 fault on a stage-1 walk, FSTAGE for stage 2. */
const longFailure = (fault: Fault): Par => [
  1 | (longStatus(fault) << 1) | (fault.onWalk ? 1 << 8 : 0) | (fault.stage === 2 ? 1 << 9 : 0) | LPAE,
  0,
];

const shortFailure = (fault: Fault): Par => [1 | (shortStatus(fault) << 1), 0];

/** Inner[2:0] and Outer[1:0] for the nibbles of a MAIR byte that short descriptors can give. */
const outerField = (nibble: number): number => (nibble < 8 ? 0b00 : nibble < 0xc ? 0b10 : bit(nibble, 0) === 1 ? 0b01 : 0b11);
const innerField = (nibble: number): number => (nibble < 8 ? 0b000 : 0b100 | outerField(nibble));

function cacheability(attributes: number): number {
  if (attributes >>> 4 === 0) return (attributes === DEVICE ? 0b011 : 0b001) << 4;
  return (innerField(attributes & 0xf) << 4) | (outerField(attributes >>> 4) << 2);
}

function shortSuccess({ pa, blockBits, nonSecure, attributes, shareability }: Translation): Par {
  const shareable = shareability === 0 ? 0 : shareability === 3 ? (1 << 10) | (1 << 7) : 1 << 7;
  const flags = (nonSecure ? 1 << 9 : 0) | shareable | cacheability(attributes);
  const low = pa % 0x1_0000_0000;
  // A supersection shows PA[31:24] and, below it, PA[39:32]; SS tells.
  const address = blockBits === 24 ? (low & 0xff000000) | (bits(Math.floor(pa / 0x1_0000_0000), 7, 0) << 16) | 2 : low & ~0xfff;
  return [(address | flags) >>> 0, 0];
}
