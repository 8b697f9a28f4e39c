/** Shows consoles: every line with its console's name, or one console attached to the terminal. */
import pc from 'picocolors';
import type { Console } from '../../core/machine/console.ts';
import { UsageError } from './usage.ts';

const COLOURS = [pc.cyan, pc.yellow, pc.green, pc.magenta, pc.blue, pc.red];

/** Finds a console by its name; `uart0` is the board's first. Throws UsageError with the names there are. */
export function findConsole(consoles: ReadonlyMap<string, Console>, name: string, partitions: boolean): Console {
  const found = consoles.get(name) ?? (name === 'uart0' && !partitions ? [...consoles.values()][0] : undefined);
  if (found !== undefined) return found;
  throw new UsageError(`there is no console "${name}"; there are ${[...consoles.keys()].join(', ')}`);
}

/** Makes visible what drives a terminal or reorders its text, so that a guest cannot speak to it. */
export function sanitise(line: string): string {
  return line.replace(DRIVING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });
}

const DRIVING = /(?!\t)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** A line that never ends is shown in pieces. */
const LINE_LIMIT = 1024;

/** Collects lines of UTF-8 and prints each with the console's name. */
class Lines {
  readonly #prefix: string;
  readonly #write: (text: string) => void;
  #bytes: number[] = [];

  constructor(prefix: string, write: (text: string) => void) {
    this.#prefix = prefix;
    this.#write = write;
  }

  put(byte: number): void {
    if (byte === 0x0a) this.flush(true);
    else if (byte !== 0x0d) this.#bytes.push(byte);
    if (this.#bytes.length >= LINE_LIMIT) this.flush(true);
  }

  flush(always: boolean): void {
    if (!always && this.#bytes.length === 0) return;
    this.#write(`${this.#prefix}${sanitise(new TextDecoder().decode(Uint8Array.from(this.#bytes)))}\n`);
    this.#bytes = [];
  }
}

/** Shows every console, line by line. Returns what prints the unfinished lines at the end. */
export function showAll(consoles: Iterable<Console>, write: (text: string) => void): () => void {
  const all = [...consoles];
  const width = Math.max(0, ...all.map(({ name }) => name.length));
  const lines = all.map((console, i) => {
    const colour = COLOURS[i % COLOURS.length] ?? pc.white;
    const line = new Lines(`${colour(console.name.padEnd(width))} ${pc.dim('|')} `, write);
    console.onOutput((byte) => line.put(byte));
    return line;
  });
  return () => {
    for (const line of lines) line.flush(false);
  };
}

/** Connects the terminal to one console: what is typed goes there, what it prints comes out as it is. Ctrl-A X leaves. */
export function attach(console: Console, leave: () => void): () => void {
  const { stdin, stdout } = process;
  let pending: number[] = [];
  let command = false;
  console.onOutput((byte) => {
    pending.push(byte);
    if (pending.length === 1) setImmediate(show);
  });
  const show = () => {
    stdout.write(Uint8Array.from(pending));
    pending = [];
  };
  const typed = (data: Buffer) => {
    for (const byte of data) {
      if (command && (byte === 0x78 || byte === 0x58)) leave();
      else if (command || byte !== 0x01) console.type([byte]);
      command = !command && byte === 0x01;
    }
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', typed);
  stdin.resume();
  return () => {
    show();
    stdin.off('data', typed);
    stdin.pause();
    if (stdin.isTTY) stdin.setRawMode(false);
  };
}
