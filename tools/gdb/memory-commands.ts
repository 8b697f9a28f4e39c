/** m, M, X: memory by virtual address; Z, z: breakpoints and watchpoints in the process of the current thread. */
import type { Access, Watchpoint } from '../../core/machine/debug/breakpoints.ts';
import { type Client, type Command, ERROR, hexNumber } from './client.ts';
import { fromHex, PACKET_SIZE, toHex } from './packets.ts';

const read: Command = ({ debug, thread }, rest) => {
  const [address, length] = rest.split(',').map(hexNumber);
  if (address === undefined || length === undefined) return ERROR.malformed;
  const bytes = debug.memory.read(thread, address, Math.min(length, PACKET_SIZE / 2));
  return bytes.length === 0 && length > 0 ? ERROR.memory : toHex(bytes);
};

function write(client: Client, rest: string, decode: (data: string) => Uint8Array | undefined): string {
  const [, address, length, data = ''] = /^([0-9a-f]+),([0-9a-f]+):(.*)$/is.exec(rest) ?? [];
  const [at, count, bytes] = [hexNumber(address), hexNumber(length), decode(data)];
  if (at === undefined || bytes === undefined || bytes.length !== count) return ERROR.malformed;
  return client.debug.memory.write(client.thread, at, bytes) ? 'OK' : ERROR.memory;
}

const binary = (data: string): Uint8Array => Uint8Array.from(data, (char) => char.charCodeAt(0));

const ACCESSES: Readonly<Record<string, Access>> = { 2: 'write', 3: 'read', 4: 'access' };
const KINDS = { 0: 'software', 1: 'hardware' } as const;
/** What one watchpoint may cover: a whole structure. */
const LONGEST = 1 << 20;

/** Conditions and commands that may follow are not offered, so gdb keeps them to itself. */
function point({ debug, thread }: Client, rest: string, insert: boolean): string {
  const [, type = '', at, length] = /^([0-9]),([0-9a-f]+),([0-9a-f]+)(?:;.*)?$/is.exec(rest) ?? [];
  const [address, size] = [hexNumber(at), hexNumber(length)];
  if (address === undefined || size === undefined || address > 0xffffffff) return type === '' ? ERROR.malformed : ERROR.invalid;
  const { space } = thread;
  if (type === '0' || type === '1') {
    if (insert) debug.addBreakpoint(space, address, KINDS[type]);
    else debug.removeBreakpoint(space, address, KINDS[type]);
    return 'OK';
  }
  const access = ACCESSES[type];
  if (access === undefined) return '';
  if (size < 1 || size > LONGEST) return ERROR.invalid;
  const watchpoint: Watchpoint = { by: 'va', space, address, length: size, access };
  if (insert) debug.addWatchpoint(watchpoint);
  else debug.removeWatchpoint(watchpoint);
  return 'OK';
}

export const MEMORY_COMMANDS: Readonly<Record<string, Command>> = {
  m: read,
  M: (client, rest) => write(client, rest, fromHex),
  X: (client, rest) => write(client, rest, binary),
  Z: (client, rest) => point(client, rest, true),
  z: (client, rest) => point(client, rest, false),
};
