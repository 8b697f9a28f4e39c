/** What a run reads of the host, and that it writes none of it: it may read files that its command line does not name. */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import { hostFiles } from './files.ts';
import type { RunOptions } from './options.ts';
import { UsageError } from './usage.ts';

interface Written {
  readonly name: string;
  readonly path: string;
}

/** As deep as Linux follows links. */
const MOST_LINKS = 40;

/** The same for each name of a file, through links of both kinds, and whether it is there or not; undefined for what is no plain file, such as /dev/null. */
export function identityOf(path: string, links = MOST_LINKS): string | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch {}
  try {
    const place = join(realpathSync(dirname(path)), basename(path));
    const link = links > 0 && lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return link ? identityOf(resolve(dirname(place), readlinkSync(place)), links - 1) : place;
  } catch {
    return resolve(path);
  }
}

export class RunFiles implements Files {
  readonly #read: string[] = [];

  readFile(path: string): Uint8Array | undefined {
    this.note(path);
    return hostFiles.readFile(path);
  }

  /** A file that is read by other ways. */
  note(path: string): void {
    this.#read.push(path);
  }

  /** To be asked when all is read and nothing is written yet. `devices`: what its devices have open. */
  check(options: RunOptions, devices: { readonly images: readonly string[]; readonly captures: readonly string[] }): void {
    const read = new Map([...this.#read, ...devices.images, ...symbolsOf(options)].map((path) => [identityOf(path), path]));
    const outputs = outputsOf(options);
    const captures = devices.captures.map((path) => ({ name: '--net', path }));
    for (const { name, path } of [...outputs, ...captures]) {
      const identity = identityOf(path);
      const same = identity === undefined ? undefined : read.get(identity);
      if (same !== undefined) throw new UsageError(`${name} ${path} would overwrite what the run reads: ${same}`);
    }
    for (const { name, path } of outputs) {
      const identity = identityOf(path);
      if (identity !== undefined && captures.some((one) => identityOf(one.path) === identity))
        throw new UsageError(`${name} and a capture: the same file ${path}`);
    }
  }
}

const symbolsOf = ({ tracing }: RunOptions): readonly string[] => tracing.symbols.map(({ file }) => file);

function outputsOf({ report, record, tracing }: RunOptions): readonly Written[] {
  const { trace, text, instructions, profile, coverage } = tracing;
  const all = {
    '--report': report,
    '--record': record,
    '--trace': trace,
    '--trace-text': text,
    '--trace-instructions': instructions,
    '--profile': profile,
    '--coverage': coverage,
  };
  return Object.entries(all).flatMap(([name, path]) => (path === undefined ? [] : [{ name, path }]));
}
