/** Least, greatest and mean of a series of times: what a report says of them. */
import type { State, Stateful } from '../base/state.ts';

/** Virtual nanoseconds; all zero if there was nothing to measure. */
export interface SpreadReport {
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly meanNs: number;
}

export class Spread implements Stateful {
  #count = 0;
  #min = 0;
  #max = 0;
  #sum = 0;

  add(value: number): void {
    this.#min = this.#count === 0 ? value : Math.min(this.#min, value);
    this.#max = this.#count === 0 ? value : Math.max(this.#max, value);
    this.#sum += value;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  report(): SpreadReport {
    const mean = this.#count === 0 ? 0 : Math.round((this.#sum / this.#count) * 10) / 10;
    return { count: this.#count, minNs: this.#min, maxNs: this.#max, meanNs: mean };
  }

  save(): State {
    return { count: this.#count, min: this.#min, max: this.#max, sum: this.#sum };
  }

  load(state: State): void {
    this.#count = state['count'] as number;
    this.#min = state['min'] as number;
    this.#max = state['max'] as number;
    this.#sum = state['sum'] as number;
  }

  reset(): void {
    this.#count = 0;
    this.#min = 0;
    this.#max = 0;
    this.#sum = 0;
  }
}
