/**
 * Semihosting. Reference: Arm 100863 (Semihosting for AArch32 and AArch64), the AArch32 half.
 * A service without timing: a call names an operation and a parameter, works on the caller's memory and gives R0. Answers are those of QEMU
 * (target=native), except that SYS_SYSTEM is refused, the console always counts as interactive, and mode a appends.
 */
import { fail, type Outcome, ok } from '../base/outcome.ts';
import type { State } from '../base/state.ts';
import type { Clock } from '../bus/clock.ts';
import type { GuestMemory } from '../bus/guest-memory.ts';

/** The numbers that SYS_ERRNO gives: those of Linux, as newlib has them too. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  E2BIG: 7,
  EBADF: 9,
  EACCES: 13,
  EFAULT: 14,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOSPC: 28,
  ESPIPE: 29,
  ENAMETOOLONG: 36,
} as const;
export type Errno = keyof typeof ERRNO;

export interface OpenHow {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly truncate: boolean;
}

export interface SemihostingFile {
  /** At most `length` bytes, fewer only at the end. */
  read(position: number, length: number): Outcome<Uint8Array, Errno>;
  write(position: number, bytes: Uint8Array): Outcome<null, Errno>;
  length(): Outcome<number, Errno>;
  close(): void;
}

/** The files a guest may use. Whoever implements it keeps every path inside one folder, whatever the guest names. */
export interface SemihostingFiles {
  open(path: string, how: OpenHow): Outcome<SemihostingFile, Errno>;
  remove(path: string): Outcome<null, Errno>;
  rename(from: string, to: string): Outcome<null, Errno>;
}

export interface SemihostingPorts {
  readonly console: { next(): number | undefined; put(byte: number): void };
  readonly files?: SemihostingFiles;
}

export interface SemihostingOptions {
  readonly commandLine?: string;
  /** The date at virtual time zero, in seconds since 1970. */
  readonly date?: number;
  /** Heap base and limit, stack base and limit; zero where unknown. */
  readonly heap?: readonly [number, number, number, number];
}

/** The program ends, with this status. */
export interface Exit {
  readonly exit: number;
}

/** The console has no input: the call is to be made again when there is some. */
export const WAIT = 'wait';
export type Answer = number | Exit | typeof WAIT;

const APPLICATION_EXIT = 0x20026;
const NANOSECONDS = 1_000_000_000;
/** What WRITEC and WRITE0 leave in R0, which the specification has as corrupted. */
const CORRUPTED = 0xdeadbeef;
/** ":semihosting-features": the magic bytes, then SYS_EXIT_EXTENDED and ":tt" for standard error. */
const FEATURES = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 3);
const [CHUNK, MOST_HANDLES, LONGEST_NAME] = [0x1_0000, 64, 4096] as const;

interface Handle {
  readonly kind: 'console' | 'features' | 'file';
  readonly path: string;
  readonly mode: number;
  position: number;
  /** Absent when it could not be opened again after a snapshot was loaded. */
  file?: SemihostingFile;
}

/** fopen's modes: r, rb, r+, r+b, then the same for w and a. */
function howOf(mode: number): OpenHow & { append: boolean } {
  const [kind, update] = [mode >>> 2, (mode & 2) !== 0] as const;
  return {
    read: kind === 0 || update,
    write: kind !== 0 || update,
    create: kind !== 0,
    truncate: kind === 1,
    append: kind === 2,
  };
}

export class Semihosting {
  readonly #ports: SemihostingPorts;
  readonly #clock: Clock;
  readonly #options: SemihostingOptions;
  readonly #handles = new Map<number, Handle>();
  #errno = 0;

  constructor(ports: SemihostingPorts, clock: Clock, options: SemihostingOptions = {}) {
    this.#ports = ports;
    this.#clock = clock;
    this.#options = options;
  }

  /** Carries out operation R0 with parameter R1; the answer is the new R0. An operation that does not exist gives -1. */
  handle(operation: number, parameter: number, memory: GuestMemory): Answer {
    const call = CALLS[operation];
    if (call === undefined) return -1;
    const words = block(memory, parameter, call.words);
    return words === undefined ? this.#fault('EFAULT') : call.run(this, words, memory, parameter);
  }

  save(): State {
    const handles = [...this.#handles].sort(([a], [b]) => a - b);
    return {
      errno: this.#errno,
      handles: handles.map(([at, { kind, path, mode, position }]) => ({ at, kind, path, mode, position })),
    };
  }

  load(state: State): void {
    this.reset();
    this.#errno = state['errno'] as number;
    for (const { at, ...saved } of state['handles'] as unknown as (Handle & { at: number })[]) {
      const how = { ...howOf(saved.mode), create: false, truncate: false };
      const opened = saved.kind === 'file' ? this.#ports.files?.open(saved.path, how) : undefined;
      this.#handles.set(at, opened?.ok ? { ...saved, file: opened.value } : { ...saved });
    }
  }

  reset(): void {
    for (const handle of this.#handles.values()) handle.file?.close();
    this.#handles.clear();
    this.#errno = 0;
  }

  open([name, mode, length]: Words, memory: GuestMemory): number {
    const path = text(memory, name, length);
    if (!path.ok) return this.#fault(path.error);
    if (mode > 11) return this.#fault('EINVAL');
    let at = 1;
    while (this.#handles.has(at)) at++;
    const opened = at < MOST_HANDLES ? this.#opened(path.value, mode) : fail('EMFILE' as const);
    if (!opened.ok) return this.#fault(opened.error);
    this.#handles.set(at, opened.value);
    return at;
  }

  close([at]: Words): number {
    const handle = this.#handles.get(at);
    if (handle === undefined) return this.#fault('EBADF');
    handle.file?.close();
    this.#handles.delete(at);
    return 0;
  }

  writeCharacter(memory: GuestMemory, address: number): number {
    const byte = memory.read(address, 1);
    if (byte === undefined) return this.#fault('EFAULT');
    this.#ports.console.put(byte[0] as number);
    return CORRUPTED;
  }

  /** Prints up to the zero byte, or to the end of readable memory. */
  writeString(memory: GuestMemory, address: number): number {
    for (let at = address; at < 0x1_0000_0000; ) {
      const part = memory.read(at, 64 - (at % 64));
      if (part === undefined) return this.#fault('EFAULT');
      for (const byte of part) {
        if (byte === 0) return CORRUPTED;
        this.#ports.console.put(byte);
      }
      at += part.length;
    }
    return CORRUPTED;
  }

  /** Gives the number of bytes not written. */
  write([at, address, length]: Words, memory: GuestMemory): number {
    const handle = this.#handles.get(at);
    for (let done = 0; done < length; done += CHUNK) {
      const bytes = memory.read(address + done, Math.min(CHUNK, length - done));
      const written = bytes === undefined ? fail('EFAULT' as const) : this.#put(handle, bytes);
      if (written.ok) continue;
      this.#fault(written.error);
      return length - done;
    }
    return 0;
  }

  /** Gives the number of bytes not read. */
  read([at, address, length]: Words, memory: GuestMemory): Answer {
    const handle = this.#handles.get(at);
    if (handle?.kind === 'console') return handle.mode < 4 ? this.#readConsole(memory, address, length) : length;
    for (let done = 0; done < length; ) {
      const bytes = this.#get(handle, Math.min(CHUNK, length - done));
      if (!bytes.ok) this.#fault(bytes.error);
      if (!bytes.ok || bytes.value.length === 0) return length - done;
      if (!memory.write(address + done, bytes.value)) return length - done;
      if (handle !== undefined) handle.position += bytes.value.length;
      done += bytes.value.length;
    }
    return 0;
  }

  readCharacter(): Answer {
    return this.#ports.console.next() ?? WAIT;
  }

  isInteractive([at]: Words): number {
    const kind = this.#handles.get(at)?.kind;
    return kind === undefined ? this.#fault('EBADF') : Number(kind === 'console');
  }

  seek([at, position]: Words): number {
    const handle = this.#handles.get(at);
    if (handle === undefined || handle.kind === 'console') return this.#fault(handle === undefined ? 'EBADF' : 'ESPIPE');
    handle.position = position;
    return 0;
  }

  fileLength([at]: Words): number {
    const handle = this.#handles.get(at);
    if (handle === undefined) return this.#fault('EBADF');
    if (handle.kind !== 'file') return handle.kind === 'console' ? 0 : FEATURES.length;
    const length = handle.file?.length() ?? fail('EBADF' as const);
    return length.ok ? length.value : this.#fault(length.error);
  }

  temporaryName([address, id, length]: Words, memory: GuestMemory): number {
    const name = ascii(`tmp-${(id & 0xff).toString(16).padStart(2, '0')}\0`);
    return name.length <= length && memory.write(address, name) ? 0 : -1;
  }

  remove([name, length]: Words, memory: GuestMemory): number {
    const path = text(memory, name, length);
    return this.#done(path.ok ? (this.#ports.files?.remove(path.value) ?? fail('EACCES')) : path);
  }

  rename([from, fromLength, to, toLength]: Words, memory: GuestMemory): number {
    const old = text(memory, from, fromLength);
    const fresh = text(memory, to, toLength);
    if (!old.ok) return this.#fault(old.error);
    return this.#done(fresh.ok ? (this.#ports.files?.rename(old.value, fresh.value) ?? fail('EACCES')) : fresh);
  }

  /** Centiseconds since the program started. */
  clock(): number {
    return Math.floor(this.#clock.now() / 10_000_000);
  }

  time(): number {
    return (this.#options.date ?? 0) + Math.floor(this.#clock.now() / NANOSECONDS);
  }

  /** Ticks since the program started, in two words. */
  elapsed(memory: GuestMemory, address: number): number {
    const now = this.#clock.now();
    return memory.write(address, wordBytes(now, now / 0x1_0000_0000)) ? 0 : this.#fault('EFAULT');
  }

  refuse(): number {
    return this.#fault('EPERM');
  }

  lastError(): number {
    return this.#errno;
  }

  commandLine([buffer, size]: Words, memory: GuestMemory, at: number): number {
    const line = ascii(`${this.#options.commandLine ?? ''}\0`);
    if (line.length > size) return this.#fault('E2BIG');
    const written = memory.write(at + 4, wordBytes(line.length - 1)) && memory.write(buffer, line);
    return written ? 0 : this.#fault('EFAULT');
  }

  heapInfo([to]: Words, memory: GuestMemory): number {
    return memory.write(to, wordBytes(...(this.#options.heap ?? [0, 0, 0, 0]))) ? 0 : this.#fault('EFAULT');
  }

  #fault(error: Errno): number {
    this.#errno = ERRNO[error];
    return -1;
  }

  #done = (outcome: Outcome<unknown, Errno>): number => (outcome.ok ? 0 : this.#fault(outcome.error));

  #opened(path: string, mode: number): Outcome<Handle, Errno> {
    if (path === ':tt') return ok({ kind: 'console', path, mode, position: 0 });
    if (path === ':semihosting-features') return mode > 1 ? fail('EACCES') : ok({ kind: 'features', path, mode, position: 0 });
    const file = this.#ports.files?.open(path, howOf(mode)) ?? fail('EACCES' as const);
    return file.ok ? ok({ kind: 'file', path, mode, position: 0, file: file.value }) : file;
  }

  #put(handle: Handle | undefined, bytes: Uint8Array): Outcome<null, Errno> {
    if (handle?.kind === 'console') {
      for (const byte of bytes) this.#ports.console.put(byte);
      return ok(null);
    }
    if (handle?.file === undefined || !howOf(handle.mode).write) return fail('EBADF');
    const end = howOf(handle.mode).append ? handle.file.length() : ok(handle.position);
    if (!end.ok) return end;
    const written = handle.file.write(end.value, bytes);
    if (written.ok) handle.position = end.value + bytes.length;
    return written;
  }

  #get(handle: Handle | undefined, length: number): Outcome<Uint8Array, Errno> {
    if (handle?.kind === 'features') return ok(FEATURES.slice(handle.position, handle.position + length));
    if (handle?.file === undefined || !howOf(handle.mode).read) return fail('EBADF');
    return handle.file.read(handle.position, length);
  }

  /** As a terminal gives it: what was typed, up to the end of a line; waits for the first byte. */
  #readConsole(memory: GuestMemory, address: number, length: number): Answer {
    let done = 0;
    while (done < length) {
      if (memory.read(address + done, 1) === undefined) return length - done; // before a byte is taken that could not be stored
      const byte = this.#ports.console.next();
      if (byte === undefined && done === 0) return WAIT;
      if (byte === undefined || !memory.write(address + done, Uint8Array.of(byte))) break;
      done++;
      if (byte === 0x0a) break;
    }
    return length - done;
  }
}

type Words = readonly [number, number, number, number];

interface Call {
  /** Words of the parameter block; 0 if the parameter is none. */
  readonly words: number;
  run(service: Semihosting, words: Words, memory: GuestMemory, parameter: number): Answer;
}

const exit = (reason: number, status: number): Exit => ({ exit: reason === APPLICATION_EXIT ? status : 1 });

const CALLS: Readonly<Record<number, Call>> = {
  /** SYS_OPEN */ 1: { words: 3, run: (service, words, memory) => service.open(words, memory) },
  /** SYS_CLOSE */ 2: { words: 1, run: (service, words) => service.close(words) },
  /** SYS_WRITEC */ 3: { words: 0, run: (service, _, memory, parameter) => service.writeCharacter(memory, parameter) },
  /** SYS_WRITE0 */ 4: { words: 0, run: (service, _, memory, parameter) => service.writeString(memory, parameter) },
  /** SYS_WRITE */ 5: { words: 3, run: (service, words, memory) => service.write(words, memory) },
  /** SYS_READ */ 6: { words: 3, run: (service, words, memory) => service.read(words, memory) },
  /** SYS_READC */ 7: { words: 0, run: (service) => service.readCharacter() },
  /** SYS_ISERROR */ 8: { words: 1, run: (_, words) => words[0] >>> 31 },
  /** SYS_ISTTY */ 9: { words: 1, run: (service, words) => service.isInteractive(words) },
  /** SYS_SEEK */ 10: { words: 2, run: (service, words) => service.seek(words) },
  /** SYS_FLEN */ 12: { words: 1, run: (service, words) => service.fileLength(words) },
  /** SYS_TMPNAM */ 13: { words: 3, run: (service, words, memory) => service.temporaryName(words, memory) },
  /** SYS_REMOVE */ 14: { words: 2, run: (service, words, memory) => service.remove(words, memory) },
  /** SYS_RENAME */ 15: { words: 4, run: (service, words, memory) => service.rename(words, memory) },
  /** SYS_CLOCK */ 16: { words: 0, run: (service) => service.clock() },
  /** SYS_TIME */ 17: { words: 0, run: (service) => service.time() },
  /** SYS_SYSTEM */ 18: { words: 0, run: (service) => service.refuse() },
  /** SYS_ERRNO */ 19: { words: 0, run: (service) => service.lastError() },
  /** SYS_GET_CMDLINE */ 21: {
    words: 2,
    run: (service, words, memory, parameter) => service.commandLine(words, memory, parameter),
  },
  /** SYS_HEAPINFO */ 22: { words: 1, run: (service, words, memory) => service.heapInfo(words, memory) },
  /** SYS_EXIT */ 24: { words: 0, run: (_, __, ___, parameter) => exit(parameter, 0) },
  /** SYS_EXIT_EXTENDED */ 32: { words: 2, run: (_, words) => exit(words[0], words[1]) },
  /** SYS_ELAPSED */ 48: { words: 0, run: (service, _, memory, parameter) => service.elapsed(memory, parameter) },
  /** SYS_TICKFREQ */ 49: { words: 0, run: () => NANOSECONDS },
};

const ascii = (line: string): Uint8Array => Uint8Array.from(line, (character) => character.charCodeAt(0));
const wordBytes = (...words: number[]): Uint8Array =>
  Uint8Array.from(words.flatMap((word) => [0, 8, 16, 24].map((shift) => (Math.floor(word) >>> shift) & 0xff)));

function block(memory: GuestMemory, address: number, count: number): Words | undefined {
  const bytes = count === 0 ? new Uint8Array() : memory.read(address, 4 * count);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const word = (i: number) => (i < count ? view.getUint32(4 * i, true) : 0);
  return [word(0), word(1), word(2), word(3)];
}

/** A name of exactly `length` bytes with its zero byte behind, one character a byte. */
function text(memory: GuestMemory, address: number, length: number): Outcome<string, Errno> {
  if (length > LONGEST_NAME) return fail('ENAMETOOLONG');
  const bytes = memory.read(address, length + 1);
  if (bytes === undefined) return fail('EFAULT');
  return bytes.indexOf(0) === length ? ok(String.fromCharCode(...bytes.subarray(0, length))) : fail('EINVAL');
}
