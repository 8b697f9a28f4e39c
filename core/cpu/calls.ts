/** SVC, HVC, SMC, BKPT and ERET. Reference: Arm DDI 0406C, B1.9.5 (SVC), B1.9.8 (HVC), B1.9.6 (SMC), B9.3, C3. */
import { HCR, SCR } from './controls.ts';
import { enterHyp, enterMonitor, enterPl1, generalExceptionsTrapped, routeToHyp, VECTOR } from './exception-entry.ts';
import { isHyp, isSecure, isUser, MODE, scr } from './modes.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { EC, instructionSize, writeHsr } from './syndrome.ts';

const SEMIHOSTING = { A32: 0x123456, T32: 0xab } as const;

const next = (cpu: Cpu): number => cpu.s[S.NEXT] as number;

/** Semihosting is for privileged modes, as in QEMU: a User mode's call belongs to its operating system. */
function semihosting(cpu: Cpu, immediate: number, magic: number): boolean {
  const { semihosting: host } = cpu.ports;
  if (host === undefined || immediate !== magic || isUser(cpu)) return false;
  host.call(cpu);
  cpu.s[S.ATTENTION] = 1;
  return true;
}

/** SVC, with the whole immediate of the encoding (24 bits in A32). */
export function supervisorCall(cpu: Cpu, immediate: number): void {
  if (semihosting(cpu, immediate, cpu.T ? SEMIHOSTING.T32 : SEMIHOSTING.A32)) return;
  const route = routeToHyp(cpu, generalExceptionsTrapped(cpu));
  if (route === 'other') return enterPl1(cpu, MODE.svc, next(cpu), VECTOR.call, {});
  writeHsr(cpu, EC.svc, immediate & 0xffff, instructionSize(cpu));
  enterHyp(cpu, next(cpu), route === 'hyp' ? VECTOR.call : VECTOR.hypTrap);
}

function firmware(cpu: Cpu, conduit: 'hvc' | 'smc'): boolean {
  if (cpu.ports.firmware?.call(cpu, conduit) !== true) return false;
  cpu.s[S.ATTENTION] = 1;
  return true;
}

/** HVC. HVC in Hyp mode with SCR.HCE = 0 is UNPREDICTABLE: we choose UNDEFINED. */
export function hypervisorCall(cpu: Cpu, imm16: number): void {
  if (isUser(cpu)) cpu.undefined();
  if (!cpu.model.virtualization) {
    if (!firmware(cpu, 'hvc')) cpu.undefined();
    return;
  }
  if (isSecure(cpu) || (scr(cpu) & SCR.HCE) === 0) cpu.undefined();
  writeHsr(cpu, EC.hvc, imm16);
  enterHyp(cpu, next(cpu), isHyp(cpu) ? VECTOR.call : VECTOR.hypTrap);
}

/** SMC: a trap to Hyp mode goes before firmware, firmware before Monitor mode. */
export function secureMonitorCall(cpu: Cpu): void {
  if (isUser(cpu)) cpu.undefined();
  const trapped = cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu) && ((cpu.system[SLOT.HCR] as number) & HCR.TSC) !== 0;
  if (trapped) cpu.raise({ kind: 'hyp trap', ec: EC.smc, iss: 0 });
  if (firmware(cpu, 'smc')) return;
  // SCR.SCD in Secure state is UNPREDICTABLE: we choose UNDEFINED there too.
  if (!cpu.model.security || (scr(cpu) & SCR.SCD) !== 0) cpu.undefined();
  enterMonitor(cpu, next(cpu), VECTOR.call);
}

/** BKPT. */
export function breakpoint(cpu: Cpu, imm16: number): void {
  if (cpu.T && semihosting(cpu, imm16, SEMIHOSTING.T32)) return;
  cpu.raise({ kind: 'breakpoint' });
}

/** HLT, which ARMv7 does not have but semihosting uses. */
export function halt(cpu: Cpu, immediate: number): void {
  if (!semihosting(cpu, immediate, cpu.T ? HALT.T32 : HALT.A32)) cpu.undefined();
}
const HALT = { A32: 0xf000, T32: 0x3c } as const;
