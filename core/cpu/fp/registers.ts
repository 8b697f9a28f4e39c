/** The extension registers D0-D31 with FPSCR, on memory of the caller. Reference: Arm DDI 0406C, A2.6 and B4.1.58. */
import type { State, Stateful } from '../../base/state.ts';
import { ElementViews } from './elements.ts';
import { FPSCR_MASK, LEN, NZCV, STRIDE } from './fpscr.ts';

const REGISTER_BYTES = 32 * 8;

/** Index in `control` of FPSCR without its condition flags. */
export const STATUS = 0;
/** Index in `control` of FPSCR's condition flags, in bits 31:28. */
export const FLAGS = 1;

/**
 * All views show the same bytes, little-endian as every host of the simulator is. A NaN that passes through `d` or `s` may change its
 * bits, so copies go through `w` or `bits`, and the floating-point views serve only arithmetic whose result is no NaN.
 */
export class FpRegisters implements Stateful {
  /** Bytes that the constructor takes from the buffer; they begin at a multiple of 8. */
  static readonly BYTES = REGISTER_BYTES + 8;

  /** D0-D31. */
  readonly d: Float64Array;
  /** S0-S31, then the halves of D16-D31, which only Advanced SIMD sees as lanes. */
  readonly s: Float32Array;
  /** The 64 words. */
  readonly w: Int32Array;
  /** The 32 doublewords. */
  readonly bits: BigUint64Array;
  /** The elements of vectors. */
  readonly elements: ElementViews;
  /** FPSCR, split so that a compare writes a word of its own: see `STATUS` and `FLAGS`. */
  readonly control: Int32Array;

  constructor(buffer: ArrayBufferLike, byteOffset: number) {
    this.d = new Float64Array(buffer, byteOffset, 32);
    this.s = new Float32Array(buffer, byteOffset, 64);
    this.w = new Int32Array(buffer, byteOffset, 64);
    this.bits = new BigUint64Array(buffer, byteOffset, 32);
    this.elements = new ElementViews(buffer, byteOffset, REGISTER_BYTES);
    this.control = new Int32Array(buffer, byteOffset + REGISTER_BYTES, 2);
  }

  get FPSCR(): number {
    return this.control[STATUS]! | this.control[FLAGS]!;
  }

  set FPSCR(value: number) {
    this.control[STATUS] = value & FPSCR_MASK & ~NZCV;
    this.control[FLAGS] = value & NZCV;
  }

  /** N, Z, C and V as a number of four bits. */
  get nzcv(): number {
    return this.control[FLAGS]! >>> 28;
  }

  set nzcv(flags: number) {
    this.control[FLAGS] = flags << 28;
  }

  /** Whether LEN or STRIDE asks for short vectors, so that VFP data-processing instructions are UNDEFINED. */
  get shortVectors(): boolean {
    return (this.control[STATUS]! & (LEN | STRIDE)) !== 0;
  }

  /** Records cumulative exceptions: FPProcessException() of an implementation that traps none. */
  raise(exceptions: number): void {
    this.control[STATUS]! |= exceptions;
  }

  save(): State {
    return { words: this.w.slice(), FPSCR: this.FPSCR };
  }

  load(state: State): void {
    const { words, FPSCR } = state as { readonly words: Int32Array; readonly FPSCR: number };
    this.w.set(words);
    this.FPSCR = FPSCR;
  }

  /** Registers are UNKNOWN after a reset: we choose zero, so that runs repeat. FPSCR is architected as zero. */
  reset(): void {
    this.w.fill(0);
    this.FPSCR = 0;
  }
}
