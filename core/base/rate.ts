/** A frequency in whole hertz against virtual nanoseconds, in exact integers (for rates of which the ratio in lowest terms is below 2^53). */

const SECOND = 1_000_000_000;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

export class Rate {
  readonly hertz: number;
  /** `ticks` of them last `nanoseconds`, in lowest terms. */
  readonly #ticks: number;
  readonly #nanoseconds: number;

  constructor(hertz: number) {
    const common = gcd(hertz, SECOND);
    this.hertz = hertz;
    this.#ticks = hertz / common;
    this.#nanoseconds = SECOND / common;
  }

  /** Whole ticks from time zero until `time`. */
  ticksAt(time: number): number {
    const rest = time % this.#nanoseconds;
    return ((time - rest) / this.#nanoseconds) * this.#ticks + Math.floor((rest * this.#ticks) / this.#nanoseconds);
  }

  /** The first nanosecond at which `ticks` have passed. */
  timeOf(ticks: number): number {
    const rest = ticks % this.#ticks;
    return ((ticks - rest) / this.#ticks) * this.#nanoseconds + Math.ceil((rest * this.#nanoseconds) / this.#ticks);
  }
}
