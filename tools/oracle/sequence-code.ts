/** The code of a sequence as it grows, in either instruction set, with the few instructions that have a purpose there. */
import type { Decoder, Op } from '../../core/cpu/decode.ts';
import { SLOT, TRAP } from './layout.ts';

/** An instruction as it was placed. */
export interface Placed {
  readonly address: number;
  readonly set: 'A32' | 'T32';
  readonly bits: number;
  readonly narrow: boolean;
  /** Its condition in an IT block. */
  readonly condition: number | undefined;
  /** Instructions of one group make sense together only. */
  readonly group: number;
  /** The group decides where execution goes: with one of its instructions missing, that would be anywhere. */
  readonly whole: boolean;
  /** What comes after the group needs it: it changes the instruction set. */
  readonly fixed: boolean;
  /** Within a loop or a call, so that execution cannot start here. */
  readonly nested: boolean;
  /** `free`: any other operands do as well. `count`: its immediate is how often a loop runs. */
  readonly role: 'free' | 'count' | undefined;
}

interface More {
  readonly op?: Op;
  readonly condition?: number | undefined;
  readonly role?: Placed['role'];
}

/** The code as words, with a trap at the end where a halfword is left. */
export function wordsOf(placed: readonly Placed[]): number[] {
  const words: number[] = [];
  let low: number | undefined;
  const add = (halfword: number): void => {
    if (low !== undefined) words.push((low | (halfword << 16)) >>> 0);
    low = low === undefined ? halfword : undefined;
  };
  for (const { set, bits, narrow } of placed) {
    if (narrow) add(bits);
    else {
      add(set === 'T32' ? bits >>> 16 : bits & 0xffff);
      add(set === 'T32' ? bits & 0xffff : bits >>> 16);
    }
  }
  if (low !== undefined) add(TRAP & 0xffff);
  return words;
}

export const sizeOf = ({ narrow }: Pick<Placed, 'narrow'>): number => (narrow ? 2 : 4);

/** What a group of instructions is to those around it. */
type Frame = Pick<Placed, 'group' | 'whole' | 'fixed' | 'nested'>;

const AL = 14;

export class SequenceCode {
  readonly placed: Placed[] = [];
  thumb: boolean;
  here = SLOT;
  readonly #decoder: Decoder;
  /** How often an encoding has been used. */
  readonly #used: Map<string, number>;
  #frame: Frame = { group: 0, whole: false, fixed: false, nested: false };
  #groups = 0;

  constructor(decoder: Decoder, used: Map<string, number>, thumb: boolean) {
    this.#decoder = decoder;
    this.#used = used;
    this.thumb = thumb;
  }

  get set(): 'A32' | 'T32' {
    return this.thumb ? 'T32' : 'A32';
  }

  /** The group changes the instruction set and back again: it stays as a whole. */
  fix(): void {
    this.#frame = { ...this.#frame, fixed: true };
  }

  /** What `place` emits, but for groups of its own, belongs together. */
  group(place: () => void, { whole = false, fixed = false, nested = false } = {}): void {
    const outer = this.#frame;
    this.#frame = { group: ++this.#groups, whole: whole || fixed, fixed, nested };
    place();
    this.#frame = outer;
  }

  /** A32 words, T32 halfwords or words with the first halfword on top. Gives the place, to patch it later. */
  emit(bits: number, narrow = false, more: More = {}): number {
    const { condition, role } = more;
    const { name, encoding } = more.op ?? this.#decoder.decode(this.set, bits | 0, narrow, condition !== undefined);
    this.#count(`${name} ${encoding}`);
    this.#place(bits, narrow, condition, role);
    return this.placed.length - 1;
  }

  #count(name: string): void {
    this.#used.set(name, (this.#used.get(name) ?? 0) + 1);
  }

  #place(bits: number, narrow: boolean, condition: number | undefined, role: Placed['role']): void {
    this.placed.push({ address: this.here, set: this.set, bits: bits >>> 0, narrow, condition, role, ...this.#frame });
    this.here += narrow ? 2 : 4;
  }

  /** Sets bits that were left zero. */
  patch(place: number, bits: number): void {
    const placed = this.placed[place] as Placed;
    this.placed[place] = { ...placed, bits: (placed.bits | bits) >>> 0 };
  }

  /** MOVW and MOVT. */
  constant(register: number, value: number): void {
    this.half(register, value & 0xffff);
    this.half(register, value >>> 16, { top: true });
  }

  /** MOVW, or MOVT, with a value to be given later: the function patches both. */
  constantLater(register: number): (value: number) => void {
    const set = this.set;
    const low = this.half(register, 0);
    const high = this.half(register, 0, { top: true });
    return (value) => {
      this.patch(low, halfBits(set, value & 0xffff));
      this.patch(high, halfBits(set, value >>> 16));
    };
  }

  half(register: number, value: number, { top = false, role }: { top?: boolean; role?: Placed['role'] } = {}): number {
    const base = this.thumb
      ? 0xf2400000 | (top ? 0x800000 : 0) | (register << 8)
      : 0xe3000000 | (top ? 0x400000 : 0) | (register << 12);
    const [a32, t32] = top ? ['MOVT A1', 'MOVT T1'] : ['MOVW A2', 'MOVW T3'];
    this.#count(this.thumb ? t32 : a32);
    this.#place(base | halfBits(this.set, value), false, undefined, role);
    return this.placed.length - 1;
  }

  /** STR with a small offset. */
  store(register: number, base: number, offset: number): void {
    const [t32, a32] = offset < 0 ? [0xf8400c00, 0xe5000000] : [0xf8c00000, 0xe5800000];
    this.emit((this.thumb ? t32 : a32) | (base << 16) | (register << 12) | Math.abs(offset));
  }

  /** CPS with a mode. */
  enterMode(mode: number): void {
    this.emit(this.thumb ? 0xf3af8100 | mode : 0xf1020000 | mode);
  }

  alignForArm(): void {
    if (this.here % 4 !== 0) this.emit(0xbf00, true);
  }

  /** B to an address. */
  branch(target: number, cond = AL): void {
    this.emit(branchBits(this.set, target - this.here, cond));
  }

  /** B to where the code will be when the function is called. */
  branchLater(cond = AL): () => void {
    const { set, here } = this;
    const place = this.emit(branchBits(set, set === 'A32' ? 8 : 4, cond));
    return () => this.patch(place, branchBits(set, this.here - here, cond));
  }
}

/** The immediate of MOVW and MOVT. */
function halfBits(set: 'A32' | 'T32', half: number): number {
  const [imm4, rest] = [half >>> 12, half & 0xfff];
  if (set === 'A32') return (imm4 << 16) | rest;
  return (imm4 << 16) | ((rest >>> 11) << 26) | (((rest >>> 8) & 7) << 12) | (rest & 0xff);
}

/** B, in T32 wide, by the distance from its own address. */
function branchBits(set: 'A32' | 'T32', distance: number, cond: number): number {
  if (set === 'A32') return (cond << 28) | 0x0a000000 | (((distance - 8) >> 2) & 0xffffff);
  const offset = distance - 4;
  const sign = offset < 0 ? 1 : 0;
  const low = (sign << 26) | ((offset >> 1) & 0x7ff);
  if (cond === AL) return 0xf000b800 | low | (((offset >> 12) & 0x3ff) << 16);
  return 0xf0008000 | low | (cond << 22) | (((offset >> 12) & 0x3f) << 16) | (sign << 13) | (sign << 11);
}
