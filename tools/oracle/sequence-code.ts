/** The code of a sequence as it grows, in either instruction set, with the few instructions that have a purpose there. */
import type { Decoder } from '../../core/cpu/decode.ts';
import { SLOT, TRAP } from './layout.ts';

/** An instruction as it was placed. */
export interface Placed {
  readonly address: number;
  readonly set: 'A32' | 'T32';
  readonly bits: number;
  readonly narrow: boolean;
}

export class SequenceCode {
  readonly placed: Placed[] = [];
  thumb: boolean;
  readonly #decoder: Decoder;
  /** How often an encoding has been used. */
  readonly #used: Map<string, number>;
  readonly #halfwords: number[] = [];

  constructor(decoder: Decoder, used: Map<string, number>, thumb: boolean) {
    this.#decoder = decoder;
    this.#used = used;
    this.thumb = thumb;
  }

  get set(): 'A32' | 'T32' {
    return this.thumb ? 'T32' : 'A32';
  }

  get here(): number {
    return SLOT + 2 * this.#halfwords.length;
  }

  /** The code as words, with a trap at the end where a halfword is left. */
  words(): number[] {
    const halfwords = [...this.#halfwords, TRAP & 0xffff];
    return Array.from(
      { length: halfwords.length >>> 1 },
      (_, i) => ((halfwords[2 * i] as number) | ((halfwords[2 * i + 1] as number) << 16)) >>> 0,
    );
  }

  /** A32 words, T32 halfwords or words with the first halfword on top. */
  emit(bits: number, narrow = false): void {
    const op = this.#decoder.decode(this.set, bits | 0, narrow, false);
    const name = `${op.name} ${op.encoding}`;
    this.#used.set(name, (this.#used.get(name) ?? 0) + 1);
    this.placed.push({ address: this.here, set: this.set, bits, narrow });
    if (narrow) this.#halfwords.push(bits);
    else if (this.thumb) this.#halfwords.push(bits >>> 16, bits & 0xffff);
    else this.#halfwords.push(bits & 0xffff, bits >>> 16);
  }

  /** MOVW and MOVT. */
  constant(register: number, value: number): void {
    for (const [half, top] of [
      [value & 0xffff, 0],
      [value >>> 16, 1],
    ] as const) {
      const [imm4, rest] = [half >>> 12, half & 0xfff];
      const t32 = (0xf2400000 | (top << 23) | (imm4 << 16) | ((rest >>> 11) << 26) | (((rest >>> 8) & 7) << 12)) >>> 0;
      if (this.thumb) this.emit((t32 | (register << 8) | (rest & 0xff)) >>> 0);
      else this.emit((0xe3000000 | (top << 22) | (imm4 << 16) | (register << 12) | rest) >>> 0);
    }
  }

  /** STR with a small offset. */
  store(register: number, base: number, offset: number): void {
    const [t32, a32] = offset < 0 ? [0xf8400c00, 0xe5000000] : [0xf8c00000, 0xe5800000];
    this.emit(((this.thumb ? t32 : a32) | (base << 16) | (register << 12) | Math.abs(offset)) >>> 0);
  }

  /** CPS with a mode. */
  enterMode(mode: number): void {
    this.emit(this.thumb ? (0xf3af8100 | mode) >>> 0 : (0xf1020000 | mode) >>> 0);
  }

  alignForArm(): void {
    if (this.here % 4 !== 0) this.emit(0xbf00, true);
  }
}
