/** How long an acknowledgement may take before something is sent again. Reference: RFC 6298. */
import type { State } from '../../base/state.ts';
import { distance } from './sequence.ts';

const SECOND = 1_000_000_000;
const [FIRST, LEAST, MOST] = [SECOND, 0.2 * SECOND, 60 * SECOND];

const START = { timeout: FIRST, smoothed: 0, variation: 0, timing: false, sequence: 0, since: 0 };

export class RoundTrip {
  #r = { ...START };

  get timeout(): number {
    return this.#r.timeout;
  }

  /** What was sent at the end of `sequence` is timed, unless something is already. */
  sent(sequence: number, now: number): void {
    if (!this.#r.timing) Object.assign(this.#r, { timing: true, sequence, since: now });
  }

  /** Something new has arrived: what was put on to the timeout since the last measurement is over. */
  acknowledged(sequence: number, now: number): void {
    const r = this.#r;
    if (r.timing && distance(sequence, r.sequence) >= 0) this.#measure(now - r.since);
    r.timeout = r.smoothed === 0 ? FIRST : Math.min(MOST, Math.max(LEAST, r.smoothed + 4 * r.variation));
  }

  /** Something is sent again: an acknowledgement may be that of either. */
  repeated(): void {
    this.#r.timing = false;
  }

  backOff(): void {
    this.#r.timeout = Math.min(MOST, 2 * this.#r.timeout);
  }

  restart(): void {
    this.#r = { ...START };
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof START) };
  }

  #measure(trip: number): void {
    const r = this.#r;
    const first = r.smoothed === 0;
    r.variation = Math.round(first ? trip / 2 : 0.75 * r.variation + 0.25 * Math.abs(r.smoothed - trip));
    r.smoothed = Math.max(1, Math.round(first ? trip : 0.875 * r.smoothed + 0.125 * trip));
    r.timing = false;
  }
}
