/**
 * Virtual time, in nanoseconds since reset. One retired instruction takes one nanosecond; the clock stands still while none retire,
 * and skips to the next alarm when every core waits.
 */
export interface Clock {
  /** Nanoseconds since reset, an integer below 2^53. */
  now(): number;
  /** A new alarm, not yet set. Alarms due at the same time fire in the order they were created. */
  alarm(name: string, fire: () => void): Alarm;
}

export interface Alarm {
  /** Virtual time at which it fires, or Infinity. */
  readonly at: number;
  /** Sets or moves it; a time in the past fires at the next chance. */
  set(at: number): void;
  clear(): void;
}

interface Entry {
  readonly order: number;
  readonly fire: () => void;
  at: number;
}

/** The machine's clock: it holds the alarms; the run loop moves the time. */
export class VirtualClock implements Clock {
  readonly #alarms: Entry[] = [];
  #time = 0;
  #running: (() => number) | undefined;
  #sooner: ((at: number) => void) | undefined;

  now(): number {
    return this.#running === undefined ? this.#time : this.#running();
  }

  /** While a core runs, time is the core's own; `sooner` is told of an alarm set while it runs. */
  runWith(running: (() => number) | undefined, sooner: ((at: number) => void) | undefined): void {
    this.#running = running;
    this.#sooner = sooner;
  }

  alarm(_name: string, fire: () => void): Alarm {
    const entry: Entry = { order: this.#alarms.length, fire, at: Number.POSITIVE_INFINITY };
    this.#alarms.push(entry);
    const changed = (at: number) => {
      entry.at = at;
      if (this.#sooner !== undefined) this.#sooner(at);
    };
    return {
      get at() {
        return entry.at;
      },
      set: changed,
      clear: () => {
        entry.at = Number.POSITIVE_INFINITY;
      },
    };
  }

  /** When the next alarm is due, or Infinity. */
  next(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const alarm of this.#alarms) if (alarm.at < at) at = alarm.at;
    return at;
  }

  /** Moves time to `time`, firing what is due on the way, in order of time and then of creation. */
  advance(time: number): void {
    for (;;) {
      const due = this.#due(time);
      if (due === undefined) break;
      this.#time = Math.max(this.#time, due.at);
      due.at = Number.POSITIVE_INFINITY;
      due.fire();
    }
    this.#time = Math.max(this.#time, time);
  }

  /** Sets the time, for loading a saved state. Devices set their own alarms again. */
  reset(time = 0): void {
    this.#time = time;
    for (const alarm of this.#alarms) alarm.at = Number.POSITIVE_INFINITY;
  }

  #due(time: number): Entry | undefined {
    let best: Entry | undefined;
    for (const alarm of this.#alarms) if (alarm.at <= time && (best === undefined || alarm.at < best.at)) best = alarm;
    return best;
  }
}
