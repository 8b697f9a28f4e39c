/** What was translated is kept for the next run of the same system, which then translates little and interprets less. No run tells whether it was. */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Machine } from '../../core/machine/machine.ts';
import type { RunOptions } from './options.ts';
import { UsageError, whyNot } from './usage.ts';

/** What launcher.ts knows of the program. */
export interface Launched {
  /** Called when a guest has run for a while: what starting needs has been compiled by then. */
  readonly keepCode: () => void;
  /** Where it lies, and a sum of it. */
  readonly folder: string;
  readonly sum: number;
}

/** Files in a folder: the oldest go. */
const FILES = 24;
const NAME = /^translated-[0-9a-f]{8}\.cache$/;
type Asked = Pick<RunOptions, 'codeCache' | 'engine'>;

/** Instead of a folder. */
const OFF = 'off';
/** Words in front: a sum of all that follows, and that of the program, whose functions are for itself alone. */
const HEAD_BYTES = 8;

export class KeptTranslations {
  readonly #folder: string;
  readonly #file: string;
  readonly #program: number;

  /** `what` names the system: files and all else that tells it from others. */
  private constructor(folder: string, program: number, what: readonly string[]) {
    this.#folder = folder;
    this.#program = program;
    this.#file = join(folder, `translated-${crc32(what.join('\n')).toString(16).padStart(8, '0')}.cache`);
  }

  /** Undefined if nothing is to be kept. */
  static of(
    { codeCache: asked, engine }: Asked,
    launched: Launched | undefined,
    what: readonly string[],
  ): KeptTranslations | undefined {
    if (launched === undefined || asked === OFF || engine !== 'jit') return undefined;
    try {
      if (asked !== undefined) mkdirSync(asked, { recursive: true });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new UsageError(`--code-cache ${asked}: no folder can be made there (${whyNot(code) ?? message})`);
    }
    return new KeptTranslations(asked ?? launched.folder, launched.sum, what);
  }

  /** What an earlier run kept; empty if there is nothing, or nothing good. */
  read(): Uint8Array {
    try {
      const bytes = readFileSync(this.#file);
      const content = bytes.subarray(HEAD_BYTES);
      const good = bytes.readUInt32LE(4) === this.#program && bytes.readUInt32LE(0) === crc32(content, this.#program);
      return good ? content : new Uint8Array(0);
    } catch {
      return new Uint8Array(0);
    }
  }

  /** Keeps what is new. A file that cannot be written is none that is missed. */
  keep({ translations }: Machine): void {
    const content = translations?.keep();
    if (content === undefined) return;
    const temporary = `${this.#file}.${process.pid}`;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(crc32(content, this.#program), 0);
    head.writeUInt32LE(this.#program, 4);
    try {
      const file = openSync(temporary, 'w');
      writevSync(file, [head, content]);
      closeSync(file);
      renameSync(temporary, this.#file);
      this.#removeOldest();
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #removeOldest(): void {
    const files = readdirSync(this.#folder).filter((name) => NAME.test(name));
    if (files.length <= FILES) return;
    const aged = files.map((name) => ({ name, time: statSync(join(this.#folder, name)).mtimeMs }));
    aged.sort((a, b) => b.time - a.time);
    for (const { name } of aged.slice(FILES)) rmSync(join(this.#folder, name), { force: true });
  }
}
