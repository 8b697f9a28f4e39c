/** A folder in memory, for tests of the 9p device; it notes every path that it is asked for. */
import { fail, ok } from '../../core/base/outcome.ts';
import type { FileChanges, FileOutcome, FileStatus, FileTree, Path } from '../../core/devices/virtio/file-tree.ts';

interface Entry {
  kind: FileStatus['kind'];
  mode: number;
  modified: number;
  bytes: Uint8Array;
  readonly inside: Map<string, Entry>;
}

const entry = (kind: FileStatus['kind'], mode: number, bytes = new Uint8Array()): Entry => ({
  kind,
  mode,
  modified: 1_700_000_000,
  bytes,
  inside: new Map(),
});

/** What a tree is made of: texts are files, `{ link }` links, other objects folders. */
export interface Content {
  readonly [name: string]: string | { readonly link: string } | Content;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function build(content: Content): Entry {
  const folder = entry('folder', 0o755);
  for (const [name, what] of Object.entries(content)) {
    if (typeof what === 'string') folder.inside.set(name, entry('file', 0o644, ascii(what)));
    else if (typeof what['link'] === 'string') folder.inside.set(name, entry('link', 0o777, ascii(what['link'])));
    else folder.inside.set(name, build(what as Content));
  }
  return folder;
}

export class MemoryTree implements FileTree {
  readonly readOnly: boolean;
  readonly asked: Path[] = [];
  readonly #root: Entry;

  constructor(content: Content, readOnly = true) {
    this.#root = build(content);
    this.readOnly = readOnly;
  }

  status(path: Path): FileOutcome<FileStatus> {
    return this.#with(path, ({ kind, mode, modified, bytes }) => ok({ kind, mode, modified, size: bytes.length }));
  }

  list(path: Path): FileOutcome<readonly string[]> {
    return this.#with(path, ({ kind, inside }) => (kind === 'folder' ? ok([...inside.keys()]) : fail('ENOTDIR')));
  }

  read(path: Path, offset: number, length: number): FileOutcome<Uint8Array> {
    return this.#with(path, ({ kind, bytes }) => (kind === 'file' ? ok(bytes.slice(offset, offset + length)) : fail('EISDIR')));
  }

  readLink(path: Path): FileOutcome<string> {
    return this.#with(path, ({ kind, bytes }) => (kind === 'link' ? ok(String.fromCharCode(...bytes)) : fail('EINVAL')));
  }

  write(path: Path, offset: number, bytes: Uint8Array): FileOutcome<number> {
    this.#mayChange();
    return this.#with(path, (found) => {
      if (found.kind !== 'file') return fail('EISDIR');
      if (offset + bytes.length > 0x10_0000) return fail('EFBIG');
      const grown = new Uint8Array(Math.max(found.bytes.length, offset + bytes.length));
      grown.set(found.bytes);
      grown.set(bytes, offset);
      found.bytes = grown;
      return ok(bytes.length);
    });
  }

  create(path: Path, mode: number): FileOutcome<null> {
    return this.#add(path, entry('file', mode));
  }

  makeFolder(path: Path, mode: number): FileOutcome<null> {
    return this.#add(path, entry('folder', mode));
  }

  makeLink(path: Path, target: string): FileOutcome<null> {
    return this.#add(path, entry('link', 0o777, ascii(target)));
  }

  rename(from: Path, to: Path): FileOutcome<null> {
    this.#mayChange();
    return this.#with(from, (moved) =>
      this.#with(to.slice(0, -1), (folder) => {
        if (folder.kind !== 'folder') return fail('ENOTDIR');
        if ((folder.inside.get(to.at(-1) as string)?.inside.size ?? 0) > 0) return fail('ENOTEMPTY');
        this.#with(from.slice(0, -1), (old) => ok(old.inside.delete(from.at(-1) as string)));
        folder.inside.set(to.at(-1) as string, moved);
        return ok(null);
      }),
    );
  }

  remove(path: Path, folder: boolean): FileOutcome<null> {
    this.#mayChange();
    return this.#with(path, ({ kind, inside }) => {
      if (folder !== (kind === 'folder')) return fail(folder ? 'ENOTDIR' : 'EISDIR');
      if (inside.size > 0) return fail('ENOTEMPTY');
      return this.#with(path.slice(0, -1), (parent) => {
        parent.inside.delete(path.at(-1) as string);
        return ok(null);
      });
    });
  }

  change(path: Path, { mode, size, modified }: FileChanges): FileOutcome<null> {
    this.#mayChange();
    return this.#with(path, (found) => {
      if (size !== undefined && size > 0x10_0000) return fail('EFBIG');
      if (mode !== undefined) found.mode = mode;
      if (modified !== undefined) found.modified = modified;
      if (size !== undefined) {
        const bytes = new Uint8Array(size);
        bytes.set(found.bytes.subarray(0, size));
        found.bytes = bytes;
      }
      return ok(null);
    });
  }

  sync(path: Path): FileOutcome<null> {
    this.#mayChange();
    return this.#with(path, () => ok(null));
  }

  #add(path: Path, made: Entry): FileOutcome<null> {
    this.#mayChange();
    return this.#with(path.slice(0, -1), (folder) => {
      if (folder.kind !== 'folder') return fail('ENOTDIR');
      if (folder.inside.has(path.at(-1) as string)) return fail('EEXIST');
      folder.inside.set(path.at(-1) as string, made);
      return ok(null);
    });
  }

  #mayChange(): void {
    if (this.readOnly) throw new Error('a change of a tree that is read-only');
  }

  /** One step at a time, and never through a link. */
  #with<T>(path: Path, use: (found: Entry) => FileOutcome<T>): FileOutcome<T> {
    this.asked.push(path);
    let found = this.#root;
    for (const name of path) {
      if (found.kind !== 'folder') return fail('ENOTDIR');
      const next = found.inside.get(name);
      if (next === undefined) return fail('ENOENT');
      found = next;
    }
    return use(found);
  }
}
