/**
 * Exceptions that the hypervisor makes a guest take: the guest's registers become what the architecture would have made of them.
 * Reference: Arm DDI 0406C, B1.9.2 (Undefined Instruction), B1.9.7 (Prefetch Abort), B1.9.8 (Data Abort), B4.1 (DFSR, IFSR).
 */

import { SCTLR, TTBCR } from '../cpu/controls.ts';
import { MODE } from '../cpu/modes.ts';
import type { Cpu } from '../cpu/state.ts';
import { type Banked, readBanked, readSpsr, readSystem, writeBanked, writeSpsr, writeSystem } from './machine-registers.ts';

const CPSR = { T: 1 << 5, I: 1 << 7, A: 1 << 8, E: 1 << 9, J: 1 << 24, IT: 0x0600fc00, M: 0x1f } as const;
const VECTOR = { undefined: 0x04, prefetchAbort: 0x0c, dataAbort: 0x10 } as const;
const HIGH_VECTORS = 0xffff0000 | 0;
const LPAE = 1 << 9;
const WRITE = 1 << 11;
/** Fault status of a synchronous external abort, on an access and on a translation table walk, in both formats. */
const STATUS = { short: 0b01000, long: 0b010000 } as const;
const shortWalk = (level: number): number => (level >= 2 ? 0b01110 : 0b01100);
const longWalk = (level: number): number => 0b010100 | level;

export const isThumb = (cpu: Cpu): boolean => (readSpsr(cpu) & CPSR.T) !== 0;

/** ExcVectorBase() of the guest. */
export const guestVectors = (cpu: Cpu): number =>
  (readSystem(cpu, 'SCTLR') & SCTLR.V) !== 0 ? HIGH_VECTORS : readSystem(cpu, 'VBAR');

export const abortVector = (cpu: Cpu): number => (guestVectors(cpu) + VECTOR.prefetchAbort) | 0;

function enter(cpu: Cpu, mode: number, link: Banked, saved: Banked, offset: number, vector: number, masks: number): void {
  const cpsr = readSpsr(cpu);
  const sctlr = readSystem(cpu, 'SCTLR');
  writeBanked(cpu, link, readBanked(cpu, 'ELR_hyp') + offset);
  writeBanked(cpu, saved, cpsr);
  const kept = cpsr & ~(CPSR.M | CPSR.IT | CPSR.J | CPSR.T | CPSR.E);
  const state = ((sctlr & SCTLR.TE) !== 0 ? CPSR.T : 0) | ((sctlr & SCTLR.EE) !== 0 ? CPSR.E : 0);
  writeSpsr(cpu, kept | state | masks | CPSR.I | mode);
  writeBanked(cpu, 'ELR_hyp', guestVectors(cpu) + vector);
}

/** The instruction that was trapped does not exist for the guest. */
export function injectUndefined(cpu: Cpu): void {
  enter(cpu, MODE.und, 'LR_und', 'SPSR_und', isThumb(cpu) ? 2 : 4, VECTOR.undefined, 0);
}

/** How an external abort came about: `level` is that of the stage-1 table whose descriptor could not be read, 0 if it was no walk. */
export interface ExternalAbort {
  readonly address: number;
  readonly write: boolean;
  readonly level: number;
}

function status(cpu: Cpu, { write, level }: ExternalAbort): number {
  const long = (readSystem(cpu, 'TTBCR') & TTBCR.EAE) !== 0;
  const wnr = write ? WRITE : 0;
  if (long) return wnr | LPAE | (level === 0 ? STATUS.long : longWalk(level));
  return wnr | (level === 0 ? STATUS.short : shortWalk(level));
}

/** As a bus would answer that has nothing at the address: a synchronous external abort. */
export function injectDataAbort(cpu: Cpu, abort: ExternalAbort): void {
  writeSystem(cpu, 'DFSR', status(cpu, abort));
  writeSystem(cpu, 'DFAR', abort.address);
  enter(cpu, MODE.abt, 'LR_abt', 'SPSR_abt', 8, VECTOR.dataAbort, CPSR.A);
}

export function injectPrefetchAbort(cpu: Cpu, abort: ExternalAbort): void {
  writeSystem(cpu, 'IFSR', status(cpu, { ...abort, write: false }));
  writeSystem(cpu, 'IFAR', abort.address);
  enter(cpu, MODE.abt, 'LR_abt', 'SPSR_abt', 4, VECTOR.prefetchAbort, CPSR.A);
}

/** Leaves the trapped instruction behind: the next address, and the next part of an IT block (A2.5.2, ITAdvance). */
export function skipInstruction(cpu: Cpu, size: number): void {
  writeBanked(cpu, 'ELR_hyp', readBanked(cpu, 'ELR_hyp') + size);
  const cpsr = readSpsr(cpu);
  const it = ((cpsr >>> 25) & 3) | ((cpsr >>> 8) & 0xfc);
  if (it === 0) return;
  const next = (it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
  writeSpsr(cpu, (cpsr & ~CPSR.IT) | ((next & 3) << 25) | ((next & 0xfc) << 8));
}
