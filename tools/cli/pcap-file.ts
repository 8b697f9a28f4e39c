/** Files for captures of frames. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError, whyNot } from './usage.ts';

/** Little-endian magic numbers of pcap files, with microseconds and nanoseconds. */
const MAGICS = ['d4c3b2a1', '4d3cb2a1'];
const BUFFER = 0x1_0000;

/** Or empty. */
function isCapture(file: number): boolean {
  const found = fstatSync(file);
  const magic = Buffer.alloc(4);
  return found.isFile() && (found.size === 0 || (readSync(file, magic, 0, 4, 0) === 4 && MAGICS.includes(magic.toString('hex'))));
}

const NO_CAPTURE = 'it is there already, and no capture';
const TAKEN = 'another port is written there';

/** Whether a capture could be written, without writing. `others` are those that were asked for before. */
export function checkCapture(path: string, others: Set<string>): void {
  const there = existsSync(path);
  const real = there ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  if (!there) accessSync(dirname(real), constants.W_OK);
  if (others.has(real)) throw refused(path, TAKEN);
  others.add(real);
  if (!there) return;
  const file = openSync(path, constants.O_RDWR | (constants.O_NONBLOCK ?? 0));
  const usable = isCapture(file);
  closeSync(file);
  if (!usable) throw refused(path, NO_CAPTURE);
}

const refused = (path: string, why: string): UsageError => new UsageError(`${path}: ${why}: choose another name`);

/** A file for frames, of which nothing else is overwritten than an earlier capture. */
export class PcapFile {
  readonly #path: string;
  readonly #file: number;
  readonly identity: string;
  #parts: Uint8Array[] = [];
  #length = 0;
  #begun = false;
  #problem: string | undefined;

  constructor(path: string, others: readonly PcapFile[]) {
    this.#path = path;
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NONBLOCK ?? 0), 0o644);
    const { dev, ino } = fstatSync(this.#file, { bigint: true });
    this.identity = `${dev}:${ino}`;
    const refusal = others.some(({ identity }) => identity === this.identity)
      ? TAKEN
      : isCapture(this.#file)
        ? undefined
        : NO_CAPTURE;
    if (refusal !== undefined) {
      closeSync(this.#file);
      throw refused(path, refusal);
    }
  }

  /** Only now is an earlier capture gone. */
  begin(): void {
    if (!this.#begun) ftruncateSync(this.#file, 0);
    this.#begun = true;
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= BUFFER) this.#flush();
  }

  /** Returns what went wrong. */
  close(): string | undefined {
    this.#flush();
    closeSync(this.#file);
    return this.#problem;
  }

  #flush(): void {
    if (!this.#begun) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    try {
      for (let done = 0; done < bytes.length && this.#problem === undefined; ) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#problem = `${this.#path}: the capture is not whole: ${whyNot(code) ?? message}`;
    }
  }
}
