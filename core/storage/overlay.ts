/**
 * Changes to a volume, kept in memory: the host's files stay as they are, and two runs start from the same disk. QEMU calls it
 * snapshot=on. The changes are state, saved with the machine's.
 */
import type { Plain, State, Stateful } from '../base/state.ts';
import { DiskError } from './error.ts';
import { type Extent, eachPiece, type Volume } from './volume.ts';

const PAGE = 4096;
/** What a page costs that is only marked as zero. */
const MARK = 64;

export class Overlay implements Volume, Stateful {
  readonly #base: Volume;
  readonly #limit: number;
  /** `null`: reads as zero. */
  readonly #pages = new Map<number, Uint8Array | null>();
  #used = 0;
  readonly size: number;
  readonly writable = true;

  /** No more than about `limit` bytes of memory are taken; then writes fail with NO_SPACE. */
  constructor(base: Volume, limit = 2 ** 30) {
    this.#base = base;
    this.#limit = limit;
    this.size = base.size;
  }

  read(offset: number, into: Uint8Array): void {
    eachPiece(offset, into.length, PAGE, (index, at, from, length) => {
      const page = this.#pages.get(index);
      const part = into.subarray(from, from + length);
      if (page === undefined) this.#base.read(offset + from, part);
      else if (page === null) part.fill(0);
      else part.set(page.subarray(at, at + length));
    });
  }

  write(offset: number, bytes: Uint8Array): void {
    eachPiece(offset, bytes.length, PAGE, (index, at, from, length) => {
      this.#page(index).set(bytes.subarray(from, from + length), at);
    });
  }

  /** Changed pages stay: to go back to what the base has would be a change that nobody wrote. */
  discard(): void {}

  writeZeroes(offset: number, length: number): void {
    for (let done = 0; done < length; ) {
      const at = (offset + done) % PAGE;
      const step = Math.min(PAGE - at, length - done);
      if (step < PAGE) {
        this.#page(Math.floor((offset + done) / PAGE)).fill(0, at, at + step);
        done += step;
      } else done += this.#zeroPages(offset + done, Math.floor((length - done) / PAGE) * PAGE);
    }
  }

  flush(): void {}

  extent(offset: number, length: number): Extent {
    const page = this.#pages.get(Math.floor(offset / PAGE));
    const within = Math.min(length, PAGE - (offset % PAGE));
    return page === undefined ? this.#base.extent(offset, within) : { zero: page === null, length: within };
  }

  close(): void {
    this.#base.close();
  }

  save(): State {
    const pages = [...this.#pages].sort(([a], [b]) => a - b);
    return { pages: pages.map(([index, page]): Plain => [index, page === null ? null : page.slice()]) };
  }

  load(state: State): void {
    this.#pages.clear();
    this.#used = 0;
    for (const [index, page] of state['pages'] as readonly [number, Uint8Array | null][]) {
      this.#put(index, page === null ? null : page.slice());
    }
  }

  /** A disk keeps what was written when the machine is reset. */
  reset(): void {}

  /** The page, to be changed. */
  #page(index: number): Uint8Array {
    const found = this.#pages.get(index);
    if (found) return found;
    const page = new Uint8Array(PAGE);
    if (found === undefined) this.#base.read(index * PAGE, page.subarray(0, Math.min(PAGE, this.size - index * PAGE)));
    this.#put(index, page);
    return page;
  }

  /** Whole pages, as many as the base has of one kind. Returns how many bytes that were. */
  #zeroPages(offset: number, length: number): number {
    const below = this.#base.extent(offset, length);
    const count = Math.max(1, Math.floor(below.length / PAGE));
    const first = offset / PAGE;
    if (below.zero && below.length >= PAGE) this.#forget(first, count);
    else for (let i = 0; i < count; i++) this.#put(first + i, null);
    return count * PAGE;
  }

  #forget(first: number, count: number): void {
    const inside = (index: number) => index >= first && index < first + count;
    const gone =
      count > this.#pages.size ? [...this.#pages.keys()].filter(inside) : Array.from({ length: count }, (_, i) => first + i);
    for (const index of gone) {
      this.#used -= costOf(this.#pages.get(index));
      this.#pages.delete(index);
    }
  }

  #put(index: number, page: Uint8Array | null): void {
    const used = this.#used + costOf(page) - costOf(this.#pages.get(index));
    if (used > this.#limit) throw new DiskError('NO_SPACE', `the changes to the disk take more than ${this.#limit} bytes`);
    this.#pages.set(index, page);
    this.#used = used;
  }
}

const costOf = (page: Uint8Array | null | undefined): number => (page === undefined ? 0 : page === null ? MARK : PAGE + MARK);
