/**
 * PL031 real time clock. Reference: Arm DDI 0224 (PrimeCell RTC PL031).
 * It counts virtual seconds from a start date that the board gives. As in QEMU it always runs: CR.RTCStart reads as one, and writes to CR
 * are ignored. A match sets RIS when the counter arrives at MR, or at once when MR or LR make them equal.
 */
import type { State } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const PL031 = registerMap({
  DR: { at: 0x000, access: 'ro' },
  MR: { at: 0x004, access: 'rw', reset: 0 },
  LR: { at: 0x008, access: 'rw', reset: 0 },
  CR: { at: 0x00c, access: 'rw', mask: 1, reset: 1 },
  IMSC: { at: 0x010, access: 'rw', mask: 1, reset: 0 },
  RIS: { at: 0x014, access: 'ro', mask: 1, reset: 0 },
  MIS: { at: 0x018, access: 'ro', mask: 1, reset: 0 },
  ICR: { at: 0x01c, access: 'wo', mask: 1 },
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4, reset: 0x31 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

const SECOND = 1_000_000_000;
const RESET = { MR: 0, LR: 0, IMSC: 0, RIS: 0 };

export class Pl031 implements Device<typeof PL031> {
  readonly registers = PL031;
  readonly #ports: { readonly irq: IrqLine };
  readonly #clock: Clock;
  readonly #start: number;
  readonly #match: Alarm;
  #r = { ...RESET };
  /** The counter at virtual time zero, modulo 2^32. */
  #offset: number;

  /** `start` is the date at virtual time zero, in seconds since 1970. */
  constructor(ports: { readonly irq: IrqLine }, clock: Clock, start: number) {
    this.#ports = ports;
    this.#clock = clock;
    this.#start = start >>> 0;
    this.#offset = this.#start;
    this.#match = clock.alarm('pl031 match', () => this.#matched());
  }

  read(register: Readable<typeof PL031>, index = 0): number {
    switch (register) {
      case 'DR':
        return this.#count();
      case 'CR':
        return 1;
      case 'MIS':
        return this.#r.RIS & this.#r.IMSC;
      case 'PeriphID':
        return (0x00141031 >>> (8 * index)) & 0xff;
      case 'PCellID':
        return (0xb105f00d >>> (8 * index)) & 0xff;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof PL031>, value: number): void {
    switch (register) {
      case 'LR':
        this.#r.LR = value;
        this.#offset = (value - this.#seconds()) >>> 0;
        this.#setMatch();
        break;
      case 'MR':
        this.#r.MR = value;
        this.#setMatch();
        break;
      case 'IMSC':
        this.#r.IMSC = value;
        this.#driveIrq();
        break;
      case 'ICR':
        this.#r.RIS &= ~value;
        this.#driveIrq();
        break;
      case 'CR':
        break;
    }
  }

  save(): State {
    const { at } = this.#match;
    return { ...this.#r, offset: this.#offset, match: at === Number.POSITIVE_INFINITY ? null : at };
  }

  load(state: State): void {
    const { offset, match, ...registers } = state as typeof RESET & { offset: number; match: number | null };
    this.#r = registers;
    this.#offset = offset;
    this.#match.set(match ?? Number.POSITIVE_INFINITY);
    this.#driveIrq();
  }

  reset(): void {
    this.load({ ...RESET, offset: this.#start, match: null });
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / SECOND);
  }

  #count(): number {
    return (this.#offset + this.#seconds()) >>> 0;
  }

  #setMatch(): void {
    const wait = (this.#r.MR - this.#count()) >>> 0;
    if (wait === 0) this.#matched();
    else this.#match.set((this.#seconds() + wait) * SECOND);
  }

  #matched(): void {
    this.#match.clear();
    this.#r.RIS = 1;
    this.#driveIrq();
  }

  #driveIrq(): void {
    this.#ports.irq.set((this.#r.RIS & this.#r.IMSC) !== 0);
  }
}
