/**
 * Data aborts of stage 2 that will come again: loads and stores of emulated devices, by their address. Each is kept with the descriptors that say
 * so, and holds while they do, and while nothing else has changed that translation depends on. None of it is state.
 */
import { SCTLR } from '../cpu/controls.ts';
import type { Op } from '../cpu/decode.ts';
import { CpuMemory } from '../cpu/memory.ts';
import { MODE } from '../cpu/modes.ts';
import * as S from '../cpu/scalars.ts';
import { SLOT } from '../cpu/slots.ts';
import { BANK, type Cpu } from '../cpu/state.ts';
import type { Fault } from '../mmu/fault.ts';
import { PUBLISHED } from './published.ts';

/** Words of an entry. `page` is what the address is under `mask`, which has the bits that must be 0 for its alignment too. */
export const ABORT = {
  key: 0,
  mode: 1,
  generation: 2,
  base: 3,
  offset: 4,
  mask: 5,
  page: 6,
  HSR: 7,
  HPFAR: 8,
  /** How long the pairs are that follow: place and content of a word of the arena. */
  bytes: 9,
  pairs: 10,
  /** Of the last abort that might have been kept here, what tells whether it has come again. */
  seen: 63,
} as const;
const WORDS = 64;
const ENTRY_BYTES = 4 * WORDS;
const ENTRIES = 32;
/** From an address to the place of its entry. */
export const ENTRY_SHIFT = Math.log2(ENTRY_BYTES) - 1;
export const TABLE_MASK = (ENTRIES - 1) * ENTRY_BYTES;
const TABLE_BYTES = ENTRIES * ENTRY_BYTES;
if (TABLE_BYTES > CpuMemory.ABORTS) throw new Error('there is no room for the table');

const IMMEDIATE = /^(LDR|STR)[SBH]*_imm$/;
const [ISV, S1PTW, CM] = [1 << 24, 1 << 7, 1 << 8];

/**
 * Keeps an abort that the interpreter has just taken to Hyp mode, if it is of the kind and has come twice in a row: who goes through all pages
 * comes to each but once. `code`: where the instruction lies in the arena.
 */
export function keepAbort(cpu: Cpu, op: Op, fault: Fault, code: number): void {
  const hsr = cpu.system[SLOT.HSR] as number;
  if (fault.stage !== 2 || (hsr & (ISV | S1PTW | CM)) !== ISV || cpu.s[S.M] !== MODE.hyp) return;
  const words = cpu.mem.aborts;
  const pc = cpu.banked[BANK.ELR_hyp] as number;
  const at = ((pc << ENTRY_SHIFT) & TABLE_MASK) >>> 2;
  const mask = ~0xfff | ((1 << ((hsr >>> 22) & 3)) - 1);
  const page = fault.va & mask;
  const again = words[at + ABORT.seen] === (pc ^ page);
  words[at + ABORT.seen] = pc ^ page;
  if (!again || ((cpu.system[SLOT.HSCTLR] as number) & SCTLR.EE) !== 0) return;
  const { Rn, imm, U, P, W } = op.operands as Record<string, number>;
  if (!(IMMEDIATE.test(op.name) && P === 1 && W === 0 && Rn !== 15 && op.cond === 14)) return;
  const spsr = cpu.banked[BANK.SPSR_hyp] as number;
  const walk = cpu.mem.evidence(fault);
  if ((spsr & 0x1f) === MODE.fiq || walk === undefined || walk.length > ABORT.seen - ABORT.pairs - 4) return;
  const arena = new Int32Array(words.buffer);
  const own = [code >>> 2, (code + op.size - 1) >>> 2].flatMap((index) => [index, arena[index] as number]);
  const evidence = [...walk, ...own];
  const thumb = (spsr >>> 5) & 1;
  words[at + ABORT.key] = pc | thumb;
  words[at + ABORT.mode] = spsr & 0x1f;
  words[at + ABORT.generation] = cpu.scratch[PUBLISHED.generation] as number;
  words[at + ABORT.base] = 4 * (Rn as number);
  words[at + ABORT.offset] = U === 1 ? (imm as number) : -(imm as number);
  words[at + ABORT.mask] = mask;
  words[at + ABORT.page] = page;
  words[at + ABORT.HSR] = hsr;
  words[at + ABORT.HPFAR] = cpu.system[SLOT.HPFAR] as number;
  words[at + ABORT.bytes] = 4 * evidence.length;
  for (let i = 0; i < evidence.length; i += 2) {
    words[at + ABORT.pairs + i] = 4 * (evidence[i] as number);
    words[at + ABORT.pairs + i + 1] = evidence[i + 1] as number;
  }
}
