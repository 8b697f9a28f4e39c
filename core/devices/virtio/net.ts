/**
 * Network device. Reference: Virtual I/O Device 1.1, section 5.1. One pair of queues and a control queue; frames travel whole, so there is
 * no offloading. A frame that comes while the driver has no buffer waits, up to a limit, and is lost beyond it.
 */
import type { State } from '../../base/state.ts';
import type { Chain } from './chain.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { put16 } from './dma.ts';
import { NetFilter } from './net-filter.ts';
import { F_VERSION_1 } from './registers.ts';

/** Where the cable goes. Frames are Ethernet frames without checksum. */
export interface NetPort {
  send(frame: Uint8Array): void;
  onReceive(listener: (frame: Uint8Array) => void): void;
}

export interface NetOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Largest payload of a frame, offered to the driver. */
  readonly mtu?: number;
}

const F_MTU = 1n << 3n;
const F_MAC = 1n << 5n;
const F_MRG_RXBUF = 1n << 15n;
const F_STATUS = 1n << 16n;
const F_CTRL_VQ = 1n << 17n;
const F_CTRL_RX = 1n << 18n;
const F_CTRL_VLAN = 1n << 19n;
const F_CTRL_RX_EXTRA = 1n << 20n;
const F_CTRL_MAC_ADDR = 1n << 23n;

const RECEIVE = 0;
const TRANSMIT = 1;
const CONTROL = 2;

const LINK_UP = 1;
/** Destination, source and type; and a VLAN tag may come with them. */
const ETHERNET = 14;
const TAG = 4;
const WAITING = 256;
const MOST_COMMAND = 4096;

export class VirtioNet implements VirtioDevice {
  readonly id = 1;
  readonly queues = 3;
  readonly features: bigint;
  readonly #port: NetPort;
  readonly #options: NetOptions;
  readonly #filter = new NetFilter();
  #driver: Driver | undefined;
  #mac: Uint8Array;
  #up = true;
  #inbox: Uint8Array[] = [];
  #lost = 0;

  constructor(port: NetPort, options: NetOptions) {
    this.#port = port;
    this.#options = options;
    this.#mac = options.mac.slice();
    const control = F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN | F_CTRL_RX_EXTRA | F_CTRL_MAC_ADDR;
    this.features = F_MAC | F_MRG_RXBUF | F_STATUS | control | (options.mtu === undefined ? 0n : F_MTU);
    port.onReceive((frame) => this.#arrive(frame));
  }

  /** Frames that found no place. */
  get lost(): number {
    return this.#lost;
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(12);
    bytes.set(this.#mac);
    put16(bytes, 6, this.#up ? LINK_UP : 0);
    put16(bytes, 8, 1);
    put16(bytes, 10, this.#options.mtu ?? 0);
    return bytes;
  }

  /** A legacy driver sets the address here. */
  configure(offset: number, value: number): void {
    if (offset < 6 && !this.#has(F_VERSION_1)) this.#mac[offset] = value;
  }

  /** The cable is plugged in, or pulled. */
  link(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    this.#driver?.changed();
  }

  started(): void {
    this.#filter.start(this.#has(F_CTRL_VLAN));
  }

  serve(queue: number): number | undefined {
    if (queue === TRANSMIT) return this.#transmit();
    return queue === CONTROL ? this.#control() : this.#receive();
  }

  /** Frames on their way are lost, and the filter lets everything through again. */
  restart(): void {
    this.#inbox = [];
    this.#mac = this.#options.mac.slice();
    this.#filter.reset();
  }

  save(): State {
    const inbox = this.#inbox.map((frame) => frame.slice());
    return { mac: this.#mac.slice(), up: this.#up, lost: this.#lost, inbox, filter: this.#filter.save() };
  }

  load(state: State): void {
    const { mac, up, lost, inbox, filter } = state as unknown as Saved;
    this.#mac = mac.slice();
    this.#up = up;
    this.#lost = lost;
    this.#inbox = inbox.map((frame) => frame.slice());
    this.#filter.load(filter);
  }

  reset(): void {
    this.restart();
    this.#up = true;
    this.#lost = 0;
  }

  #has(feature: bigint): boolean {
    return ((this.#driver?.features ?? 0n) & feature) !== 0n;
  }

  /** Bytes of virtio_net_hdr: legacy drivers without mergeable buffers have no num_buffers in it. */
  get #header(): number {
    return this.#has(F_VERSION_1 | F_MRG_RXBUF) ? 12 : 10;
  }

  get #longest(): number {
    return ETHERNET + TAG + (this.#options.mtu ?? 1500);
  }

  #arrive(frame: Uint8Array): void {
    if (
      !this.#up ||
      this.#driver?.running !== true ||
      frame.length < ETHERNET ||
      frame.length > this.#longest ||
      !this.#filter.passes(frame, this.#mac)
    )
      return;
    if (this.#inbox.length >= WAITING) this.#lost++;
    else this.#inbox.push(frame.slice());
    this.#driver.wake(RECEIVE);
  }

  /** A frame that no Ethernet carries is dropped. */
  #transmit(): number | undefined {
    const chain = this.#driver?.take(TRANSMIT);
    if (chain === undefined) return undefined;
    const length = chain.readLength - this.#header;
    if (length < 0) return this.#broke('a frame without its header');
    if (length >= ETHERNET && length <= this.#longest && this.#up) this.#port.send(chain.read(this.#header));
    this.#driver?.done(TRANSMIT, chain, 0);
    return price(Math.min(length, this.#longest));
  }

  #receive(): number | undefined {
    const frame = this.#inbox[0];
    const driver = this.#driver;
    if (frame === undefined || driver === undefined) return undefined;
    const chains: Chain[] = [];
    const fits = driver.unless(RECEIVE, () => this.#gather(driver, chains, this.#header + frame.length));
    if (!fits && (chains.length === 0 || this.#has(F_MRG_RXBUF))) return undefined; // it waits for more room
    this.#inbox.shift();
    if (fits) this.#deliver(driver, chains, frame);
    else this.#lost++; // without mergeable buffers it never fits the next one
    return price(frame.length);
  }

  /** Takes buffers until they hold `length` bytes. */
  #gather(driver: Driver, chains: Chain[], length: number): boolean {
    let room = 0;
    do {
      const chain = driver.take(RECEIVE);
      if (chain === undefined) return false;
      if (chain.writeLength === 0) driver.broke('a receive buffer of no bytes');
      chains.push(chain);
      room += chain.writeLength;
    } while (room < length && this.#has(F_MRG_RXBUF));
    return room >= length;
  }

  #deliver(driver: Driver, chains: readonly Chain[], frame: Uint8Array): void {
    const bytes = new Uint8Array(this.#header + frame.length);
    if (this.#header === 12) put16(bytes, 10, chains.length);
    bytes.set(frame, this.#header);
    let done = 0;
    for (const chain of chains) {
      const count = chain.write(0, bytes.subarray(done));
      driver.done(RECEIVE, chain, count);
      done += count;
    }
  }

  /** Class and command, their data, and room for an acknowledgement. */
  #control(): number | undefined {
    const chain = this.#driver?.take(CONTROL);
    if (chain === undefined) return undefined;
    if (chain.readLength < 2 || chain.writeLength < 1) return this.#broke('a control command without room for its answer');
    const [kind = 0, command = 0, ...data] = chain.read(0, MOST_COMMAND);
    const done = this.#command(kind, command, Uint8Array.from(data));
    chain.write(0, Uint8Array.of(done ? 0 : 1));
    this.#driver?.done(CONTROL, chain, 1);
    return price(chain.readLength);
  }

  #command(kind: number, command: number, data: Uint8Array): boolean {
    if (kind !== MAC || command !== ADDR_SET) return this.#filter.command(kind, command, data);
    if (data.length !== 6) return false;
    this.#mac = data;
    return true;
  }

  #broke(why: string): undefined {
    this.#driver?.broke(why);
    return undefined;
  }
}

const MAC = 1;
const ADDR_SET = 1;

interface Saved {
  readonly mac: Uint8Array;
  readonly up: boolean;
  readonly lost: number;
  readonly inbox: readonly Uint8Array[];
  readonly filter: State;
}
