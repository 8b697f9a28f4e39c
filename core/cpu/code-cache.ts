/**
 * Decoded instructions, kept per physical page and shared by the cores. Stores to a page with code drop exactly what they overwrite, so
 * self-modifying code works without any maintenance (the architecture asks for some; more coherence is allowed). Bounded: a guest that
 * executes ever new code makes it start again, which nothing but the host's time shows.
 */
import { type Arena, CODE, PAGE_BITS } from '../bus/memory.ts';
import type { Decoder, Op } from './decode.ts';

type Ops = (Op | undefined)[];

/** What is decoded of one page, by word (A32) or halfword (Thumb, outside and inside an IT block); made when first needed. */
export class CodePage {
  readonly offset: number;
  /** Stores to it since it was last asked for. */
  stores = 0;
  #a32: Ops | undefined;
  #t32: Ops | undefined;
  #t32IT: Ops | undefined;

  constructor(offset: number) {
    this.offset = offset;
  }

  get a32(): Ops {
    this.#a32 ??= new Array<Op | undefined>(1024).fill(undefined);
    return this.#a32;
  }

  get t32(): Ops {
    this.#t32 ??= new Array<Op | undefined>(2048).fill(undefined);
    return this.#t32;
  }

  get t32IT(): Ops {
    this.#t32IT ??= new Array<Op | undefined>(2048).fill(undefined);
    return this.#t32IT;
  }

  /** Forgets what was decoded of bytes that change, and returns how much that was. A wide Thumb instruction may start one halfword before them. */
  drop(at: number, bytes: number): number {
    const thumb = Math.max(0, (at >>> 1) - 1);
    return (
      forget(this.#a32, at >>> 2, (at + bytes + 3) >>> 2) +
      forget(this.#t32, thumb, (at + bytes + 1) >>> 1) +
      forget(this.#t32IT, thumb, (at + bytes + 1) >>> 1)
    );
  }
}

function forget(ops: Ops | undefined, from: number, end: number): number {
  let count = 0;
  for (let i = from; ops !== undefined && i < end && i < ops.length; i++) {
    if (ops[i] === undefined) continue;
    ops[i] = undefined;
    count++;
  }
  return count;
}

export class CodeCache {
  readonly decoder: Decoder;
  readonly #arena: Arena;
  readonly #pages: (CodePage | undefined)[];
  readonly #listeners: ((offset: number) => void)[] = [];
  readonly #forgotten: (() => void)[] = [];
  readonly #gone: ((offset: number) => void)[] = [];
  /** For each page how many stores it takes, as a power of two, before what is decoded of it goes. */
  readonly #patience: Uint8Array;
  readonly #limit: number;
  /** What the pages take of the host's memory, about. */
  #bytes = 0;

  /** `limit`: bytes of the host's memory, about, that decoded code may take. */
  constructor(decoder: Decoder, arena: Arena, limit = LIMIT) {
    this.#limit = limit;
    this.decoder = decoder;
    this.#arena = arena;
    this.#pages = new Array<CodePage | undefined>(arena.marks.length).fill(undefined);
    this.#patience = new Uint8Array(arena.marks.length).fill(PATIENCE);
    arena.onCodeWritten((offset, bytes) => this.#written(offset, bytes));
  }

  #written(offset: number, bytes: number): void {
    const number = offset >>> PAGE_BITS;
    const page = this.#pages[number];
    if (page === undefined) return;
    this.#bytes -= OP_BYTES * page.drop(offset & 0xfff, bytes);
    if (++page.stores >>> (this.#patience[number] as number) !== 0) this.#forget(number, page);
  }

  /** A page that is stored to again and again is no code any more, or soon will be again: then it may take twice as many stores. */
  #forget(number: number, page: CodePage): void {
    this.#bytes -= PAGE_BYTES + OP_BYTES * page.drop(0, 1 << PAGE_BITS);
    this.#pages[number] = undefined;
    this.#arena.marks[number] = (this.#arena.marks[number] as number) & ~CODE;
    this.#patience[number] = Math.min((this.#patience[number] as number) + 1, 31);
    for (const listener of this.#gone) listener(page.offset);
  }

  /** The page at an offset of the arena. */
  page(offset: number): CodePage {
    const number = offset >>> PAGE_BITS;
    const known = this.#pages[number];
    if (known !== undefined) {
      known.stores = 0;
      return known;
    }
    const page = new CodePage(number << PAGE_BITS);
    this.#pages[number] = page;
    this.#bytes += PAGE_BYTES;
    this.#arena.marks[number] = (this.#arena.marks[number] as number) | CODE;
    for (const listener of this.#listeners) listener(page.offset);
    return page;
  }

  /** The halfword at an address in a page. */
  halfword(page: CodePage, address: number): number {
    return this.#arena.u16[(page.offset + (address & 0xffe)) >>> 1] as number;
  }

  /** To be called for each decoded instruction that is kept. True: everything was forgotten, and pages in use must be looked up again. */
  kept(): boolean {
    this.#bytes += OP_BYTES;
    if (this.#bytes <= this.#limit) return false;
    for (const [number, page] of this.#pages.entries()) {
      if (page !== undefined) this.#arena.marks[number] = (this.#arena.marks[number] as number) & ~CODE;
    }
    this.#pages.fill(undefined);
    this.#bytes = 0;
    for (const listener of this.#forgotten) listener();
    return true;
  }

  /** Told when everything was forgotten. */
  onForgotten(listener: () => void): void {
    this.#forgotten.push(listener);
  }

  /** Told when a page holds code no more: who has it in use must look it up again. */
  onPageGone(listener: (offset: number) => void): void {
    this.#gone.push(listener);
  }

  /** Told when a page, named by its offset in the arena, first holds code, so that direct stores to it end. */
  onPageAdded(listener: (offset: number) => void): void {
    this.#listeners.push(listener);
  }
}

const LIMIT = 96 << 20;
/** 2^5 stores. */
const PATIENCE = 5;
/** A page with arrays for one or two of its forms; an instruction with its operands. */
const [PAGE_BYTES, OP_BYTES] = [24 << 10, 220];
