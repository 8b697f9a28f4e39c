/** A small generator of pseudo-random numbers, the same on every host. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  }

  below(n: number): number {
    return this.word() % n;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One bit, set with this probability. */
  bit(percent = 50): number {
    return this.chance(percent) ? 1 : 0;
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}
