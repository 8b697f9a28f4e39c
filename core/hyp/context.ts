/**
 * A world switch: everything that a guest can read or write and that the core has only once. Reference: Arm DDI 0406C, B1.3 (banked registers),
 * B3.15 (CP15), B8 (virtual timer). Floating-point registers are switched at once, not when they are first used, so that none leaks.
 */
import * as S from '../cpu/scalars.ts';
import type { Cpu } from '../cpu/state.ts';
import {
  type Banked,
  type Narrow,
  readBanked,
  readSpsr,
  readSystem,
  readVfp,
  readWide,
  restoreSystem,
  VFP,
  type Wide,
  writeBanked,
  writeSpsr,
  writeSystem,
  writeVfp,
  writeWide,
} from './machine-registers.ts';

/** R0 to R12 and LR of User mode, which Hyp mode uses as they are. */
const GENERAL = 14;
const LR_USR = 13;

const BANKED: readonly Banked[] = [
  'SP_usr',
  'SP_svc',
  'LR_svc',
  'SPSR_svc',
  'SP_abt',
  'LR_abt',
  'SPSR_abt',
  'SP_und',
  'LR_und',
  'SPSR_und',
  'SP_irq',
  'LR_irq',
  'SPSR_irq',
  'R8_fiq',
  'R9_fiq',
  'R10_fiq',
  'R11_fiq',
  'R12_fiq',
  'SP_fiq',
  'LR_fiq',
  'SPSR_fiq',
  'ELR_hyp',
];

const SYSTEM: readonly Narrow[] = [
  'CSSELR',
  'SCTLR',
  'CPACR',
  'TTBCR',
  'DACR',
  'DFSR',
  'IFSR',
  'ADFSR',
  'AIFSR',
  'DFAR',
  'IFAR',
  'MAIR0',
  'MAIR1',
  'AMAIR0',
  'AMAIR1',
  'VBAR',
  'CONTEXTIDR',
  'TPIDRURW',
  'TPIDRURO',
  'TPIDRPRW',
  'CNTKCTL',
];

const WIDE: readonly Wide[] = ['TTBR0', 'TTBR1', 'PAR', 'CNTV_CVAL'];

const BANKED_AT = GENERAL;
const SYSTEM_AT = BANKED_AT + BANKED.length;
const WIDE_AT = SYSTEM_AT + SYSTEM.length;
const OTHERS_AT = WIDE_AT + 2 * WIDE.length;

/** Places in a context of what other parts of the hypervisor look at. */
export const AT = {
  R0: 0,
  ELR_hyp: BANKED_AT + BANKED.indexOf('ELR_hyp'),
  SCTLR: SYSTEM_AT + SYSTEM.indexOf('SCTLR'),
  MAIR0: SYSTEM_AT + SYSTEM.indexOf('MAIR0'),
  MAIR1: SYSTEM_AT + SYSTEM.indexOf('MAIR1'),
  TTBR0: WIDE_AT + 2 * WIDE.indexOf('TTBR0'),
  CNTV_CVAL: WIDE_AT + 2 * WIDE.indexOf('CNTV_CVAL'),
  SPSR_hyp: OTHERS_AT,
  CNTV_CTL: OTHERS_AT + 1,
  FPEXC: OTHERS_AT + 2,
  FPSCR: OTHERS_AT + 3,
  GICH_VMCR: OTHERS_AT + 4,
  GICH_APR: OTHERS_AT + 5,
} as const;

interface ContextPlace {
  readonly at: number;
  readonly words: 1 | 2;
}

/** Where a context has a register, by the manual's name. Those of 64 bits take two words, low first. R0 to R12 have the first words. */
export const CONTEXT_PLACES: ReadonlyMap<string, ContextPlace> = new Map<string, ContextPlace>([
  ['LR_usr', { at: LR_USR, words: 1 }],
  ...BANKED.map((name, i) => [name, { at: BANKED_AT + i, words: 1 }] as const),
  ...SYSTEM.map((name, i) => [name, { at: SYSTEM_AT + i, words: 1 }] as const),
  ...WIDE.map((name, i) => [name, { at: WIDE_AT + 2 * i, words: 2 }] as const),
  ...(['SPSR_hyp', 'FPEXC', 'FPSCR'] as const).map((name) => [name, { at: AT[name], words: 1 }] as const),
]);

/** A register of a context by the manual's name. */
export function contextOf(context: Int32Array, name: Banked | Narrow): number {
  const banked = (BANKED as readonly string[]).indexOf(name);
  return context[banked >= 0 ? BANKED_AT + banked : SYSTEM_AT + (SYSTEM as readonly string[]).indexOf(name)] as number;
}

/** LR of User and System mode. */
export const lrUser = (context: Int32Array): number => context[LR_USR] as number;

export const CONTEXT_WORDS = OTHERS_AT + 6;
/** D0 to D31. */
export const FP_WORDS = 64;

const FPEXC_EN = 1 << 30;
/** CNTV_CTL without ISTATUS, which is no state. */
const TIMER_CONTROL = 3;

/** What a virtual processor starts with. */
export interface StartState {
  readonly address: number;
  readonly thumb: boolean;
  /** From R0; those not given are 0. */
  readonly registers: readonly number[];
}

const SUPERVISOR_MASKED = 0x1d3;
const THUMB = 1 << 5;
/** Reset values of a Cortex-A15 (DDI 0438, 4.2): SCTLR, PRRR and NMRR; GICH_VMCR has the lowest binary points. */
const RESET = { SCTLR: 0x00c50078, PRRR: 0x00098aa4, NMRR: 0x44e048e0, VMCR: 0x004c0000 } as const;

/** A context as after a reset. Registers that the architecture leaves UNKNOWN are zero, so that nothing of another guest shows. */
export function resetContext(context: Int32Array, fp: Int32Array, { address, thumb, registers }: StartState): void {
  context.fill(0);
  fp.fill(0);
  registers.slice(0, 13).forEach((value, n) => {
    context[n] = value;
  });
  context[AT.ELR_hyp] = address;
  context[AT.SPSR_hyp] = SUPERVISOR_MASKED | (thumb ? THUMB : 0);
  context[AT.SCTLR] = RESET.SCTLR;
  context[AT.MAIR0] = RESET.PRRR;
  context[AT.MAIR1] = RESET.NMRR;
  context[AT.GICH_VMCR] = RESET.VMCR;
}

/** Puts the guest's registers away and stops its timer. The virtual interrupts are the vGIC's business. */
export function saveContext(cpu: Cpu, context: Int32Array, fp: Int32Array): void {
  context.set(cpu.words.subarray(0, 13));
  context[LR_USR] = cpu.words[14] as number;
  BANKED.forEach((name, i) => {
    context[BANKED_AT + i] = readBanked(cpu, name);
  });
  SYSTEM.forEach((name, i) => {
    context[SYSTEM_AT + i] = readSystem(cpu, name);
  });
  WIDE.forEach((name, i) => {
    context.set(readWide(cpu, name), WIDE_AT + 2 * i);
  });
  context[AT.SPSR_hyp] = readSpsr(cpu);
  context[AT.CNTV_CTL] = readSystem(cpu, 'CNTV_CTL') & TIMER_CONTROL;
  writeSystem(cpu, 'CNTV_CTL', 0);
  saveFloatingPoint(cpu, context, fp);
}

/** Brings the guest's registers in. CNTVOFF must be its own already. CLREX: what another guest marked exclusive is forgotten. */
export function loadContext(cpu: Cpu, context: Int32Array, fp: Int32Array): void {
  cpu.words.set(context.subarray(0, 13));
  cpu.words[14] = context[LR_USR] as number;
  BANKED.forEach((name, i) => {
    writeBanked(cpu, name, context[BANKED_AT + i] as number);
  });
  SYSTEM.forEach((name, i) => {
    restoreSystem(cpu, name, context[SYSTEM_AT + i] as number);
  });
  cpu.sys.regimeChanged();
  WIDE.forEach((name, i) => {
    writeWide(cpu, name, context[WIDE_AT + 2 * i] as number, context[WIDE_AT + 2 * i + 1] as number);
  });
  writeSpsr(cpu, context[AT.SPSR_hyp] as number);
  writeSystem(cpu, 'CNTV_CTL', context[AT.CNTV_CTL] as number);
  loadFloatingPoint(cpu, context, fp);
  cpu.mem.clearExclusive();
  forgetEvents(cpu);
}

/** What SEV and WFE would do to the event register: what another guest, or its event stream, has set is none of this one's. */
function forgetEvents(cpu: Cpu): void {
  cpu.sys.takeStreamedEvent();
  cpu.s[S.EVENT] = 0;
}

/** VSTM and VLDM of D0 to D31, which FPEXC.EN allows, with VMRS and VMSR of FPSCR. */
function saveFloatingPoint(cpu: Cpu, context: Int32Array, fp: Int32Array): void {
  context[AT.FPEXC] = readVfp(cpu, VFP.FPEXC);
  writeVfp(cpu, VFP.FPEXC, FPEXC_EN);
  context[AT.FPSCR] = readVfp(cpu, VFP.FPSCR);
  fp.set(cpu.fp.w);
}

function loadFloatingPoint(cpu: Cpu, context: Int32Array, fp: Int32Array): void {
  writeVfp(cpu, VFP.FPEXC, FPEXC_EN);
  writeVfp(cpu, VFP.FPSCR, context[AT.FPSCR] as number);
  cpu.fp.w.set(fp);
  writeVfp(cpu, VFP.FPEXC, context[AT.FPEXC] as number);
}
