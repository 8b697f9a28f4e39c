/**
 * Console device, one port. Reference: Virtual I/O Device 1.1, section 5.3. Input is taken from its source when the driver has a buffer
 * for it, so that none is lost. Not modelled: several ports (VIRTIO_CONSOLE_F_MULTIPORT).
 */
import type { State } from '../../base/state.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { put16, put32 } from './dma.ts';

const F_SIZE = 1n << 0n;
const F_EMERG_WRITE = 1n << 2n;
const RECEIVE = 0;
const TRANSMIT = 1;
const EMERG_WR = 8;

/** Bytes shown for one piece of work at most, the rest of a long buffer at the next turns, and their price in nanoseconds each. */
const PIECE = 4096;
const NS_PER_BYTE = 10;

export interface ConsolePorts {
  /** The next typed byte, taken away; `waits`: the guest has an interrupt for it. */
  readonly rx: { next(waits: boolean): number | undefined };
  tx(byte: number): void;
}

export class VirtioConsole implements VirtioDevice {
  readonly id = 3;
  readonly queues = 2;
  readonly features = F_SIZE | F_EMERG_WRITE;
  readonly #ports: ConsolePorts;
  #driver: Driver | undefined;
  #columns = 0;
  #rows = 0;

  constructor(ports: ConsolePorts) {
    this.#ports = ports;
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(12);
    put16(bytes, 0, this.#columns);
    put16(bytes, 2, this.#rows);
    put32(bytes, 4, 1);
    return bytes;
  }

  /** emerg_wr: a character that is to be shown whatever state the device is in. */
  configure(offset: number, value: number): void {
    if (offset === EMERG_WR) this.#ports.tx(value);
  }

  /** The terminal has another size. */
  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    this.#columns = columns;
    this.#rows = rows;
    this.#driver?.changed();
  }

  /** To be called when the source has new input. */
  poll(): void {
    this.#driver?.wake(RECEIVE);
  }

  serve(queue: number): number | undefined {
    return queue === TRANSMIT ? this.#transmit() : this.#receive();
  }

  restart(): void {}

  save(): State {
    return { columns: this.#columns, rows: this.#rows };
  }

  load(state: State): void {
    this.#columns = state['columns'] as number;
    this.#rows = state['rows'] as number;
  }

  reset(): void {
    this.load({ columns: 0, rows: 0 });
  }

  #transmit(): number | undefined {
    const chain = this.#driver?.take(TRANSMIT);
    if (chain === undefined) return undefined;
    for (let at = 0; at < chain.readLength; at += PIECE) for (const byte of chain.read(at, PIECE)) this.#ports.tx(byte);
    this.#driver?.done(TRANSMIT, chain, 0);
    return price(0) + NS_PER_BYTE * chain.readLength;
  }

  /** A byte is taken only once there is a buffer for it. */
  #receive(): number | undefined {
    const driver = this.#driver;
    if (driver === undefined) return undefined;
    let count = 0;
    driver.unless(RECEIVE, () => {
      const chain = driver.take(RECEIVE);
      if (chain === undefined) return false;
      const bytes = this.#typed(Math.min(chain.writeLength, PIECE));
      count = chain.write(0, bytes);
      if (count > 0) driver.done(RECEIVE, chain, count);
      return count > 0;
    });
    return count === 0 ? undefined : price(count);
  }

  #typed(room: number): Uint8Array {
    const bytes: number[] = [];
    while (bytes.length < room) {
      const byte = this.#ports.rx.next(true);
      if (byte === undefined) break;
      bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }
}
