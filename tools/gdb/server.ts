/** The socket of the gdb server, and who waits for whom: one client at a time, others queue, and the run waits while the machine stands still. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Debugger } from '../../core/machine/debug/debugger.ts';
import { GdbSession } from './session.ts';

export interface GdbOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Nothing runs before a client has come and lets it. */
  readonly wait: boolean;
}

/** More than that are turned away. */
const MOST_WAITING = 4;

export class GdbServer {
  readonly #debug: Debugger;
  readonly #server: Server;
  #session: GdbSession | undefined;
  #socket: Socket | undefined;
  /** Clients that came while another was there, perhaps just about to go. */
  #queue: Socket[] = [];
  /** The first client is awaited. */
  #awaiting: boolean;
  /** The machine's exit status, once it has ended. */
  #ended: number | undefined;
  #closed = false;
  #killed = false;
  #wake: () => void = () => {};

  private constructor(debug: Debugger, { wait }: GdbOptions) {
    this.#debug = debug;
    this.#awaiting = wait;
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** Listens for clients of this computer alone. Rejects if the port is taken. */
  static async listen(debug: Debugger, options: GdbOptions): Promise<GdbServer> {
    const gdb = new GdbServer(debug, options);
    await new Promise<void>((resolve, reject) => {
      gdb.#server.once('error', reject);
      gdb.#server.listen(options.port, '127.0.0.1', resolve);
    });
    return gdb;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** A client has ended the run. */
  get killed(): boolean {
    return this.#killed;
  }

  /** When the machine may run on. */
  async ready(): Promise<void> {
    while (!this.#closed && (this.#awaiting || this.#debug.stop !== undefined)) await this.#change();
  }

  /** A run was paused, since the debugger stopped it. */
  paused(): void {
    this.#session?.stopped();
  }

  /** Nothing can happen any more. True: a client will look at it. */
  idle(): boolean {
    if (this.#session === undefined || this.#closed) return false;
    this.#debug.halt(this.#session.thread, 'idle');
    this.#session.stopped();
    return true;
  }

  /** The run is over: a client may look at what is left, until it goes. */
  async ended(status: number): Promise<void> {
    this.#ended = status;
    this.#session?.ended(status);
    while (!this.#closed && this.#session !== undefined) await this.#change();
  }

  /** Nobody is waited for any more. */
  close(): void {
    this.#closed = true;
    this.#socket?.destroySoon();
    for (const socket of this.#queue) socket.destroy();
    this.#server.close();
    this.#session?.close();
    this.#session = undefined;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #connected(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#closed || this.#queue.length === MOST_WAITING) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    socket.on('close', () => this.#left(socket));
    this.#queue.push(socket);
    this.#serveNext();
  }

  #left(socket: Socket): void {
    this.#queue = this.#queue.filter((waiting) => waiting !== socket);
    if (this.#socket !== socket || this.#closed) return;
    this.#session?.close();
    this.#session = undefined;
    this.#serveNext();
    this.#wake();
  }

  /** What a waiting client has already sent comes with its first data. */
  #serveNext(): void {
    if (this.#session !== undefined) return;
    const socket = this.#queue.shift();
    if (socket === undefined) return;
    this.#socket = socket;
    this.#awaiting = false;
    const ports = {
      send: (text: string) => socket.write(text, 'latin1'),
      resumed: () => this.#wake(),
      kill: () => this.#kill(),
    };
    const session = new GdbSession(this.#debug, ports, this.#ended);
    this.#session = session;
    socket.on('data', (bytes) => session.receive(bytes));
  }

  #kill(): void {
    this.#killed = true;
    this.#debug.machine.end({ kind: 'stopped' });
    // What is still to be answered goes out first.
    setImmediate(() => this.close());
  }
}
