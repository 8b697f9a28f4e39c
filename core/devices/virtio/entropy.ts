/**
 * Entropy device. Reference: Virtual I/O Device 1.1, section 5.4. Its numbers come from a generator with a seed (SplitMix's mixing of a
 * counter), since every run is to be the same: good enough to make a kernel go on, and no secret to anybody.
 */
import type { State } from '../../base/state.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { put32 } from './dma.ts';

/** Bytes given for one request at most. */
const MOST = 4096;

export class VirtioEntropy implements VirtioDevice {
  readonly id = 4;
  readonly queues = 1;
  readonly features = 0n;
  readonly #seed: number;
  #counter: number;
  #driver: Driver | undefined;

  constructor(seed = 1) {
    this.#seed = seed | 0;
    this.#counter = this.#seed;
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    return new Uint8Array();
  }

  serve(queue: number): number | undefined {
    const chain = this.#driver?.take(queue);
    if (chain === undefined) return undefined;
    const bytes = this.#bytes(Math.min(MOST, chain.writeLength));
    this.#driver?.done(queue, chain, chain.write(0, bytes));
    return price(4 * bytes.length);
  }

  /** Numbers go on where they were, so that a driver that starts anew gets none twice. */
  restart(): void {}

  save(): State {
    return { counter: this.#counter };
  }

  load(state: State): void {
    this.#counter = state['counter'] as number;
  }

  reset(): void {
    this.#counter = this.#seed;
  }

  #bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(count / 4) * 4);
    for (let at = 0; at < count; at += 4) put32(bytes, at, this.#next());
    return bytes.subarray(0, count);
  }

  #next(): number {
    this.#counter = (this.#counter + 0x9e3779b9) | 0;
    const a = Math.imul(this.#counter ^ (this.#counter >>> 16), 0x85ebca6b);
    const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    return (b ^ (b >>> 16)) >>> 0;
  }
}
