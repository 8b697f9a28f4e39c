/** A file that grows while the run goes on: what is held back is bounded. One that cannot be written any more stops no run: `close` tells. */
import { closeSync, openSync, writeSync } from 'node:fs';

const HELD = 1 << 18;

export class OutputFile {
  readonly #descriptor: number;
  readonly #held = new Uint8Array(HELD);
  readonly #text = new TextEncoder();
  readonly #path: string;
  #count = 0;
  #failure: unknown;

  /** Throws where the file cannot be written. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
    this.#path = path;
  }

  bytes(bytes: Uint8Array): void {
    if (this.#count + bytes.length > HELD) this.#flush();
    if (bytes.length > HELD) return this.#write(bytes);
    this.#held.set(bytes, this.#count);
    this.#count += bytes.length;
  }

  line(line: string): void {
    if (this.#count + 3 * line.length + 1 > HELD) this.#flush();
    if (3 * line.length >= HELD) return this.#write(this.#text.encode(`${line}\n`));
    this.#count += this.#text.encodeInto(line, this.#held.subarray(this.#count)).written;
    this.#held[this.#count++] = 0x0a;
  }

  /** Throws if something could not be written. */
  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #flush(): void {
    this.#write(this.#held.subarray(0, this.#count));
    this.#count = 0;
  }

  #write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done);
    } catch (error) {
      this.#failure = Object.assign(error as Error, { path: this.#path });
    }
  }
}
