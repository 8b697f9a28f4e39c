/**
 * The files that semihosting gives a guest: those of one folder, and no others. A path that is absolute, climbs with "..", or leaves the
 * folder by a symbolic link is refused, and so is anything but a regular file (a FIFO would stop the simulator).
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fail, type Outcome, ok } from '../../core/base/outcome.ts';
import { ERRNO, type Errno, type OpenHow, type SemihostingFile, type SemihostingFiles } from '../../core/devices/semihosting.ts';

/** A guest cannot fill the disk with one file. */
const LARGEST = 256 * 1024 * 1024;

export class FolderFiles implements SemihostingFiles {
  readonly #root: string;

  /** `folder` must exist. */
  constructor(folder: string) {
    this.#root = realpathSync(folder);
  }

  open(path: string, how: OpenHow): Outcome<SemihostingFile, Errno> {
    return attempt(() => {
      const place = this.#inside(path);
      if (!place.ok) return place;
      const access = how.read && how.write ? constants.O_RDWR : how.write ? constants.O_WRONLY : constants.O_RDONLY;
      const flags = access | (how.create ? constants.O_CREAT : 0) | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
      const file = openSync(place.value, flags, 0o644);
      if (!fstatSync(file).isFile()) {
        closeSync(file);
        return fail('EACCES');
      }
      if (how.truncate) ftruncateSync(file);
      return ok(new HostFile(file));
    });
  }

  remove(path: string): Outcome<null, Errno> {
    return attempt(() => {
      const place = this.#inside(path);
      if (!place.ok) return place;
      unlinkSync(place.value);
      return ok(null);
    });
  }

  rename(from: string, to: string): Outcome<null, Errno> {
    return attempt(() => {
      const [old, fresh] = [this.#inside(from), this.#inside(to)] as const;
      if (!old.ok) return old;
      if (!fresh.ok) return fresh;
      renameSync(old.value, fresh.value);
      return ok(null);
    });
  }

  /**
   * Where a guest's path leads, if that is inside the folder. The folder part is resolved by the host; the last part must not be a
   * symbolic link, wherever it points.
   */
  #inside(path: string): Outcome<string, Errno> {
    const parts = path.split(/[/\\]/);
    if (path === '') return fail('ENOENT');
    if (parts[0] === '' || parts.includes('..') || path.includes('\0') || /^[A-Za-z]:/.test(path)) return fail('EACCES');
    const wanted = join(this.#root, ...parts);
    const folder = realpathSync(dirname(wanted));
    if (wanted === this.#root) return fail('EISDIR');
    if (folder !== this.#root && !folder.startsWith(this.#root + sep)) return fail('EACCES');
    const place = join(folder, basename(wanted));
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() ? fail('EACCES') : ok(place);
  }
}

class HostFile implements SemihostingFile {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  read(position: number, length: number): Outcome<Uint8Array, Errno> {
    return attempt(() => {
      const bytes = new Uint8Array(length);
      return ok(bytes.subarray(0, readSync(this.#file, bytes, 0, length, position)));
    });
  }

  write(position: number, bytes: Uint8Array): Outcome<null, Errno> {
    if (position + bytes.length > LARGEST) return fail('ENOSPC');
    return attempt(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
      return ok(null);
    });
  }

  length(): Outcome<number, Errno> {
    return attempt(() => ok(fstatSync(this.#file).size));
  }

  close(): void {
    attempt(() => ok(closeSync(this.#file)));
  }
}

/** Runs a host call; what it throws becomes the guest's error number. */
function attempt<T>(call: () => Outcome<T, Errno>): Outcome<T, Errno> {
  try {
    return call();
  } catch (error) {
    const { code } = error as { code?: string };
    return fail(code !== undefined && code in ERRNO ? (code as Errno) : code === 'ELOOP' ? 'EACCES' : 'EIO');
  }
}
