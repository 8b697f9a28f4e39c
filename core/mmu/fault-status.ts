/**
 * How faults are encoded: DFSR and IFSR in both formats, and the status fields of HSR.
 * Reference: DDI 0406C B3.13; DFSR, IFSR, HSR and HPFAR in B4.1.
 */
import { bits } from '../base/bits.ts';
import type { Fault } from './fault.ts';

/** FS[4:0] of the Short-descriptor format, for level 1 (or none) and level 2. */
const SHORT: Readonly<Record<Fault['type'], readonly [number, number]>> = {
  alignment: [0b00001, 0b00001],
  debug: [0b00010, 0b00010],
  'access flag': [0b00011, 0b00110],
  'instruction cache maintenance': [0b00100, 0b00100],
  translation: [0b00101, 0b00111],
  'external abort': [0b01000, 0b01000],
  domain: [0b01001, 0b01011],
  'external abort on walk': [0b01100, 0b01110],
  permission: [0b01101, 0b01111],
  'TLB conflict': [0b10000, 0b10000],
  // Short descriptors know no address size fault; it cannot arise with them.
  'address size': [0b00101, 0b00111],
};

/** STATUS[5:0] of the Long-descriptor format, to which a level is added where `leveled` says so. */
const LONG: Readonly<Record<Fault['type'], { readonly status: number; readonly leveled: boolean }>> = {
  'address size': { status: 0b000000, leveled: true },
  translation: { status: 0b000100, leveled: true },
  'access flag': { status: 0b001000, leveled: true },
  permission: { status: 0b001100, leveled: true },
  'external abort': { status: 0b010000, leveled: false },
  'external abort on walk': { status: 0b010100, leveled: true },
  alignment: { status: 0b100001, leveled: false },
  debug: { status: 0b100010, leveled: false },
  'TLB conflict': { status: 0b110000, leveled: false },
  // A Short-descriptor fault seen in Hyp mode or in a 64-bit PAR.
  domain: { status: 0b111100, leveled: true },
  // The format has no status for it; the manual reports the fault itself, which is a translation fault.
  'instruction cache maintenance': { status: 0b000100, leveled: true },
};

export const shortStatus = ({ type, level }: Fault): number => SHORT[type][level >= 2 ? 1 : 0];

export const longStatus = ({ type, level }: Fault): number => LONG[type].status | (LONG[type].leveled ? level : 0);

const LPAE = 1 << 9;

/** DFSR. `long` is TTBCR.EAE of the mode that takes the abort, as a rule the faulting regime's own format. */
export function dfsr(fault: Fault, long = fault.long): number {
  const wnr = fault.write ? 1 << 11 : 0;
  return long ? wnr | LPAE | longStatus(fault) : wnr | (fault.domain << 4) | splitStatus(shortStatus(fault));
}

export const ifsr = (fault: Fault, long = fault.long): number =>
  long ? LPAE | longStatus(fault) : splitStatus(shortStatus(fault));

/** FS[4] stands apart, in bit 10. */
const splitStatus = (fs: number): number => (bits(fs, 4, 4) << 10) | bits(fs, 3, 0);

/** ISS[7:0] of HSR for an abort taken to Hyp mode: S1PTW, WnR (data aborts only) and DFSC or IFSC. */
export const hsrStatus = (fault: Fault): number => (fault.onWalk ? 1 << 7 : 0) | (fault.write ? 1 << 6 : 0) | longStatus(fault);

/** HPFAR for a stage-2 fault: FIPA[39:12] in bits 31:4. */
export const hpfar = (fault: Fault): number => Math.floor(fault.ipa / 4096) * 16;
