/**
 * System register accesses that Hyp mode asked to see (HCR, HDCR, HSTR, HCPTR): emulated, or UNDEFINED for the guest.
 * Reference: Arm DDI 0406C, B1.14 (traps to Hyp mode), B3.13.6 (syndromes).
 */
import { bits } from '../base/bits.ts';
import { MODE, writeModeRegister } from '../cpu/modes.ts';
import type { Caller } from './caller.ts';
import { readEncoded, readModeOfGuest, readVfp } from './machine-registers.ts';

/** An MRC or MCR as HSR describes it. */
export interface Move {
  readonly opc1: number;
  readonly CRn: number;
  readonly CRm: number;
  readonly opc2: number;
  readonly Rt: number;
  readonly read: boolean;
}

export const decodeMove = (iss: number): Move => ({
  opc1: bits(iss, 16, 14),
  CRn: bits(iss, 13, 10),
  CRm: bits(iss, 4, 1),
  opc2: bits(iss, 19, 17),
  Rt: bits(iss, 8, 5),
  read: (iss & 1) !== 0,
});

/** What the guest reads, or 'ignored' for a write; undefined where the register does not exist for it. */
type Emulated = number | 'ignored' | undefined;

const readsZero = (move: Move): Emulated => (move.read ? 0 : 'ignored');

/** ID_PFR0.State3 (ThumbEE) and ID_PFR1.Virtualization are not the guest's; ID_DFR0 shows neither debug nor performance monitors. */
const HIDDEN: { readonly [encoding: string]: number } = { '1 0': 0x0000f000, '1 1': 0x0000f000, '1 2': -1 };

/** CPUID registers (HCR.TID3): the machine's, without what the guest cannot use. */
function identification({ opc1, CRn, CRm, opc2, read }: Move, { cpu }: Caller): Emulated {
  if (!read) return undefined;
  return readEncoded(cpu, opc1, CRn, CRm, opc2) & ~(HIDDEN[`${CRm} ${opc2}`] ?? 0);
}

/** ACTLR.SMP, which software sets before it uses caches: it is always on. */
const ACTLR_SMP = 1 << 6;

const isSetWay = ({ CRm, opc2 }: Move): boolean => opc2 === 2 && (CRm === 6 || CRm === 10 || CRm === 14);

function cp15(move: Move, caller: Caller): Emulated {
  const { opc1, CRn, CRm, opc2 } = move;
  if (CRn === 0 && opc1 === 0) return identification(move, caller);
  if (CRn === 1 && opc1 === 0 && CRm === 0 && opc2 === 1) return move.read ? ACTLR_SMP : 'ignored';
  // Nothing that set/way operations could lose: they are for the sole owner of a cache, and caches here are always coherent.
  if (CRn === 7 && opc1 === 0 && isSetWay(move)) return move.read ? undefined : 'ignored';
  if (CRn === 9 && opc1 === 0 && CRm >= 12) return readsZero(move);
  // L2CTLR tells the number of processors; L2ECTLR has nothing to tell.
  if (CRn === 9 && opc1 === 1 && CRm === 0 && opc2 === 2)
    return move.read ? (caller.partition.vcpus.length - 1) << 24 : 'ignored';
  if (CRn === 9 && opc1 === 1 && CRm === 0 && opc2 === 3) return readsZero(move);
  return undefined;
}

/** Debug registers and ThumbEE's: there is nothing behind them. */
const cp14 = (move: Move): Emulated => (move.opc1 === 0 || move.opc1 === 6 ? readsZero(move) : undefined);

/** Carries out a trapped MRC or MCR. False: it is UNDEFINED. */
export function emulateMove(caller: Caller, coprocessor: 14 | 15, iss: number): boolean {
  const move = decodeMove(iss);
  const result = readModeOfGuest(caller.cpu) === MODE.usr && !isUserAllowed(coprocessor, move) ? undefined : emulated();
  if (result === undefined) return false;
  if (result !== 'ignored') writeGuestRegister(caller.cpu, move.Rt, result);
  return true;

  function emulated(): Emulated {
    return coprocessor === 15 ? cp15(move, caller) : cp14(move);
  }
}

/** User mode's accesses that are trapped are those that the processor would allow: debug's read-only ones. Performance monitors are closed. */
const isUserAllowed = (coprocessor: 14 | 15, move: Move): boolean => coprocessor === 14 && move.opc1 === 0;

/** VMRS of MVFR0 and MVFR1 (HCR.TID3): the register's number stands in place of CRn. */
export function emulateVmrs({ cpu }: Caller, iss: number): boolean {
  const { CRn, Rt, read } = decodeMove(iss);
  if (!read) return false;
  writeGuestRegister(cpu, Rt, readVfp(cpu, CRn));
  return true;
}

/** MRRC of DBGDRAR and DBGDSAR: 0, there is no table of debug registers in memory. Everything else of 64 bits is UNDEFINED. */
export function emulateWide({ cpu }: Caller, iss: number): boolean {
  const CRm = bits(iss, 4, 1);
  if ((iss & 1) === 0 || (CRm !== 1 && CRm !== 2)) return false;
  writeGuestRegister(cpu, bits(iss, 8, 5), 0);
  writeGuestRegister(cpu, bits(iss, 13, 10), 0);
  return true;
}

/** A general register as the guest's mode has it. R15 of MRC stands for the flags, and all that is emulated reads as zero there. */
function writeGuestRegister(cpu: Caller['cpu'], n: number, value: number): void {
  if (n === 15) return;
  writeModeRegister(cpu, n, readModeOfGuest(cpu), value);
}

/** The instruction, for a report. */
export function moveText(coprocessor: 14 | 15, iss: number): string {
  const { opc1, CRn, CRm, opc2, Rt, read } = decodeMove(iss);
  return `${read ? 'MRC' : 'MCR'} p${coprocessor}, ${opc1}, r${Rt}, c${CRn}, c${CRm}, ${opc2}`;
}
