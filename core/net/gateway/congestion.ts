/** How much may be on its way at once. References: RFC 5681 (slow start, congestion avoidance, fast retransmit), RFC 6582 (NewReno). */
import type { State } from '../../base/state.ts';
import { distance } from './sequence.ts';

const FIRST_SEGMENTS = 10;
const MOST = 0x1_0000;
/** Acknowledgements of the same place that tell of a loss, after the first. */
const TELLING = 3;

const START = { window: 0, threshold: MOST, repeated: 0, recovering: false, recover: 0 };

export class Congestion {
  #r = { ...START };

  get window(): number {
    return this.#r.window;
  }

  start(mss: number): void {
    this.#r = { ...START, window: FIRST_SEGMENTS * mss };
  }

  /** So many bytes more have arrived. Returns whether the next ones were lost in the same round. */
  progress(acknowledged: number, bytes: number, mss: number): boolean {
    const r = this.#r;
    r.repeated = 0;
    if (r.recovering && distance(acknowledged, r.recover) < 0) return true;
    if (r.recovering) r.recovering = false;
    else r.window += r.window < r.threshold ? bytes : Math.ceil((mss * bytes) / r.window);
    r.window = Math.min(r.window, MOST);
    return false;
  }

  /** An acknowledgement once more, with `flight` bytes on their way up to `most`. Returns whether it tells of a loss. */
  repeat(flight: number, most: number, mss: number): boolean {
    const r = this.#r;
    if (r.recovering || ++r.repeated !== TELLING) return false;
    r.threshold = Math.max(2 * mss, flight >>> 1);
    Object.assign(r, { window: r.threshold, recovering: true, recover: most });
    return true;
  }

  /** Nothing came back in time. */
  lost(flight: number, mss: number): void {
    this.#r = { ...this.#r, threshold: Math.max(2 * mss, flight >>> 1), window: mss, recovering: false };
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof START) };
  }
}
