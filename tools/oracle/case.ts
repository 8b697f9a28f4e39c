/** One case: an instruction with all that it meets, as data that can be made simpler, and as what the harness places in memory. */
import { SLOT, SLOT_WORDS, TRAP } from './layout.ts';
import type { Word } from './sets.ts';

export interface Draft extends Word {
  /** Instruction and encoding, for reports. */
  readonly name: string;
  /** In T32, the condition of the IT block around it, if there is one. */
  readonly it: number | undefined;
  /** Halfwords of an instruction before it, which is in the block too. */
  readonly before: readonly number[];
  /** In T32, whether it starts at the upper halfword of a word. */
  readonly skew: boolean;
  /** Bits of CPSR but for T and IT. */
  readonly flags: number;
  readonly registers: readonly number[];
  /** FPSCR and D0 to D31 as 64 words. */
  readonly vfp?: readonly number[];
  /** Which of the harness's patterns is in memory. */
  readonly memory: number;
}

export interface Case extends Draft {
  /** The words at the slot. */
  readonly code: readonly number[];
  /** Address of the first instruction. */
  readonly at: number;
  readonly cpsr: number;
}

const THUMB = 0x20;

export const halfwordsOf = ({ set, bits, narrow }: Word): readonly number[] => {
  if (narrow) return [bits];
  return set === 'T32' ? [bits >>> 16, bits & 0xffff] : [bits & 0xffff, bits >>> 16];
};

/** Address of the instruction itself. */
export const addressOf = ({ at, before }: Case): number => at + 2 * before.length;

/** A block of one; with an instruction before it that is inside too, of two. */
function itState({ it, before }: Draft): number {
  if (it === undefined) return 0;
  return (it << 4) | (before.length > 0 ? ((it & 1) << 3) | 4 : 8);
}

export function place(draft: Draft): Case {
  const thumb = draft.set === 'T32';
  const halfwords = [...draft.before, ...halfwordsOf(draft)];
  const skew = draft.skew ? 1 : 0;
  // In Thumb, every halfword after the instructions is UDF, so that none has to branch back over them.
  const trap = (i: number): number => (i % 2 === 0 || thumb ? TRAP & 0xffff : TRAP >>> 16);
  const half = (i: number): number => halfwords[i - skew] ?? trap(i);
  const code = Array.from({ length: SLOT_WORDS }, (_, i) => (half(2 * i) | (half(2 * i + 1) << 16)) >>> 0);
  const it = itState(draft);
  const state = thumb ? THUMB | ((it & 0xfc) << 8) | ((it & 3) << 25) : 0;
  return { ...draft, code, at: SLOT + 2 * skew, cpsr: (draft.flags | state) >>> 0 };
}
