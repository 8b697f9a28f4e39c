/** The packed virtqueue. Reference: Virtual I/O Device 1.1, section 2.7. */
import { ok } from '../../base/outcome.ts';
import type { State } from '../../base/state.ts';
import { type Chain, Collector, type Descriptor, type Malformed, malformed } from './chain.ts';
import { type DmaPort, get16, put16, put32 } from './dma.ts';
import { DESCRIPTOR, descriptor, type Ring, type RingFeatures, type RingLayout, tableLength, WRITE } from './ring.ts';

/** Where a packed descriptor has its buffer id and its flags. */
const ID = 12;
const FLAGS = 14;
const AVAIL = 1 << 7;
const USED = 1 << 15;

/** Event suppression: all, none, or when a given descriptor is reached. */
const ENABLE = 0;
const DISABLE = 1;
const DESC = 2;

/**
 * Positions in the ring, with the wrap counter: 0 to size - 1 while it is 1, size to 2 size - 1 while it is 0.
 * `told`: `used` when interrupts were last looked at; `asked`: whether notifications were, -1 before the first time.
 */
const RESET = { next: 0, used: 0, told: 0, asked: -1 };

export class PackedRing implements Ring {
  readonly #dma: DmaPort;
  readonly #layout: RingLayout;
  readonly #features: RingFeatures;
  #r = { ...RESET };

  constructor(dma: DmaPort, layout: RingLayout, features: RingFeatures) {
    this.#dma = dma;
    this.#layout = layout;
    this.#features = features;
  }

  next(): Malformed<Chain | undefined> {
    const { next } = this.#r;
    const first = this.#descriptor(next);
    if (first === undefined) return malformed('the descriptor ring is out of reach');
    const flags = get16(first, FLAGS);
    const wrap = this.#wrap(next);
    if (((flags & AVAIL) !== 0) !== wrap || ((flags & USED) !== 0) === wrap) return ok(undefined);
    const chain = this.#collect(next, first);
    if (chain.ok) this.#r.next = this.#after(next, chain.value.slots);
    return chain;
  }

  /** One used descriptor stands for the chain, at the first of the places it took. */
  complete(chain: Chain, written: number): Malformed<true> {
    const bytes = this.#descriptor(this.#r.used);
    if (bytes === undefined) return malformed('the descriptor ring is out of reach');
    put32(bytes, 8, written);
    put16(bytes, ID, chain.id);
    put16(bytes, FLAGS, (this.#wrap(this.#r.used) ? AVAIL | USED : 0) | (written > 0 ? WRITE : 0));
    const stored = this.#dma.write(this.#address(this.#r.used), bytes);
    this.#r.used = this.#after(this.#r.used, chain.slots);
    return stored ? ok(true) : malformed('the descriptor ring is out of reach');
  }

  interrupts(): boolean {
    const { used, told } = this.#r;
    this.#r.told = used;
    const round = 2 * this.#layout.size;
    const since = (used - told + round) % round;
    const event = new Uint8Array(4);
    if (since === 0 || !this.#dma.read(this.#layout.driver, event)) return false;
    const flags = get16(event, 2) & 3;
    if (flags !== DESC || !this.#features.eventIndex) return flags !== DISABLE;
    const at = get16(event, 0);
    const position = (at & 0x7fff) + (at & 0x8000 ? 0 : this.#layout.size);
    return (((used - 1 - position) % round) + round) % round < since;
  }

  listen(on: boolean): void {
    const asked = on ? this.#r.next : DISABLE_ASKED;
    if (asked === this.#r.asked) return;
    this.#r.asked = asked;
    const event = new Uint8Array(4);
    const { size } = this.#layout;
    if (on) put16(event, 0, (this.#r.next % size) | (this.#wrap(this.#r.next) ? 0x8000 : 0));
    put16(event, 2, on ? (this.#features.eventIndex ? DESC : ENABLE) : DISABLE);
    this.#dma.write(this.#layout.device, event);
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof RESET) };
  }

  #collect(from: number, first: Uint8Array): Malformed<Chain> {
    const { size } = this.#layout;
    const collector = new Collector(this.#dma);
    let bytes: Uint8Array | undefined = first;
    for (let slots = 1; ; slots++) {
      if (bytes === undefined) return malformed('the descriptor ring is out of reach');
      const one = descriptor(bytes, FLAGS);
      const added = one.indirect ? this.#indirect(one, slots, collector) : collector.add(one);
      if (!added.ok) return added;
      if (!one.next) return ok(collector.chain(get16(bytes, ID), slots));
      if (slots >= size) return malformed('a chain longer than the ring');
      bytes = this.#descriptor(this.#after(from, slots));
    }
  }

  /** Entries of a table follow each other, whatever NEXT says; such a descriptor stands alone. */
  #indirect(named: Descriptor, slots: number, collector: Collector): Malformed<true> {
    if (!this.#features.indirect) return malformed('an indirect descriptor that was not negotiated');
    if (slots > 1) return malformed('an indirect descriptor within a chain');
    const count = tableLength(named);
    if (!count.ok) return count;
    const bytes = new Uint8Array(DESCRIPTOR);
    for (let index = 0; index < count.value; index++) {
      if (!this.#dma.read(named.address + DESCRIPTOR * index, bytes)) return malformed('an indirect table out of reach');
      const one = descriptor(bytes, FLAGS);
      if (one.indirect) return malformed('an indirect table within another');
      const added = collector.add(one);
      if (!added.ok) return added;
    }
    return ok(true);
  }

  #descriptor(position: number): Uint8Array | undefined {
    const bytes = new Uint8Array(DESCRIPTOR);
    return this.#dma.read(this.#address(position), bytes) ? bytes : undefined;
  }

  #address(position: number): number {
    return this.#layout.descriptors + DESCRIPTOR * (position % this.#layout.size);
  }

  #wrap(position: number): boolean {
    return position < this.#layout.size;
  }

  #after(position: number, slots: number): number {
    return (position + slots) % (2 * this.#layout.size);
  }
}

const DISABLE_ASKED = -2;
