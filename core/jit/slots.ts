/**
 * The table by which the dispatcher finds regions: open addressing, in the arena, so that translated code and the translator read the same words.
 * The same address may stand there several times, each with another page behind it.
 */
import type { Arena } from '../bus/memory.ts';

/** Words of an entry: key, function, what to add to the address, how often it may still be entered. */
const [KEY, INDEX, DELTA, ENTRIES, WORDS] = [0, 1, 2, 3, 4];
export const SLOT = { key: 4 * KEY, index: 4 * INDEX, delta: 4 * DELTA, entries: 4 * ENTRIES, bytes: 4 * WORDS } as const;
const BITS = 16;
const SLOTS = 1 << BITS;
/** Entries looked at before a search is given up. */
export const PROBES = 8;
/** No addresses of instructions: where the table was never used, and where something was removed. */
export const EMPTY = 2;
const REMOVED = 6;
/** A key, the address with the instruction set in bit 0, begins its search at the upper bits of its product with this. */
export const HASH = { factor: 0x9e37_79b1 | 0, shift: 32 - BITS } as const;

export class Slots {
  static readonly BYTES = SLOTS * SLOT.bytes;
  /** Its place in the arena. */
  readonly offset: number;
  readonly #words: Int32Array;
  readonly #first: number;

  constructor(arena: Arena) {
    this.offset = arena.reserve(Slots.BYTES);
    this.#words = arena.i32;
    this.#first = this.offset >>> 2;
    this.#clear(this.#first, EMPTY);
    for (let done = WORDS; done < SLOTS * WORDS; done *= 2)
      arena.i32.copyWithin(this.#first + done, this.#first, this.#first + done);
  }

  /** An odd distance is none of pages. */
  #clear(at: number, key: number): void {
    this.#words[at + KEY] = key;
    this.#words[at + DELTA] = 1;
  }

  /** Whether any region begins at a key. */
  has(key: number): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const there = this.#words[this.#at(key, probe)];
      if (there === key) return true;
      if (there === EMPTY) return false;
    }
    return false;
  }

  /** The function of the region at a key that lies in a page; undefined if there is none. */
  indexOf(key: number, delta: number): number | undefined {
    for (let probe = 0; probe < PROBES; probe++) {
      const at = this.#at(key, probe);
      const there = this.#words[at];
      if (there === key && this.#words[at + DELTA] === delta) return this.#words[at + INDEX];
      if (there === EMPTY) return undefined;
    }
    return undefined;
  }

  /** Enters a region, if need be in the place of another. */
  put(key: number, delta: number, index: number, entries: number): void {
    let free = -1;
    for (let probe = 0; probe < PROBES; probe++) {
      const at = this.#at(key, probe);
      const there = this.#words[at];
      if (there === key && this.#words[at + DELTA] === delta) return this.#write(at, key, delta, index, entries);
      if (free < 0 && (there === EMPTY || there === REMOVED)) free = at;
      if (there === EMPTY) break;
    }
    this.#write(free < 0 ? this.#at(key, 0) : free, key, delta, index, entries);
  }

  #write(at: number, key: number, delta: number, index: number, entries: number): void {
    const words = this.#words;
    words[at + KEY] = key;
    words[at + INDEX] = index;
    words[at + DELTA] = delta;
    words[at + ENTRIES] = entries;
  }

  remove(key: number, delta: number): void {
    for (let probe = 0; probe < PROBES; probe++) {
      const at = this.#at(key, probe);
      if (this.#words[at] === key && this.#words[at + DELTA] === delta) this.#clear(at, REMOVED);
    }
  }

  #at(key: number, probe: number): number {
    return this.#first + (((Math.imul(key, HASH.factor) >>> HASH.shift) + probe) & (SLOTS - 1)) * WORDS;
  }
}
