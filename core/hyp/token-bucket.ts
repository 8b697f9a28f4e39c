/** A limit on how often a guest may do something, in ticks of the system counter: so many at once, then one each so often. */
import type { State, Stateful } from '../base/state.ts';

export class TokenBucket implements Stateful {
  readonly #capacity: number;
  /** Ticks that one token takes to come; may be a fraction. */
  readonly #interval: number;
  #tokens: number;
  #since = 0;
  /** Tokens taken in all: only measured, and no part of the state. */
  used = 0;

  constructor(capacity: number, interval: number) {
    this.#capacity = capacity;
    this.#interval = interval;
    this.#tokens = capacity;
  }

  /** Takes up to `wanted` tokens and returns how many there were. */
  take(now: number, wanted: number): number {
    this.#refill(now);
    const taken = Math.min(wanted, this.#tokens);
    this.#tokens -= taken;
    this.used += taken;
    return taken;
  }

  available(now: number): number {
    this.#refill(now);
    return this.#tokens;
  }

  /** The tick at which there is a token again. */
  get next(): number {
    return this.#tokens > 0 ? this.#since : Math.ceil(this.#since + this.#interval);
  }

  save(): State {
    return { tokens: this.#tokens, since: this.#since };
  }

  load(state: State): void {
    this.#tokens = state['tokens'] as number;
    this.#since = state['since'] as number;
  }

  reset(): void {
    this.#tokens = this.#capacity;
    this.#since = 0;
    this.used = 0;
  }

  #refill(now: number): void {
    const arrived = Math.floor((now - this.#since) / this.#interval);
    if (arrived <= 0) return;
    const full = this.#tokens + arrived >= this.#capacity;
    this.#tokens = full ? this.#capacity : this.#tokens + arrived;
    this.#since = full ? now : this.#since + arrived * this.#interval;
  }
}
