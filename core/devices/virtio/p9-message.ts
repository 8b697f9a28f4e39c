/** Messages of 9P2000.L: little-endian fields behind size, type and tag. References: 9p(5) of Plan 9; Linux include/net/9p/9p.h. */
import { get16, get32, get64, put16, put32, put64 } from './dma.ts';

/** Requests; the answer to each has the next number. */
export const T = {
  STATFS: 8,
  LOPEN: 12,
  LCREATE: 14,
  SYMLINK: 16,
  MKNOD: 18,
  RENAME: 20,
  READLINK: 22,
  GETATTR: 24,
  SETATTR: 26,
  XATTRWALK: 30,
  READDIR: 40,
  FSYNC: 50,
  LOCK: 52,
  GETLOCK: 54,
  LINK: 70,
  MKDIR: 72,
  RENAMEAT: 74,
  UNLINKAT: 76,
  VERSION: 100,
  AUTH: 102,
  ATTACH: 104,
  FLUSH: 108,
  WALK: 110,
  READ: 116,
  WRITE: 118,
  CLUNK: 120,
  REMOVE: 122,
} as const;
export const RLERROR = 7;

/** Size, type and tag. */
export const HEAD = 7;

/** Takes fields out of a request. One that ends too early leaves `broken` set and gives zeros. */
export class Fields {
  readonly #bytes: Uint8Array;
  #at = HEAD;
  broken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(): number {
    return this.#take(1)[0] ?? 0;
  }

  u16(): number {
    return get16(this.#take(2), 0);
  }

  u32(): number {
    return get32(this.#take(4), 0);
  }

  u64(): number {
    return get64(this.#take(8), 0);
  }

  /** Bytes behind their length in 16 bits, one character each. */
  string(): string {
    let text = '';
    for (const byte of this.#take(this.u16())) text += String.fromCharCode(byte);
    return text;
  }

  bytes(count: number): Uint8Array {
    return this.#take(count);
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count;
    if (this.broken || end > this.#bytes.length) {
      this.broken = true;
      return new Uint8Array(Math.min(count, 8));
    }
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}

/** Builds an answer. */
export class Answer {
  readonly #parts: number[] = [];
  #data: Uint8Array | undefined;

  /** Bytes of fields so far. */
  get length(): number {
    return this.#parts.length;
  }

  u8(value: number): this {
    this.#parts.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.#put(2, (bytes) => put16(bytes, 0, value));
  }

  u32(value: number): this {
    return this.#put(4, (bytes) => put32(bytes, 0, value));
  }

  u64(value: number): this {
    return this.#put(8, (bytes) => put64(bytes, 0, value));
  }

  string(text: string): this {
    this.u16(text.length);
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i));
    return this;
  }

  /** Data behind its length in 32 bits, as the last field. */
  data(bytes: Uint8Array): this {
    this.u32(bytes.length);
    this.#data = bytes;
    return this;
  }

  /** All fields of another answer, as data. */
  fields(other: Answer): this {
    return this.data(Uint8Array.from(other.#parts));
  }

  /** The same behind a count in 16 bits. */
  before(count: number): Answer {
    const answer = new Answer().u16(count);
    answer.#parts.push(...this.#parts);
    return answer;
  }

  message(type: number, tag: number): Uint8Array {
    const size = HEAD + this.#parts.length + (this.#data?.length ?? 0);
    const bytes = new Uint8Array(size);
    put32(bytes, 0, size);
    bytes[4] = type;
    put16(bytes, 5, tag);
    bytes.set(this.#parts, HEAD);
    if (this.#data !== undefined) bytes.set(this.#data, HEAD + this.#parts.length);
    return bytes;
  }

  #put(count: number, store: (bytes: Uint8Array) => void): this {
    const bytes = new Uint8Array(count);
    store(bytes);
    this.#parts.push(...bytes);
    return this;
  }
}
