/**
 * The generic timer of one core: DDI 0406C chapter B8. The system counter follows virtual time exactly: floor(ns * frequency / 10^9).
 * Access rights (CNTKCTL, CNTHCTL) are the processor's business; the registers are only kept here.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { Counter } from '../bus/system-counter.ts';

type Comparison<T extends string> = `${T}_CTL` | `${T}_CVAL` | `${T}_TVAL`;
type TimerName = 'CNTP' | 'CNTPS' | 'CNTV' | 'CNTHP';

/** CNTP_* is the Non-secure bank of the physical timer, CNTPS_* the Secure one. */
export type TimerRegister = 'CNTFRQ' | 'CNTPCT' | 'CNTVCT' | 'CNTKCTL' | 'CNTHCTL' | 'CNTVOFF' | Comparison<TimerName>;

/** The interrupt of each timer, in the usual wiring PPI 30, 29, 27 and 26. */
export interface TimerOutputs {
  readonly physical: IrqLine;
  readonly securePhysical: IrqLine;
  readonly virtual: IrqLine;
  readonly hyp: IrqLine;
  /** The event stream sets the core's event register. */
  event?(): void;
}

const WORD = 0x1_0000_0000;
const ENABLE = 1;
const IMASK = 2;
const ISTATUS = 4;

/** `(high:low) - (otherHigh:otherLow)` modulo 2^64, as two unsigned words. */
function subtract(
  high: number,
  low: number,
  otherHigh: number,
  otherLow: number,
): { readonly high: number; readonly low: number } {
  const borrow = low >>> 0 < otherLow >>> 0 ? 1 : 0;
  return { high: (high - otherHigh - borrow) >>> 0, low: (low - otherLow) >>> 0 };
}

/** One timer: a compare value against a counter minus an offset (DDI 0406C B8.1.5). */
class Comparator {
  control = 0;
  high = 0;
  low = 0;
  readonly #counter: Counter;
  readonly #offset: { high: number; low: number };
  readonly #line: IrqLine;
  readonly #alarm: Alarm;

  constructor(name: string, clock: Clock, counter: Counter, offset: { high: number; low: number }, line: IrqLine) {
    this.#counter = counter;
    this.#offset = offset;
    this.#line = line;
    this.#alarm = clock.alarm(name, () => this.update());
  }

  /** ISTATUS reads as zero while the timer is disabled, where it is UNKNOWN. */
  get status(): number {
    return (this.control & ENABLE) !== 0 && this.#met(this.#counter.ticks) ? this.control | ISTATUS : this.control;
  }

  /** TimerValue is a view of the compare value: the ticks that are left, as a signed word. */
  get timerValue(): number {
    return (this.low - this.#count(this.#counter.ticks).low) | 0;
  }

  set timerValue(value: number) {
    const count = this.#count(this.#counter.ticks);
    const low = count.low + (value >>> 0);
    this.low = low | 0;
    this.high = (count.high + (value >> 31) + (low >= WORD ? 1 : 0)) | 0;
    this.update();
  }

  /** Drives the line and sets the alarm for the next change of the condition. */
  update(): void {
    const ticks = this.#counter.ticks;
    const wanted = (this.control & (ENABLE | IMASK)) === ENABLE;
    this.#line.set(wanted && this.#met(ticks));
    const at = wanted ? this.#counter.timeOf(this.#nextChange(ticks)) : Number.POSITIVE_INFINITY;
    if (at === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(at);
  }

  #count(ticks: number): { readonly high: number; readonly low: number } {
    return subtract(Math.floor(ticks / WORD), ticks | 0, this.#offset.high, this.#offset.low);
  }

  /** The counter minus the offset is, as an unsigned number of 64 bits, not below the compare value. */
  #met(ticks: number): boolean {
    const count = this.#count(ticks);
    return count.high !== this.high >>> 0 ? count.high > this.high >>> 0 : count.low >= this.low >>> 0;
  }

  /** The tick at which the condition changes: the compare value's if it is not met, else the one at which the difference wraps to 0. */
  #nextChange(ticks: number): number {
    const count = this.#count(ticks);
    const zero = (this.high | this.low) === 0;
    const met = this.#met(ticks);
    if (met && zero) return Number.POSITIVE_INFINITY;
    const left = met ? subtract(0, 0, count.high, count.low) : subtract(this.high, this.low, count.high, count.low);
    const next = ticks + left.high * WORD + left.low;
    return next <= Number.MAX_SAFE_INTEGER ? next : Number.POSITIVE_INFINITY;
  }

  reset(): void {
    this.control = 0;
    this.high = 0;
    this.low = 0;
    this.update();
  }
}

/** CNTKCTL and CNTHCTL alike. */
const EVNTEN = 1 << 2;
const EVNTDIR = 1 << 3;
const evntI = (control: number): number => (control >>> 4) & 15;

/**
 * An event stream: an event whenever one bit of a counter changes in one direction. Nobody sees events but WFE, so they are counted when it asks,
 * and an alarm is set only while it waits.
 */
class EventStream {
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

export class GenericTimer implements Stateful {
  readonly frequency: number;
  readonly counter: Counter;
  readonly #offset = { high: 0, low: 0 };
  readonly #none = { high: 0, low: 0 };
  readonly #timers: Readonly<Record<TimerName, Comparator>>;
  readonly #streams: Readonly<Record<'virtual' | 'physical', EventStream>>;
  #programmedFrequency: number;
  #kernelControl = 0;
  #hypControl = 3;

  constructor(clock: Clock, options: { readonly frequency: number }, outputs: TimerOutputs) {
    this.frequency = options.frequency;
    this.#programmedFrequency = options.frequency;
    this.counter = new Counter(clock, options.frequency);
    this.#timers = {
      CNTPS: new Comparator('CNTPS', clock, this.counter, this.#none, outputs.securePhysical),
      CNTP: new Comparator('CNTP', clock, this.counter, this.#none, outputs.physical),
      CNTV: new Comparator('CNTV', clock, this.counter, this.#offset, outputs.virtual),
      CNTHP: new Comparator('CNTHP', clock, this.counter, this.#none, outputs.hyp),
    };
    const stream = (name: string, offset: { readonly low: number }) =>
      new EventStream(name, clock, this.counter, offset, () => outputs.event?.());
    this.#streams = { virtual: stream('CNTKCTL', this.#offset), physical: stream('CNTHCTL', this.#none) };
  }

  /** A 32-bit register, or the low word of a 64-bit one. */
  readLow(register: TimerRegister): number {
    switch (register) {
      case 'CNTPCT':
        return this.counter.ticks | 0;
      case 'CNTVCT':
        return (this.counter.ticks - this.#offset.low) | 0;
      case 'CNTVOFF':
        return this.#offset.low;
      case 'CNTFRQ':
        return this.#programmedFrequency | 0;
      case 'CNTKCTL':
        return this.#kernelControl;
      case 'CNTHCTL':
        return this.#hypControl;
      default: {
        const { timer, field } = this.#split(register);
        return field === 'CTL' ? timer.status : field === 'CVAL' ? timer.low : timer.timerValue;
      }
    }
  }

  /** The high word of a 64-bit register, 0 for others. */
  readHigh(register: TimerRegister): number {
    if (register === 'CNTVOFF') return this.#offset.high;
    if (register === 'CNTPCT' || register === 'CNTVCT') {
      const ticks = this.counter.ticks;
      const high = Math.floor(ticks / WORD);
      return (register === 'CNTPCT' ? high : subtract(high, ticks | 0, this.#offset.high, this.#offset.low).high) | 0;
    }
    return register.endsWith('_CVAL') ? this.#split(register as Comparison<TimerName>).timer.high : 0;
  }

  /** `high` counts for 64-bit registers only. The counters are read-only. */
  write(register: TimerRegister, low: number, high = 0): void {
    switch (register) {
      case 'CNTPCT':
      case 'CNTVCT':
        break;
      case 'CNTVOFF':
        this.#streams.virtual.change(this.#kernelControl, () => Object.assign(this.#offset, { high: high | 0, low: low | 0 }));
        this.#timers.CNTV.update();
        break;
      case 'CNTFRQ':
        this.#programmedFrequency = low | 0;
        break;
      case 'CNTKCTL':
        this.#kernelControl = low & 0x3ff;
        this.#streams.virtual.change(this.#kernelControl);
        break;
      case 'CNTHCTL':
        this.#hypControl = low & 0xff;
        this.#streams.physical.change(this.#hypControl);
        break;
      default:
        this.#writeTimer(register, low, high);
        break;
    }
  }

  /** Whether the event streams have set the event register since the last call. */
  takeEvent(): boolean {
    const [virtual, physical] = [this.#streams.virtual.take(), this.#streams.physical.take()];
    return virtual || physical;
  }

  /** The core waits for an event. */
  awaitEvent(): void {
    this.#streams.virtual.arm();
    this.#streams.physical.arm();
  }

  save(): State {
    const timers = Object.fromEntries(
      (['CNTP', 'CNTPS', 'CNTV', 'CNTHP'] as const).map((name) => {
        const { control, low, high } = this.#timers[name];
        return [name, { control, low, high }];
      }),
    );
    const { low, high } = this.#offset;
    return {
      frequency: this.#programmedFrequency,
      kernel: this.#kernelControl,
      hyp: this.#hypControl,
      offset: { low, high },
      timers,
      streams: Object.fromEntries(Object.entries(this.#streams).map(([name, each]) => [name, each.save()])),
    };
  }

  /** The clock has the time that belongs to the state; the alarms are set anew. */
  load(state: State): void {
    this.#programmedFrequency = state['frequency'] as number;
    this.#kernelControl = state['kernel'] as number;
    this.#hypControl = state['hyp'] as number;
    Object.assign(this.#offset, state['offset']);
    const streams = state['streams'] as Record<'virtual' | 'physical', State>;
    this.#streams.virtual.load(this.#kernelControl, streams.virtual);
    this.#streams.physical.load(this.#hypControl, streams.physical);
    for (const [name, timer] of Object.entries(this.#timers)) {
      const { control, low, high } = (state['timers'] as Record<string, { control: number; low: number; high: number }>)[name]!;
      Object.assign(timer, { control, low, high });
      timer.update();
    }
  }

  reset(): void {
    this.#programmedFrequency = this.frequency;
    this.#kernelControl = 0;
    // CNTHCTL.{PL1PCEN, PL1PCTEN} reset to 1: without a hypervisor PL1 has the physical timer.
    this.#hypControl = 3;
    Object.assign(this.#offset, { high: 0, low: 0 });
    for (const timer of Object.values(this.#timers)) timer.reset();
    for (const stream of Object.values(this.#streams)) stream.reset();
  }

  #writeTimer(register: Comparison<TimerName>, low: number, high: number): void {
    const { timer, field } = this.#split(register);
    if (field === 'TVAL') {
      timer.timerValue = low | 0;
      return;
    }
    if (field === 'CTL') timer.control = low & (ENABLE | IMASK);
    else {
      timer.low = low | 0;
      timer.high = high | 0;
    }
    timer.update();
  }

  #split(register: Comparison<TimerName>): { readonly timer: Comparator; readonly field: 'CTL' | 'CVAL' | 'TVAL' } {
    const [name, field] = register.split('_') as [TimerName, 'CTL' | 'CVAL' | 'TVAL'];
    return { timer: this.#timers[name], field };
  }
}
