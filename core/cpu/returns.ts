/** Returns from exceptions, and the operands of SRS and RFE. Reference: Arm DDI 0406C, B9.3 (ERET, LDM exception return, RFE, SRS, SUBS PC, LR). */
import { currentMode, isBadMode, isHyp, isSecure, isUser, MODE, readModeRegister, writeModeRegister } from './modes.ts';
import { EVENT } from './performance.ts';
import * as S from './scalars.ts';
import { BANK, type Cpu } from './state.ts';
import { readSpsr, writeCpsr } from './status.ts';

/** BranchWritePC(), after the instruction set has changed. */
function branch(cpu: Cpu, target: number): void {
  cpu.s[S.NEXT] = cpu.T ? target & ~1 : target & ~3;
}

/** RFE, and the end of every other return: CPSR from `spsr`, then the branch. */
export function returnFrom(cpu: Cpu, target: number, spsr: number): void {
  cpu.sys.monitors.event(EVENT.EXC_RETURN);
  writeCpsr(cpu, spsr, 15, true);
  branch(cpu, target);
}

/** SUBS PC, LR and kin, LDM with PC and ^: UNDEFINED in Hyp mode, UNPREDICTABLE (so UNDEFINED) where there is no SPSR. */
export function exceptionReturn(cpu: Cpu, target: number): void {
  if (isHyp(cpu)) cpu.undefined();
  returnFrom(cpu, target, readSpsr(cpu));
}

export function eret(cpu: Cpu): void {
  const spsr = readSpsr(cpu);
  returnFrom(cpu, (isHyp(cpu) ? cpu.banked[BANK.ELR_hyp] : cpu.words[14]) as number, spsr);
}

/** The mode whose stack SRS uses. What is UNPREDICTABLE we make UNDEFINED: it shall not reach another world's stack pointer. */
function stackMode(cpu: Cpu, mode: number): number {
  if (isHyp(cpu)) cpu.undefined();
  if (isUser(cpu) || currentMode(cpu) === MODE.sys || isBadMode(cpu, mode) || mode === MODE.hyp) cpu.unpredictable();
  if (mode === MODE.mon && !isSecure(cpu)) cpu.unpredictable();
  return mode;
}

export const stackPointer = (cpu: Cpu, mode: number): number => readModeRegister(cpu, 13, stackMode(cpu, mode));
export const setStackPointer = (cpu: Cpu, mode: number, value: number): void =>
  writeModeRegister(cpu, 13, stackMode(cpu, mode), value);

/** CPS. Nothing happens in User mode. */
export function changeProcessorState(cpu: Cpu, value: number, affected: number): void {
  if (isUser(cpu)) return;
  const kept = affected & 0x1f ? 0 : currentMode(cpu);
  const { s } = cpu;
  const now = (s[S.E]! << 9) | (s[S.A]! << 8) | (s[S.I]! << 7) | (s[S.F]! << 6) | kept;
  writeCpsr(cpu, (now & ~affected) | (value & affected), 3, false);
}
