/**
 * Memory balloon. Reference: Virtual I/O Device 1.1, section 5.5. Pages that the driver gives up are counted, once each, and handed to the
 * owner, who may clear them; nothing else can be told from whether a page is in the balloon. Not modelled: statistics, free page hints.
 */
import type { State } from '../../base/state.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { get32, put32 } from './dma.ts';

const F_MUST_TELL_HOST = 1n << 0n;
const F_DEFLATE_ON_OOM = 1n << 2n;
const INFLATE = 0;
const ACTUAL = 4;
const PAGE = 4096;
/** Page numbers looked at for one request at most, and their price in nanoseconds each, since a page is cleared. */
const MOST = 4096;
const NS_PER_PAGE = 1000;
/** Pages are noted in pieces of this many. */
const PIECE = 32_768;

export interface BalloonPorts {
  /** The driver gives up the page at this address; false if it was never its own. */
  release(address: number): boolean;
  /** It takes it back. */
  restore(address: number): void;
}

export class VirtioBalloon implements VirtioDevice {
  readonly id = 5;
  readonly queues = 2;
  readonly features = F_MUST_TELL_HOST | F_DEFLATE_ON_OOM;
  readonly #ports: BalloonPorts;
  #driver: Driver | undefined;
  #target = 0;
  #actual = 0;
  #count = 0;
  #pages = new Map<number, Uint8Array>();

  constructor(ports: BalloonPorts) {
    this.#ports = ports;
  }

  /** Pages in the balloon, as counted here; and as the driver says. */
  get pages(): number {
    return this.#count;
  }

  get actual(): number {
    return this.#actual;
  }

  /** Asks the driver to give up this many pages in all. */
  inflateTo(pages: number): void {
    if (pages === this.#target) return;
    this.#target = pages;
    this.#driver?.changed();
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(8);
    put32(bytes, 0, this.#target);
    put32(bytes, ACTUAL, this.#actual);
    return bytes;
  }

  configure(offset: number, value: number): void {
    if (offset < ACTUAL || offset >= ACTUAL + 4) return;
    const bytes = this.config();
    bytes[offset] = value;
    this.#actual = get32(bytes, ACTUAL);
  }

  serve(queue: number): number | undefined {
    const chain = this.#driver?.take(queue);
    if (chain === undefined) return undefined;
    const numbers = chain.read(0, 4 * MOST);
    const count = numbers.length >>> 2;
    for (let i = 0; i < count; i++) {
      const page = get32(numbers, 4 * i);
      if (queue === INFLATE) this.#inflate(page);
      else this.#deflate(page);
    }
    this.#driver?.done(queue, chain, 0);
    return price(0) + NS_PER_PAGE * count;
  }

  /** A driver that starts anew has all of its memory. */
  restart(): void {
    for (const [piece, bits] of this.#pages) {
      for (let i = 0; i < PIECE; i++)
        if (((bits[i >>> 3] as number) & (1 << (i & 7))) !== 0) this.#ports.restore((piece * PIECE + i) * PAGE);
    }
    this.#pages.clear();
    this.#count = 0;
    this.#actual = 0;
  }

  save(): State {
    const pages: { [piece: string]: Uint8Array } = {};
    for (const [piece, bits] of this.#pages) pages[piece] = bits.slice();
    return { target: this.#target, actual: this.#actual, count: this.#count, pages };
  }

  load(state: State): void {
    this.#target = state['target'] as number;
    this.#actual = state['actual'] as number;
    this.#count = state['count'] as number;
    const pages = Object.entries(state['pages'] as { [piece: string]: Uint8Array });
    this.#pages = new Map(pages.map(([piece, bits]) => [Number(piece), bits.slice()]));
  }

  /** What the owner asked for stays asked. */
  reset(): void {
    this.restart();
  }

  #inflate(page: number): void {
    const bits = this.#pages.get(Math.floor(page / PIECE)) ?? new Uint8Array(PIECE / 8);
    const [at, mask] = [(page % PIECE) >>> 3, 1 << (page & 7)];
    if (((bits[at] as number) & mask) !== 0 || !this.#ports.release(page * PAGE)) return;
    bits[at] = (bits[at] as number) | mask;
    this.#pages.set(Math.floor(page / PIECE), bits);
    this.#count++;
  }

  #deflate(page: number): void {
    const bits = this.#pages.get(Math.floor(page / PIECE));
    const [at, mask] = [(page % PIECE) >>> 3, 1 << (page & 7)];
    if (bits === undefined || ((bits[at] as number) & mask) === 0) return;
    bits[at] = (bits[at] as number) & ~mask;
    this.#count--;
    this.#ports.restore(page * PAGE);
  }
}
