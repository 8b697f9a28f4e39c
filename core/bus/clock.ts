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
  readonly owner: number;
  readonly fire: () => void;
  at: number;
}

/**
 * The machine's clock. An alarm belongs to a core and fires when that core has got to its time; those of the board's devices belong to
 * core 0. So no core's course depends on when another's alarms are due.
 */
export class VirtualClock implements Clock {
  readonly #alarms: Entry[] = [];
  #time = 0;
  #running: (() => number) | undefined;
  #sooner: ((at: number, owner: number) => void) | undefined;

  now(): number {
    return this.#running === undefined ? this.#time : this.#running();
  }

  /** While a core has its turn, time is the core's own; `sooner` is told of alarms set meanwhile. */
  runWith(running: (() => number) | undefined, sooner?: (at: number, owner: number) => void): void {
    this.#running = running;
    this.#sooner = sooner;
  }

  /** The clock as what belongs to one core sees it. */
  of(core: number): Clock {
    return { now: () => this.now(), alarm: (_name, fire) => this.#add(core, fire) };
  }

  alarm(_name: string, fire: () => void): Alarm {
    return this.#add(0, fire);
  }

  /** When the next alarm of a core, or of any, is due; or Infinity. */
  next(owner?: number): number {
    let at = Number.POSITIVE_INFINITY;
    for (const alarm of this.#alarms) if (alarm.at < at && (owner === undefined || alarm.owner === owner)) at = alarm.at;
    return at;
  }

  /** Fires what is due for a core by `time`, in order of time and then of creation. */
  fire(owner: number, time: number): void {
    for (let due = this.#due(time, owner); due !== undefined; due = this.#due(time, owner)) {
      due.at = Number.POSITIVE_INFINITY;
      due.fire();
    }
  }

  /** Moves the time that holds between turns, firing nothing. It never goes back. */
  skip(time: number): void {
    this.#time = Math.max(this.#time, time);
  }

  /** Moves time where no core runs: fires what is due on the way, in order of time and then of creation. */
  advance(time: number): void {
    for (let due = this.#due(time); due !== undefined; due = this.#due(time)) {
      this.skip(due.at);
      due.at = Number.POSITIVE_INFINITY;
      due.fire();
    }
    this.skip(time);
  }

  /** Sets the time, for loading a saved state. Devices set their own alarms again. */
  reset(time = 0): void {
    this.#time = time;
    for (const alarm of this.#alarms) alarm.at = Number.POSITIVE_INFINITY;
  }

  #add(owner: number, fire: () => void): Alarm {
    const entry: Entry = { owner, fire, at: Number.POSITIVE_INFINITY };
    this.#alarms.push(entry);
    return {
      get at() {
        return entry.at;
      },
      set: (at) => {
        entry.at = at;
        this.#sooner?.(at, owner);
      },
      clear: () => {
        entry.at = Number.POSITIVE_INFINITY;
      },
    };
  }

  #due(time: number, owner?: number): Entry | undefined {
    let best: Entry | undefined;
    for (const alarm of this.#alarms) {
      const concerned = owner === undefined || alarm.owner === owner;
      if (concerned && alarm.at <= time && (best === undefined || alarm.at < best.at)) best = alarm;
    }
    return best;
  }
}
