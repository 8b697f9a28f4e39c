/**
 * A server of 9P2000.L over a folder: what the client has open, and an answer to each request. References: 9p(5); Linux fs/9p and
 * Documentation/filesystems/9p.rst. Extended attributes, devices, hard links and authentication are refused; locks are always granted,
 * since nobody else is there.
 */
import { Hash } from '../../base/hash.ts';
import { fail, ok } from '../../base/outcome.ts';
import type { State } from '../../base/state.ts';
import { ERRNO, type Errno, type FileOutcome, type FileStatus, type FileTree, isName, type Path } from './file-tree.ts';
import { P9Changes } from './p9-changes.ts';
import { Answer, Fields, HEAD, RLERROR, T } from './p9-message.ts';

/** What a client may have: ids, names in one walk, steps down, and bytes in a message. */
const FIDS = 4096;
const WALK = 16;
const DEPTH = 128;
export const MOST_MESSAGE = 0x2_0000 + 24;

const BLOCK = 4096;
const WRITES = 3; // the access mode in flags of Linux's open
const O_TRUNC = 0o1000;
const ALL_BASIC = 0x7ff; // what getattr is valid for

const TYPES = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;
const QID_TYPES = { file: 0, folder: 0x80, link: 2 } as const;
/** DT_REG, DT_DIR and DT_LNK. */
const ENTRY_TYPES = { file: 8, folder: 4, link: 10 } as const;

/** What a client's number stands for. `open`: the mode it was opened in; a folder's names are taken when it is read from the start. */
export interface Fid {
  path: Path;
  open: number | null;
  names: readonly string[];
}

/** What the parts of a session share. */
export interface Session {
  readonly tree: FileTree;
  fid(number: number): FileOutcome<Fid>;
  qid(path: Path, status: FileStatus): (answer: Answer) => Answer;
  /** A path became another: numbers that stand for it, or something in it, follow. */
  moved(from: Path, to: Path): void;
}

type Handler = (fields: Fields) => FileOutcome<Answer>;

export class P9Session implements Session {
  readonly tree: FileTree;
  readonly #fids = new Map<number, Fid>();
  readonly #handlers: ReadonlyMap<number, Handler>;
  #msize = MOST_MESSAGE;
  /** Bytes that the answer to the request at hand may have. */
  #room = 0;

  constructor(tree: FileTree) {
    this.tree = tree;
    const changes = new P9Changes(this);
    this.#handlers = new Map<number, Handler>([
      [T.VERSION, (fields) => this.#version(fields)],
      [T.ATTACH, (fields) => this.#attach(fields)],
      [T.WALK, (fields) => this.#walk(fields)],
      [T.CLUNK, (fields) => this.#clunk(fields)],
      [T.FLUSH, () => ok(new Answer())],
      [T.STATFS, (fields) => this.#statfs(fields)],
      [T.GETATTR, (fields) => this.#getattr(fields)],
      [T.LOPEN, (fields) => this.#open(fields)],
      [T.READ, (fields) => this.#read(fields)],
      [T.READDIR, (fields) => this.#readdir(fields)],
      [T.READLINK, (fields) => this.#readlink(fields)],
      [T.LOCK, () => ok(new Answer().u8(0))],
      [T.GETLOCK, (fields) => this.#getlock(fields)],
      [T.REMOVE, (fields) => this.#remove(fields, changes)],
      [T.FSYNC, (fields) => changes.sync(fields)],
      ...changes.handlers(),
    ]);
  }

  /** The whole answer to a whole request, no longer than `room` bytes. */
  handle(request: Uint8Array, room: number): Uint8Array {
    const [type = 0, tag] = [request[4], (request[5] ?? 0) | ((request[6] ?? 0) << 8)];
    const refuse = (error: Errno) => new Answer().u32(ERRNO[error]).message(RLERROR, tag);
    const handler = this.#handlers.get(type);
    if (handler === undefined) return refuse('EOPNOTSUPP');
    const fields = new Fields(request);
    this.#room = Math.min(room, this.#msize);
    const answer = handler(fields);
    if (!answer.ok) return refuse(answer.error);
    const bytes = answer.value.message(type + 1, tag);
    return bytes.length <= room ? bytes : refuse('EIO');
  }

  fid(number: number): FileOutcome<Fid> {
    const found = this.#fids.get(number);
    return found === undefined ? fail('EBADF') : ok(found);
  }

  /** What tells files apart: a number made from the path, so that it is the same in every run. */
  qid(path: Path, { kind, modified }: FileStatus): (answer: Answer) => Answer {
    const digest = new Hash().plain([...path]).digest();
    return (answer) =>
      answer
        .u8(QID_TYPES[kind])
        .u32(modified >>> 0)
        .u32(Number.parseInt(digest.slice(0, 8), 16))
        .u32(Number.parseInt(digest.slice(8), 16));
  }

  moved(from: Path, to: Path): void {
    for (const fid of this.#fids.values()) {
      if (from.every((name, i) => fid.path[i] === name)) fid.path = [...to, ...fid.path.slice(from.length)];
    }
  }

  save(): State {
    const fids = [...this.#fids].map(([number, { path, open, names }]) => ({ number, path: [...path], open, names: [...names] }));
    return { msize: this.#msize, fids };
  }

  load(state: State): void {
    this.#msize = state['msize'] as number;
    this.#fids.clear();
    for (const { number, ...fid } of state['fids'] as unknown as readonly (Fid & { number: number })[]) {
      this.#fids.set(number, { ...fid });
    }
  }

  reset(): void {
    this.load({ msize: MOST_MESSAGE, fids: [] });
  }

  #version(fields: Fields): FileOutcome<Answer> {
    const [msize, version] = [fields.u32(), fields.string()];
    if (fields.broken || msize < BLOCK) return fail('EINVAL');
    this.#fids.clear();
    this.#msize = Math.min(msize, MOST_MESSAGE);
    return ok(new Answer().u32(this.#msize).string(version === '9P2000.L' ? version : 'unknown'));
  }

  #attach(fields: Fields): FileOutcome<Answer> {
    const number = fields.u32();
    const status = this.tree.status([]);
    if (fields.broken) return fail('EINVAL');
    if (!status.ok) return status;
    const added = this.#add(number, []);
    return added.ok ? ok(this.qid([], status.value)(new Answer())) : added;
  }

  /** As far as the names lead; the new number stands for the end only if all did. */
  #walk(fields: Fields): FileOutcome<Answer> {
    const [from, to, count] = [this.fid(fields.u32()), fields.u32(), fields.u16()];
    if (!from.ok) return from;
    if (count > WALK) return fail('EINVAL');
    const names = Array.from({ length: count }, () => fields.string());
    if (fields.broken) return fail('EINVAL');
    let path = from.value.path;
    const answers = new Answer();
    let done = 0;
    for (const name of names) {
      const next = this.#step(path, name);
      if (!next.ok && done === 0) return next;
      if (!next.ok) break;
      path = next.value.path;
      this.qid(path, next.value.status)(answers);
      done++;
    }
    if (done === count) {
      const added = this.#add(to, path, from.value);
      if (!added.ok) return added;
    }
    return ok(answers.before(done));
  }

  /** One step: down, or with ".." up, which ends at the folder itself. */
  #step(path: Path, name: string): FileOutcome<{ readonly path: Path; readonly status: FileStatus }> {
    if (name !== '..' && name !== '.' && !isName(name)) return fail('ENOENT');
    const next = name === '..' ? path.slice(0, -1) : name === '.' ? path : [...path, name];
    if (next.length > DEPTH) return fail('ENAMETOOLONG');
    const status = this.tree.status(next);
    return status.ok ? ok({ path: next, status: status.value }) : status;
  }

  /** A number may be given anew only to what it stands for already, in a walk from itself. */
  #add(number: number, path: Path, from?: Fid): FileOutcome<null> {
    const known = this.#fids.get(number);
    if (known !== undefined && known !== from) return fail('EINVAL');
    if (known === undefined && this.#fids.size >= FIDS) return fail('ENFILE');
    this.#fids.set(number, { path, open: null, names: [] });
    return ok(null);
  }

  #clunk(fields: Fields): FileOutcome<Answer> {
    return this.#fids.delete(fields.u32()) ? ok(new Answer()) : fail('EBADF');
  }

  /** The number is gone, whether or not the file is. */
  #remove(fields: Fields, changes: P9Changes): FileOutcome<Answer> {
    const number = fields.u32();
    const fid = this.fid(number);
    this.#fids.delete(number);
    return fid.ok ? changes.remove(fid.value.path) : fid;
  }

  /** Numbers that are the same on every host. */
  #statfs(fields: Fields): FileOutcome<Answer> {
    const fid = this.fid(fields.u32());
    if (!fid.ok) return fid;
    const answer = new Answer().u32(0x01021997).u32(BLOCK);
    for (const value of [0x10_0000, 0x8_0000, 0x8_0000, 0x10_0000, 0x8_0000, 0]) answer.u64(value);
    return ok(answer.u32(255));
  }

  #getattr(fields: Fields): FileOutcome<Answer> {
    const fid = this.fid(fields.u32());
    const status = fid.ok ? this.tree.status(fid.value.path) : fid;
    if (!fid.ok || !status.ok) return status.ok ? fail('EBADF') : status;
    const { kind, mode, size, modified } = status.value;
    const answer = this.qid(fid.value.path, status.value)(new Answer().u64(ALL_BASIC));
    answer
      .u32(TYPES[kind] | (mode & 0o777))
      .u32(0)
      .u32(0);
    for (const value of [kind === 'folder' ? 2 : 1, 0, size, BLOCK, Math.ceil(size / 512)]) answer.u64(value);
    for (let time = 0; time < 3; time++) answer.u64(modified).u64(0); // accessed, modified, changed
    for (let rest = 0; rest < 4; rest++) answer.u64(0); // birth, generation, version
    return ok(answer);
  }

  #open(fields: Fields): FileOutcome<Answer> {
    const [fid, flags] = [this.fid(fields.u32()), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || fid.value.open !== null) return fail('EINVAL');
    const status = this.tree.status(fid.value.path);
    if (!status.ok) return status;
    const writes = (flags & WRITES) !== 0 || (flags & O_TRUNC) !== 0;
    if (status.value.kind === 'link') return fail('ELOOP');
    if (writes && status.value.kind === 'folder') return fail('EISDIR');
    if (writes && this.tree.readOnly) return fail('EROFS');
    if ((flags & O_TRUNC) !== 0) {
      const cut = this.tree.change(fid.value.path, { size: 0 });
      if (!cut.ok) return cut;
    }
    fid.value.open = flags & WRITES;
    return ok(this.qid(fid.value.path, status.value)(new Answer()).u32(0));
  }

  #read(fields: Fields): FileOutcome<Answer> {
    const [fid, offset, count] = [this.fid(fields.u32()), fields.u64(), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || fid.value.open === null || !Number.isSafeInteger(offset)) return fail('EINVAL');
    const length = Math.min(count, this.#room - HEAD - 4);
    if (length < 0) return fail('EINVAL');
    const bytes = this.tree.read(fid.value.path, offset, length);
    return bytes.ok ? ok(new Answer().data(bytes.value)) : bytes;
  }

  /** Entries in the order of their names; an offset is the number of the next one. */
  #readdir(fields: Fields): FileOutcome<Answer> {
    const [fid, offset, count] = [this.fid(fields.u32()), fields.u64(), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || fid.value.open === null) return fail('EINVAL');
    if (offset === 0) {
      const listed = this.tree.list(fid.value.path);
      if (!listed.ok) return listed;
      fid.value.names = ['.', '..', ...[...listed.value].filter(isName).sort((a, b) => (a < b ? -1 : 1))];
    }
    const entries = new Answer();
    const room = Math.min(count, this.#room - HEAD - 4);
    for (let i = offset; i < fid.value.names.length; i++) {
      const name = fid.value.names[i] as string;
      if (entries.length + 24 + name.length > room) break;
      const step = this.#step(fid.value.path, name);
      if (!step.ok) continue; // gone since
      const { path, status } = step.value;
      this.qid(
        path,
        status,
      )(entries)
        .u64(i + 1)
        .u8(ENTRY_TYPES[status.kind])
        .string(name);
    }
    return ok(new Answer().fields(entries));
  }

  #readlink(fields: Fields): FileOutcome<Answer> {
    const fid = this.fid(fields.u32());
    const target = fid.ok ? this.tree.readLink(fid.value.path) : fid;
    return target.ok ? ok(new Answer().string(target.value)) : target;
  }

  /** Nobody else has a lock: type F_UNLCK, and the rest as it came. */
  #getlock(fields: Fields): FileOutcome<Answer> {
    const [, , start, length, process, client] = [
      fields.u32(),
      fields.u8(),
      fields.u64(),
      fields.u64(),
      fields.u32(),
      fields.string(),
    ];
    if (fields.broken) return fail('EINVAL');
    return ok(new Answer().u8(2).u64(start).u64(length).u32(process).string(client));
  }
}
