/**
 * PL011 UART. Reference: Arm DDI 0183 (PrimeCell UART PL011).
 * A sent byte leaves at once. Input is pulled from its source when the guest looks for a byte or waits for one, so that none is lost.
 * As in QEMU, and as software that trusts its boot loader expects, data flows whatever UARTCR.UARTEN, RXE and TXE say.
 * Unlike QEMU 7.2, RX keeps to the level in IFLS (there: one byte), fewer bytes raise RT, and loopback works.
 * Not modelled: DMA, IrDA, modem inputs (outside loopback), parity and framing errors, the integration test registers.
 */
import type { State } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const PL011 = registerMap({
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

/** Where input comes from: `next` gives the next byte, or undefined when there is none at the moment. `waits`: the guest waits for an interrupt. */
export interface ByteSource {
  next(waits: boolean): number | undefined;
}

export interface Pl011Ports {
  /** UARTINTR, the combined interrupt. */
  readonly irq: IrqLine;
  readonly rx: ByteSource;
  tx(byte: number): void;
}

/** Interrupt sources, as bits of IMSC, RIS, MIS and ICR. The modem's four (RI, CTS, DCD, DSR) are bits 0 to 3. */
const RX = 1 << 4;
const TX = 1 << 5;
const RT = 1 << 6;
const OE = 1 << 10;

const FEN = 1 << 4; // LCRH
const LBE = 1 << 7; // CR
const OVERRUN = 1 << 11; // DR, in what a read returns
const RSR_OE = 1 << 3;

const FIFO_DEPTH = 16;
/** Bytes in the receive FIFO that raise RX, by IFLS.RXIFLSEL; the reserved encodings act as the highest. */
const RX_LEVELS = [2, 4, 8, 12, 14, 14, 14, 14] as const;

/** The receive timeout, 32 bit periods, as virtual time: always that of 115200 baud, since bytes take no time whatever the divisor. */
export const RECEIVE_TIMEOUT_NS = 277_778;

const RESET = { RSR: 0, ILPR: 0, IBRD: 0, FBRD: 0, LCRH: 0, CR: 0x300, IFLS: 0x12, IMSC: 0, RIS: 0, DMACR: 0, overrun: 0 };
type Registers = typeof RESET;

export class Pl011 implements Device<typeof PL011> {
  readonly registers = PL011;
  readonly #ports: Pl011Ports;
  readonly #clock: Clock;
  readonly #timeout: Alarm;
  #r: Registers = { ...RESET };
  /** The receive FIFO, entries as DR returns them. */
  #fifo: number[] = [];
  /** Input that a flush of the FIFO sent back, to be received again. */
  #held: number[] = [];

  constructor(ports: Pl011Ports, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
    this.#timeout = clock.alarm('pl011 receive timeout', () => this.#raise(RT));
  }

  read(register: Readable<typeof PL011>, index = 0): number {
    switch (register) {
      case 'DR':
        return this.#pop();
      case 'FR':
        this.#receive();
        return this.#flags();
      case 'RIS':
        this.#receive();
        return this.#r.RIS;
      case 'MIS':
        this.#receive();
        return this.#r.RIS & this.#r.IMSC;
      case 'PeriphID':
        return (0x00141011 >>> (8 * index)) & 0xff;
      case 'PCellID':
        return (0xb105f00d >>> (8 * index)) & 0xff;
      default:
        return this.#r[register];
    }
  }

  write(register: Writable<typeof PL011>, value: number): void {
    switch (register) {
      case 'DR':
        this.#send(value & 0xff);
        break;
      case 'RSR':
        this.#r.RSR = 0; // any value clears the errors (UARTECR)
        break;
      case 'LCRH':
        if ((this.#r.LCRH ^ value) & FEN) this.#flush();
        this.#r.LCRH = value;
        break;
      case 'CR':
        this.#control(value);
        break;
      case 'IMSC':
        this.#r.IMSC = value;
        this.#receive();
        this.#driveIrq();
        break;
      case 'ICR':
        this.#r.RIS &= ~value;
        this.#driveIrq();
        break;
      default:
        this.#r[register] = value;
    }
  }

  /** To be called when the source has new input: a guest that waits for it with its interrupt unmasked is told. */
  poll(): void {
    if (this.#r.IMSC & (RX | RT)) this.#receive();
  }

  save(): State {
    const { at } = this.#timeout;
    return { ...this.#r, fifo: [...this.#fifo], held: [...this.#held], timeout: at === Number.POSITIVE_INFINITY ? null : at };
  }

  load(state: State): void {
    const { fifo, held, timeout, ...registers } = state as Registers & { fifo: number[]; held: number[]; timeout: number | null };
    this.#r = registers;
    this.#fifo = [...fifo];
    this.#held = [...held];
    this.#timeout.set(timeout ?? Number.POSITIVE_INFINITY);
    this.#driveIrq();
  }

  reset(): void {
    this.load({ ...RESET, fifo: [], held: [], timeout: null });
  }

  get #trigger(): number {
    return this.#r.LCRH & FEN ? (RX_LEVELS[(this.#r.IFLS >>> 3) & 7] as number) : 1;
  }

  get #depth(): number {
    return this.#r.LCRH & FEN ? FIFO_DEPTH : 1;
  }

  /** Takes input: one byte if the FIFO is empty, and as many as raise the interrupt if the guest has unmasked it. */
  #receive(): void {
    const waits = (this.#r.IMSC & (RX | RT)) !== 0;
    const wanted = waits ? this.#trigger : 1;
    while (this.#fifo.length < wanted) {
      const byte = this.#held.shift() ?? this.#ports.rx.next(waits);
      if (byte === undefined) break;
      this.#push(byte & 0xff);
    }
  }

  #push(byte: number): void {
    if (this.#fifo.length >= this.#depth) {
      this.#r.RSR |= RSR_OE;
      this.#r.overrun = OVERRUN;
      this.#raise(OE);
      return;
    }
    this.#fifo.push(byte | this.#r.overrun); // an overrun is told with the next character that finds a place
    this.#r.overrun = 0;
    if (this.#r.LCRH & FEN) this.#timeout.set(this.#clock.now() + RECEIVE_TIMEOUT_NS);
    if (this.#fifo.length >= this.#trigger) this.#raise(RX);
  }

  #pop(): number {
    this.#receive();
    const entry = this.#fifo.shift();
    if (entry === undefined) return 0; // empty: the manual says nothing; the last character in QEMU
    this.#r.RSR = (entry >>> 8) & 0xf;
    if (this.#fifo.length < this.#trigger) this.#r.RIS &= ~RX;
    if (this.#fifo.length === 0) {
      this.#r.RIS &= ~RT;
      this.#timeout.clear();
    } else if (this.#r.LCRH & FEN) this.#timeout.set(this.#clock.now() + RECEIVE_TIMEOUT_NS);
    this.poll();
    this.#driveIrq();
    return entry;
  }

  /** Changing LCRH.FEN empties the FIFO. Hardware drops its bytes; here typed input goes back to be received again. */
  #flush(): void {
    this.#held.unshift(...this.#fifo.map((entry) => entry & 0xff));
    this.#fifo = [];
    this.#timeout.clear();
  }

  /**
   * The transmit FIFO is always empty again at once. TX is raised after each byte: strictly it marks the passing of a level that an
   * instantaneous FIFO never reaches, but drivers fill the FIFO and then wait for TX.
   */
  #send(byte: number): void {
    if (this.#r.CR & LBE) this.#push(byte);
    else this.#ports.tx(byte);
    this.#raise(TX);
  }

  /** In loopback the modem outputs reach the inputs: DTR to DSR, RTS to CTS, Out1 to DCD, Out2 to RI; a change raises its interrupt. */
  #control(value: number): void {
    const before = this.#modem();
    this.#r.CR = value;
    const changed = before ^ this.#modem();
    const [cts, dsr, dcd, ri] = [changed & 1, (changed >>> 1) & 1, (changed >>> 2) & 1, (changed >>> 8) & 1] as const;
    this.#raise(ri | (cts << 1) | (dcd << 2) | (dsr << 3));
  }

  /** The modem inputs as FR shows them: CTS, DSR, DCD in bits 0 to 2, RI in bit 8. */
  #modem(): number {
    const cr = this.#r.CR;
    if ((cr & LBE) === 0) return 0;
    return ((cr >>> 11) & 1) | (((cr >>> 10) & 1) << 1) | (((cr >>> 12) & 1) << 2) | (((cr >>> 13) & 1) << 8);
  }

  #flags(): number {
    const receive = this.#fifo.length === 0 ? 0x10 : this.#fifo.length >= this.#depth ? 0x40 : 0;
    return 0x80 | receive | this.#modem();
  }

  #raise(sources: number): void {
    this.#r.RIS |= sources;
    this.#driveIrq();
  }

  #driveIrq(): void {
    this.#ports.irq.set((this.#r.RIS & this.#r.IMSC) !== 0);
  }
}
