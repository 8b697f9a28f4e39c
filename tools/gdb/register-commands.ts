/** g, G, p, P: registers, as hexadecimal digits of their bytes. */
import { REGISTERS, type RegisterInfo } from '../../core/machine/debug/register-names.ts';
import type { Thread } from '../../core/machine/debug/threads.ts';
import { type Client, type Command, ERROR, hexNumber } from './client.ts';
import { fromHex, toHex } from './packets.ts';

/** Those of every stop; the others are asked for one by one. */
const AT_ONCE = REGISTERS.filter(({ group }) => group === 'core' || group === 'vfp');

export function registerHex({ debug }: Client, thread: Thread, { name, words: count }: RegisterInfo): string {
  const words = debug.registers(thread).read(name);
  if (words === undefined) return 'x'.repeat(8 * count);
  return toHex(words.flatMap((word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24]));
}

function writeRegister({ debug, thread }: Client, { name, words: count }: RegisterInfo, digits: string): boolean {
  const bytes = fromHex(digits);
  if (bytes?.length !== 4 * count) return false;
  const view = new DataView(bytes.buffer);
  const words = Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
  return debug.registers(thread).write(name, words);
}

const readAll: Command = (client) => AT_ONCE.map((register) => registerHex(client, client.thread, register)).join('');

const writeAll: Command = (client, rest) => {
  let at = 0;
  for (const register of AT_ONCE) {
    const digits = rest.slice(at, at + 8 * register.words);
    at += digits.length;
    // CPSR alone may refuse a mode; what a client leaves out, or does not know, stays.
    if (digits !== '' && !digits.startsWith('x') && !writeRegister(client, register, digits)) return ERROR.invalid;
  }
  return 'OK';
};

const readOne: Command = (client, rest) => {
  const register = REGISTERS[hexNumber(rest) ?? -1];
  return register === undefined ? ERROR.malformed : registerHex(client, client.thread, register);
};

const writeOne: Command = (client, rest) => {
  const [number, digits = ''] = rest.split('=');
  const register = REGISTERS[hexNumber(number) ?? -1];
  if (register === undefined) return ERROR.malformed;
  return writeRegister(client, register, digits) ? 'OK' : ERROR.invalid;
};

export const REGISTER_COMMANDS: Readonly<Record<string, Command>> = { g: readAll, G: writeAll, p: readOne, P: writeOne };
