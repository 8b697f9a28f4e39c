/** The system counter of the generic timer, which follows virtual time exactly: floor(ns * frequency / 10^9). Reference: DDI 0406C B8.1.1. */
import type { Clock } from './clock.ts';

const SECOND = 1_000_000_000;

/** Remainder and quotient of `a * b / c` for integers below 2^30, which the product may not be. Exact. */
function multiplyDivide(a: number, b: number, c: number): { readonly quotient: number; readonly exact: boolean } {
  const product = a * b;
  if (product < 2 ** 53) return { quotient: Math.floor(product / c), exact: product % c === 0 };
  const high = a * Math.floor(b / 0x8000);
  const low = (high % c) * 0x8000 + a * (b % 0x8000);
  return { quotient: Math.floor(high / c) * 0x8000 + Math.floor(low / c), exact: low % c === 0 };
}

/** The system counter. Ticks are integers below 2^53, since time is and no counter is faster than 1 GHz. */
export class Counter {
  readonly #clock: Clock;
  /** frequency / 10^9, reduced. */
  readonly numerator: number;
  readonly denominator: number;

  constructor(clock: Clock, frequency: number) {
    if (!Number.isInteger(frequency) || frequency < 1 || frequency > SECOND)
      throw new RangeError('a counter runs at 1 Hz to 1 GHz');
    let [a, b] = [frequency, SECOND];
    while (b !== 0) [a, b] = [b, a % b];
    this.#clock = clock;
    this.numerator = frequency / a;
    this.denominator = SECOND / a;
  }

  /** Virtual time. */
  get time(): number {
    return this.#clock.now();
  }

  get ticks(): number {
    const now = this.#clock.now();
    const product = now * this.numerator;
    if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / this.denominator);
    const whole = Math.floor(now / this.denominator);
    return whole * this.numerator + multiplyDivide(now - whole * this.denominator, this.numerator, this.denominator).quotient;
  }

  /** The first nanosecond at which the counter reads `ticks` or more, or Infinity if virtual time does not go so far. */
  timeOf(ticks: number): number {
    const whole = Math.floor(ticks / this.numerator);
    const { quotient, exact } = multiplyDivide(ticks - whole * this.numerator, this.denominator, this.numerator);
    const time = whole * this.denominator + quotient + (exact ? 0 : 1);
    return time <= Number.MAX_SAFE_INTEGER ? time : Number.POSITIVE_INFINITY;
  }
}
