/**
 * A folder that a guest gets by 9p: all in it, and nothing else. A path comes as names; each is looked at by itself and must be a folder, never
 * a symbolic link, so that no link and no ".." leads out. Files, folders and links exist for the guest; sockets, FIFOs and devices do not.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { fail, ok } from '../../core/base/outcome.ts';
import {
  ERRNO,
  type Errno,
  type FileChanges,
  type FileOutcome,
  type FileStatus,
  type FileTree,
  type Path,
} from '../../core/devices/virtio/file-tree.ts';

/** A guest cannot fill the disk with one file. */
const LARGEST = 256 * 1024 * 1024;
/** Names that mean something else on the host than on Linux. */
const STRANGE = process.platform === 'win32' ? /[\\:*?"<>|]/ : /[/\0]/;

/** A place on the host, as bytes: names need not be text. */
type Place = Buffer;

export class SharedFolder implements FileTree {
  readonly readOnly: boolean;
  readonly #root: Place;

  /** `folder` must exist. */
  constructor(folder: string, writable = false) {
    this.#root = Buffer.from(realpathSync(folder));
    this.readOnly = !writable;
  }

  status(path: Path): FileOutcome<FileStatus> {
    return this.#at(path, (place) => {
      const found = lstatSync(place);
      const kind = kindOf(found);
      if (kind === undefined) return fail('EACCES');
      return ok({ kind, mode: found.mode & 0o777, size: found.size, modified: Math.floor(found.mtimeMs / 1000) });
    });
  }

  list(path: Path): FileOutcome<readonly string[]> {
    return this.#at(path, (place) => {
      if (!lstatSync(place).isDirectory()) return fail('ENOTDIR');
      return ok(readdirSync(place, { encoding: 'buffer' }).map((name) => name.toString('latin1')));
    });
  }

  read(path: Path, offset: number, length: number): FileOutcome<Uint8Array> {
    return this.#open(path, constants.O_RDONLY, (file) => {
      const bytes = new Uint8Array(length);
      return ok(bytes.subarray(0, readSync(file, bytes, 0, length, offset)));
    });
  }

  readLink(path: Path): FileOutcome<string> {
    return this.#at(path, (place) => ok(readlinkSync(place, { encoding: 'buffer' }).toString('latin1')));
  }

  write(path: Path, offset: number, bytes: Uint8Array): FileOutcome<number> {
    if (offset + bytes.length > LARGEST) return fail('EFBIG');
    return this.#change(path, constants.O_WRONLY, (file) => ok(writeSync(file, bytes, 0, bytes.length, offset)));
  }

  create(path: Path, mode: number): FileOutcome<null> {
    return this.#change(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, () => ok(null), mode);
  }

  makeFolder(path: Path, mode: number): FileOutcome<null> {
    return this.#alter(path, (place) => mkdirSync(place, mode));
  }

  makeLink(path: Path, target: string): FileOutcome<null> {
    return this.#alter(path, (place) => symlinkSync(Buffer.from(target, 'latin1'), place));
  }

  rename(from: Path, to: Path): FileOutcome<null> {
    const target = this.#place(to);
    return target.ok ? this.#alter(from, (place) => renameSync(place, target.value)) : target;
  }

  remove(path: Path, folder: boolean): FileOutcome<null> {
    if (path.length === 0) return fail('EPERM');
    return this.#alter(path, (place) => (folder ? rmdirSync(place) : unlinkSync(place)));
  }

  change(path: Path, { mode, size, modified }: FileChanges): FileOutcome<null> {
    if (size !== undefined && size > LARGEST) return fail('EFBIG');
    const cut = size === undefined ? ok(null) : this.#change(path, constants.O_WRONLY, (file) => ok(ftruncateSync(file, size)));
    if (!cut.ok) return cut;
    return this.#alter(path, (place) => {
      // A link has no mode of its own, and what it points to is not the guest's.
      if (mode !== undefined && !lstatSync(place).isSymbolicLink()) chmodSync(place, mode & 0o777);
      if (modified !== undefined) lutimesSync(place, modified, modified);
    });
  }

  sync(path: Path): FileOutcome<null> {
    return this.#open(path, constants.O_RDONLY, (file) => {
      fsyncSync(file);
      return ok(null);
    });
  }

  /** One step at a time: all but the last must be folders. */
  #place(path: Path): FileOutcome<Place> {
    let place = this.#root;
    for (const [i, name] of path.entries()) {
      if (STRANGE.test(name) || name === '..' || name === '.' || name === '') return fail('ENOENT');
      if (i > 0 && !lstatSync(place).isDirectory()) return fail('ENOTDIR');
      place = Buffer.concat([place, Buffer.from('/'), Buffer.from(name, 'latin1')]);
    }
    return ok(place);
  }

  #at<T>(path: Path, act: (place: Place) => FileOutcome<T>): FileOutcome<T> {
    return attempt(() => {
      const place = this.#place(path);
      return place.ok ? act(place.value) : place;
    });
  }

  #alter(path: Path, act: (place: Place) => void): FileOutcome<null> {
    if (this.readOnly) return fail('EROFS');
    return this.#at(path, (place) => {
      act(place);
      return ok(null);
    });
  }

  #change<T>(path: Path, flags: number, act: (file: number) => FileOutcome<T>, mode = 0o644): FileOutcome<T> {
    return this.readOnly ? fail('EROFS') : this.#open(path, flags, act, mode);
  }

  /** Regular files only; one that is something else meanwhile does not stop the simulator. */
  #open<T>(path: Path, flags: number, act: (file: number) => FileOutcome<T>, mode = 0o644): FileOutcome<T> {
    return this.#at(path, (place) => {
      const file = openSync(place, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), mode);
      try {
        const found = fstatSync(file);
        if (found.isDirectory()) return fail('EISDIR');
        return found.isFile() ? act(file) : fail('EACCES');
      } finally {
        closeSync(file);
      }
    });
  }
}

function kindOf(found: Stats): FileStatus['kind'] | undefined {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  return found.isSymbolicLink() ? 'link' : undefined;
}

const isErrno = (code: string | undefined): code is Errno => code !== undefined && Object.hasOwn(ERRNO, code);

function attempt<T>(act: () => FileOutcome<T>): FileOutcome<T> {
  try {
    return act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return fail(isErrno(code) ? code : 'EIO');
  }
}
