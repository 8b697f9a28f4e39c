/**
 * How fast a port may send: so many bits a second, and so many bytes at once after a silence. What comes faster waits, and is lost when so
 * much waits already. The algorithm is ITU-T I.371's virtual scheduling, with a queue.
 */
import type { State, Stateful } from '../base/state.ts';

export interface Rate {
  readonly bitsPerSecond: number;
  /** At least one frame of the greatest length, so that it can go at all. */
  readonly burst: number;
}

/** Frames. */
const MOST_WAITING = 32;

export class RateLimit implements Stateful {
  readonly #rate: Rate;
  readonly #burst: number;
  /** When all that was let through so far would have gone at the steady rate. */
  #busy = 0;
  /** When those that wait go. */
  #waiting: number[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#burst = this.#cost(rate.burst);
  }

  /** When a frame of so many bytes may go on; undefined if it is lost. */
  admit(now: number, bytes: number): number | undefined {
    this.#waiting = this.#waiting.filter((goes) => goes > now);
    if (this.#waiting.length >= MOST_WAITING) return undefined;
    const busy = Math.max(this.#busy, now) + this.#cost(bytes);
    const goes = Math.max(now, busy - this.#burst);
    if (goes > now) this.#waiting.push(goes);
    this.#busy = busy;
    return goes;
  }

  save(): State {
    return { busy: this.#busy, waiting: [...this.#waiting] };
  }

  load(state: State): void {
    this.#busy = state['busy'] as number;
    this.#waiting = [...(state['waiting'] as readonly number[])];
  }

  reset(): void {
    this.#busy = 0;
    this.#waiting = [];
  }

  /** Nanoseconds at the steady rate. */
  #cost(bytes: number): number {
    return Math.ceil((bytes * 8e9) / this.#rate.bitsPerSecond);
  }
}
