/** The synchronous exceptions, each with its routing and its return address. Reference: Arm DDI 0406C, B1.9, B1.14, B3.13. */
import { Fault } from '../mmu/fault.ts';
import { dfsr, hpfar, hsrStatus, ifsr } from '../mmu/fault-status.ts';
import { HDCR, SCR, TTBCR } from './controls.ts';
import { DSCR, MOE } from './debug.ts';
import type { Op } from './decode.ts';
import type { Exception } from './exception.ts';
import { enterHyp, enterMonitor, enterPl1, generalExceptionsTrapped, routeToHyp, VECTOR } from './exception-entry.ts';
import { isHyp, isSecure, MODE, scr } from './modes.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { accessSyndrome, EC, writeHsr } from './syndrome.ts';

export { takePendingInterrupt, wakes } from './interrupts.ts';

/**
 * Takes the exception that an instruction ended with. R15 is still the instruction's (its address plus 8 or 4) and ITSTATE its own; for a
 * Prefetch Abort, which no instruction raised, the address is in S.NEXT.
 */
export function takeException(cpu: Cpu, exception: Exception, op?: Op): void {
  cpu.sys.monitors.lost();
  const fetch = exception.kind === 'prefetch abort';
  const thumb = cpu.s[S.T] !== 0;
  const pc = fetch ? (cpu.s[S.NEXT] as number) : (cpu.words[15] as number) - (thumb ? 4 : 8);
  switch (exception.kind) {
    case 'undefined':
      return takeUndefined(cpu, pc, thumb ? 2 : 4);
    case 'data abort':
      return takeDataAbort(cpu, pc, exception.fault, { op, maintenance: exception.maintenance === true });
    case 'prefetch abort':
      return takePrefetchAbort(cpu, pc, exception.fault);
    case 'breakpoint':
      return takeBreakpoint(cpu, pc);
    case 'hyp trap':
      return takeHypTrap(cpu, pc, exception.ec, exception.iss, op?.size ?? 4);
  }
}

function takeUndefined(cpu: Cpu, pc: number, offset: number): void {
  const route = routeToHyp(cpu, generalExceptionsTrapped(cpu));
  if (route === 'other') return enterPl1(cpu, MODE.und, pc + offset, VECTOR.undefined, {});
  writeHsr(cpu, EC.unknown, 0, 2);
  enterHyp(cpu, pc, route === 'hyp' ? VECTOR.undefined : VECTOR.hypTrap);
}

/** Hyp mode asked to see the instruction; from Hyp mode itself the trap is an Undefined Instruction exception with that syndrome. */
function takeHypTrap(cpu: Cpu, pc: number, ec: number, iss: number, size: number): void {
  writeHsr(cpu, ec, iss, size);
  enterHyp(cpu, pc, isHyp(cpu) ? VECTOR.undefined : VECTOR.hypTrap);
}

const debugTrapped = (cpu: Cpu): boolean => ((cpu.system[SLOT.HDCR] as number) & HDCR.TDE) !== 0;

/** DBGDSCR.MOE. */
function enteredBy(cpu: Cpu, moe: number): void {
  cpu.system[SLOT.DBGDSCR] = ((cpu.system[SLOT.DBGDSCR] as number) & ~DSCR.MOE) | (moe << 2);
}

const isExternal = (fault: Fault): boolean => fault.type === 'external abort' || fault.type === 'external abort on walk';

interface Abort {
  readonly op: Op | undefined;
  /** A cache maintenance operation or an address translation met the fault. */
  readonly maintenance: boolean;
}

function takeDataAbort(cpu: Cpu, pc: number, fault: Fault, abort: Abort): void {
  const external = isExternal(fault);
  if (external && routesToMonitor(cpu, SCR.EA)) {
    reportDataFault(cpu, fault, abort.maintenance, 1);
    return enterMonitor(cpu, pc + 8, VECTOR.dataAbort);
  }
  const debug = fault.type === 'debug';
  if (debug) enteredBy(cpu, MOE.watchpoint);
  const general = generalExceptionsTrapped(cpu) && (external || fault.type === 'alignment');
  const route = routeToHyp(cpu, fault.stage === 2 || general || (debug && debugTrapped(cpu)));
  if (route === 'other') {
    reportDataFault(cpu, fault, abort.maintenance, secureHandler(cpu));
    return enterPl1(cpu, MODE.abt, pc + 8, VECTOR.dataAbort, { A: true });
  }
  // The syndrome of the instruction is there for stage-2 faults only, and not for those on a walk.
  const valid = fault.stage === 2 && !fault.onWalk && !abort.maintenance;
  const iss = hsrStatus(fault) | (valid ? accessSyndrome(abort.op) : 0) | (abort.maintenance ? (1 << 8) | (1 << 6) : 0);
  const size = (iss & (1 << 24)) !== 0 ? abort.op?.size : 2;
  writeHsr(cpu, route === 'hyp' ? EC.dataAbortHyp : EC.dataAbort, iss, size);
  cpu.system[SLOT.DFAR + HYP_FAULT_BANK] = fault.va;
  if (fault.stage === 2) cpu.system[SLOT.HPFAR] = hpfar(fault);
  enterHyp(cpu, pc, route === 'hyp' ? VECTOR.dataAbort : VECTOR.hypTrap);
}

/** HDFAR and HIFAR are the Secure copies of DFAR and IFAR, whose words exist even without Secure state. */
const HYP_FAULT_BANK = 1;

const routesToMonitor = (cpu: Cpu, bit: number): boolean => cpu.model.security && (scr(cpu) & bit) !== 0;

/** The bank of the fault registers that a PL1 handler of the current state will look at. */
const secureHandler = (cpu: Cpu): 0 | 1 => (cpu.model.security && isSecure(cpu) ? 1 : 0);

const usesLong = (cpu: Cpu, bank: 0 | 1): boolean => ((cpu.system[SLOT.TTBCR + bank] as number) & TTBCR.EAE) !== 0;

function reportDataFault(cpu: Cpu, fault: Fault, maintenance: boolean, bank: 0 | 1): void {
  cpu.system[SLOT.DFSR + bank] = dfsr(fault, usesLong(cpu, bank)) | (maintenance ? (1 << 13) | (1 << 11) : 0);
  cpu.system[SLOT.DFAR + bank] = fault.va;
}

function takePrefetchAbort(cpu: Cpu, pc: number, fault: Fault): void {
  const external = isExternal(fault);
  if (external && routesToMonitor(cpu, SCR.EA)) {
    reportFetchFault(cpu, fault, 1);
    return enterMonitor(cpu, pc + 4, VECTOR.prefetchAbort);
  }
  const debug = fault.type === 'debug';
  if (debug) enteredBy(cpu, MOE.breakpoint);
  const route = routeToHyp(cpu, fault.stage === 2 || (generalExceptionsTrapped(cpu) && external) || (debug && debugTrapped(cpu)));
  if (route === 'other') {
    reportFetchFault(cpu, fault, secureHandler(cpu));
    return enterPl1(cpu, MODE.abt, pc + 4, VECTOR.prefetchAbort, { A: true });
  }
  writeHsr(cpu, route === 'hyp' ? EC.prefetchAbortHyp : EC.prefetchAbort, hsrStatus(fault), 2);
  cpu.system[SLOT.IFAR + HYP_FAULT_BANK] = fault.va;
  if (fault.stage === 2) cpu.system[SLOT.HPFAR] = hpfar(fault);
  enterHyp(cpu, pc, route === 'hyp' ? VECTOR.prefetchAbort : VECTOR.hypTrap);
}

function reportFetchFault(cpu: Cpu, fault: Fault, bank: 0 | 1): void {
  cpu.system[SLOT.IFSR + bank] = ifsr(fault, usesLong(cpu, bank));
  cpu.system[SLOT.IFAR + bank] = fault.va;
}

/** BKPT. IFAR is UNKNOWN: we choose 0. */
function takeBreakpoint(cpu: Cpu, pc: number): void {
  const fault = new Fault({ type: 'debug', va: 0, write: false, long: false });
  enteredBy(cpu, MOE.BKPT);
  const route = routeToHyp(cpu, debugTrapped(cpu));
  if (route === 'other') {
    reportFetchFault(cpu, fault, secureHandler(cpu));
    return enterPl1(cpu, MODE.abt, pc + 4, VECTOR.prefetchAbort, { A: true });
  }
  writeHsr(cpu, route === 'hyp' ? EC.prefetchAbortHyp : EC.prefetchAbort, hsrStatus(fault), 2);
  cpu.system[SLOT.IFAR + HYP_FAULT_BANK] = 0;
  enterHyp(cpu, pc, route === 'hyp' ? VECTOR.prefetchAbort : VECTOR.hypTrap);
}
