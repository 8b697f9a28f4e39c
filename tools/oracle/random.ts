/** Repeatable random numbers, and words that lie where instructions have their corners. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 to 2^32 - 1. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(n: number): number {
    return this.word() % n;
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** A value for a register: half the time one of the corners, or near one. */
  value(): number {
    if (this.once(2)) return this.word();
    const corner = this.pick(CORNERS);
    return (this.once(4) ? corner + this.below(3) - 1 : corner) >>> 0;
  }
}

const CORNERS = [
  0, 1, 2, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
  0x80008000, 0x7fff7fff, 0xffff0000, 0x80808080, 0x7f7f7f7f, 0x00ff00ff, 0xff00ff00, 0x55555555, 0xaaaaaaaa, 0x3fffffff,
  0x40000000,
];
