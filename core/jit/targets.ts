/** Where indirect branches led last: small regions note it, and the larger ones that take their place go on there. */
import type { Arena } from '../bus/memory.ts';
import { HASH } from './slots.ts';

const BITS = 12;
/** Of a note: the address of the branch, and where it led. */
export const NOTE = { branch: 0, target: 4, bytes: 8 } as const;

export class Targets {
  static readonly BYTES = NOTE.bytes << BITS;
  /** Its place in the arena. */
  readonly offset: number;
  readonly #words: Int32Array;

  constructor(arena: Arena) {
    this.offset = arena.reserve(Targets.BYTES);
    this.#words = arena.i32;
  }

  /** The place in the arena of the note of a branch, which is that of others too. */
  placeOf(branch: number): number {
    return this.offset + (Math.imul(branch, HASH.factor) >>> (32 - BITS)) * NOTE.bytes;
  }

  /** Where a branch led last, if that is still noted. */
  of(branch: number): number | undefined {
    const at = this.placeOf(branch) >>> 2;
    return this.#words[at] === branch ? this.#words[at + 1] : undefined;
  }
}
