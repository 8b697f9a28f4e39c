/** A queue's registers, and the ring they describe once it is ready. Reference: Virtual I/O Device 1.1, sections 4.2.3 and 4.2.4. */
import type { State } from '../../base/state.ts';
import { isExact } from './chain.ts';
import type { DmaPort } from './dma.ts';
import { PackedRing } from './packed-ring.ts';
import type { Ring, RingFeatures, RingLayout } from './ring.ts';
import { SplitRing } from './split-ring.ts';

export const MAX_QUEUE = 1024;

export interface QueueFeatures extends RingFeatures {
  readonly packed: boolean;
}

/** Addresses by halves. A legacy queue has a page number instead, of pages whose size the driver named when it set it. */
const RESET = { num: MAX_QUEUE, ready: 0, pfn: 0, pageSize: 0, align: 4096, desc: [0, 0], driver: [0, 0], device: [0, 0] };
export type QueueRegisters = typeof RESET;

export class Queue {
  #r: QueueRegisters = structured(RESET);
  #ring: Ring | undefined;
  readonly #dma: DmaPort;

  constructor(dma: DmaPort) {
    this.#dma = dma;
  }

  get registers(): QueueRegisters {
    return this.#r;
  }

  get ring(): Ring | undefined {
    return this.#ring;
  }

  /** Makes the ring that the registers describe; says what is wrong with them if no ring can be there. */
  open(features: QueueFeatures): string | undefined {
    const { num } = this.#r;
    if (num === 0 || num > MAX_QUEUE) return `a queue of ${num} descriptors`;
    if (!features.packed && (num & (num - 1)) !== 0) return `a queue of ${num} descriptors, no power of two`;
    const layout = this.#r.pfn === 0 ? this.#modern() : this.#legacy();
    if (![layout.descriptors, layout.driver, layout.device].every(isExact)) return 'a queue beyond all memory';
    this.#ring = features.packed ? new PackedRing(this.#dma, layout, features) : new SplitRing(this.#dma, layout, features);
    return undefined;
  }

  close(): void {
    this.#ring = undefined;
  }

  reset(): void {
    this.#r = structured(RESET);
    this.#ring = undefined;
  }

  save(): State {
    return { ...structured(this.#r), ring: this.#ring?.save() ?? null };
  }

  load(state: State, features: QueueFeatures): void {
    const { ring, ...registers } = state as QueueRegisters & { ring: State | null };
    this.#r = structured(registers);
    this.#ring = undefined;
    if (ring === null || this.open(features) !== undefined) return;
    (this.#ring as unknown as Ring).load(ring);
  }

  #modern(): RingLayout {
    const { num: size, desc, driver, device } = this.#r;
    return { size, descriptors: wide(desc), driver: wide(driver), device: wide(device) };
  }

  /** One piece: descriptors, available ring, and at the next multiple of the alignment the used ring. */
  #legacy(): RingLayout {
    const { num: size, pfn, pageSize, align } = this.#r;
    const descriptors = pfn * pageSize;
    const driver = descriptors + 16 * size;
    const by = Math.max(4, align);
    return { size, descriptors, driver, device: Math.ceil((driver + 6 + 2 * size) / by) * by };
  }
}

const wide = ([low, high]: readonly number[]): number => (high as number) * 0x1_0000_0000 + (low as number);

const structured = (r: QueueRegisters): QueueRegisters => ({
  ...r,
  desc: [...r.desc],
  driver: [...r.driver],
  device: [...r.device],
});
