/** One client's session: bytes in, bytes out. It knows nothing of sockets, and whatever arrives, it throws nothing. */
import type { Debugger, StepRequest } from '../../core/machine/debug/debugger.ts';
import type { Space, Thread } from '../../core/machine/debug/threads.ts';
import { type Client, type Command, ERROR, hexNumber } from './client.ts';
import { MEMORY_COMMANDS } from './memory-commands.ts';
import { PACKET_SIZE, PacketReader, packet, toHex } from './packets.ts';
import { QUERIES } from './queries.ts';
import { REGISTER_COMMANDS } from './register-commands.ts';
import { RESUME_COMMANDS } from './resume-commands.ts';
import { remark, stopReply } from './stop-reply.ts';
import { findThread, parseThreadId } from './thread-id.ts';

export interface SessionPorts {
  /** Characters of 8 bits, for the client. */
  send(text: string): void;
  /** The machine may run: `Debugger.stop` is undefined. */
  resumed(): void;
  kill(): void;
}

export class GdbSession implements Client {
  readonly debug: Debugger;
  readonly attached: Set<Space>;
  readonly reasons = new Set<'swbreak' | 'hwbreak'>();
  thread: Thread;
  multiprocess = false;
  noAck = false;
  readonly #ports: SessionPorts;
  readonly #reader = new PacketReader();
  #last = '';
  /** The client waits for the machine to stop. */
  #waiting = false;
  /** The machine's exit status, once it has ended. */
  #ended: number | undefined;

  /** Stops the machine, which must not be within `run`. */
  constructor(debug: Debugger, ports: SessionPorts, ended?: number) {
    this.debug = debug;
    this.attached = new Set(debug.spaces.slice(0, 1));
    this.#ports = ports;
    this.#ended = ended;
    this.thread = debug.spaces[0]?.threads[0] as Thread;
    debug.attach();
    debug.halt(this.thread);
  }

  receive(bytes: Uint8Array): void {
    for (const received of this.#reader.read(bytes)) {
      if (received.kind === 'interrupt') this.#interrupt();
      else if (received.kind === 'nack') this.#ports.send(this.#last);
      else if (received.kind === 'broken' && !this.noAck) this.#ports.send('-');
      else if (received.kind === 'packet') this.#execute(String.fromCharCode(...received.data));
    }
  }

  /** The machine has stopped on its own account. */
  stopped(): void {
    const { stop } = this.debug;
    if (stop === undefined || !this.#waiting) return;
    this.thread = stop.thread;
    const text = remark(stop);
    if (text !== undefined) this.say(text);
    this.#waiting = false;
    this.#answer(stopReply(this, stop));
  }

  /** The machine has ended, or come to its limit: processes exit as the client asks what becomes of them. */
  ended(status: number): void {
    this.#ended = status;
    this.debug.halt(this.thread);
    if (this.#waiting) this.#answer(this.#exit());
    this.#waiting = false;
  }

  /** The client is gone. */
  close(): void {
    this.debug.detach();
  }

  // Client

  resume(steps: readonly StepRequest[]): void {
    if (this.#ended !== undefined) return this.#answer(this.#exit());
    this.#waiting = true;
    this.debug.resume(steps);
    this.#ports.resumed();
  }

  attach(space: Space): void {
    this.attached.add(space);
    this.debug.attach();
    this.thread = space.threads[0] as Thread;
    this.debug.halt(this.thread);
  }

  detach(spaces: readonly Space[]): void {
    for (const space of spaces) {
      this.attached.delete(space);
      this.debug.clear(space);
    }
    const [next] = this.attached;
    if (next !== undefined && !this.attached.has(this.thread.space)) this.thread = next.threads[0] as Thread;
    if (next !== undefined) return;
    this.debug.detach();
    this.#ports.resumed();
  }

  kill(): void {
    this.#ports.kill();
  }

  /** A client that comes when all is over learns that. */
  whyStopped(): string {
    if (this.#ended !== undefined) return this.#exit();
    return stopReply(this, { thread: this.thread, cause: { kind: 'step' } });
  }

  say(text: string): void {
    const digits = toHex(new TextEncoder().encode(text));
    const most = PACKET_SIZE - 16;
    for (let at = 0; at < digits.length; at += most) this.#answer(`O${digits.slice(at, at + most)}`);
  }

  #execute(text: string): void {
    if (!this.noAck) this.#ports.send('+');
    const [command, rest] = find(text);
    const answer = command(this, rest);
    if (answer !== undefined) this.#answer(answer);
  }

  #answer(text: string): void {
    this.#last = packet(text);
    this.#ports.send(this.#last);
  }

  #interrupt(): void {
    if (!this.#waiting || this.debug.stop !== undefined) return;
    this.debug.halt(this.thread);
    this.stopped();
  }

  /** One process after the other. */
  #exit(): string {
    const [space] = this.attached;
    if (space === undefined) return ERROR.invalid;
    const process = this.attached.has(this.thread.space) ? this.thread.space : space;
    this.attached.delete(process);
    const status = ((this.#ended ?? 0) & 0xff).toString(16).padStart(2, '0');
    return this.multiprocess ? `W${status};process:${process.id.toString(16)}` : `W${status}`;
  }
}

const choose: Command = (client, rest) => {
  const pattern = parseThreadId(rest.slice(1));
  if (pattern === undefined || !/^[gc]/.test(rest)) return ERROR.malformed;
  const any = pattern.process === undefined && pattern.thread === undefined;
  const thread = any ? client.thread : findThread(client.debug.spaces, pattern);
  if (thread === undefined) return ERROR.invalid;
  if (rest.startsWith('g')) client.thread = thread;
  return 'OK';
};

const alive: Command = (client, rest) => {
  const pattern = parseThreadId(rest);
  const thread = pattern && findThread([...client.attached], pattern);
  return thread === undefined ? ERROR.invalid : 'OK';
};

/** `;PROCESS`, or nothing for all. */
const spacesOf = (client: Client, rest: string): readonly Space[] =>
  rest === '' ? [...client.attached] : client.debug.spaces.filter(({ id }) => id === hexNumber(rest.slice(1)));

const detach: Command = (client, rest) => {
  const spaces = spacesOf(client, rest);
  if (spaces.length === 0) return ERROR.invalid;
  client.detach(spaces);
  return 'OK';
};

const attach: Command = (client, rest) => {
  const [space] = spacesOf(client, rest);
  if (space === undefined || rest === '') return ERROR.invalid;
  client.attach(space);
  return client.whyStopped();
};

const kill: Command = (client, rest) => {
  if (spacesOf(client, rest).length === 0) return ERROR.invalid;
  client.kill();
  return 'OK';
};

const COMMANDS: Readonly<Record<string, Command>> = {
  ...REGISTER_COMMANDS,
  ...MEMORY_COMMANDS,
  ...RESUME_COMMANDS,
  ...QUERIES,
  '?': (client) => client.whyStopped(),
  '!': () => 'OK',
  H: choose,
  T: alive,
  D: detach,
  vAttach: attach,
  vKill: kill,
  // Nothing answers these two.
  k: (client) => {
    client.kill();
    return undefined;
  },
  R: () => undefined,
};

const unknown: Command = () => '';

/** A command's name is one character, or a word before `?`, `:`, `;` or `,`. */
function find(text: string): readonly [Command, string] {
  const [word = ''] = /^[qQv][A-Za-z]*\??/.exec(text) ?? [];
  const name = word === '' ? text.slice(0, 1) : word;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command === undefined ? [unknown, ''] : [command, text.slice(name.length)];
}
