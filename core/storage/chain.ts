/**
 * An image and all it lies over. The host opens files and says where a name in an image leads, and which places are out of bounds; here the
 * chain is followed, loops are found, and everything but the top is opened for reading only.
 */
import type { BlockFile } from './block-file.ts';
import { DiskError, printable, unsupported } from './error.ts';
import type { Inflaters } from './qcow2/compressed.ts';
import { type Header, isQcow2, readHeader } from './qcow2/header.ts';
import { Qcow2 } from './qcow2/image.ts';
import { Raw } from './raw.ts';

export interface ImageStore {
  /** Throws a `DiskError` that names the file, or the place that is out of bounds. */
  open(path: string, writable: boolean): OpenImage;
  /** Where the name of a backing file leads that stands in the image at `from`. */
  resolve(from: string, name: string): string;
}

export interface OpenImage {
  readonly file: BlockFile;
  /** The same for the same file, whatever its name. */
  readonly identity: string;
}

export type Format = 'raw' | 'qcow2';
export const FORMATS: readonly Format[] = ['raw', 'qcow2'];

export interface Layer {
  readonly path: string;
  readonly format: Format;
  readonly volume: Raw | Qcow2;
}

export interface ChainOptions {
  /** Of the top. Without it the file's first bytes tell. */
  readonly format?: Format | undefined;
  /** How many images may be written, from the top: 1 for a disk in use, 2 to commit. */
  readonly writable: number;
  readonly inflaters: Inflaters;
}

interface Link {
  readonly path: string;
  readonly file: BlockFile;
  readonly format: Format;
  readonly guessed: boolean;
}

/** Top first. */
export function openChain(store: ImageStore, path: string, options: ChainOptions): Layer[] {
  const links: Link[] = [];
  try {
    follow(store, path, options, links);
    const layers: Layer[] = [];
    for (const { path, file, format, guessed } of links.reverse()) {
      const below = layers[0]?.volume;
      const volume = naming(path, () => (format === 'raw' ? new Raw(file, guessed) : new Qcow2(file, below, options.inflaters)));
      layers.unshift({ path, format, volume });
    }
    return layers;
  } catch (error) {
    for (const { file } of links) file.close();
    throw error;
  }
}

function follow(store: ImageStore, top: string, { format, writable }: ChainOptions, links: Link[]): void {
  const seen = new Map<string, string>();
  let next: { readonly path: string; readonly format: Format | undefined } | undefined = { path: top, format };
  while (next !== undefined) {
    const path: string = next.path;
    const { file, identity } = openLink(store, path, links, writable);
    const known = isQcow2(file) ? 'qcow2' : 'raw';
    links.push({ path, file, format: next.format ?? known, guessed: next.format === undefined });
    const before = seen.get(identity);
    if (before !== undefined) throw new DiskError('CORRUPT', `${path}: the backing files form a loop (it was ${before} already)`);
    seen.set(identity, path);
    const header: Header | undefined = (next.format ?? known) === 'qcow2' ? naming(path, () => readHeader(file)) : undefined;
    next =
      header?.backing === undefined
        ? undefined
        : naming(path, () => below(store, path, header.backing as string, header.backingFormat));
  }
}

function openLink(store: ImageStore, path: string, links: readonly Link[], writable: number): OpenImage {
  try {
    return store.open(path, links.length < writable);
  } catch (error) {
    const from = links.at(-1)?.path;
    if (!(error instanceof DiskError) || from === undefined) throw error;
    throw new DiskError(error.fault, `${error.message} (${from} lies over it)`);
  }
}

function below(
  store: ImageStore,
  from: string,
  name: string,
  format: string | undefined,
): { path: string; format: Format | undefined } {
  const known = FORMATS.find((one) => one === format);
  const [, protocol, rest] = /^([a-z0-9+.-]+):(.*)$/is.exec(name) ?? [];
  if (protocol !== undefined && protocol !== 'file') {
    throw unsupported(`the backing file "${printable(name)}" is no plain file: give it another with qemu-img rebase -u`);
  }
  if (format !== undefined && known === undefined) {
    throw unsupported(
      `the backing file has the format "${printable(format)}": raw and qcow2 are known; convert it with qemu-img convert`,
    );
  }
  return { path: store.resolve(from, rest ?? name), format: known };
}

/** What goes wrong names the file. */
export function naming<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof DiskError) || error.message.startsWith(`${path}: `)) throw error;
    throw new DiskError(error.fault, `${path}: ${error.message}`);
  }
}
