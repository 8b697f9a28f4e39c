/**
 * A partition's console: a PL011 that the hypervisor emulates. Reference: Arm DDI 0183, chapter 3.
 * Output is limited in virtual time; a guest that writes faster sees its transmit FIFO full. Input is taken when the guest looks for it, so none
 * is lost; the receive timeout comes at once. Not modelled: DMA, modem lines, loopback, baud rates and line errors.
 */
import type { State, Stateful } from '../base/state.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';
import { DeviceWindow, type Width } from '../bus/window.ts';
import type { TokenBucket } from './token-bucket.ts';

export const VPL011 = registerMap({
  DR: { at: 0x000, access: 'rw', mask: 0xfff, ref: 'DDI 0183 §3.3.1' },
  RSR: { at: 0x004, access: 'rw', mask: 0xf, ref: 'DDI 0183 §3.3.2' },
  FR: { at: 0x018, access: 'ro', mask: 0x1ff, reset: 0x90, ref: 'DDI 0183 §3.3.3' },
  ILPR: { at: 0x020, access: 'rw', mask: 0xff, ref: 'DDI 0183 §3.3.4' },
  IBRD: { at: 0x024, access: 'rw', mask: 0xffff, ref: 'DDI 0183 §3.3.5' },
  FBRD: { at: 0x028, access: 'rw', mask: 0x3f, ref: 'DDI 0183 §3.3.6' },
  LCRH: { at: 0x02c, access: 'rw', mask: 0xff, ref: 'DDI 0183 §3.3.7' },
  CR: { at: 0x030, access: 'rw', mask: 0xff87, reset: 0x300, ref: 'DDI 0183 §3.3.8' },
  IFLS: { at: 0x034, access: 'rw', mask: 0x3f, reset: 0x12, ref: 'DDI 0183 §3.3.9' },
  IMSC: { at: 0x038, access: 'rw', mask: 0x7ff, ref: 'DDI 0183 §3.3.10' },
  RIS: { at: 0x03c, access: 'ro', mask: 0x7ff, ref: 'DDI 0183 §3.3.11' },
  MIS: { at: 0x040, access: 'ro', mask: 0x7ff, ref: 'DDI 0183 §3.3.12' },
  ICR: { at: 0x044, access: 'wo', mask: 0x7ff, ref: 'DDI 0183 §3.3.13' },
  DMACR: { at: 0x048, access: 'rw', mask: 0x7, ref: 'DDI 0183 §3.3.14' },
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4, reset: 0x11 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

const RX = 1 << 4;
const TX = 1 << 5;
const RT = 1 << 6;

const TXFE = 1 << 7;
const RXFF = 1 << 6;
const TXFF = 1 << 5;
const RXFE = 1 << 4;

const FEN = 1 << 4; // LCRH
const DEPTH = 16;

const RESET = { RSR: 0, ILPR: 0, IBRD: 0, FBRD: 0, LCRH: 0, CR: 0x300, IFLS: 0x12, IMSC: 0, DMACR: 0 };
type Stored = typeof RESET;

export interface VPl011Ports {
  put(byte: number): void;
  /** The next byte typed, taken away. `waits`: the guest waits for an interrupt, and does not only look. */
  next(waits: boolean): number | undefined;
  /** Level of the interrupt. */
  interrupt(level: boolean): void;
  /** Ticks of the system counter. */
  now(): number;
}

export class VPl011 implements Device<typeof VPL011>, Stateful {
  readonly registers = VPL011;
  readonly #ports: VPl011Ports;
  readonly #limit: TokenBucket;
  readonly #window: DeviceWindow<typeof VPL011>;
  #r: Stored = { ...RESET };
  #transmitted = 0;
  /** TX is held back until there is room. */
  #stalled = false;
  #fifo: number[] = [];

  constructor(ports: VPl011Ports, limit: TokenBucket) {
    this.#ports = ports;
    this.#limit = limit;
    this.#window = new DeviceWindow('vpl011', this);
  }

  access(offset: number, width: Width): number;
  access(offset: number, width: Width, value: number): number;
  /** One access of the guest; returns what it reads. */
  access(offset: number, width: Width, value?: number): number {
    const from = { core: 0, secure: false };
    if (value === undefined) return this.#window.read(offset, width, from);
    this.#window.write(offset, width, value, from);
    return 0;
  }

  read(register: Readable<typeof VPL011>, index = 0): number {
    switch (register) {
      case 'DR':
        return this.#pop();
      case 'FR':
        if (!this.#full) this.receive(); // a guest that waits for room does not look for input
        return this.#flags();
      case 'RIS':
        this.receive();
        return this.#raw();
      case 'MIS':
        this.receive();
        return this.#raw() & this.#r.IMSC;
      case 'PeriphID':
        return (0x00141011 >>> (8 * index)) & 0xff;
      case 'PCellID':
        return (0xb105f00d >>> (8 * index)) & 0xff;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof VPL011>, value: number): void {
    if (register === 'DR') this.#send(value & 0xff);
    else if (register === 'RSR') this.#r.RSR = 0;
    else if (register === 'ICR') this.#transmitted &= ~value;
    else this.#r[register] = value;
    if (register === 'IMSC') this.receive();
    this.#drive();
  }

  /** Takes input as far as the guest waits for it: one byte when it looks, as many as the FIFO holds for its interrupt. */
  receive(): void {
    const waits = (this.#r.IMSC & (RX | RT)) !== 0;
    const wanted = waits && (this.#r.LCRH & FEN) !== 0 ? DEPTH : 1;
    while (this.#fifo.length < wanted) {
      const byte = this.#ports.next(waits);
      if (byte === undefined) break;
      this.#fifo.push(byte & 0xff);
    }
    this.#drive();
  }

  /** New input has arrived, or output may go on. */
  poll(): void {
    if ((this.#r.IMSC & (RX | RT)) !== 0) this.receive();
    else this.#drive();
  }

  /** The tick at which a guest that waits for TX is to be told that there is room again; Infinity if it does not wait. */
  get deadline(): number {
    return this.#stalled ? this.#limit.next : Number.POSITIVE_INFINITY;
  }

  save(): State {
    return { ...this.#r, transmitted: this.#transmitted, stalled: this.#stalled, fifo: [...this.#fifo] };
  }

  load(state: State): void {
    const { transmitted, stalled, fifo, ...registers } = state as Stored & {
      transmitted: number;
      stalled: boolean;
      fifo: number[];
    };
    this.#r = registers;
    this.#transmitted = transmitted;
    this.#stalled = stalled;
    this.#fifo = [...fifo];
  }

  /** The limit on output outlives a restart of the guest. */
  reset(): void {
    this.#r = { ...RESET };
    this.#transmitted = 0;
    this.#stalled = false;
    this.#fifo = [];
  }

  get #full(): boolean {
    return this.#limit.available(this.#ports.now()) === 0;
  }

  /** TX follows a transmitted byte, as drivers expect that fill the FIFO and then wait; never while the FIFO is full. */
  #raw(): number {
    const received = this.#fifo.length === 0 ? 0 : RX | RT;
    return received | (this.#full ? 0 : this.#transmitted);
  }

  #flags(): number {
    const full = (this.#r.LCRH & FEN) !== 0 ? DEPTH : 1;
    const receive = this.#fifo.length === 0 ? RXFE : this.#fifo.length >= full ? RXFF : 0;
    return receive | (this.#full ? TXFF : TXFE);
  }

  #pop(): number {
    this.receive();
    const byte = this.#fifo.shift() ?? 0;
    this.poll();
    return byte;
  }

  /** A byte written to a full FIFO is lost, as it is in a PL011. */
  #send(byte: number): void {
    if (this.#limit.take(this.#ports.now(), 1) === 1) this.#ports.put(byte);
    this.#transmitted |= TX;
  }

  #drive(): void {
    this.#stalled = (this.#r.IMSC & this.#transmitted & TX) !== 0 && this.#full;
    this.#ports.interrupt((this.#raw() & this.#r.IMSC) !== 0);
  }
}
