/**
 * How fast a port may send: so many bits a second, so many frames a second, or both, and so much at once after a silence. What comes faster
 * waits, and is lost when so much waits already. The algorithm is ITU-T I.371's virtual scheduling, with a queue.
 */
import type { State, Stateful } from '../base/state.ts';

/** One of something costs its share of a second; so much of it goes at once. */
interface Schedule {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Rate {
  /** Its burst is in bits, of one frame of the greatest length at least, so that it can go at all. */
  readonly bits?: Schedule | undefined;
  readonly frames?: Schedule | undefined;
}

/** Frames. */
const MOST_WAITING = 32;

export class RateLimit implements Stateful {
  readonly #rate: Rate;
  /** When all that was let through so far would have gone at the steady rates. */
  #busy = { bits: 0, frames: 0 };
  /** When those that wait go. */
  #waiting: number[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** When a frame of so many bytes may go on; undefined if it is lost. */
  admit(now: number, bytes: number): number | undefined {
    this.#waiting = this.#waiting.filter((goes) => goes > now);
    if (this.#waiting.length >= MOST_WAITING) return undefined;
    const goes = Math.max(now, this.#pass(now, 'bits', 8 * bytes), this.#pass(now, 'frames', 1));
    if (goes > now) this.#waiting.push(goes);
    return goes;
  }

  save(): State {
    return { busy: { ...this.#busy }, waiting: [...this.#waiting] };
  }

  load(state: State): void {
    this.#busy = { ...(state['busy'] as { bits: number; frames: number }) };
    this.#waiting = [...(state['waiting'] as readonly number[])];
  }

  reset(): void {
    this.#busy = { bits: 0, frames: 0 };
    this.#waiting = [];
  }

  /** When so much of something may go. */
  #pass(now: number, what: keyof Rate, count: number): number {
    const schedule = this.#rate[what];
    if (schedule === undefined) return now;
    const cost = (units: number) => Math.ceil((units * 1e9) / schedule.perSecond);
    this.#busy[what] = Math.max(this.#busy[what], now) + cost(count);
    return this.#busy[what] - cost(schedule.burst);
  }
}
