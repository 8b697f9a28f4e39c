/** Who may use VFP and Advanced SIMD, and VFP's system registers. Reference: Arm DDI 0406C, B1.11, B4.1.58, B6.1, B9.3 (VMRS, VMSR). */
import { CPACR, FPEXC, HCPTR, HCR, NSACR } from './controls.ts';
import { isHyp, isSecure, isUnderHyp, isUser } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';
import { CONDITION, EC } from './syndrome.ts';

const word = (cpu: Cpu, slot: number): number => cpu.system[slot] as number;

/** CPACR and NSACR; in Hyp mode they do not count, but NSACR does through HCPTR. Access 0b10 is UNPREDICTABLE: we choose UNDEFINED. */
function checkAccessControl(cpu: Cpu, advancedSimd: boolean): void {
  const cpacr = word(cpu, SLOT.CPACR);
  const denied = nonSecureDenied(cpu, NSACR.cp10);
  const access = denied ? 0 : (cpacr >>> CPACR.cp10) & 3;
  if (access === 0 || access === 2 || (access === 1 && isUser(cpu))) cpu.undefined();
  if (advancedSimd && ((cpacr & CPACR.ASEDIS) !== 0 || nonSecureHas(cpu, NSACR.NSASEDIS))) cpu.undefined();
}

const nonSecureHas = (cpu: Cpu, bit: number): boolean =>
  cpu.model.security && !isSecure(cpu) && (word(cpu, SLOT.NSACR) & bit) !== 0;
const nonSecureDenied = (cpu: Cpu, bit: number): boolean =>
  cpu.model.security && !isSecure(cpu) && (word(cpu, SLOT.NSACR) & bit) === 0;

/** HCPTR.TCP10 and TASE: from Hyp mode itself an Undefined Instruction exception with the same syndrome. */
function checkHypTrap(cpu: Cpu, advancedSimd: boolean): void {
  if (!cpu.model.virtualization || isSecure(cpu)) return;
  const hcptr = word(cpu, SLOT.HCPTR) | (nonSecureDenied(cpu, NSACR.cp10) ? HCPTR.TCP10 : 0);
  if ((hcptr & HCPTR.TCP10) !== 0)
    cpu.raise({ kind: 'hyp trap', ec: EC.coprocessor, iss: CONDITION | (advancedSimd ? 1 << 5 : 10) });
  if (advancedSimd && (hcptr & HCPTR.TASE) !== 0) cpu.raise({ kind: 'hyp trap', ec: EC.coprocessor, iss: CONDITION | (1 << 5) });
}

/** Whether all controls allow everything to every mode and state: the usual case, that each VFP instruction asks for first. */
export function isVfpOpen(cpu: Cpu): boolean {
  const { system } = cpu;
  const cpacr = system[SLOT.CPACR] as number;
  if (((cpacr >>> CPACR.cp10) & 3) !== 3 || (cpacr & CPACR.ASEDIS) !== 0) return false;
  if (((system[SLOT.FPEXC] as number) & FPEXC.EN) === 0) return false;
  if (((system[SLOT.HCPTR] as number) & (HCPTR.TCP10 | HCPTR.TASE)) !== 0) return false;
  return !cpu.model.security || ((system[SLOT.NSACR] as number) & (NSACR.cp10 | NSACR.NSASEDIS)) === NSACR.cp10;
}

/** CheckAdvSIMDOrVFPEnabled(). */
export function checkEnabled(cpu: Cpu, needsEN: boolean, advancedSimd: boolean): void {
  if (isVfpOpen(cpu)) return;
  if (!isHyp(cpu)) checkAccessControl(cpu, advancedSimd);
  if (needsEN && (word(cpu, SLOT.FPEXC) & FPEXC.EN) === 0) cpu.undefined();
  checkHypTrap(cpu, advancedSimd);
}

/** Numbers of VMRS and VMSR. */
const FPSID = 0;
const FPSCR = 1;
const MVFR1 = 6;
const MVFR0 = 7;
const FPEXC_NUMBER = 8;
/** In privileged modes, besides FPSCR. FPINST and FPINST2 are absent. */
const READABLE: readonly number[] = [FPSID, MVFR1, MVFR0, FPEXC_NUMBER];

/** VMRS: the identification registers can be trapped (HCR.TID0, TID3). */
export function readVfpSystem(cpu: Cpu, reg: number, Rt: number): number {
  if (reg === FPSCR) {
    checkEnabled(cpu, true, false);
    return cpu.fp.FPSCR;
  }
  if (isUser(cpu) || !READABLE.includes(reg)) cpu.undefined();
  checkEnabled(cpu, false, false);
  if (reg === FPEXC_NUMBER) return word(cpu, SLOT.FPEXC);
  const bit = reg === FPSID ? HCR.TID0 : HCR.TID3;
  if (isUnderHyp(cpu) && (word(cpu, SLOT.HCR) & bit) !== 0) {
    cpu.raise({ kind: 'hyp trap', ec: EC.cp10Id, iss: CONDITION | (7 << 14) | (reg << 10) | (Rt << 5) | 1 });
  }
  return reg === FPSID ? cpu.model.id.FPSID : reg === MVFR0 ? cpu.model.id.MVFR0 : cpu.model.id.MVFR1;
}

/** VMSR. Of FPEXC only EN is implemented; a write to FPSID is ignored. */
export function writeVfpSystem(cpu: Cpu, reg: number, value: number): void {
  if (reg === FPSCR) {
    checkEnabled(cpu, true, false);
    cpu.fp.FPSCR = value;
    return;
  }
  if (isUser(cpu) || (reg !== FPEXC_NUMBER && reg !== FPSID)) cpu.undefined();
  checkEnabled(cpu, false, false);
  if (reg === FPEXC_NUMBER) cpu.system[SLOT.FPEXC] = value & FPEXC.EN;
}
