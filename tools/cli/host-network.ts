/**
 * The host's side of a way out (`partita,outside`): its loopback interface, and nothing else. What comes back is put where the gateway says
 * and meets the machine between two pieces of its run. This alone makes a run depend on the host.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { createServer, type Server, Socket } from 'node:net';
import type { Asked } from '../../core/machine/outside.ts';
import { readAddress } from '../../core/machine/outside.ts';
import type { Input, Outside, Request } from '../../core/net/gateway/outside.ts';
import { UsageError } from './usage.ts';

const LOOPBACK = '127.0.0.1';
/** Bytes from the host that may wait for a guest, on each connection. */
const MOST_WAITING = 0x4_0000;
const ARRIVING = 64;
/** How long an answer to a datagram is waited for in the host's time. */
const PATIENCE_MS = 5000;

interface Stream {
  readonly socket: Socket;
  /** Bytes that the guest does not have yet. */
  waiting: number;
}

export class HostNetwork implements Outside {
  readonly #put: (input: Input) => void;
  readonly #asked: Asked;
  readonly #wake: () => void;
  readonly #streams = new Map<number, Stream>();
  readonly #datagrams = new Map<number, (bytes: Uint8Array, port: number) => void>();
  readonly #sockets = new Map<number, DatagramSocket>();
  readonly #servers: (Server | DatagramSocket)[] = [];
  readonly #listening: Promise<void>[];
  #arrived = 0;
  #questions = 0;
  #patientUntil = 0;

  /** `wake`: something has been put. */
  constructor(asked: Asked, put: (input: Input) => void, wake: () => void) {
    this.#asked = asked;
    this.#wake = wake;
    this.#put = (input) => {
      put(input);
      wake();
    };
    this.#listening = asked.forwards.map((forward, i) => (forward.transport === 'tcp' ? this.#listen(i) : this.#bind(i)));
  }

  /** Throws a UsageError for a port that cannot be had. */
  async ready(): Promise<void> {
    await Promise.all(this.#listening);
  }

  /** Whether something may come from the host, so that virtual time should not run ahead of it. */
  get active(): boolean {
    const expecting = this.#streams.size + this.#questions + this.#servers.length > 0;
    return expecting || performance.now() < this.#patientUntil;
  }

  ask(request: Request): void {
    switch (request.ask) {
      case 'connect':
        return this.#connect(request.id, request.port);
      case 'send':
        return this.#send(request.id, request.bytes);
      case 'end':
        return void this.#streams.get(request.id)?.socket.end();
      case 'drop':
        return this.#drop(request.id);
      case 'more':
        return this.#more(request.id, request.count);
      case 'datagram':
        return this.#datagram(request.id, request.port, request.bytes);
      case 'resolve':
        this.#resolve(request.id, request.name);
    }
  }

  restored(open: readonly number[]): void {
    for (const id of [...this.#streams.keys(), ...this.#sockets.keys()]) if (!open.includes(id)) this.#drop(id);
    for (const id of open) if (!this.#streams.has(id) && !this.#sockets.has(id)) this.#put({ kind: 'broken', id });
  }

  close(): void {
    for (const id of [...this.#streams.keys(), ...this.#sockets.keys()]) this.#drop(id);
    for (const server of this.#servers) server.close();
  }

  #connect(id: number, port: number): void {
    const socket = new Socket({ allowHalfOpen: true });
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      this.#put({ kind: 'connected', id });
    });
    this.#attend(id, socket, () => (connected ? 'broken' : 'refused'));
    socket.connect(port, LOOPBACK);
  }

  #attend(id: number, socket: Socket, failed: () => 'broken' | 'refused'): void {
    const stream = { socket, waiting: 0 };
    this.#streams.set(id, stream);
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      stream.waiting += bytes.length;
      if (stream.waiting >= MOST_WAITING) socket.pause();
      this.#put({ kind: 'data', id, bytes: Uint8Array.from(bytes) });
    });
    socket.on('end', () => this.#put({ kind: 'ended', id }));
    socket.on('error', () => {
      if (this.#streams.delete(id)) this.#put({ kind: failed(), id });
    });
    socket.on('close', () => {
      this.#streams.delete(id);
      this.#wake();
    });
  }

  #send(id: number, bytes: Uint8Array): void {
    const { length } = bytes;
    this.#streams.get(id)?.socket.write(bytes, (error) => {
      if (error === undefined || error === null) this.#put({ kind: 'taken', id, count: length });
    });
  }

  #more(id: number, count: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.waiting -= count;
    if (stream.waiting < MOST_WAITING && stream.socket.isPaused()) stream.socket.resume();
  }

  #drop(id: number): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    if (stream !== undefined) abort(stream.socket);
    this.#datagrams.delete(id);
    this.#sockets.get(id)?.close();
    this.#sockets.delete(id);
  }

  #datagram(id: number, port: number, bytes: Uint8Array): void {
    this.#patientUntil = performance.now() + PATIENCE_MS;
    const answer = this.#datagrams.get(id);
    if (answer !== undefined) return answer(bytes, port);
    if (id < 0) return;
    const socket = createSocket('udp4');
    this.#sockets.set(id, socket);
    socket.on('error', () => {});
    socket.on('message', (message, { address, port: from }) => {
      if (address === LOOPBACK && from === port)
        this.#put({ kind: 'datagram', id, bytes: Uint8Array.from(message), forward: -1 });
    });
    const send = (data: Uint8Array) => socket.send(data, port, LOOPBACK, () => {});
    this.#datagrams.set(id, send);
    send(bytes);
  }

  #resolve(id: number, name: string): void {
    this.#questions++;
    const answer = (addresses: readonly number[]) => {
      this.#questions--;
      this.#put({ kind: 'resolved', id, addresses });
    };
    lookup(name, { family: 4, all: true }).then(
      (found) => answer(found.flatMap(({ address }) => readAddress(address) ?? [])),
      () => answer([]),
    );
  }

  #listen(forward: number): Promise<void> {
    const { port } = this.#asked.forwards[forward] as Asked['forwards'][number];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      if (this.#streams.size >= ARRIVING) return void socket.resetAndDestroy();
      const id = --this.#arrived;
      this.#put({ kind: 'arrived', id, forward });
      this.#attend(id, socket, () => 'broken');
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(taken('tcp', port, error)));
      server.listen(port, LOOPBACK, resolve);
    });
  }

  /** Each end that sends to the port has an id of its own. */
  #bind(forward: number): Promise<void> {
    const { port } = this.#asked.forwards[forward] as Asked['forwards'][number];
    const socket = createSocket('udp4');
    const ids = new Map<number, number>();
    this.#servers.push(socket);
    socket.on('message', (message, { port: from }) => {
      const id = ids.get(from) ?? --this.#arrived;
      if (!this.#datagrams.has(id)) {
        if (ids.size >= ARRIVING) ids.clear();
        ids.set(from, id);
        this.#datagrams.set(id, (bytes) => socket.send(bytes, from, LOOPBACK, () => {}));
      }
      this.#put({ kind: 'datagram', id, bytes: Uint8Array.from(message), forward });
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => reject(taken('udp', port, error)));
      socket.bind(port, LOOPBACK, resolve);
    });
  }
}

/** With a reset, unless an end is on its way: Node would then keep the socket, and the process, for ever. */
function abort(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function taken(transport: string, port: number, { message }: Error): UsageError {
  return new UsageError(`the host's ${transport} port ${port} cannot be forwarded: ${message}`);
}
