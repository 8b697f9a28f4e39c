/**
 * What came from the host's network, in a file: a line for each input with the point of virtual time at which it met the machine. The same
 * command with `--replay` in place of `--record` makes the same run of it, without the host.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Input, Recorded } from '../../core/net/gateway/outside.ts';
import { readFile } from './files.ts';
import { UsageError } from './usage.ts';

const HEADER = '{"partita":"inputs","version":1}';

/** By the path of the port, in order of time. */
export type Journal = ReadonlyMap<string, readonly Recorded[]>;

export class JournalFile {
  readonly #path: string;
  readonly #file: number;
  #problem: string | undefined;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'w');
      writeSync(this.#file, `${HEADER}\n`);
    } catch (error) {
      throw new UsageError(`--record ${path}: cannot be written (${(error as Error).message})`);
    }
  }

  /** What cannot be written stops no run: `close` tells. */
  write(port: string, { at, asked, input }: Recorded): void {
    if (this.#problem !== undefined) return;
    const bytes = 'bytes' in input ? { bytes: Buffer.from(input.bytes).toString('base64') } : {};
    const line = Buffer.from(`${JSON.stringify({ at, port, asked, ...input, ...bytes })}\n`);
    try {
      for (let done = 0; done < line.length; ) done += writeSync(this.#file, line, done);
    } catch (error) {
      this.#problem = `--record ${this.#path}: the recording is not whole (${(error as Error).message})`;
    }
  }

  /** Returns what went wrong. */
  close(): string | undefined {
    closeSync(this.#file);
    return this.#problem;
  }
}

/** Throws a UsageError that names the line which is none. */
export function readJournal(path: string): Journal {
  const [header, ...lines] = Buffer.from(readFile(path, 'recording')).toString('utf8').split('\n');
  if (header !== HEADER) throw new UsageError(`--replay ${path}: is no recording of --record`);
  const journal = new Map<string, Recorded[]>();
  let last = 0;
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const found = readLine(line);
    if (found === undefined || found.recorded.at < last) throw new UsageError(`--replay ${path}:${i + 2}: is no input`);
    last = found.recorded.at;
    const list = journal.get(found.port) ?? [];
    list.push(found.recorded);
    journal.set(found.port, list);
  }
  return journal;
}

type Fields = Readonly<Record<string, unknown>>;

function readLine(line: string): { readonly port: string; readonly recorded: Recorded } | undefined {
  let fields: Fields;
  try {
    fields = JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const { at, port, asked } = fields;
  const input = readInput(fields);
  if (!isWhole(at) || at < 0 || typeof port !== 'string' || typeof asked !== 'string' || input === undefined) return undefined;
  return { port, recorded: { at, asked, input } };
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

function readInput({ kind, id, bytes, count, forward, addresses }: Fields): Input | undefined {
  if (!isWhole(id)) return undefined;
  const data = typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'base64')) : undefined;
  switch (kind) {
    case 'connected':
    case 'refused':
    case 'ended':
    case 'broken':
      return { kind, id };
    case 'arrived':
      return isWhole(forward) ? { kind, id, forward } : undefined;
    case 'data':
      return data && { kind, id, bytes: data };
    case 'taken':
      return isWhole(count) ? { kind, id, count } : undefined;
    case 'datagram':
      return data && isWhole(forward) ? { kind, id, bytes: data, forward } : undefined;
    case 'resolved':
      return Array.isArray(addresses) && addresses.every(isWhole) ? { kind, id, addresses } : undefined;
    default:
      return undefined;
  }
}
