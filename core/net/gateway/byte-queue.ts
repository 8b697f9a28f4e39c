/** Bytes in order, added at one end and taken from the other, in the pieces in which they came. */

export class ByteQueue {
  #pieces: Uint8Array[] = [];
  /** Bytes of the first piece that are gone. */
  #gone = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  drop(count: number): void {
    this.#length -= count;
    this.#gone += count;
    for (let first = this.#pieces[0]; first !== undefined && this.#gone >= first.length; first = this.#pieces[0]) {
      this.#pieces.shift();
      this.#gone -= first.length;
    }
  }

  /** So many bytes from `offset` on, which must be there. */
  copy(offset: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    let skip = offset + this.#gone;
    let at = 0;
    for (const piece of this.#pieces) {
      if (at === count) break;
      if (skip < piece.length) {
        const part = piece.subarray(skip, skip + count - at);
        bytes.set(part, at);
        at += part.length;
      }
      skip = Math.max(0, skip - piece.length);
    }
    return bytes;
  }

  clear(): void {
    this.#pieces = [];
    this.#gone = 0;
    this.#length = 0;
  }
}
