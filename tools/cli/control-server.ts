/**
 * A running simulation that can be reached by its name. Requests are answered between runs of the machine, when it stands still at a multiple of
 * the quantum: what changes something enters at that virtual time, and is written down for the report.
 */
import { createServer, type Server, type Socket } from 'node:net';

import type { Machine } from '../../core/machine/machine.ts';
import { partitionRows } from '../../core/machine/report.ts';
import type { System } from '../../core/machine/system/system.ts';
import { isAlive } from './control-client.ts';
import { clearAway, makeFolder, socketOf } from './control-folder.ts';
import { type ManagementVerb, type OutsideCommand, onLines, type Reply, type Request, send, VERBS } from './control-protocol.ts';
import { UsageError } from './usage.ts';

export interface Simulated {
  readonly name: string;
  readonly system: string;
  readonly engine: string;
  readonly machine: Machine;
  readonly hypervisor: System['hypervisor'];
}

export class ControlServer {
  readonly #simulated: Simulated;
  readonly #path: string;
  readonly #server: Server;
  readonly #peers = new Set<Socket>();
  /** Who follows which console. */
  readonly #followers = new Map<Socket, string>();
  readonly #outside: OutsideCommand[] = [];
  #woken: (() => void) | undefined;

  private constructor(simulated: Simulated, path: string) {
    this.#simulated = simulated;
    this.#path = path;
    this.#server = createServer((socket) => this.#serve(socket));
    for (const console of simulated.machine.consoles.values()) this.#forward(console.name, (put) => console.onOutput(put));
  }

  /** Throws UsageError if a simulation of that name runs already. */
  static async open(simulated: Simulated): Promise<ControlServer> {
    makeFolder();
    const path = socketOf(simulated.name);
    if (await isAlive(path)) throw new UsageError(`--name ${simulated.name}: a simulation of that name runs already`);
    clearAway(path);
    const control = new ControlServer(simulated, path);
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', (error) => reject(new UsageError(`${path}: ${error.message}`)));
      control.#server.listen(path, () => resolve());
    });
    return control;
  }

  /** What came from outside: the run depends on it. */
  get outside(): readonly OutsideCommand[] {
    return this.#outside;
  }

  /** Nothing happens any more until somebody asks for something, or some milliseconds have passed. */
  async idle(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#woken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#woken = undefined;
  }

  close(): void {
    for (const peer of this.#peers) peer.end();
    this.#server.close();
    clearAway(this.#path);
  }

  #serve(socket: Socket): void {
    this.#peers.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#peers.delete(socket);
      this.#followers.delete(socket);
    });
    // That a client has gone comes right behind what it had asked for, which is not done any more: it has said so to its user.
    onLines(socket, (request) =>
      setImmediate(() => {
        if (!socket.destroyed && !socket.readableEnded) this.#take(socket, request as Request);
      }),
    );
  }

  #take(socket: Socket, request: Request): void {
    const reply = this.#answer(socket, request);
    if (reply !== undefined) send(socket, reply);
    this.#woken?.();
  }

  #answer(socket: Socket, request: Request): Reply | undefined {
    if (request.ask === 'state') return { kind: 'state', state: this.#state() };
    if (request.ask === 'logs') return this.#logs(socket, request.console, request.follow);
    if (request.ask === 'console') return this.#attach(socket, request.console);
    if (request.ask === 'type') return this.#type(request.console, Buffer.from(String(request.bytes), 'base64'));
    if ((VERBS as readonly string[]).includes(request.ask)) return this.#manage(request.ask, String(request.partition));
    return { kind: 'refused', why: 'that is no request', usage: true };
  }

  #state() {
    const { name, system, engine, machine, hypervisor } = this.#simulated;
    const partitions = partitionRows(machine, hypervisor.report()).map(({ console: _, ...row }) => row);
    return {
      name,
      pid: process.pid,
      system,
      engine,
      virtualTimeNs: machine.clock.now(),
      partitions,
      outside: this.#outside.slice(-100),
    };
  }

  #logs(socket: Socket, name: string, follow: boolean): Reply {
    const console = this.#simulated.machine.consoles.get(name);
    if (console === undefined) return this.#unknown('console', name, [...this.#simulated.machine.consoles.keys()]);
    send(socket, { kind: 'output', bytes: Buffer.from(console.text(), 'latin1').toString('base64') });
    if (follow) this.#followers.set(socket, name);
    return { kind: 'done', at: this.#simulated.machine.clock.now() };
  }

  #attach(socket: Socket, name: string): Reply {
    if (!this.#simulated.machine.consoles.has(name))
      return this.#unknown('console', name, [...this.#simulated.machine.consoles.keys()]);
    this.#followers.set(socket, name);
    return { kind: 'done', at: this.#simulated.machine.clock.now() };
  }

  #type(name: string, bytes: Uint8Array): Reply {
    const console = this.#simulated.machine.consoles.get(name);
    if (console === undefined) return this.#unknown('console', name, [...this.#simulated.machine.consoles.keys()]);
    console.type(bytes);
    return this.#entered(`${bytes.length} bytes typed on ${name}`);
  }

  #manage(verb: ManagementVerb, name: string): Reply {
    const { hypervisor } = this.#simulated;
    const found = hypervisor.partitions.find(({ config }) => config.name === name);
    if (found === undefined)
      return this.#unknown(
        'partition',
        name,
        hypervisor.partitions.map(({ config }) => config.name),
      );
    if (!hypervisor.manages(found, verb))
      return {
        kind: 'refused',
        why: `"${name}" is ${found.ending === undefined ? found.state : 'about to end'}, so it cannot be told to ${verb}`,
        usage: false,
      };
    hypervisor.manage(found, verb, 'the command line');
    return this.#entered(`${verb} ${name}`);
  }

  #entered(what: string): Reply {
    const at = this.#simulated.machine.clock.now();
    this.#outside.push({ at, what });
    return { kind: 'done', at };
  }

  #unknown(what: string, name: string, all: readonly string[]): Reply {
    return { kind: 'refused', why: `there is no ${what} "${name}"; there are ${all.join(', ')}`, usage: true };
  }

  /** Sends what a console prints to those who follow it, as much at once as a run of the machine made. */
  #forward(name: string, listen: (put: (byte: number) => void) => void): void {
    let pending: number[] = [];
    listen((byte) => {
      if (this.#followers.size === 0) return;
      pending.push(byte);
      if (pending.length > 1) return;
      setImmediate(() => {
        const bytes = Buffer.from(pending).toString('base64');
        pending = [];
        for (const [socket, followed] of this.#followers) if (followed === name) send(socket, { kind: 'output', bytes });
      });
    });
  }
}
