/** Pages of the hypervisor's own RAM, handed out once: what a partition needs is allocated before it runs, so a guest can exhaust nothing. */
import { PAGE } from '../bus/memory.ts';

export class PageHeap {
  readonly #end: number;
  #next: number;

  constructor(base: number, size: number) {
    if (base % PAGE !== 0 || size % PAGE !== 0) throw new RangeError('the heap of the hypervisor is not made of whole pages');
    this.#next = base;
    this.#end = base + size;
  }

  /** Bytes not yet handed out. */
  get free(): number {
    return this.#end - this.#next;
  }

  /** `count` pages side by side, at a multiple of their size rounded up to a power of two. */
  allocate(count = 1): number {
    const alignment = 2 ** Math.ceil(Math.log2(count)) * PAGE;
    const at = Math.ceil(this.#next / alignment) * alignment;
    if (at + count * PAGE > this.#end) throw new RangeError('the heap of the hypervisor is too small for its stage-2 tables');
    this.#next = at + count * PAGE;
    return at;
  }
}
