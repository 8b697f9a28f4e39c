/**
 * A switch: it learns who is behind which port, for each VLAN apart, and passes frames on, after a delay, to where they belong or to all ports of
 * their VLAN. Reference: IEEE Std 802.1Q, 8.6 (the forwarding process) and 8.7 (the learning process). No spanning tree: there is one switch
 * to a network, and nothing that goes round.
 */
import type { State, Stateful } from '../base/state.ts';
import { addressAt, DESTINATION, isGroup, SOURCE } from './frame.ts';
import { type Cable, type Carried, Port, type PortOptions, type Timer } from './port.ts';

/** Addresses that one port may teach: more of them push out its own, never another's. */
const ADDRESSES = 64;
/** After which an address that was not heard of is forgotten. */
const AGE = 300_000_000_000;
/** From one end to the other. A round of all cores' turns is no longer, so that nobody's place in it matters. */
export const USUAL_LATENCY = 10_000;

interface Learned {
  readonly port: Port;
  readonly at: number;
}

export class Switch implements Stateful {
  readonly #latency: number;
  readonly #ports = new Map<string, Port>();
  /** By VLAN and address; the one last heard of is last. */
  readonly #learned = new Map<string, Learned>();

  constructor(latency: number = USUAL_LATENCY) {
    this.#latency = latency;
  }

  /** Returns undefined if there is a port of that name already. */
  add(options: PortOptions): Port | undefined {
    if (this.#ports.has(options.name)) return undefined;
    const port = new Port(options);
    this.#ports.set(options.name, port);
    return port;
  }

  get ports(): readonly Port[] {
    return [...this.#ports.values()];
  }

  connect(port: Port, timer: Timer): Cable {
    return port.connect(timer, (frame) => this.#arrive(port, frame));
  }

  save(): State {
    const learned = [...this.#learned].map(([key, { port, at }]) => [key, port.name, at] as const);
    return { learned, ports: Object.fromEntries(this.ports.map((port) => [port.name, port.save()])) };
  }

  load(state: State): void {
    const { learned, ports } = state as unknown as Saved;
    for (const port of this.ports) port.load(ports[port.name] as State);
    this.#learned.clear();
    for (const [key, name, at] of learned) this.#learned.set(key, { port: this.#ports.get(name) as Port, at });
  }

  reset(): void {
    this.#learned.clear();
    for (const port of this.ports) port.reset();
  }

  #arrive(from: Port, frame: Uint8Array): void {
    const entered = from.enter(frame, (carried) => !this.#pretends(from, carried));
    if (entered === undefined) return;
    this.#learn(from, entered, entered.at);
    const due = entered.at + this.#latency;
    for (const port of this.#receivers(from, entered, entered.at)) port.leave(from, entered, due);
  }

  /** Whether the source address is another port's own. */
  #pretends(from: Port, { vlan, frame }: Carried): boolean {
    const address = addressAt(frame, SOURCE);
    return this.ports.some((port) => port !== from && port.mac === address && port.vlans.has(vlan));
  }

  #learn(port: Port, { vlan, frame }: Carried, at: number): void {
    const key = `${vlan} ${addressAt(frame, SOURCE)}`;
    const known = this.#learned.get(key)?.port === port;
    this.#learned.delete(key);
    const own = known ? [] : [...this.#learned].filter(([, learned]) => learned.port === port);
    if (own.length >= ADDRESSES) this.#learned.delete((own[0] as (typeof own)[number])[0]);
    this.#learned.set(key, { port, at });
  }

  #receivers(from: Port, { vlan, frame }: Carried, at: number): readonly Port[] {
    const others = this.ports.filter((port) => port !== from && port.vlans.has(vlan));
    if (isGroup(frame, DESTINATION)) return others;
    const address = addressAt(frame, DESTINATION);
    const fixed = this.ports.find((port) => port.mac === address && port.vlans.has(vlan));
    const learned = this.#learned.get(`${vlan} ${address}`);
    const known = fixed ?? (learned !== undefined && at - learned.at <= AGE ? learned.port : undefined);
    if (known === undefined) return others;
    return known === from ? [] : [known];
  }
}

interface Saved {
  readonly learned: readonly (readonly [key: string, port: string, at: number])[];
  readonly ports: Readonly<Record<string, State>>;
}
