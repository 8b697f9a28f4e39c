/**
 * SP805 watchdog. Reference: Arm DDI 0270 (Watchdog Module SP805).
 * The counter falls from Load while Control.INTEN is set. The first arrival at zero raises the interrupt and reloads; the second, with the
 * interrupt still raised and Control.RESEN set, asserts WDOGRES and ends the counting. Not modelled: the integration test registers.
 */
import { Rate } from '../base/rate.ts';
import type { State } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const SP805 = registerMap({
  Load: { at: 0x000, access: 'rw', reset: 0xffffffff },
  Value: { at: 0x004, access: 'ro', reset: 0xffffffff },
  Control: { at: 0x008, access: 'rw', mask: 3, reset: 0 },
  IntClr: { at: 0x00c, access: 'wo' },
  RIS: { at: 0x010, access: 'ro', mask: 1, reset: 0 },
  MIS: { at: 0x014, access: 'ro', mask: 1, reset: 0 },
  Lock: { at: 0xc00, access: 'rw', reset: 0 },
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4, reset: 0x05 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

export interface Sp805Ports {
  /** WDOGINT. */
  readonly irq: IrqLine;
  /** WDOGRES: the board is to be reset. */
  reset(): void;
}

const INTEN = 1;
const RESEN = 2;
/** What Lock must be written with to open the other registers for writing. */
const UNLOCK = 0x1acce551;

/** `value` is the counter at tick `since`; it falls from there while INTEN is set and the watchdog has not ended in a reset. */
const RESET = { Load: 0xffffffff, Control: 0, RIS: 0, locked: 0, ended: 0, value: 0xffffffff, since: 0 };

export class Sp805 implements Device<typeof SP805> {
  readonly registers = SP805;
  readonly #ports: Sp805Ports;
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #zero: Alarm;
  #r = { ...RESET };

  /** `hertz` is the rate of WDOGCLK. */
  constructor(ports: Sp805Ports, clock: Clock, hertz = 32_768) {
    this.#ports = ports;
    this.#clock = clock;
    this.#rate = new Rate(hertz);
    this.#zero = clock.alarm('sp805', () => this.#arrive());
  }

  read(register: Readable<typeof SP805>, index = 0): number {
    switch (register) {
      case 'Value':
        return this.#value();
      case 'MIS':
        return this.#r.RIS & this.#r.Control & INTEN;
      case 'Lock':
        return this.#r.locked;
      case 'PeriphID':
        return (0x00141805 >>> (8 * index)) & 0xff;
      case 'PCellID':
        return (0xb105f00d >>> (8 * index)) & 0xff;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof SP805>, value: number): void {
    if (register === 'Lock') this.#r.locked = value === UNLOCK ? 0 : 1;
    else if (this.#r.locked === 0) this.#set(register, value);
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof RESET) };
    this.#arm();
    this.#driveIrq();
  }

  reset(): void {
    this.load(RESET);
  }

  #set(register: 'Load' | 'Control' | 'IntClr', value: number): void {
    if (register === 'Load') {
      this.#r.Load = value;
      this.#reload();
    } else if (register === 'IntClr') {
      this.#r.RIS = 0;
      this.#reload();
    } else {
      const stopped = this.#value();
      const starts = (value & ~this.#r.Control & INTEN) !== 0;
      this.#r.Control = value;
      if (starts) this.#reload();
      else this.#startFrom(stopped);
    }
    this.#driveIrq();
  }

  #reload(): void {
    this.#startFrom(this.#r.Load);
  }

  #startFrom(value: number): void {
    this.#r.value = value;
    this.#r.since = this.#ticks();
    this.#arm();
  }

  #ticks(): number {
    return this.#rate.ticksAt(this.#clock.now());
  }

  get #runs(): boolean {
    return (this.#r.Control & INTEN) !== 0 && this.#r.ended === 0;
  }

  #value(): number {
    return this.#runs ? Math.max(0, this.#r.value - (this.#ticks() - this.#r.since)) : this.#r.value;
  }

  #arm(): void {
    if (this.#runs) this.#zero.set(this.#rate.timeOf(this.#r.since + Math.max(1, this.#r.value)));
    else this.#zero.clear();
  }

  #arrive(): void {
    const barks = this.#r.RIS !== 0 && (this.#r.Control & RESEN) !== 0;
    this.#r.RIS = 1;
    if (barks) {
      this.#r.ended = 1;
      this.#r.value = 0;
    } else this.#reload();
    this.#driveIrq();
    if (barks) this.#ports.reset();
  }

  #driveIrq(): void {
    this.#ports.irq.set((this.#r.RIS & this.#r.Control & INTEN) !== 0);
  }
}
