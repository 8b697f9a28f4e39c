/** Processor modes and their banked registers. Reference: Arm DDI 0406C, B1.3. */
import { SCR } from './controls.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import { BANK, type Cpu } from './state.ts';

/** CPSR.M. */
export const MODE = {
  usr: 0x10,
  fiq: 0x11,
  irq: 0x12,
  svc: 0x13,
  mon: 0x16,
  abt: 0x17,
  hyp: 0x1a,
  und: 0x1b,
  sys: 0x1f,
} as const;
export type ModeName = keyof typeof MODE;

/** Where a mode keeps SP, LR and SPSR while another mode runs. The SPSR is always there; System mode shares with User mode. */
interface Banks {
  readonly SP: number;
  /** Hyp mode has the LR of User mode. */
  readonly LR: number;
  readonly SPSR: number | undefined;
}

const USER: Banks = { SP: BANK.SP_usr, LR: BANK.LR_usr, SPSR: undefined };

const BY_MODE: { readonly [mode: number]: Banks } = {
  [MODE.usr]: USER,
  [MODE.sys]: USER,
  [MODE.fiq]: { SP: BANK.SP_fiq, LR: BANK.LR_fiq, SPSR: BANK.SPSR_fiq },
  [MODE.irq]: { SP: BANK.SP_irq, LR: BANK.LR_irq, SPSR: BANK.SPSR_irq },
  [MODE.svc]: { SP: BANK.SP_svc, LR: BANK.LR_svc, SPSR: BANK.SPSR_svc },
  [MODE.mon]: { SP: BANK.SP_mon, LR: BANK.LR_mon, SPSR: BANK.SPSR_mon },
  [MODE.abt]: { SP: BANK.SP_abt, LR: BANK.LR_abt, SPSR: BANK.SPSR_abt },
  [MODE.hyp]: { SP: BANK.SP_hyp, LR: BANK.LR_usr, SPSR: BANK.SPSR_hyp },
  [MODE.und]: { SP: BANK.SP_und, LR: BANK.LR_und, SPSR: BANK.SPSR_und },
};
/** By CPSR.M. */
const BANKS: readonly (Banks | undefined)[] = Array.from({ length: 32 }, (_, mode) => BY_MODE[mode]);

export const currentMode = (cpu: Cpu): number => cpu.s[S.M] as number;

/** Bits of SCR; without the Security Extensions the processor is as one for ever Non-secure, HVC enabled. */
export const scr = (cpu: Cpu): number => (cpu.model.security ? (cpu.system[SLOT.SCR] as number) : SCR.NS | SCR.HCE);

/** IsSecure(). */
export const isSecure = (cpu: Cpu): boolean => (scr(cpu) & SCR.NS) === 0 || currentMode(cpu) === MODE.mon;

export const isHyp = (cpu: Cpu): boolean => currentMode(cpu) === MODE.hyp;
export const isUser = (cpu: Cpu): boolean => currentMode(cpu) === MODE.usr;

/** BadMode(). */
export function isBadMode(cpu: Cpu, mode: number): boolean {
  if (mode === MODE.mon) return !cpu.model.security;
  if (mode === MODE.hyp) return !cpu.model.virtualization;
  return BANKS[mode] === undefined;
}

/** Whether HCR has a say: the Virtualization Extensions exist and the processor is in a Non-secure mode other than Hyp. */
export const isUnderHyp = (cpu: Cpu): boolean => cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu);

/** Index in `banked` of the SPSR of a mode; undefined in User and System mode. */
export const spsrIndex = (mode: number): number | undefined => BANKS[mode]?.SPSR;

/** Puts the registers of the old mode away and brings those of the new one in. */
export function changeMode(cpu: Cpu, mode: number): void {
  const old = currentMode(cpu);
  if (old === mode) return;
  const { words, banked } = cpu;
  const from = BANKS[old] as Banks;
  const to = BANKS[mode] as Banks;
  banked[from.SP] = words[13] as number;
  banked[from.LR] = words[14] as number;
  words[13] = banked[to.SP] as number;
  words[14] = banked[to.LR] as number;
  if (old === MODE.fiq) swapR8(cpu, BANK.R8_fiq, BANK.R8_usr);
  if (mode === MODE.fiq) swapR8(cpu, BANK.R8_usr, BANK.R8_fiq);
  cpu.s[S.M] = mode;
  viewChanged(cpu);
}

/** Mode, endianness or SCR changed: the bus and the memory side learn of it. The tables of the two security states are not told apart there. */
export function viewChanged(cpu: Cpu): void {
  cpu.s[S.ATTENTION] = 1;
  cpu.sys.monitors.contextChanged();
  if (refreshInitiator(cpu)) cpu.mem.regimeChanged();
  else cpu.mem.privilegeChanged();
}

/** Makes `initiator` agree with the security state; whether it did not before. */
export function refreshInitiator(cpu: Cpu): boolean {
  const secure = cpu.model.security && isSecure(cpu);
  if (cpu.initiator.secure === secure) return false;
  cpu.initiator = { core: cpu.index, secure };
  return true;
}

/** R8 to R12, which only FIQ mode has for its own. */
function swapR8(cpu: Cpu, from: number, to: number): void {
  for (let i = 0; i < 5; i++) {
    cpu.banked[from + i] = cpu.words[8 + i] as number;
    cpu.words[8 + i] = cpu.banked[to + i] as number;
  }
}

/** Rmode[n, mode] for n of 8 to 14: a register of another (or this) mode. */
export function readModeRegister(cpu: Cpu, n: number, mode: number): number {
  const index = bankIndex(cpu, n, mode);
  return (index === undefined ? cpu.words[n] : cpu.banked[index]) as number;
}

export function writeModeRegister(cpu: Cpu, n: number, mode: number, value: number): void {
  const index = bankIndex(cpu, n, mode);
  if (index === undefined) cpu.words[n] = value;
  else cpu.banked[index] = value;
}

/** Where register `n` of `mode` stands in `banked`, or undefined if it is the one in use. */
function bankIndex(cpu: Cpu, n: number, mode: number): number | undefined {
  const now = currentMode(cpu);
  if (n < 8 || n === 15) return undefined;
  if (n < 13) {
    if ((now === MODE.fiq) === (mode === MODE.fiq)) return undefined;
    return (mode === MODE.fiq ? BANK.R8_fiq : BANK.R8_usr) + n - 8;
  }
  const wanted = BANKS[mode] as Banks;
  const current = BANKS[now] as Banks;
  if (n === 13) return wanted.SP === current.SP ? undefined : wanted.SP;
  return wanted.LR === current.LR ? undefined : wanted.LR;
}
