/** The datagrams between guests and the outside: who speaks with whom, so that answers find their way, until a minute of silence. */
import type { State, Stateful } from '../../base/state.ts';
import { ALL_FLOWS, FLOWS, type Flow, type FlowPorts, keyOf, ownPort, towards } from './flow.ts';
import { UDP } from './ipv4.ts';
import type { Forward } from './services.ts';
import { datagram, MOST_DATA } from './udp.ts';

const SILENT = 60_000_000_000;

interface Entry {
  readonly id: number;
  readonly flow: Flow;
  /** The host's port; 0 for a flow that the outside began. */
  readonly port: number;
  heard: number;
}

export class UdpFlows implements Stateful {
  readonly #ports: FlowPorts;
  readonly #flows = new Map<string, Entry>();
  #called = 0;

  constructor(ports: FlowPorts) {
    this.#ports = ports;
  }

  get open(): number[] {
    return [...this.#flows.values()].map(({ id }) => id);
  }

  get deadline(): number {
    return [...this.#flows.values()].reduce((least, { heard }) => Math.min(least, heard + SILENT), Number.POSITIVE_INFINITY);
  }

  /** From the guest to the host's port. Returns false if the flow is not known and there is no port. */
  send(flow: Flow, found: boolean, data: Uint8Array, port: number | undefined): boolean {
    const called = found ? this.#flows.get(keyOf({ ...flow, mac: '' })) : undefined;
    if (called === undefined && port === undefined) return false;
    const entry = called ?? this.#flows.get(keyOf(flow)) ?? this.#add(this.#ports.newId(), flow, port ?? 0);
    entry.heard = this.#ports.now();
    this.#ports.ask({ ask: 'datagram', id: entry.id, port: entry.port, bytes: data });
    return true;
  }

  /** From the outside; `forward` for an id of the host's. */
  receive(id: number, data: Uint8Array, forward: Forward | undefined, localIp: number): void {
    const known = [...this.#flows.values()].find((one) => one.id === id);
    if (data.length > MOST_DATA) return this.#ports.count('tooLong');
    if (known === undefined && forward === undefined) return;
    const entry = known ?? this.#answering(id, forward as Forward, localIp);
    entry.heard = this.#ports.now();
    const { flow } = entry;
    const bytes = datagram({ fromPort: flow.localPort, toPort: flow.port, data }, towards(flow));
    this.#ports.transmit(flow.mac, towards(flow), UDP, bytes);
  }

  timeOut(now: number): void {
    for (const entry of [...this.#flows.values()]) if (entry.heard + SILENT <= now) this.#drop(entry);
  }

  save(): State {
    return { flows: [...this.#flows.values()].map((entry) => ({ ...entry, flow: { ...entry.flow } })), called: this.#called };
  }

  load(state: State): void {
    this.#flows.clear();
    for (const entry of state['flows'] as unknown as readonly Entry[])
      this.#flows.set(keyOf(entry.flow), { ...entry, flow: { ...entry.flow } });
    this.#called = state['called'] as number;
  }

  reset(): void {
    this.#flows.clear();
    this.#called = 0;
  }

  #answering(id: number, { ip, to }: Forward, localIp: number): Entry {
    return this.#add(id, { mac: '', ip, port: to, localIp, localPort: ownPort(this.#called++) }, 0);
  }

  /** Where there is no place, the one that was silent the longest makes it: of the same guest, if it has too many. */
  #add(id: number, flow: Flow, port: number): Entry {
    const all = [...this.#flows.values()];
    const own = all.filter((one) => one.flow.mac === flow.mac);
    const crowd = own.length >= FLOWS ? own : all.length >= ALL_FLOWS ? all : [];
    const oldest = crowd.reduce<Entry | undefined>((least, one) => (least && least.heard <= one.heard ? least : one), undefined);
    if (oldest !== undefined) {
      this.#ports.count('full');
      this.#drop(oldest);
    }
    const entry = { id, flow, port, heard: this.#ports.now() };
    this.#flows.set(keyOf(flow), entry);
    return entry;
  }

  #drop({ id, flow }: Entry): void {
    this.#flows.delete(keyOf(flow));
    this.#ports.ask({ ask: 'drop', id });
  }
}
