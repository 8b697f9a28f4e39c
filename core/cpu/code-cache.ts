/**
 * Decoded instructions, kept per physical page and shared by the cores. Stores to a page with code drop exactly what they overwrite, so
 * self-modifying code works without any maintenance (the architecture asks for some; more coherence is allowed).
 */
import { type Arena, CODE, PAGE_BITS } from '../bus/memory.ts';
import type { Decoder, Op } from './decode.ts';

type Ops = (Op | undefined)[];

/** What is decoded of one page, by word (A32) or halfword (Thumb, outside and inside an IT block); made when first needed. */
export class CodePage {
  readonly offset: number;
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

  /** Forgets what was decoded of bytes that change. A wide Thumb instruction may start one halfword before them. */
  drop(at: number, bytes: number): void {
    this.#a32?.fill(undefined, at >>> 2, (at + bytes + 3) >>> 2);
    this.#t32?.fill(undefined, Math.max(0, (at >>> 1) - 1), (at + bytes + 1) >>> 1);
    this.#t32IT?.fill(undefined, Math.max(0, (at >>> 1) - 1), (at + bytes + 1) >>> 1);
  }
}

export class CodeCache {
  readonly decoder: Decoder;
  readonly #arena: Arena;
  readonly #pages = new Map<number, CodePage>();
  readonly #listeners: (() => void)[] = [];

  constructor(decoder: Decoder, arena: Arena) {
    this.decoder = decoder;
    this.#arena = arena;
    arena.onCodeWritten((offset, bytes) => this.#pages.get(offset >>> PAGE_BITS)?.drop(offset & 0xfff, bytes));
  }

  /** The page at an offset of the arena. */
  page(offset: number): CodePage {
    const number = offset >>> PAGE_BITS;
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = new CodePage(number << PAGE_BITS);
    this.#pages.set(number, page);
    this.#arena.marks[number] = (this.#arena.marks[number] as number) | CODE;
    for (const listener of this.#listeners) listener();
    return page;
  }

  /** The halfword at an address in a page. */
  halfword(page: CodePage, address: number): number {
    return this.#arena.u16[(page.offset + (address & 0xffe)) >>> 1] as number;
  }

  /** Told when a page first holds code, so that direct stores to it end. */
  onPageAdded(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
