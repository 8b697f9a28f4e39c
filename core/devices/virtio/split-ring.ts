/** The split virtqueue. Reference: Virtual I/O Device 1.1, section 2.6. */
import { ok } from '../../base/outcome.ts';
import type { State } from '../../base/state.ts';
import { type Chain, Collector, type Descriptor, type Malformed, malformed } from './chain.ts';
import { type DmaPort, get16, put16, put32 } from './dma.ts';
import { DESCRIPTOR, descriptor, type Ring, type RingFeatures, type RingLayout, tableLength } from './ring.ts';

/** Where a split descriptor has its flags, and its `next`. */
const FLAGS = 12;
const NEXT_FIELD = 14;

/** avail.flags: the driver wants no interrupts; used.flags: the device wants no notifications. */
const NO_INTERRUPT = 1;
const NO_NOTIFY = 1;

/** `seen` and `used` count up to 65535, as the indices of the rings do; `told`: used when interrupts were last looked at. */
const RESET = { seen: 0, used: 0, told: 0, quiet: 0 };

export class SplitRing implements Ring {
  readonly #dma: DmaPort;
  readonly #layout: RingLayout;
  readonly #features: RingFeatures;
  readonly #two = new Uint8Array(2);
  #r = { ...RESET };

  constructor(dma: DmaPort, layout: RingLayout, features: RingFeatures) {
    this.#dma = dma;
    this.#layout = layout;
    this.#features = features;
  }

  next(): Malformed<Chain | undefined> {
    const index = this.#read16(this.#layout.driver + 2);
    if (index === undefined) return malformed('the available ring is out of reach');
    const ahead = (index - this.#r.seen) & 0xffff;
    if (ahead === 0) return ok(undefined);
    if (ahead > this.#layout.size) return malformed(`avail.idx went from ${this.#r.seen} to ${index}`);
    const head = this.#read16(this.#layout.driver + 4 + 2 * (this.#r.seen % this.#layout.size));
    if (head === undefined) return malformed('the available ring is out of reach');
    const chain = this.#collect(head);
    if (chain.ok) this.#r.seen = (this.#r.seen + 1) & 0xffff;
    return chain;
  }

  complete(chain: Chain, written: number): Malformed<true> {
    const element = new Uint8Array(8);
    put32(element, 0, chain.id);
    put32(element, 4, written);
    const { device, size } = this.#layout;
    const stored = this.#dma.write(device + 4 + 8 * (this.#r.used % size), element);
    this.#r.used = (this.#r.used + 1) & 0xffff;
    return stored && this.#write16(device + 2, this.#r.used) ? ok(true) : malformed('the used ring is out of reach');
  }

  interrupts(): boolean {
    const { driver, size } = this.#layout;
    const { used, told } = this.#r;
    this.#r.told = used;
    if (used === told) return false;
    if (!this.#features.eventIndex) return ((this.#read16(driver) ?? 0) & NO_INTERRUPT) === 0;
    const event = this.#read16(driver + 4 + 2 * size) ?? 0;
    return ((used - event - 1) & 0xffff) < ((used - told) & 0xffff);
  }

  /** With the event index a stale avail_event asks for no notification; only wanting one needs writing. */
  listen(on: boolean): void {
    const { device, size } = this.#layout;
    if (this.#features.eventIndex) {
      if (on) this.#write16(device + 4 + 8 * size, this.#r.seen);
    } else if (this.#r.quiet !== (on ? 0 : NO_NOTIFY)) {
      this.#r.quiet = on ? 0 : NO_NOTIFY;
      this.#write16(device, this.#r.quiet);
    }
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof RESET) };
  }

  /** Follows a chain from its head; in a table of `size` descriptors one longer than that goes round. */
  #collect(head: number): Malformed<Chain> {
    const { descriptors, size } = this.#layout;
    const collector = new Collector(this.#dma);
    const bytes = new Uint8Array(DESCRIPTOR);
    for (let index = head, steps = 0; ; steps++) {
      if (index >= size) return malformed(`descriptor ${index} of ${size}`);
      if (steps >= size) return malformed('a chain that goes round');
      if (!this.#dma.read(descriptors + DESCRIPTOR * index, bytes)) return malformed('the descriptor table is out of reach');
      const one = descriptor(bytes, FLAGS);
      const added = one.indirect ? this.#indirect(one, collector) : collector.add(one);
      if (!added.ok) return added;
      if (!one.next) return ok(collector.chain(head, 1));
      index = get16(bytes, NEXT_FIELD);
    }
  }

  #indirect(named: Descriptor, collector: Collector): Malformed<true> {
    if (!this.#features.indirect) return malformed('an indirect descriptor that was not negotiated');
    const count = tableLength(named);
    if (!count.ok) return count;
    const bytes = new Uint8Array(DESCRIPTOR);
    for (let index = 0, steps = 0; ; steps++) {
      if (index >= count.value) return malformed(`descriptor ${index} of an indirect table of ${count.value}`);
      if (steps >= count.value) return malformed('an indirect chain that goes round');
      if (!this.#dma.read(named.address + DESCRIPTOR * index, bytes)) return malformed('an indirect table out of reach');
      const one = descriptor(bytes, FLAGS);
      if (one.indirect) return malformed('an indirect table within another');
      const added = collector.add(one);
      if (!added.ok || !one.next) return added;
      index = get16(bytes, NEXT_FIELD);
    }
  }

  #read16(address: number): number | undefined {
    return this.#dma.read(address, this.#two) ? get16(this.#two, 0) : undefined;
  }

  #write16(address: number, value: number): boolean {
    put16(this.#two, 0, value);
    return this.#dma.write(address, this.#two);
  }
}
