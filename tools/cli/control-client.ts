/** Reaches a simulation that runs. Whatever goes wrong is one line, and status 4. */
import { connect, type Socket } from 'node:net';
import { clearAway, isSocket, knownNames, socketOf } from './control-folder.ts';
import { onLines, type Reply, type Request, type SimulationState, send } from './control-protocol.ts';
import { UsageError } from './usage.ts';

/** There is no such simulation, or it ended. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
}

/** The simulation does not do it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

const PATIENCE_MS = 10_000;

export async function isAlive(path: string): Promise<boolean> {
  try {
    (await dial(path)).destroy();
    return true;
  } catch (error) {
    return !DEAD.includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Nobody listens. Whoever is only too busy to take a connection lives. */
const DEAD = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENOTDIR'];

const dial = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', reject);
  });

/** The simulation that is meant: the one that is named, or the only one that runs. */
export async function chooseName(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const alive = await aliveNames();
  const [only, ...others] = alive;
  if (only === undefined) throw new GoneError('no simulation is running (start one with partita run --name NAME SYSTEM.dts)');
  if (others.length > 0) throw new UsageError(`several simulations run: give --name ${alive.join(' or --name ')}`);
  return only;
}

/** Those that run. What a dead one left behind is cleared away. */
export async function aliveNames(): Promise<string[]> {
  const alive: string[] = [];
  for (const name of knownNames()) {
    if (await isAlive(socketOf(name))) alive.push(name);
    else clearAway(socketOf(name));
  }
  return alive;
}

/** A connection to a simulation. */
export class Client {
  readonly #name: string;
  readonly #socket: Socket;
  readonly #waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  #output: ((bytes: Uint8Array) => void) | undefined;
  #closed: (() => void) | undefined;
  #late = false;

  private constructor(name: string, socket: Socket) {
    this.#name = name;
    this.#socket = socket;
    onLines(socket, (value) => this.#take(value as Reply));
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
      this.#closed?.();
    });
  }

  static async open(name: string): Promise<Client> {
    const path = socketOf(name);
    try {
      return new Client(name, await dial(path));
    } catch (error) {
      const dead = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' && isSocket(path);
      if (dead) clearAway(path);
      throw new GoneError(
        dead ? `the simulation "${name}" is dead: it left its socket behind` : `no simulation "${name}" is running`,
      );
    }
  }

  /** Throws RefusedError or UsageError for a refusal. */
  async ask(request: Request, patience = PATIENCE_MS): Promise<Reply> {
    if (this.#socket.destroyed) throw this.#gone();
    const answer = new Promise<Reply>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    send(this.#socket, request);
    const timer = setTimeout(() => {
      this.#late = true;
      this.#socket.destroy();
    }, patience);
    const reply = await answer.finally(() => clearTimeout(timer));
    if (reply.kind !== 'refused') return reply;
    throw reply.usage ? new UsageError(reply.why) : new RefusedError(reply.why);
  }

  async state(patience?: number): Promise<SimulationState> {
    const reply = await this.ask({ ask: 'state' }, patience);
    if (reply.kind !== 'state') throw new GoneError(`the simulation "${this.#name}" speaks another protocol`);
    return reply.state;
  }

  onOutput(take: (bytes: Uint8Array) => void): void {
    this.#output = take;
  }

  /** When the simulation has ended, or `close` was called. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve;
      if (this.#socket.destroyed) resolve();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #gone(): GoneError {
    return new GoneError(`the simulation "${this.#name}" ${this.#late ? 'does not answer' : 'has ended'}`);
  }

  #take(reply: Reply): void {
    if (reply.kind === 'output') this.#output?.(Buffer.from(reply.bytes, 'base64'));
    else this.#waiting.shift()?.resolve(reply);
  }
}
