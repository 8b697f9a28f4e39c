/** HSR: why an exception was taken to Hyp mode. Reference: Arm DDI 0406C, B3.13.6 and B4.1.69. */
import type { Op } from './decode.ts';
import * as S from './scalars.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';

/** Exception classes, HSR.EC. */
export const EC = {
  unknown: 0x00,
  wfx: 0x01,
  cp15: 0x03,
  cp15Wide: 0x04,
  cp14: 0x05,
  cp14LoadStore: 0x06,
  coprocessor: 0x07,
  cp10Id: 0x08,
  jazelle: 0x09,
  bxj: 0x0a,
  cp14Wide: 0x0c,
  svc: 0x11,
  hvc: 0x12,
  smc: 0x13,
  prefetchAbort: 0x20,
  prefetchAbortHyp: 0x21,
  dataAbort: 0x24,
  dataAbortHyp: 0x25,
} as const;

/** HSR.IL: the instruction has 32 bits. Where it means nothing (no syndrome, or aborts without one) it is UNK/SBZP: we choose 0. */
const IL = 1 << 25;

/** HSR.CV and COND for an instruction that passed its condition: the manual lets us report "always", in Thumb too. */
export const CONDITION = (1 << 24) | (14 << 20);

export function writeHsr(cpu: Cpu, ec: number, iss: number, size = 4): void {
  cpu.system[SLOT.HSR] = (ec << 26) | (size === 4 ? IL : 0) | (iss & 0x1ffffff);
}

/** Bytes of the instruction that is executing. */
export const instructionSize = (cpu: Cpu): number =>
  cpu.s[S.T] === 0 ? 4 : ((cpu.s[S.NEXT] as number) - (cpu.words[15] as number) + 4) | 0;

/** MCR, MRC: EC 3, 5 and 8. */
export const moveSyndrome = (opc1: number, CRn: number, CRm: number, opc2: number, Rt: number, read: boolean): number =>
  CONDITION | (opc2 << 17) | (opc1 << 14) | (CRn << 10) | (Rt << 5) | (CRm << 1) | (read ? 1 : 0);

/** MCRR, MRRC: EC 4 and 0xc. */
export const wideMoveSyndrome = (opc1: number, CRm: number, Rt: number, Rt2: number, read: boolean): number =>
  CONDITION | (opc1 << 16) | (Rt2 << 10) | (Rt << 5) | (CRm << 1) | (read ? 1 : 0);

/** LDC, STC of CP14: EC 6. AM has P and W, and for the PC the literal forms. */
export function loadStoreSyndrome(load: boolean, P: number, U: number, W: number, Rn: number, imm: number): number {
  const literal = Rn === 15 ? 4 : 0;
  return CONDITION | ((imm >>> 2) << 12) | (Rn << 5) | (U << 4) | ((literal | (P << 1) | W) << 1) | (load ? 1 : 0);
}

/** ISS[24:16] of a data abort on a load or store of one register: ISV, SAS, SSE and SRT. 0 for any other instruction. */
export function accessSyndrome(op: Op | undefined): number {
  if (op === undefined) return 0;
  op.iss ??= describe(op);
  return op.iss;
}

function describe(op: Op): number {
  const syndrome = op.definition.syndrome?.(op.operands);
  if (syndrome === undefined || syndrome.Rt === 15) return 0;
  const sas = { 1: 0, 2: 1, 4: 2 }[syndrome.bytes];
  return (1 << 24) | (sas << 22) | (syndrome.signed ? 1 << 21 : 0) | (syndrome.Rt << 16);
}
