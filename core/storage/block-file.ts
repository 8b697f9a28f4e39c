/** What an image is kept in. Core has no files; the host, or a test, brings them. */
import { eachPiece } from './volume.ts';

export interface BlockFile {
  readonly size: number;
  readonly writable: boolean;
  /** Fills all of `into`; what lies past the end of the file reads as zero. */
  read(offset: number, into: Uint8Array): void;
  /** Writes all of `bytes`, at once or in pieces of whole sectors; the file grows if need be. */
  write(offset: number, bytes: Uint8Array): void;
  truncate(size: number): void;
  /** What was written before is on the medium before anything that is written later. */
  flush(): void;
  /** Gives the file back to the host. */
  close(): void;
}

const CHUNK = 0x10000;

/** A file in memory; parts that were never written take no room. */
export class MemoryFile implements BlockFile {
  readonly #chunks = new Map<number, Uint8Array>();
  readonly writable: boolean;
  size = 0;

  constructor(content?: Uint8Array, writable = true) {
    this.writable = writable;
    if (content !== undefined) this.write(0, content);
  }

  read(offset: number, into: Uint8Array): void {
    eachPiece(offset, into.length, CHUNK, (index, at, from, length) => {
      const chunk = this.#chunks.get(index);
      if (chunk === undefined) into.fill(0, from, from + length);
      else into.set(chunk.subarray(at, at + length), from);
    });
  }

  write(offset: number, bytes: Uint8Array): void {
    eachPiece(offset, bytes.length, CHUNK, (index, at, from, length) => {
      const chunk = this.#chunks.get(index) ?? new Uint8Array(CHUNK);
      this.#chunks.set(index, chunk);
      chunk.set(bytes.subarray(from, from + length), at);
    });
    this.size = Math.max(this.size, offset + bytes.length);
  }

  truncate(size: number): void {
    for (const [index, chunk] of [...this.#chunks]) {
      if (index * CHUNK >= size) this.#chunks.delete(index);
      else if ((index + 1) * CHUNK > size) chunk.fill(0, size - index * CHUNK);
    }
    this.size = size;
  }

  flush(): void {}

  close(): void {}

  /** All of it, as a host would have it on disk. */
  content(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    this.read(0, bytes);
    return bytes;
  }
}
