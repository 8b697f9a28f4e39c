/** Requests of 9P2000.L that change the folder; of one that is read-only they are all refused. Reference: Linux include/net/9p/9p.h. */
import { fail, ok } from '../../base/outcome.ts';
import { type FileOutcome, isName, type Path } from './file-tree.ts';
import { Answer, type Fields, T } from './p9-message.ts';
import type { Session } from './p9-session.ts';

/** Which attributes Tsetattr sets. */
const SET_MODE = 1;
const SET_SIZE = 8;
const SET_MTIME = 32;
const SET_MTIME_TO = 256;
const REMOVE_FOLDER = 0x200;
const RDONLY = 0;

type Handler = (fields: Fields) => FileOutcome<Answer>;

export class P9Changes {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  handlers(): readonly (readonly [number, Handler])[] {
    const requests: readonly (readonly [number, Handler])[] = [
      [T.WRITE, (fields) => this.#write(fields)],
      [T.LCREATE, (fields) => this.#create(fields)],
      [T.MKDIR, (fields) => this.#mkdir(fields)],
      [T.SYMLINK, (fields) => this.#symlink(fields)],
      [T.RENAME, (fields) => this.#rename(fields)],
      [T.RENAMEAT, (fields) => this.#renameat(fields)],
      [T.UNLINKAT, (fields) => this.#unlinkat(fields)],
      [T.SETATTR, (fields) => this.#setattr(fields)],
    ];
    return requests.map(([type, handler]) => [type, (fields) => (this.#tree.readOnly ? fail('EROFS') : handler(fields))]);
  }

  /** Of a folder that is read-only there is nothing to wait for. */
  sync(fields: Fields): FileOutcome<Answer> {
    const fid = this.#session.fid(fields.u32());
    if (!fid.ok || this.#tree.readOnly) return fid.ok ? ok(new Answer()) : fid;
    return done(this.#tree.sync(fid.value.path));
  }

  remove(path: Path): FileOutcome<Answer> {
    if (this.#tree.readOnly) return fail('EROFS');
    const status = path.length === 0 ? fail('EPERM' as const) : this.#tree.status(path);
    return status.ok ? done(this.#tree.remove(path, status.value.kind === 'folder')) : status;
  }

  get #tree() {
    return this.#session.tree;
  }

  #write(fields: Fields): FileOutcome<Answer> {
    const [fid, offset, count] = [this.#session.fid(fields.u32()), fields.u64(), fields.u32()];
    const bytes = fields.bytes(count);
    if (!fid.ok) return fid;
    if (fields.broken || !Number.isSafeInteger(offset + count)) return fail('EINVAL');
    if (fid.value.open === null || fid.value.open === RDONLY) return fail('EBADF');
    const written = this.#tree.write(fid.value.path, offset, bytes);
    return written.ok ? ok(new Answer().u32(written.value)) : written;
  }

  /** The number stands for the new file afterwards. */
  #create(fields: Fields): FileOutcome<Answer> {
    const fid = this.#session.fid(fields.u32());
    const [name, flags, mode] = [fields.string(), fields.u32(), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || !isName(name) || fid.value.open !== null) return fail('EINVAL');
    const path = [...fid.value.path, name];
    const made = this.#tree.create(path, mode & 0o777);
    if (!made.ok) return made;
    fid.value.path = path;
    fid.value.open = flags & 3;
    const answer = this.#qid(path);
    return answer.ok ? ok(answer.value.u32(0)) : answer;
  }

  #mkdir(fields: Fields): FileOutcome<Answer> {
    const [fid, name, mode] = [this.#session.fid(fields.u32()), fields.string(), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || !isName(name)) return fail('EINVAL');
    const path = [...fid.value.path, name];
    const made = this.#tree.makeFolder(path, mode & 0o777);
    return made.ok ? this.#qid(path) : made;
  }

  #symlink(fields: Fields): FileOutcome<Answer> {
    const [fid, name, target] = [this.#session.fid(fields.u32()), fields.string(), fields.string()];
    if (!fid.ok) return fid;
    if (fields.broken || !isName(name) || target === '' || target.includes('\0')) return fail('EINVAL');
    const path = [...fid.value.path, name];
    const made = this.#tree.makeLink(path, target);
    return made.ok ? this.#qid(path) : made;
  }

  #rename(fields: Fields): FileOutcome<Answer> {
    const [fid, folder, name] = [this.#session.fid(fields.u32()), this.#session.fid(fields.u32()), fields.string()];
    if (!fid.ok) return fid;
    return folder.ok ? this.#move(fields, fid.value.path, folder.value.path, name) : folder;
  }

  #renameat(fields: Fields): FileOutcome<Answer> {
    const [from, oldName] = [this.#session.fid(fields.u32()), fields.string()];
    const [to, newName] = [this.#session.fid(fields.u32()), fields.string()];
    if (!from.ok) return from;
    if (!to.ok || !isName(oldName)) return to.ok ? fail('EINVAL') : to;
    return this.#move(fields, [...from.value.path, oldName], to.value.path, newName);
  }

  /** Never the folder itself, and nothing into itself. */
  #move(fields: Fields, from: Path, folder: Path, name: string): FileOutcome<Answer> {
    if (fields.broken || !isName(name)) return fail('EINVAL');
    const to = [...folder, name];
    if (from.every((step, i) => to[i] === step)) return from.length === to.length ? ok(new Answer()) : fail('EINVAL');
    const moved = this.#tree.rename(from, to);
    if (moved.ok) this.#session.moved(from, to);
    return done(moved);
  }

  #unlinkat(fields: Fields): FileOutcome<Answer> {
    const [fid, name, flags] = [this.#session.fid(fields.u32()), fields.string(), fields.u32()];
    if (!fid.ok) return fid;
    if (fields.broken || !isName(name)) return fail('EINVAL');
    return done(this.#tree.remove([...fid.value.path, name], (flags & REMOVE_FOLDER) !== 0));
  }

  /** Owners and access times stay as they are; a modification time that is "now" is the host's to say. */
  #setattr(fields: Fields): FileOutcome<Answer> {
    const [fid, valid, mode] = [this.#session.fid(fields.u32()), fields.u32(), fields.u32()];
    const [, , size, , , modified] = [fields.u32(), fields.u32(), fields.u64(), fields.u64(), fields.u64(), fields.u64()];
    if (!fid.ok) return fid;
    if (fields.broken || ((valid & SET_SIZE) !== 0 && !Number.isSafeInteger(size))) return fail('EINVAL');
    const changes = {
      ...((valid & SET_MODE) !== 0 ? { mode: mode & 0o777 } : {}),
      ...((valid & SET_SIZE) !== 0 ? { size } : {}),
      ...((valid & SET_MTIME) !== 0 && (valid & SET_MTIME_TO) !== 0 ? { modified } : {}),
    };
    return done(this.#tree.change(fid.value.path, changes));
  }

  #qid(path: Path): FileOutcome<Answer> {
    const status = this.#tree.status(path);
    return status.ok ? ok(this.#session.qid(path, status.value)(new Answer())) : status;
  }
}

const done = (outcome: FileOutcome<null>): FileOutcome<Answer> => (outcome.ok ? ok(new Answer()) : outcome);
