/**
 * SP804 dual timer. Reference: Arm DDI 0271 (Dual-Timer Module SP804).
 * Two 16 or 32 bit down counters: free running, periodic or one-shot. The value is computed from virtual time when someone looks; an
 * alarm is set only while an interrupt can newly appear, so that a guest which loads tiny values costs no more than its own accesses.
 * A period lasts as many ticks as Load says (the manual's formula). Not modelled: the integration test registers.
 */
import { Rate } from '../base/rate.ts';
import type { State } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

const BOTH = { count: 2, stride: 0x20 } as const;

export const SP804 = registerMap({
  Load: { at: 0x00, access: 'rw', reset: 0, ...BOTH },
  Value: { at: 0x04, access: 'ro', reset: 0xffffffff, ...BOTH },
  Control: { at: 0x08, access: 'rw', mask: 0xef, reset: 0x20, ...BOTH },
  IntClr: { at: 0x0c, access: 'wo', ...BOTH },
  RIS: { at: 0x10, access: 'ro', mask: 1, reset: 0, ...BOTH },
  MIS: { at: 0x14, access: 'ro', mask: 1, reset: 0, ...BOTH },
  BGLoad: { at: 0x18, access: 'rw', reset: 0, ...BOTH },
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4, reset: 0x04 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

const ENABLE = 1 << 7;
const PERIODIC = 1 << 6;
const INTERRUPT = 1 << 5;
const WIDE = 1 << 1;
const ONE_SHOT = 1 << 0;
/** log2 of the divider by Control.TimerPre; the undefined 3 acts as 2. */
const PRESCALE = [0, 4, 8, 8] as const;

const RESET = { Load: 0, Control: INTERRUPT, RIS: 0, value: 0xffffffff, since: 0 };

/** One of the two: `value` is the counter at tick `since`; it moves from there while enabled. */
class Counter {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #alarm: Alarm;
  r = { ...RESET };

  constructor(clock: Clock, hertz: number, changed: () => void) {
    this.#clock = clock;
    this.#rate = new Rate(hertz);
    this.#alarm = clock.alarm('sp804', () => {
      this.#catchUp();
      this.#arm();
      changed();
    });
  }

  get interrupt(): boolean {
    return this.r.RIS !== 0 && (this.r.Control & INTERRUPT) !== 0;
  }

  value(): number {
    return this.#valueAfter(this.#passed());
  }

  setLoad(value: number, background: boolean): void {
    this.#catchUp();
    this.r.Load = value;
    if (!background) this.#startFrom(value);
    this.#arm();
  }

  setControl(value: number): void {
    this.#catchUp();
    this.r.Control = value;
    this.#startFrom(this.r.value);
    this.#arm();
  }

  clearInterrupt(): void {
    this.#catchUp();
    this.r.RIS = 0;
    this.#arm();
  }

  load(state: typeof RESET): void {
    this.r = { ...state };
    this.#arm();
  }

  get #period(): number {
    const { Control, Load } = this.r;
    const full = Control & WIDE ? 0x1_0000_0000 : 0x1_0000;
    return Control & PERIODIC ? this.#wide(Load) || 1 : full;
  }

  #wide(value: number): number {
    return this.r.Control & WIDE ? value : value & 0xffff;
  }

  #ticks(): number {
    return this.#rate.ticksAt(this.#clock.now());
  }

  #prescale(): number {
    return PRESCALE[(this.r.Control >>> 2) & 3] as number;
  }

  /** Ticks from `since` to the next arrival at zero, or Infinity: halted, or a one-shot that has ended. */
  #untilZero(): number {
    const { Control, value } = this.r;
    if ((Control & ENABLE) === 0 || (Control & ONE_SHOT && value === 0)) return Number.POSITIVE_INFINITY;
    return (value === 0 ? this.#period : value) * 2 ** this.#prescale();
  }

  #startFrom(value: number): void {
    this.r.value = this.r.Control & ENABLE ? this.#wide(value) : value;
    this.r.since = this.#ticks();
  }

  /** Prescaled ticks since `since`. */
  #passed(): number {
    return this.r.Control & ENABLE ? Math.floor((this.#ticks() - this.r.since) / 2 ** this.#prescale()) : 0;
  }

  /** A periodic counter reloads at zero, a free running one wraps after it, a one-shot stays there. */
  #valueAfter(passed: number): number {
    const { value, Control } = this.r;
    if (passed === 0 || passed < value) return value - passed;
    if (Control & ONE_SHOT) return 0;
    const period = this.#period;
    const left = (passed - value) % period;
    return left === 0 && (Control & PERIODIC) === 0 ? 0 : period - left;
  }

  /** Brings value, since and RIS up to the present, before something changes. */
  #catchUp(): void {
    const passed = this.#passed();
    const ticks = passed * 2 ** this.#prescale();
    if (ticks >= this.#untilZero()) this.r.RIS = 1;
    this.r.value = this.#valueAfter(passed);
    this.r.since += ticks;
  }

  #arm(): void {
    const wait = this.r.RIS !== 0 ? Number.POSITIVE_INFINITY : this.#untilZero();
    if (wait === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(this.#rate.timeOf(this.r.since + wait));
  }
}

export class Sp804 implements Device<typeof SP804> {
  readonly registers = SP804;
  readonly #ports: { readonly irq: IrqLine };
  readonly #counters: readonly [Counter, Counter];

  /** `hertz` are the rates of the two counters (TIMCLK gated by TIMCLKEN1 and 2). `irq` is TIMINTC, of both. */
  constructor(ports: { readonly irq: IrqLine }, clock: Clock, hertz: readonly [number, number] = [1_000_000, 1_000_000]) {
    const counter = (rate: number) => new Counter(clock, rate, () => this.#driveIrq());
    this.#ports = ports;
    this.#counters = [counter(hertz[0]), counter(hertz[1])];
  }

  read(register: Readable<typeof SP804>, index = 0): number {
    if (register === 'PeriphID') return (0x00141804 >>> (8 * index)) & 0xff;
    if (register === 'PCellID') return (0xb105f00d >>> (8 * index)) & 0xff;
    const counter = this.#counters[index] as Counter;
    switch (register) {
      case 'Load':
      case 'BGLoad':
        return counter.r.Load;
      case 'Value':
        return counter.value();
      case 'Control':
        return counter.r.Control;
      case 'RIS':
        return counter.r.RIS;
      case 'MIS':
        return counter.interrupt ? 1 : 0;
    }
  }

  write(register: Writable<typeof SP804>, value: number, index = 0): void {
    const counter = this.#counters[index] as Counter;
    if (register === 'Control') counter.setControl(value);
    else if (register === 'IntClr') counter.clearInterrupt();
    else counter.setLoad(value, register === 'BGLoad');
    this.#driveIrq();
  }

  save(): State {
    return { first: { ...this.#counters[0].r }, second: { ...this.#counters[1].r } };
  }

  load(state: State): void {
    this.#counters[0].load(state['first'] as typeof RESET);
    this.#counters[1].load(state['second'] as typeof RESET);
    this.#driveIrq();
  }

  reset(): void {
    this.load({ first: { ...RESET }, second: { ...RESET } });
  }

  #driveIrq(): void {
    const [first, second] = this.#counters;
    this.#ports.irq.set(first.interrupt || second.interrupt);
  }
}
