/**
 * Image files of the host. An image names the file it lies over, and whoever made the image may have named any file: so backing files
 * must lie in one folder, wherever links lead. A file that is written is open once; others are opened for reading only.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { inflateRawSync, constants as zlib } from 'node:zlib';
import type { BlockFile } from '../../core/storage/block-file.ts';
import { type Format, type ImageStore, type Layer, type OpenImage, openChain } from '../../core/storage/chain.ts';
import { asDisk, type Disk } from '../../core/storage/disk.ts';
import { DiskError, type DiskFault, printable } from '../../core/storage/error.ts';
import { Overlay } from '../../core/storage/overlay.ts';
import type { Inflaters } from '../../core/storage/qcow2/compressed.ts';
import { frameLength } from '../../core/storage/zstd-frame.ts';
import { unpackZstd } from './packages.ts';

const FAULTS: Readonly<Record<string, readonly [DiskFault, string]>> = {
  ENOENT: ['NOT_FOUND', 'there is no such file'],
  ENOTDIR: ['NOT_FOUND', 'there is no such file'],
  EISDIR: ['DENIED', 'it is a folder'],
  EEXIST: ['DENIED', 'it is there already: choose another name, or give --force'],
  EACCES: ['DENIED', 'it may not be opened: see its permissions'],
  EPERM: ['DENIED', 'it may not be opened: see its permissions'],
  EROFS: ['READ_ONLY', 'its file system is read-only'],
  ENOSPC: ['NO_SPACE', "the host's disk is full"],
  EDQUOT: ['NO_SPACE', "the host's quota is used up"],
  EFBIG: ['NO_SPACE', "larger than the host's file system allows"],
  EMFILE: ['IO', 'too many files are open: see ulimit -n'],
  ELOOP: ['DENIED', 'links that form a loop'],
  ENAMETOOLONG: ['NOT_FOUND', 'the name is too long'],
};

/** Runs a call of the host; what it throws names the file and becomes a fault. */
function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof DiskError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const [fault, why] = FAULTS[code ?? ''] ?? ['IO', message];
    throw new DiskError(fault, `${printable(path)}: ${why}`);
  }
}

export class HostFile implements BlockFile {
  readonly #file: number;
  readonly #path: string;
  readonly #closed: () => void;
  readonly writable: boolean;
  size: number;

  constructor(file: number, path: string, writable: boolean, closed: () => void = () => {}) {
    this.#file = file;
    this.#path = path;
    this.#closed = closed;
    this.writable = writable;
    this.size = fstatSync(file).size;
  }

  read(offset: number, into: Uint8Array): void {
    const there = Math.min(into.length, Math.max(0, this.size - offset));
    attempt(this.#path, () => {
      for (let done = 0; done < there; ) {
        const count = readSync(this.#file, into, done, there - done, offset + done);
        // Someone has cut the file off meanwhile.
        if (count === 0) throw new DiskError('IO', `${this.#path}: the file has become shorter`);
        done += count;
      }
    });
    into.fill(0, there);
  }

  write(offset: number, bytes: Uint8Array): void {
    if (!this.writable) throw new DiskError('READ_ONLY', `${this.#path}: open for reading`);
    attempt(this.#path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done, bytes.length - done, offset + done);
    });
    this.size = Math.max(this.size, offset + bytes.length);
  }

  truncate(size: number): void {
    if (!this.writable) throw new DiskError('READ_ONLY', `${this.#path}: open for reading`);
    attempt(this.#path, () => ftruncateSync(this.#file, size));
    this.size = size;
  }

  flush(): void {
    if (this.writable) attempt(this.#path, () => fdatasyncSync(this.#file));
  }

  close(): void {
    attempt(this.#path, () => closeSync(this.#file));
    this.#closed();
  }
}

/** How many have a file open, by its identity, in this whole program; -1: one who writes. */
const OPEN = new Map<string, number>();

/** Where images are looked for. Names in images lead nowhere else. */
export class ImageFolder implements ImageStore {
  readonly #root: string;
  readonly #named: ReadonlySet<string>;

  /** `named`: files that the user has named, wherever they are. */
  constructor(folder: string, named: readonly string[]) {
    this.#root = attempt(folder, () => realpathSync(folder));
    this.#named = new Set(named);
  }

  open(path: string, writable: boolean): OpenImage {
    return attempt(path, () => {
      const real = realpathSync(path);
      if (!this.#named.has(path) && !this.#isInside(real)) {
        throw new DiskError(
          'DENIED',
          `${printable(path)}: a backing file outside of ${this.#root}: name a folder that has all with --folder`,
        );
      }
      const flags =
        (writable ? constants.O_RDWR : constants.O_RDONLY) | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
      return this.#take(openSync(real, flags), path, writable);
    });
  }

  resolve(from: string, name: string): string {
    return isAbsolute(name) ? name : join(dirname(from), name);
  }

  #isInside(real: string): boolean {
    return this.#root === sep || real.startsWith(this.#root + sep);
  }

  #take(file: number, path: string, writable: boolean): OpenImage {
    const { dev, ino } = fstatSync(file, { bigint: true });
    const identity = `${dev}:${ino}`;
    const users = OPEN.get(identity) ?? 0;
    const refusal = !fstatSync(file).isFile()
      ? 'it is no plain file'
      : users < 0 || (writable && users > 0)
        ? 'it is in use already, and only one may write it'
        : undefined;
    if (refusal !== undefined) {
      closeSync(file);
      throw new DiskError('DENIED', `${printable(path)}: ${refusal}`);
    }
    OPEN.set(identity, writable ? -1 : users + 1);
    const closed = () => {
      const left = writable ? 0 : (OPEN.get(identity) ?? 1) - 1;
      if (left === 0) OPEN.delete(identity);
      else OPEN.set(identity, left);
    };
    return { file: new HostFile(file, path, writable, closed), identity };
  }
}

/** A new file; an old one only if `force`. */
export function createFile(path: string, force: boolean): HostFile {
  return attempt(path, () => {
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NONBLOCK ?? 0) | (force ? 0 : constants.O_EXCL);
    const file = openSync(path, flags, 0o644);
    if (!fstatSync(file).isFile()) {
      closeSync(file);
      throw new DiskError('DENIED', `${printable(path)}: it is no plain file`);
    }
    return new HostFile(file, path, true);
  });
}

/** Images named on the command line; without `folder`, what they lie over must be in the folder of the first. */
export const imageFolder = (folder: string | undefined, ...images: readonly string[]): ImageFolder =>
  new ImageFolder(folder ?? dirname(resolve(images[0] as string)), images);

/** What inflates, on this host. A stream that is broken or too long gives nothing. */
export const INFLATERS: Inflaters = {
  zlib(bytes, size) {
    try {
      return inflateRawSync(bytes, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: size });
    } catch {
      return undefined;
    }
  },
  zstd(bytes, size) {
    const length = frameLength(bytes);
    if (length === undefined) return undefined;
    try {
      return unpackZstd(bytes.subarray(0, length), new Uint8Array(size));
    } catch {
      return undefined;
    }
  },
};

export interface DiskOptions {
  readonly format?: Format | undefined;
  /** Where backing files may be. */
  readonly folder?: string | undefined;
  /** `snapshot`: changes stay in memory, and the file as it is. */
  readonly use: 'write' | 'read' | 'snapshot';
}

export interface OpenDisk {
  readonly disk: Disk;
  /** Of `snapshot`: the changes, which are state of the machine. */
  readonly overlay: Overlay | undefined;
  /** The image and what it lies over. */
  readonly files: readonly string[];
  /** Writes what is left and gives the files back. */
  close(): void;
}

/** A disk for a machine. Throws a `DiskError`: one line that names the file. */
export function openDisk(path: string, { format, folder, use }: DiskOptions): OpenDisk {
  const layers = openChain(imageFolder(folder, path), path, { format, writable: use === 'write' ? 1 : 0, inflaters: INFLATERS });
  const { volume } = layers[0] as Layer;
  const overlay = use === 'snapshot' ? new Overlay(volume) : undefined;
  const close = () => {
    try {
      volume.flush();
    } finally {
      volume.close();
    }
  };
  return { disk: asDisk(overlay ?? volume, basename(path)), overlay, files: layers.map((layer) => layer.path), close };
}
