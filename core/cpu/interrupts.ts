/** Asynchronous exceptions: which is pending, which is masked, where it goes. Reference: Arm DDI 0406C, B1.8.4, B1.9, B1.14. */
import { HCR, SCR, TTBCR } from './controls.ts';
import { enterHyp, enterMonitor, enterPl1, VECTOR } from './exception-entry.ts';
import { isHyp, isSecure, isUnderHyp, MODE, scr } from './modes.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import { type Cpu, WAIT } from './state.ts';
import { activeBank } from './translation-control.ts';

const hcr = (cpu: Cpu): number => cpu.system[SLOT.HCR] as number;
const security = (cpu: Cpu): number => (cpu.model.security ? scr(cpu) : 0);

/** One kind of physical asynchronous exception: its line, its mask and the bits that route it. */
interface Kind {
  readonly line: number;
  readonly mask: number;
  /** SCR bit: to Monitor mode. */
  readonly monitor: number;
  /** SCR bit without which Non-secure software cannot mask what goes to Monitor mode; IRQ has none. */
  readonly writable: number;
  /** HCR bit: to Hyp mode. */
  readonly hyp: number;
}

const ABORT: Kind = { line: S.ASYNC_ABORT, mask: S.A, monitor: SCR.EA, writable: SCR.AW, hyp: HCR.AMO };
const FIQ: Kind = { line: S.FIQ, mask: S.F, monitor: SCR.FIQ, writable: SCR.FW, hyp: HCR.FMO };
const IRQ: Kind = { line: S.IRQ, mask: S.I, monitor: SCR.IRQ, writable: 0, hyp: HCR.IMO };

/** Whether a mask bit of CPSR counts: in Non-secure state it may not, for what a higher level has claimed. */
function isMasked(cpu: Cpu, kind: Kind): boolean {
  if (cpu.s[kind.mask] === 0) return false;
  if (isSecure(cpu)) return true;
  const claimed = isUnderHyp(cpu) && (hcr(cpu) & kind.hyp) !== 0;
  if (claimed) return false;
  const toMonitor = cpu.model.virtualization && (security(cpu) & kind.monitor) !== 0;
  return !toMonitor || kind.writable === 0 || (scr(cpu) & kind.writable) !== 0;
}

const isPending = (cpu: Cpu, kind: Kind): boolean => cpu.s[kind.line] !== 0;
const takes = (cpu: Cpu, kind: Kind): boolean => isPending(cpu, kind) && !isMasked(cpu, kind);

/** Virtual interrupts exist in Non-secure PL1&0, for those that HCR routes to Hyp mode. */
function virtuallyPending(cpu: Cpu, line: number | undefined, pend: number, claim: number): boolean {
  if (!isUnderHyp(cpu) || (hcr(cpu) & claim) === 0 || (hcr(cpu) & HCR.TGE) !== 0) return false;
  return (hcr(cpu) & pend) !== 0 || (line !== undefined && cpu.s[line] !== 0);
}
export const virtualIrq = (cpu: Cpu): boolean => virtuallyPending(cpu, S.VIRQ, HCR.VI, HCR.IMO);
export const virtualFiq = (cpu: Cpu): boolean => virtuallyPending(cpu, S.VFIQ, HCR.VF, HCR.FMO);
export const virtualAbort = (cpu: Cpu): boolean => virtuallyPending(cpu, undefined, HCR.VA, HCR.AMO);

/**
 * Takes the most urgent exception that is pending and not masked. The order is IMPLEMENTATION DEFINED: we choose aborts, FIQ, IRQ,
 * physical before virtual.
 */
export function takePendingInterrupt(cpu: Cpu): boolean {
  const taken = takeAny(cpu);
  if (taken) cpu.sys.monitors.lost();
  return taken;
}

function takeAny(cpu: Cpu): boolean {
  const { s } = cpu;
  if ((s[S.IRQ]! | s[S.FIQ]! | s[S.ASYNC_ABORT]!) !== 0) {
    if (takes(cpu, ABORT)) return takeAsyncAbort(cpu);
    if (takes(cpu, FIQ)) return takePhysical(cpu, FIQ, MODE.fiq, VECTOR.fiq);
    if (takes(cpu, IRQ)) return takePhysical(cpu, IRQ, MODE.irq, VECTOR.irq);
  }
  if (!isUnderHyp(cpu)) return false;
  if (s[S.A] === 0 && virtualAbort(cpu)) return takeVirtualAbort(cpu);
  if (s[S.F] === 0 && virtualFiq(cpu)) return takeVirtual(cpu, MODE.fiq, VECTOR.fiq);
  if (s[S.I] === 0 && virtualIrq(cpu)) return takeVirtual(cpu, MODE.irq, VECTOR.irq);
  return false;
}

const next = (cpu: Cpu): number => cpu.s[S.NEXT] as number;

function takePhysical(cpu: Cpu, kind: Kind, mode: number, vector: number): true {
  if ((security(cpu) & kind.monitor) !== 0) enterMonitor(cpu, next(cpu) + 4, vector);
  else if (goesToHyp(cpu, kind)) enterHyp(cpu, next(cpu), vector);
  else enterPl1(cpu, mode, next(cpu) + 4, vector, { A: true, F: kind === FIQ });
  return true;
}

const goesToHyp = (cpu: Cpu, kind: Kind): boolean => isHyp(cpu) || (isUnderHyp(cpu) && (hcr(cpu) & kind.hyp) !== 0);

function takeVirtual(cpu: Cpu, mode: number, vector: number): true {
  enterPl1(cpu, mode, next(cpu) + 4, vector, { A: true, F: mode === MODE.fiq });
  return true;
}

/** DFSR of an asynchronous external abort, in both formats. */
const asyncStatus = (cpu: Cpu, bank: 0 | 1): number =>
  ((cpu.system[SLOT.TTBCR + bank] as number) & TTBCR.EAE) !== 0 ? (1 << 9) | 0x11 : (1 << 10) | 0x6;

/** HSR for an asynchronous external abort: EC 0x24 or 0x25 with DFSC 0b010001. */
function takeAsyncAbort(cpu: Cpu): true {
  cpu.s[S.ASYNC_ABORT] = 0;
  const at = next(cpu);
  if ((security(cpu) & SCR.EA) !== 0) {
    cpu.system[SLOT.DFSR + 1] = asyncStatus(cpu, 1);
    enterMonitor(cpu, at + 8, VECTOR.dataAbort);
  } else if (goesToHyp(cpu, ABORT)) {
    cpu.system[SLOT.HSR] = ((isHyp(cpu) ? 0x25 : 0x24) << 26) | 0x11;
    enterHyp(cpu, at, isHyp(cpu) ? VECTOR.dataAbort : VECTOR.hypTrap);
  } else abortToPl1(cpu, at);
  return true;
}

function takeVirtualAbort(cpu: Cpu): true {
  cpu.system[SLOT.HCR] = hcr(cpu) & ~HCR.VA;
  abortToPl1(cpu, next(cpu));
  return true;
}

function abortToPl1(cpu: Cpu, at: number): void {
  const bank = activeBank(cpu);
  cpu.system[SLOT.DFSR + bank] = asyncStatus(cpu, bank);
  enterPl1(cpu, MODE.abt, at + 8, VECTOR.dataAbort, { A: true });
}

/** ISR: what is pending, as A, I and F. Under Hyp mode the virtual ones stand for those that it has claimed. */
export function pendingMask(cpu: Cpu): number {
  const under = isUnderHyp(cpu);
  const shown = (kind: Kind, virtual: (cpu: Cpu) => boolean): boolean =>
    under && (hcr(cpu) & kind.hyp) !== 0 ? virtual(cpu) : isPending(cpu, kind);
  return (shown(ABORT, virtualAbort) ? 0x100 : 0) | (shown(IRQ, virtualIrq) ? 0x80 : 0) | (shown(FIQ, virtualFiq) ? 0x40 : 0);
}

/** Whether something ends the wait: for WFI whatever is pending, masked or not; for WFE an event, or what is not masked. */
export function wakes(cpu: Cpu): boolean {
  const { s } = cpu;
  if (s[S.WAIT] === WAIT.off) return false;
  const physical = (kind: Kind): boolean => (s[S.WAIT] === WAIT.event ? takes(cpu, kind) : isPending(cpu, kind));
  if (s[S.WAIT] === WAIT.event && s[S.EVENT] !== 0) return true;
  if (physical(IRQ) || physical(FIQ) || physical(ABORT)) return true;
  const masked = (flag: number): boolean => s[S.WAIT] === WAIT.event && s[flag] !== 0;
  return (virtualIrq(cpu) && !masked(S.I)) || (virtualFiq(cpu) && !masked(S.F)) || (virtualAbort(cpu) && !masked(S.A));
}
