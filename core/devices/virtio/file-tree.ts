/**
 * A folder of the host, as the 9p device sees it. A path is a list of names, one for each step down from the folder, and empty for itself.
 * The device gives only names that name something in a folder: not empty, not "." or "..", without "/" or NUL. Whoever implements this takes
 * one step at a time and follows no symbolic link, so that nothing outside can be reached. Names and link targets are bytes, one a character.
 */
import type { Outcome } from '../../base/outcome.ts';

export type Path = readonly string[];

/** Linux's error numbers, which 9P2000.L carries. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOPNOTSUPP: 95,
} as const;
export type Errno = keyof typeof ERRNO;
export type FileOutcome<T> = Outcome<T, Errno>;

export interface FileStatus {
  readonly kind: 'file' | 'folder' | 'link';
  /** Permissions, the low nine bits and no more. */
  readonly mode: number;
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modified: number;
}

export interface FileChanges {
  readonly mode?: number;
  readonly size?: number;
  readonly modified?: number;
}

export interface FileTree {
  readonly readOnly: boolean;
  status(path: Path): FileOutcome<FileStatus>;
  /** The names in a folder, in any order. */
  list(path: Path): FileOutcome<readonly string[]>;
  /** Up to `length` bytes; fewer at the end. */
  read(path: Path, offset: number, length: number): FileOutcome<Uint8Array>;
  readLink(path: Path): FileOutcome<string>;

  /** These are never called of a tree that is read-only. */
  write(path: Path, offset: number, bytes: Uint8Array): FileOutcome<number>;
  /** A new file; EEXIST if there is something of that name. */
  create(path: Path, mode: number): FileOutcome<null>;
  makeFolder(path: Path, mode: number): FileOutcome<null>;
  makeLink(path: Path, target: string): FileOutcome<null>;
  rename(from: Path, to: Path): FileOutcome<null>;
  /** Removes a file or link, or an empty folder. */
  remove(path: Path, folder: boolean): FileOutcome<null>;
  change(path: Path, changes: FileChanges): FileOutcome<null>;
  sync(path: Path): FileOutcome<null>;
}

/** Whether a name is one step down and nothing else. */
export const isName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !name.includes('/') && !name.includes('\0');
