/** What every exception entry does: mode, SPSR, return address, masks, instruction set, vector. Reference: Arm DDI 0406C, B1.8.3, B1.9. */
import { HCR, SCR, SCTLR } from './controls.ts';
import { changeMode, currentMode, isHyp, isSecure, isUser, MODE, scr, spsrIndex, viewChanged } from './modes.ts';
import { EVENT } from './performance.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import { BANK, type Cpu, WAIT } from './state.ts';
import { cpsr } from './status.ts';
import { activeBank, sctlr } from './translation-control.ts';

/** Offsets from the vector base. */
export const VECTOR = {
  reset: 0x00,
  undefined: 0x04,
  call: 0x08,
  prefetchAbort: 0x0c,
  dataAbort: 0x10,
  hypTrap: 0x14,
  irq: 0x18,
  fiq: 0x1c,
} as const;

const HIGH_VECTORS = 0xffff0000 | 0;

/** ExcVectorBase(). VBAR is there on every model of ours, with the Security Extensions or without. */
export const vectorBase = (cpu: Cpu): number =>
  (sctlr(cpu) & SCTLR.V) !== 0 ? HIGH_VECTORS : (cpu.system[SLOT.VBAR + activeBank(cpu)] as number);

/** Takes an exception to a PL1 mode of the current security state. `masks` are the CPSR bits beyond I that the exception sets. */
export function enterPl1(
  cpu: Cpu,
  mode: number,
  returnAddress: number,
  vector: number,
  masks: { A?: boolean; F?: boolean },
): void {
  count(cpu, vector);
  leaveMonitor(cpu);
  const spsr = cpsr(cpu);
  changeMode(cpu, mode);
  store(cpu, spsr, returnAddress);
  const { s } = cpu;
  s[S.I] = 1;
  if (masks.A && mayMask(cpu, SCR.AW)) s[S.A] = 1;
  if (masks.F && mayMask(cpu, SCR.FW)) s[S.F] = 1;
  go(cpu, vectorBase(cpu) + vector, sctlr(cpu));
}

/** An exception in Monitor mode is handled in Secure state. */
function leaveMonitor(cpu: Cpu): void {
  if (currentMode(cpu) === MODE.mon) cpu.sys.setScr((cpu.system[SLOT.SCR] as number) & ~SCR.NS);
}

const mayMask = (cpu: Cpu, bit: number): boolean =>
  cpu.model.virtualization || !cpu.model.security || (scr(cpu) & SCR.NS) === 0 || (scr(cpu) & bit) !== 0;

/** EnterMonitorMode(). */
export function enterMonitor(cpu: Cpu, returnAddress: number, vector: number): void {
  count(cpu, vector);
  leaveMonitor(cpu);
  const spsr = cpsr(cpu);
  changeMode(cpu, MODE.mon);
  store(cpu, spsr, returnAddress);
  const { s } = cpu;
  s[S.A] = 1;
  s[S.I] = 1;
  s[S.F] = 1;
  go(cpu, (cpu.system[SLOT.MVBAR] as number) + vector, sctlr(cpu));
}

/** EnterHypMode(). HSR and the fault address registers are written before. */
export function enterHyp(cpu: Cpu, returnAddress: number, vector: number): void {
  count(cpu, vector);
  const spsr = cpsr(cpu);
  changeMode(cpu, MODE.hyp);
  cpu.banked[BANK.SPSR_hyp] = spsr;
  cpu.banked[BANK.ELR_hyp] = returnAddress;
  const { s } = cpu;
  const routed = cpu.model.security ? scr(cpu) : 0;
  if ((routed & SCR.EA) === 0) s[S.A] = 1;
  if ((routed & SCR.FIQ) === 0) s[S.F] = 1;
  if ((routed & SCR.IRQ) === 0) s[S.I] = 1;
  go(cpu, (cpu.system[SLOT.HVBAR] as number) + vector, cpu.system[SLOT.HSCTLR] as number);
}

/** The performance monitors count an exception in the mode that it is taken from. */
function count({ sys: { monitors } }: Cpu, vector: number): void {
  monitors.event(EVENT.EXC_TAKEN);
  if (vector === VECTOR.irq) monitors.event(EVENT.EXC_IRQ);
  if (vector === VECTOR.fiq) monitors.event(EVENT.EXC_FIQ);
}

function store(cpu: Cpu, spsr: number, returnAddress: number): void {
  cpu.banked[spsrIndex(currentMode(cpu)) as number] = spsr;
  cpu.words[14] = returnAddress;
}

/** The common end: execution state from TE and EE of the controlling register, then the vector. */
function go(cpu: Cpu, target: number, control: number): void {
  const { s } = cpu;
  const big = (control & SCTLR.EE) !== 0 ? 1 : 0;
  s[S.IT] = 0;
  s[S.J] = 0;
  s[S.T] = (control & SCTLR.TE) !== 0 ? 1 : 0;
  s[S.NEXT] = target;
  s[S.WAIT] = WAIT.running;
  s[S.ATTENTION] = 1;
  if (s[S.E] === big) return;
  s[S.E] = big;
  viewChanged(cpu);
}

/** Where an exception goes from Non-secure state of a processor with Hyp mode. */
export type Route = 'hyp' | 'hyp trap' | 'other';

/** Exceptions in Hyp mode stay there; of the others, those that `trapped` names go to its trap vector. */
export function routeToHyp(cpu: Cpu, trapped: boolean): Route {
  if (isHyp(cpu)) return 'hyp';
  return trapped && cpu.model.virtualization && !isSecure(cpu) ? 'hyp trap' : 'other';
}

/** HCR.TGE: exceptions from Non-secure User mode go to Hyp mode. */
export const generalExceptionsTrapped = (cpu: Cpu): boolean => isUser(cpu) && ((cpu.system[SLOT.HCR] as number) & HCR.TGE) !== 0;
