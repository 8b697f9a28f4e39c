/** The stub for names: a few of its own, and others only where the host may be asked. */
import type { State, Stateful } from '../../base/state.ts';
import { dnsAnswer, RCODE, readQuestion } from './dns.ts';
import type { FlowPorts } from './flow.ts';
import type { Subnet } from './subnet.ts';

/** Questions that wait for the host's answer. */
const MOST = 16;
/** Loopback addresses of the host are what the gateway stands for. */
const LOOPBACK = 127;

export interface Asker {
  readonly mac: string;
  readonly ip: number;
  readonly port: number;
}

interface Waiting extends Asker {
  readonly id: number;
  readonly message: Uint8Array;
  readonly end: number;
}

export class Names implements Stateful {
  readonly #ports: Pick<FlowPorts, 'ask' | 'newId' | 'count'>;
  readonly #known: ReadonlyMap<string, number>;
  readonly #gateway: number;
  readonly #resolve: boolean;
  #waiting: readonly Waiting[] = [];

  constructor(ports: Pick<FlowPorts, 'ask' | 'newId' | 'count'>, { gateway, dns }: Subnet, resolve: boolean) {
    this.#ports = ports;
    this.#gateway = gateway;
    this.#resolve = resolve;
    this.#known = new Map([
      ['gateway.internal', gateway],
      ['dns.internal', dns],
    ]);
  }

  /** The answer to a message; undefined if there is none, or not yet. */
  answer(message: Uint8Array, asker: Asker): Uint8Array | undefined {
    const question = readQuestion(message);
    if (question === undefined) return undefined;
    if (typeof question === 'string') return dnsAnswer(message, RCODE[question]);
    const { name, address, end } = question;
    const own = this.#known.get(name);
    if (own !== undefined) return dnsAnswer(message, RCODE.fine, end, address ? [own] : []);
    if (!this.#resolve) return dnsAnswer(message, RCODE.noName, end);
    if (!address) return dnsAnswer(message, RCODE.fine, end);
    if (this.#waiting.length >= MOST) {
      this.#ports.count('full');
      return dnsAnswer(message, RCODE.failed, end);
    }
    const id = this.#ports.newId();
    this.#waiting = [...this.#waiting, { ...asker, id, message: message.slice(0, end), end }];
    this.#ports.ask({ ask: 'resolve', id, name });
    return undefined;
  }

  /** The host has answered: what to send, and to whom; undefined if nobody has asked. */
  resolved(id: number, addresses: readonly number[]): (Asker & { readonly data: Uint8Array }) | undefined {
    const found = this.#waiting.find((one) => one.id === id);
    if (found === undefined) return undefined;
    this.#waiting = this.#waiting.filter((one) => one !== found);
    const given = addresses.map((ip) => (ip >>> 24 === LOOPBACK ? this.#gateway : ip));
    return { ...found, data: dnsAnswer(found.message, given.length > 0 ? RCODE.fine : RCODE.noName, found.end, given) };
  }

  save(): State {
    return { waiting: this.#waiting.map((one) => ({ ...one, message: one.message.slice() })) };
  }

  load(state: State): void {
    this.#waiting = (state['waiting'] as unknown as readonly Waiting[]).map((one) => ({ ...one, message: one.message.slice() }));
  }

  reset(): void {
    this.#waiting = [];
  }
}
