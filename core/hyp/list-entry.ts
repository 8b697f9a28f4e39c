/** What goes into a list register, and what the hypervisor wants to be told of. Reference: IHI 0048B §5.3.1 (GICH_HCR), §5.3.8 (GICH_LRn). */
import { LIST_REGISTERS } from '../devices/gic/registers.ts';

/** Fields of GICH_LRn. */
export const LR = {
  ID: 0x3ff,
  EOI: 1 << 19,
  PENDING: 1 << 28,
  ACTIVE: 1 << 29,
  GROUP1: 1 << 30,
  HARDWARE: (1 << 31) | 0,
} as const;

/** Bits of GICH_HCR: on, and the maintenance interrupts for underflow, for ends without a list register, and for none pending. */
const HCR = { En: 1 << 0, UIE: 1 << 1, LRENPIE: 1 << 2, NPIE: 1 << 3 } as const;

/** An interrupt that a virtual processor could be given. */
export interface Candidate {
  readonly id: number;
  readonly group: 0 | 1;
  readonly priority: number;
  /** LR.PENDING, LR.ACTIVE or both. */
  readonly state: number;
  /** The physical interrupt that the guest's end of interrupt deactivates, or -1. */
  readonly physical: number;
  /** Who sent an SGI. */
  readonly sender: number;
  /** Something will be left to deliver when this one ends: another sender, or a line that may still be high. */
  readonly again: boolean;
}

/** `tell`: its end matters, because others wait for room. */
export function entryFor({ id, group, priority, state, physical, sender, again }: Candidate, tell: boolean): number {
  const common = state | (group === 1 ? LR.GROUP1 : 0) | ((priority >>> 3) << 23) | id;
  if (physical >= 0) return common | LR.HARDWARE | (physical << 10);
  return common | (id < 16 ? sender << 10 : 0) | (again || tell ? LR.EOI : 0);
}

const isPending = ({ state }: Candidate): boolean => state === LR.PENDING;

/**
 * Who gets list registers, of candidates in the order of their urgency: the most urgent, and the first pending one in any case. Active
 * interrupts whose priority was dropped (GICC_CTLR.EOImode) stand in no one's way, however urgent they are.
 */
export function choose(candidates: readonly Candidate[]): Candidate[] {
  const chosen = candidates.slice(0, LIST_REGISTERS);
  const pending = candidates.find(isPending);
  if (pending !== undefined && !chosen.includes(pending)) chosen[LIST_REGISTERS - 1] = pending;
  return chosen;
}

/** GICH_HCR for these candidates, of whom the chosen got list registers. */
export function controlFor(candidates: readonly Candidate[], chosen: readonly Candidate[]): number {
  if (candidates.length <= LIST_REGISTERS) return HCR.En;
  const unlisted = candidates.some((candidate) => (candidate.state & LR.ACTIVE) !== 0 && !chosen.includes(candidate));
  return HCR.En | HCR.UIE | (chosen.some(isPending) ? HCR.NPIE : 0) | (unlisted ? HCR.LRENPIE : 0);
}

/** CPUID of a software-made SGI. */
export const senderOf = (lr: number): number => (lr >>> 10) & 7;
