/**
 * An event stream of the generic timer: an event whenever one bit of a counter changes in one direction. Nobody sees events but WFE, so they are
 * counted when it asks, and an alarm is set only while it waits. Reference: DDI 0406C B8.1.4.
 */
import type { State } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { Counter } from './system-counter.ts';

/** CNTKCTL and CNTHCTL alike. */
const EVNTEN = 1 << 2;
const EVNTDIR = 1 << 3;
const evntI = (control: number): number => (control >>> 4) & 15;

export class EventStream {
  readonly #counter: Counter;
  readonly #offset: { readonly low: number };
  readonly #alarm: Alarm;
  #control = 0;
  /** The tick up to which events have been taken. */
  #seen = 0;
  /** An event from before the last change of settings. */
  #left = false;

  constructor(name: string, clock: Clock, counter: Counter, offset: { readonly low: number }, event: () => void) {
    this.#counter = counter;
    this.#offset = offset;
    this.#alarm = clock.alarm(name, () => {
      if (this.take()) event();
    });
  }

  /** Whether there was an event since the last call. */
  take(): boolean {
    const found = this.#left || this.#since();
    this.#left = false;
    this.#seen = this.#enabled ? this.#counter.ticks : 0;
    return found;
  }

  /** WFE waits: the next event ends that. */
  arm(): void {
    if (!this.#enabled) return;
    const next = (this.#events(this.#counter.ticks) + 1) * this.#period - this.#phase;
    this.#alarm.set(this.#counter.timeOf(next));
  }

  /** Other settings, or another offset, from now on; `change` makes them. */
  change(control: number, change = () => {}): void {
    this.#left ||= this.#since();
    change();
    this.#control = control;
    this.#seen = this.#enabled ? this.#counter.ticks : 0;
    if (this.#alarm.at === Number.POSITIVE_INFINITY) return;
    this.#alarm.clear();
    this.arm();
  }

  save(): State {
    return { seen: this.#seen, left: this.#left, armed: this.#alarm.at !== Number.POSITIVE_INFINITY };
  }

  /** `control` is the register's value, which its owner keeps. */
  load(control: number, state: State): void {
    this.#control = control;
    this.#seen = state['seen'] as number;
    this.#left = state['left'] as boolean;
    this.#alarm.clear();
    if (state['armed'] === true) this.arm();
  }

  reset(): void {
    this.load(0, { seen: 0, left: false, armed: false });
  }

  get #enabled(): boolean {
    return (this.#control & EVNTEN) !== 0;
  }

  #since(): boolean {
    return this.#enabled && this.#events(this.#counter.ticks) > this.#events(this.#seen);
  }

  get #period(): number {
    return 2 ** (evntI(this.#control) + 1);
  }

  /** Ticks from an event to the next one, at tick 0. */
  get #phase(): number {
    const half = (this.#control & EVNTDIR) === 0 ? this.#period / 2 : 0;
    return half - (this.#offset.low & (this.#period - 1));
  }

  #events(ticks: number): number {
    return Math.floor((ticks + this.#phase) / this.#period);
  }
}
