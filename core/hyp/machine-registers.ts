/**
 * System registers by name, read and written with the instructions that Hyp-mode code has: MRC, MCR, MRRC, MCRR, MRS and MSR (Banked register).
 * The processor decodes each access, so the hypervisor can do nothing that a native one could not. Encodings: Arm DDI 0406C, B3.17, B9.2.3.
 */
import type { Field, word } from '../cpu/insn.ts';
import { SLOT } from '../cpu/slots.ts';
import { BANK, type Cpu } from '../cpu/state.ts';

type Encoding = readonly [opc1: number, CRn: number, CRm: number, opc2: number];
type WideEncoding = readonly [opc1: number, CRm: number];

/** CP15 registers of 32 bits that the hypervisor uses. */
const NARROW = {
  MIDR: [0, 0, 0, 0],
  CSSELR: [2, 0, 0, 0],
  VPIDR: [4, 0, 0, 0],
  VMPIDR: [4, 0, 0, 5],
  SCTLR: [0, 1, 0, 0],
  ACTLR: [0, 1, 0, 1],
  CPACR: [0, 1, 0, 2],
  HCR: [4, 1, 1, 0],
  HDCR: [4, 1, 1, 1],
  HCPTR: [4, 1, 1, 2],
  HSTR: [4, 1, 1, 3],
  TTBCR: [0, 2, 0, 2],
  VTCR: [4, 2, 1, 2],
  DACR: [0, 3, 0, 0],
  DFSR: [0, 5, 0, 0],
  IFSR: [0, 5, 0, 1],
  ADFSR: [0, 5, 1, 0],
  AIFSR: [0, 5, 1, 1],
  HSR: [4, 5, 2, 0],
  DFAR: [0, 6, 0, 0],
  IFAR: [0, 6, 0, 2],
  HDFAR: [4, 6, 0, 0],
  HIFAR: [4, 6, 0, 2],
  HPFAR: [4, 6, 0, 4],
  ATS1CPR: [0, 7, 8, 0],
  ATS1CPW: [0, 7, 8, 1],
  TLBIALLIS: [0, 8, 3, 0],
  TLBIALL: [0, 8, 7, 0],
  TLBIALLNSNHIS: [4, 8, 3, 4],
  MAIR0: [0, 10, 2, 0],
  MAIR1: [0, 10, 2, 1],
  AMAIR0: [0, 10, 3, 0],
  AMAIR1: [0, 10, 3, 1],
  VBAR: [0, 12, 0, 0],
  HVBAR: [4, 12, 0, 0],
  CONTEXTIDR: [0, 13, 0, 1],
  TPIDRURW: [0, 13, 0, 2],
  TPIDRURO: [0, 13, 0, 3],
  TPIDRPRW: [0, 13, 0, 4],
  CNTKCTL: [0, 14, 1, 0],
  CNTV_CTL: [0, 14, 3, 1],
  CNTHCTL: [4, 14, 1, 0],
  CNTHP_CTL: [4, 14, 2, 1],
} as const satisfies Record<string, Encoding>;

/** CP15 registers of 64 bits. */
const WIDE = {
  TTBR0: [0, 2],
  TTBR1: [1, 2],
  VTTBR: [6, 2],
  PAR: [0, 7],
  CNTPCT: [0, 14],
  CNTV_CVAL: [3, 14],
  CNTVOFF: [4, 14],
  CNTHP_CVAL: [6, 14],
} as const satisfies Record<string, WideEncoding>;

/** Registers of other modes: R and SYSm of MRS and MSR (Banked register). R8 to R12 and LR of User mode are Hyp mode's own. */
const BANKED = {
  SP_usr: [0, 5],
  R8_fiq: [0, 8],
  R9_fiq: [0, 9],
  R10_fiq: [0, 10],
  R11_fiq: [0, 11],
  R12_fiq: [0, 12],
  SP_fiq: [0, 13],
  LR_fiq: [0, 14],
  LR_irq: [0, 16],
  SP_irq: [0, 17],
  LR_svc: [0, 18],
  SP_svc: [0, 19],
  LR_abt: [0, 20],
  SP_abt: [0, 21],
  LR_und: [0, 22],
  SP_und: [0, 23],
  ELR_hyp: [0, 30],
  SPSR_fiq: [1, 14],
  SPSR_irq: [1, 16],
  SPSR_svc: [1, 18],
  SPSR_abt: [1, 20],
  SPSR_und: [1, 22],
} as const satisfies Record<string, readonly [R: number, SYSm: number]>;

export type Narrow = keyof typeof NARROW;
export type Wide = keyof typeof WIDE;
export type Banked = keyof typeof BANKED;

const CP15 = 15 as Field;
const R0 = 0 as Field;
const R1 = 1 as Field;

/**
 * Where an MRC in Hyp mode finds registers that are mere words: their Non-secure copies. Most exits read some, and a world switch all, so that
 * the decoding is left out for them.
 */
const WORDS: { readonly [name in Narrow]?: number } = {
  ...Object.fromEntries(
    (['SCTLR', 'TTBCR', 'DACR', 'DFSR', 'IFSR', 'ADFSR', 'AIFSR', 'HSR', 'DFAR', 'IFAR', 'HPFAR', 'MAIR0', 'MAIR1'] as const).map(
      (name) => [name, SLOT[name]],
    ),
  ),
  ...Object.fromEntries(
    (['AMAIR0', 'AMAIR1', 'VBAR', 'CONTEXTIDR', 'TPIDRURW', 'TPIDRURO', 'TPIDRPRW'] as const).map((name) => [name, SLOT[name]]),
  ),
  HDFAR: SLOT.DFAR + 1,
  HIFAR: SLOT.IFAR + 1,
};

/** MRC p15. */
export function readSystem(cpu: Cpu, name: Narrow): number {
  const word = WORDS[name];
  if (word !== undefined) return cpu.system[word] as number;
  const [opc1, CRn, CRm, opc2] = NARROW[name];
  return readEncoded(cpu, opc1, CRn, CRm, opc2);
}

/** MRC p15 of any encoding, for what a guest may see of the machine. */
export const readEncoded = (cpu: Cpu, opc1: number, CRn: number, CRm: number, opc2: number): number =>
  cpu.sys.readCoprocessor(CP15, opc1 as Field, CRn as Field, CRm as Field, opc2 as Field, R0);

/** MCR p15. */
export function writeSystem(cpu: Cpu, name: Narrow, value: number): void {
  const [opc1, CRn, CRm, opc2] = NARROW[name] as Encoding;
  cpu.sys.writeCoprocessor(CP15, opc1 as Field, CRn as Field, CRm as Field, opc2 as Field, R0, (value | 0) as word);
}

/** Puts back what `readSystem` gave. Where that decodes nothing, translation is not told: `cpu.sys.regimeChanged` has to follow. */
export function restoreSystem(cpu: Cpu, name: Narrow, value: number): void {
  const word = WORDS[name];
  if (word === undefined) writeSystem(cpu, name, value);
  else cpu.system[word] = value;
}

/** MRRC p15 to R0 and R1, which are put back: low and high word. */
export function readWide(cpu: Cpu, name: Wide): readonly [number, number] {
  const { words } = cpu;
  const [r0, r1] = [words[0] as number, words[1] as number];
  const [opc1, CRm] = WIDE[name];
  cpu.sys.readCoprocessor64(CP15, opc1 as Field, CRm as Field, R0, R1);
  const value = [words[0] as number, words[1] as number] as const;
  words[0] = r0;
  words[1] = r1;
  return value;
}

/** MCRR p15. */
export function writeWide(cpu: Cpu, name: Wide, low: number, high: number): void {
  const [opc1, CRm] = WIDE[name];
  cpu.sys.writeCoprocessor64(CP15, opc1 as Field, CRm as Field, R0, R1, (low | 0) as word, (high | 0) as word);
}

/** MRS (Banked register). */
export function readBanked(cpu: Cpu, name: Banked): number {
  if (name === 'ELR_hyp') return cpu.banked[BANK.ELR_hyp] as number;
  const [R, SYSm] = BANKED[name];
  return cpu.sys.readBanked(R as Field, SYSm as Field);
}

/** MSR (Banked register). */
export function writeBanked(cpu: Cpu, name: Banked, value: number): void {
  if (name === 'ELR_hyp') {
    cpu.banked[BANK.ELR_hyp] = value;
    return;
  }
  const [R, SYSm] = BANKED[name];
  cpu.sys.writeBanked(R as Field, SYSm as Field, (value | 0) as word);
}

/** SPSR of Hyp mode: the guest's CPSR. */
export const readSpsr = (cpu: Cpu): number => cpu.sys.readSpsr();
export const writeSpsr = (cpu: Cpu, value: number): void => cpu.sys.writeSpsr((value | 0) as word, 15 as Field);

/** The mode that the guest was in. */
export const readModeOfGuest = (cpu: Cpu): number => readSpsr(cpu) & 0x1f;

/** Registers of the floating-point system that VMRS and VMSR name. */
export const VFP = { FPSID: 0, FPSCR: 1, MVFR1: 6, MVFR0: 7, FPEXC: 8 } as const;

/** VMRS to R0, which is put back. */
export function readVfp(cpu: Cpu, register: number): number {
  const r0 = cpu.words[0] as number;
  cpu.sys.readVfpSystem(register as Field, R0);
  const value = cpu.words[0] as number;
  cpu.words[0] = r0;
  return value;
}

/** VMSR. */
export const writeVfp = (cpu: Cpu, register: number, value: number): void =>
  cpu.sys.writeVfpSystem(register as Field, (value | 0) as word);

const WORD = 0x1_0000_0000;

/** The system counter, in ticks. */
export function counter(cpu: Cpu): number {
  const known = cpu.sys.timer.counter;
  if (known !== undefined) return known.ticks;
  const [low, high] = readWide(cpu, 'CNTPCT');
  return (high >>> 0) * WORD + (low >>> 0);
}

/** A 64-bit register as a number; exact below 2^53. */
export const toNumber = (low: number, high: number): number => (high >>> 0) * WORD + (low >>> 0);

const PAR_F = 1;

/**
 * The intermediate physical address of a guest's virtual one, by ATS1CPR or ATS1CPW; undefined if stage 1 refuses. The guest's PAR is kept.
 * A walk that meets an external abort makes the operation itself abort: that is a refusal too.
 */
export function stage1Address(cpu: Cpu, va: number, write: boolean): number | undefined {
  const par = readWide(cpu, 'PAR');
  try {
    writeSystem(cpu, write ? 'ATS1CPW' : 'ATS1CPR', va & ~0xfff);
    const [low, high] = readWide(cpu, 'PAR');
    return (low & PAR_F) !== 0 ? undefined : toNumber(low & ~0xfff, high & 0xff) + (va & 0xfff);
  } catch (exception) {
    if ((exception as { readonly kind?: unknown }).kind !== 'data abort') throw exception;
    return undefined;
  } finally {
    writeWide(cpu, 'PAR', ...par);
  }
}
