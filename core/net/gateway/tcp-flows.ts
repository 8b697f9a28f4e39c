/** The TCP connections of a gateway. Tables are bounded for each guest, and connections that nobody has answered the most. */
import type { State, Stateful } from '../../base/state.ts';
import { Connection } from './connection.ts';
import { ALL_FLOWS, FLOWS, type Flow, type FlowPorts, keyOf, ownPort, towards } from './flow.ts';
import { type Packet, TCP } from './ipv4.ts';
import type { Input } from './outside.ts';
import { ACK, placesOf, RST, readSegment, type Segment, SYN, segment } from './segment.ts';
import type { Forward } from './services.ts';

/** Connections of one guest that are not open yet. */
const UNANSWERED = 16;
/** A guest that was silent for so long loses the connection, if there is no place for another. */
const SILENT = 300_000_000_000;
/** Nanoseconds for one place of the sequence space (RFC 9293, 3.4.1). */
const TICK = 4000;
const STEP = 0x1_0000;

interface Entry {
  readonly flow: Flow;
  readonly connection: Connection;
}

export class TcpFlows implements Stateful {
  readonly #ports: FlowPorts;
  readonly #flows = new Map<string, Entry>();
  #begun = 0;
  #called = 0;

  constructor(ports: FlowPorts) {
    this.#ports = ports;
  }

  get open(): number[] {
    return [...this.#flows.values()].map(({ connection }) => connection.id);
  }

  get deadline(): number {
    return [...this.#flows.values()].reduce(
      (least, { connection }) => Math.min(least, connection.deadline),
      Number.POSITIVE_INFINITY,
    );
  }

  /** `found`: whether the guest is the one that has its address. `service`: the host's port behind one of the gateway's. */
  receive(packet: Packet, mac: string, found: boolean, service: (port: number) => number | undefined): void {
    const s = readSegment(packet.data, packet);
    if (s === undefined) return this.#ports.count('malformed');
    const flow = { mac, ip: packet.from, port: s.fromPort, localIp: packet.to, localPort: s.toPort };
    const entry = this.#flows.get(keyOf(flow)) ?? (found ? this.#flows.get(keyOf({ ...flow, mac: '' })) : undefined);
    const again = entry?.connection.phase === 'lingering' && (s.flags & (SYN | ACK)) === SYN;
    if (entry !== undefined && !again) {
      entry.connection.receive(s);
      return this.#tidy(entry);
    }
    if ((s.flags & (SYN | ACK | RST)) !== SYN) return this.#refuse(flow, s);
    const port = service(s.toPort);
    if (port === undefined) {
      this.#ports.count('refused');
      return this.#refuse(flow, s);
    }
    if (!again && !this.#room(mac)) {
      this.#ports.count('full');
      return this.#refuse(flow, s);
    }
    const made = this.#add(this.#ports.newId(), flow);
    made.connection.requested(s, this.#initial());
    this.#ports.ask({ ask: 'connect', id: made.connection.id, port });
  }

  /** Returns whether it was for one of these. */
  input(input: Input): boolean {
    const entry = [...this.#flows.values()].find(({ connection }) => connection.id === input.id);
    if (entry === undefined) return false;
    const { connection } = entry;
    if (input.kind === 'connected') connection.connected();
    if (input.kind === 'refused' || input.kind === 'broken') connection.broken();
    if (input.kind === 'data') connection.data(input.bytes);
    if (input.kind === 'ended') connection.ended();
    if (input.kind === 'taken') connection.taken(input.count);
    this.#tidy(entry);
    return true;
  }

  /** Someone has connected to a port of the host. */
  arrived(id: number, { ip, to }: Forward, localIp: number): void {
    if (!this.#room('')) {
      this.#ports.count('full');
      return this.#ports.ask({ ask: 'drop', id });
    }
    const { connection } = this.#add(id, { mac: '', ip, port: to, localIp, localPort: ownPort(this.#called++) });
    connection.call(this.#initial());
  }

  timeOut(now: number): void {
    for (const entry of [...this.#flows.values()]) {
      if (entry.connection.deadline > now) continue;
      entry.connection.timeOut();
      this.#tidy(entry);
    }
  }

  save(): State {
    const flows = [...this.#flows.values()].map(({ flow, connection }) => ({
      flow: { ...flow },
      id: connection.id,
      state: connection.save(),
    }));
    return { flows, begun: this.#begun, called: this.#called };
  }

  load(state: State): void {
    const { flows, begun, called } = state as unknown as Saved;
    this.#flows.clear();
    for (const { flow, id, state } of flows) this.#add(id, { ...flow }).connection.load(state);
    this.#begun = begun;
    this.#called = called;
  }

  reset(): void {
    this.#flows.clear();
    this.#begun = 0;
    this.#called = 0;
  }

  #add(id: number, flow: Flow): Entry {
    const send = (s: Parameters<ConstructorParameters<typeof Connection>[1]['send']>[0]) =>
      this.#ports.transmit(
        flow.mac,
        towards(flow),
        TCP,
        segment({ ...s, fromPort: flow.localPort, toPort: flow.port }, towards(flow)),
      );
    const connection = new Connection(id, { now: () => this.#ports.now(), send, ask: (request) => this.#ports.ask(request) });
    const entry = { flow, connection };
    this.#flows.set(keyOf(flow), entry);
    return entry;
  }

  #tidy({ flow, connection }: Entry): void {
    const key = keyOf(flow);
    if (connection.phase === 'gone' && this.#flows.get(key)?.connection === connection) this.#flows.delete(key);
  }

  #initial(): number {
    return (Math.floor(this.#ports.now() / TICK) + STEP * this.#begun++) % 0x1_0000_0000;
  }

  /** Whether there is a place for one more of a guest, made free if need be. */
  #room(mac: string): boolean {
    const own = [...this.#flows.values()].filter(({ flow }) => flow.mac === mac);
    const unanswered = own.filter(
      ({ connection: { phase } }) => phase === 'asking' || phase === 'answering' || phase === 'calling',
    );
    if (unanswered.length >= UNANSWERED) return false;
    if (own.length < FLOWS && this.#flows.size < ALL_FLOWS) return true;
    const silent = this.#ports.now() - SILENT;
    const spare =
      own.find(({ connection }) => connection.phase === 'lingering') ?? own.find(({ connection }) => connection.heard < silent);
    if (spare === undefined) return false;
    if (spare.connection.phase !== 'lingering') this.#ports.ask({ ask: 'drop', id: spare.connection.id });
    this.#flows.delete(keyOf(spare.flow));
    return true;
  }

  /** RFC 9293, 3.10.7.1: what a port answers that is closed. */
  #refuse(flow: Flow, s: Segment): void {
    if ((s.flags & RST) !== 0) return;
    const known = (s.flags & ACK) !== 0;
    const reset = {
      fromPort: flow.localPort,
      toPort: flow.port,
      sequence: known ? s.acknowledged : 0,
      acknowledged: known ? 0 : (s.sequence + placesOf(s)) % 0x1_0000_0000,
      flags: known ? RST : RST | ACK,
      window: 0,
      mss: 0,
      data: new Uint8Array(),
    };
    this.#ports.transmit(flow.mac, towards(flow), TCP, segment(reset, towards(flow)));
  }
}

interface Saved {
  readonly flows: readonly { readonly flow: Flow; readonly id: number; readonly state: State }[];
  readonly begun: number;
  readonly called: number;
}
