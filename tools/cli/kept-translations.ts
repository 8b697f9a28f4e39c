/** What was translated is kept for the next run of the same system, which then translates little and interprets less. No run tells whether it was. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Machine } from '../../core/machine/machine.ts';
import { readCache, replaceCache } from './cache-files.ts';
import type { Launched } from './launched.ts';
import { OFF, type RunOptions } from './options.ts';
import { UsageError, whyNot } from './usage.ts';

/** Files in a folder, and bytes of each. */
const [FILES, MOST] = [24, 32 << 20];
const PREFIX = 'translated-';
/** Words in front: a sum of all that follows, and that of the program, whose functions are for itself alone. */
const HEAD_BYTES = 8;

export class KeptTranslations {
  readonly #file: string;
  readonly #program: number;

  private constructor(file: string, program: number) {
    this.#file = file;
    this.#program = program;
  }

  /** `system` tells one system from others: they have files of their own. Undefined if nothing is to be kept. */
  static of(
    { codeCache, engine }: Pick<RunOptions, 'codeCache' | 'engine'>,
    launched: Launched | undefined,
    system: readonly string[],
  ): KeptTranslations | undefined {
    if (launched === undefined || codeCache === OFF || engine !== 'jit') return undefined;
    const folder = codeCache === undefined ? launched.folder : madeFolder(codeCache);
    const name = `${PREFIX}${crc32(system.join('\n')).toString(16).padStart(8, '0')}.cache`;
    return new KeptTranslations(join(folder, name), launched.sum);
  }

  /** What an earlier run kept; empty if there is nothing, or nothing good. */
  read(): Uint8Array {
    const bytes = readCache(this.#file, MOST);
    if (bytes === undefined || bytes.length < HEAD_BYTES) return NOTHING;
    const content = bytes.subarray(HEAD_BYTES);
    const good = bytes.readUInt32LE(4) === this.#program && bytes.readUInt32LE(0) === crc32(content, this.#program);
    return good ? content : NOTHING;
  }

  /** Keeps what is new. */
  keep({ translations }: Machine): void {
    const content = translations?.keep();
    if (content === undefined) return;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(crc32(content, this.#program), 0);
    head.writeUInt32LE(this.#program, 4);
    replaceCache(this.#file, [head, content], PREFIX, FILES);
  }
}

const NOTHING = new Uint8Array(0);

/** Of a path of several folders only the last is made: Node does not come back from some that it cannot make. */
function madeFolder(folder: string): string {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) mkdirSync(folder);
    return folder;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is a file' : (whyNot(code) ?? message);
    throw new UsageError(`--code-cache ${folder}: no folder can be made there (${why})`);
  }
}
