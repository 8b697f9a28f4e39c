/** CPSR and SPSR: reading, writing, banked access. Reference: Arm DDI 0406C, B1.3.3, B9.2.3 (banked register transfers), B9.3. */
import { NSACR, SCR, SCTLR } from './controls.ts';
import { setThumbEE } from './instruction-set.ts';
import {
  changeMode,
  currentMode,
  isBadMode,
  isHyp,
  isSecure,
  isUser,
  MODE,
  readModeRegister,
  scr,
  spsrIndex,
  viewChanged,
  writeModeRegister,
} from './modes.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import { BANK, type Cpu } from './state.ts';
import { sctlr } from './translation-control.ts';

/** The whole CPSR. */
export function cpsr(cpu: Cpu): number {
  const s = cpu.s;
  const at = (index: number): number => s[index] as number;
  const flags = (at(S.N) << 31) | (at(S.Z) << 30) | (at(S.C) << 29) | (at(S.V) << 28) | (at(S.Q) << 27);
  const it = at(S.IT);
  const state = ((it & 3) << 25) | (at(S.J) << 24) | ((it >>> 2) << 10) | (at(S.T) << 5);
  return flags | state | (at(S.GE) << 16) | (at(S.E) << 9) | (at(S.A) << 8) | (at(S.I) << 7) | (at(S.F) << 6) | at(S.M);
}

/** What MRS of CPSR shows: the execution state bits read as zero. */
export const visibleCpsr = (cpu: Cpu): number => cpsr(cpu) & ~0x0700fc20;

/** CPSRWriteByInstr(). `mask` has a bit per byte. */
export function writeCpsr(cpu: Cpu, value: number, mask: number, exceptionReturn: boolean): void {
  const privileged = !isUser(cpu);
  const before = cpsr(cpu);
  if (mask & 8) writeFlags(cpu, value);
  if (mask & 4) cpu.s[S.GE] = (value >>> 16) & 15;
  if (exceptionReturn) writeExecutionState(cpu, value);
  if (mask & 2) {
    cpu.s[S.E] = (value >>> 9) & 1;
    if (privileged && mayMask(cpu, SCR.AW)) cpu.s[S.A] = (value >>> 8) & 1;
  }
  if (mask & 1 && privileged) {
    cpu.s[S.I] = (value >>> 7) & 1;
    const unmaskOnly = (sctlr(cpu) & SCTLR.NMFI) !== 0;
    if ((!unmaskOnly || (value & 0x40) === 0) && mayMask(cpu, SCR.FW)) cpu.s[S.F] = (value >>> 6) & 1;
    if (mayEnter(cpu, value & 31, exceptionReturn)) changeMode(cpu, value & 31);
  }
  const changed = before ^ cpsr(cpu);
  if (changed & 0x200) viewChanged(cpu);
  // A mask, T or J: the engine looks up. (Flags, GE and IT matter to nobody else.)
  if (changed & 0x010001ff) cpu.s[S.ATTENTION] = 1;
}

export function writeFlags(cpu: Cpu, value: number): void {
  const s = cpu.s;
  s[S.N] = value >>> 31;
  s[S.Z] = (value >>> 30) & 1;
  s[S.C] = (value >>> 29) & 1;
  s[S.V] = (value >>> 28) & 1;
  s[S.Q] = (value >>> 27) & 1;
}

/** IT, J and T: J with T is ThumbEE. Jazelle state, J without T, does not exist (its implementation is trivial): we choose A32 for it. */
function writeExecutionState(cpu: Cpu, value: number): void {
  const T = (value >>> 5) & 1;
  cpu.s[S.IT] = ((value >>> 25) & 3) | ((value >>> 8) & 0xfc);
  cpu.s[S.T] = T;
  setThumbEE(cpu, T === 1 && (value & (1 << 24)) !== 0);
}

/** Whether Non-secure software may write CPSR.A or CPSR.F: always with the Virtualization Extensions, else as SCR.AW and SCR.FW say. */
const mayMask = (cpu: Cpu, bit: number): boolean =>
  cpu.model.virtualization || !cpu.model.security || isSecure(cpu) || (scr(cpu) & bit) !== 0;

/**
 * Whether a write of CPSR.M may change to `mode`. Where the manual has UNPREDICTABLE we choose that the mode does not change,
 * which opens no way into Monitor or Hyp mode.
 */
function mayEnter(cpu: Cpu, mode: number, exceptionReturn: boolean): boolean {
  if (isBadMode(cpu, mode)) return false;
  const secure = isSecure(cpu);
  if (!secure && mode === MODE.mon) return false;
  if (!secure && mode === MODE.fiq && cpu.model.security && ((cpu.system[SLOT.NSACR] as number) & NSACR.RFR) !== 0) return false;
  if (mode === MODE.hyp) {
    // From Monitor mode with SCR.NS = 1, the way down to a hypervisor, or from Hyp mode itself.
    return (scr(cpu) & SCR.NS) !== 0 && (isHyp(cpu) || currentMode(cpu) === MODE.mon);
  }
  return !isHyp(cpu) || exceptionReturn;
}

/** SPSR of the current mode; UNPREDICTABLE in User and System mode, which have none. */
export function readSpsr(cpu: Cpu): number {
  return cpu.banked[spsrIndex(currentMode(cpu)) ?? cpu.unpredictable()] as number;
}

/** SPSRWriteByInstr(): bits<23:20> are reserved and stay. */
export function writeSpsr(cpu: Cpu, value: number, mask: number): void {
  const index = spsrIndex(currentMode(cpu)) ?? cpu.unpredictable();
  const bytes = (mask & 8 ? 0xff000000 : 0) | (mask & 4 ? 0x0f0000 : 0) | (mask & 2 ? 0xff00 : 0) | (mask & 1 ? 0xff : 0);
  cpu.banked[index] = ((cpu.banked[index] as number) & ~bytes) | (value & bytes);
}

/** A register that MRS and MSR (Banked register) can name: R<n> of a mode, an SPSR, or ELR_hyp. */
type Banked = { readonly n: number; readonly mode: number } | { readonly index: number };

/** Modes of SYSm<4:1>, for the even numbers LR (or SPSR) and the odd ones SP. */
const PAIRS: { readonly [pair: number]: number } = {
  8: MODE.irq,
  9: MODE.svc,
  10: MODE.abt,
  11: MODE.und,
  14: MODE.mon,
  15: MODE.hyp,
};

/** Decodes R and SYSm; UNPREDICTABLE where there is no such register or the mode may not reach it (BankedRegisterAccessValid). */
function banked(cpu: Cpu, R: number, SYSm: number): Banked {
  const current = currentMode(cpu);
  // These came with the Virtualization Extensions.
  if (!cpu.model.virtualization) return cpu.undefined();
  if (current === MODE.usr) return cpu.unpredictable();
  if (R !== 0) return bankedSpsr(cpu, SYSm, current);
  if (SYSm === 0b11110) return reachesHyp(cpu) || isHyp(cpu) ? { index: BANK.ELR_hyp } : cpu.unpredictable();
  if (SYSm >= 16) return { n: SYSm & 1 ? 13 : 14, mode: reachable(cpu, PAIRS[SYSm >>> 1], current) };
  const n = 8 + (SYSm & 7);
  if (n === 15) return cpu.unpredictable();
  if (SYSm >= 8) return { n, mode: reachable(cpu, MODE.fiq, current) };
  const own = n < 13 ? current !== MODE.fiq : current === MODE.sys || (n === 14 && current === MODE.hyp);
  return own ? cpu.unpredictable() : { n, mode: MODE.usr };
}

function bankedSpsr(cpu: Cpu, SYSm: number, current: number): Banked {
  const mode = SYSm === 0b01110 ? MODE.fiq : (SYSm & 1) === 0 && SYSm >= 16 ? PAIRS[SYSm >>> 1] : undefined;
  return { index: spsrIndex(reachable(cpu, mode, current)) as number };
}

const reachesHyp = (cpu: Cpu): boolean => cpu.model.virtualization && currentMode(cpu) === MODE.mon && (scr(cpu) & SCR.NS) !== 0;

function reachable(cpu: Cpu, mode: number | undefined, current: number): number {
  if (mode === undefined || mode === current) return cpu.unpredictable();
  if (mode === MODE.hyp && !reachesHyp(cpu)) return cpu.unpredictable();
  if (mode === MODE.mon && (!cpu.model.security || !isSecure(cpu))) return cpu.unpredictable();
  const reserved = cpu.model.security && !isSecure(cpu) && ((cpu.system[SLOT.NSACR] as number) & NSACR.RFR) !== 0;
  return mode === MODE.fiq && reserved ? cpu.unpredictable() : mode;
}

export function readBanked(cpu: Cpu, R: number, SYSm: number): number {
  const register = banked(cpu, R, SYSm);
  return 'index' in register ? (cpu.banked[register.index] as number) : readModeRegister(cpu, register.n, register.mode);
}

export function writeBanked(cpu: Cpu, R: number, SYSm: number, value: number): void {
  const register = banked(cpu, R, SYSm);
  if ('index' in register) cpu.banked[register.index] = value;
  else writeModeRegister(cpu, register.n, register.mode, value);
}
