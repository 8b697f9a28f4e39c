/**
 * Simulated RAM: one host buffer (the arena) that holds every memory of the machine, so that a translator can reach all of it with one base.
 * A page of the arena carries marks: whether code was decoded from it and whether it was ever written.
 */
import type { State } from '../base/state.ts';

export const PAGE_BITS = 12;
export const PAGE = 1 << PAGE_BITS;

/** Marks of a page. */
export const CODE = 1;
export const WRITTEN = 2;

/** Told when bytes of a page that holds decoded code change. */
export type CodeWritten = (offset: number, bytes: number) => void;

export class Arena {
  readonly buffer: ArrayBuffer;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly marks: Uint8Array;
  readonly #listeners: CodeWritten[] = [];
  #free = 0;

  /** `buffer` is the memory to use, at most 4 GiB, zero-filled, a multiple of a page. */
  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.marks = new Uint8Array(buffer.byteLength >>> PAGE_BITS);
  }

  /** Sets aside `bytes` (rounded up to pages) and returns their offset. */
  reserve(bytes: number): number {
    const offset = this.#free;
    this.#free += Math.ceil(bytes / PAGE) * PAGE;
    if (this.#free > this.buffer.byteLength)
      throw new Error(`the machine's memories need more than ${this.buffer.byteLength} bytes`);
    return offset;
  }

  onCodeWritten(listener: CodeWritten): void {
    this.#listeners.push(listener);
  }

  /** To be called when bytes within one page change by any way but a store of the processor that knows the marks. */
  touch(offset: number, bytes: number): void {
    const page = offset >>> PAGE_BITS;
    const marks = this.marks[page] as number;
    this.marks[page] = marks | WRITTEN;
    if ((marks & CODE) !== 0) for (const listener of this.#listeners) listener(offset, bytes);
  }

  read(offset: number, width: 1 | 2 | 4): number {
    if (width === 4) return (this.i32[offset >>> 2] as number) >>> 0;
    return (width === 2 ? this.u16[offset >>> 1] : this.u8[offset]) as number;
  }

  write(offset: number, width: 1 | 2 | 4, value: number): void {
    this.touch(offset, width);
    if (width === 4) this.i32[offset >>> 2] = value;
    else if (width === 2) this.u16[offset >>> 1] = value;
    else this.u8[offset] = value;
  }

  copyIn(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    for (let at = offset; at < end; at = (Math.floor(at / PAGE) + 1) * PAGE) this.touch(at, Math.min(PAGE, end - at));
    this.u8.set(bytes, offset);
  }

  /**
   * Fills whole pages with zeros. Those that were never written are left alone, and the others count as never written again: the processors
   * must forget before they go on that they may store there directly (an invalidate of their TLBs does it).
   */
  clear(offset: number, bytes: number): void {
    for (let at = offset; at < offset + bytes; at += PAGE) {
      const page = at >>> PAGE_BITS;
      if (((this.marks[page] as number) & WRITTEN) === 0) continue;
      this.touch(at, PAGE);
      this.u8.fill(0, at, at + PAGE);
      this.marks[page] = (this.marks[page] as number) & ~WRITTEN;
    }
  }

  /** The pages of a range that hold anything but zeros, by their number within the range. */
  save(offset: number, bytes: number): State {
    const pages: { [page: string]: Uint8Array } = {};
    for (const page of this.nonZeroPages(offset, bytes)) {
      const at = offset + page * PAGE;
      pages[page] = this.u8.slice(at, at + PAGE);
    }
    return pages;
  }

  load(offset: number, bytes: number, state: State): void {
    for (const page of this.nonZeroPages(offset, bytes)) {
      this.touch(offset + page * PAGE, PAGE);
      this.u8.fill(0, offset + page * PAGE, offset + (page + 1) * PAGE);
    }
    for (const [page, content] of Object.entries(state)) this.copyIn(offset + Number(page) * PAGE, content as Uint8Array);
  }

  /** Numbers, within the range, of pages that are not all zero; only pages marked written are looked at. */
  *nonZeroPages(offset: number, bytes: number): Iterable<number> {
    const first = offset >>> PAGE_BITS;
    for (let page = 0; page < bytes >>> PAGE_BITS; page++) {
      if (((this.marks[first + page] as number) & WRITTEN) !== 0 && !this.#isZero(first + page)) yield page;
    }
  }

  #isZero(page: number): boolean {
    const from = page * (PAGE / 4);
    for (let i = from; i < from + PAGE / 4; i++) if (this.i32[i] !== 0) return false;
    return true;
  }
}
