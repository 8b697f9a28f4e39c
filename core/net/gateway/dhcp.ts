/**
 * DHCP: addresses for those who ask. References: RFC 2131, RFC 2132 (options). An address stays its holder's, by hardware address, until it
 * is given back or the lease is over; what is only offered, for a minute.
 */
import type { State, Stateful } from '../../base/state.ts';
import { addressAt } from '../frame.ts';
import { get32, put32 } from './bytes.ts';
import type { Subnet } from './subnet.ts';

const [FLAGS, CIADDR, YIADDR, SIADDR, CHADDR, COOKIE, OPTIONS] = [10, 12, 16, 20, 28, 236, 240];
const MAGIC = 0x6382_5363;
const [DISCOVER, OFFER, REQUEST, DECLINE, PACK, NAK, RELEASE, INFORM] = [1, 2, 3, 4, 5, 6, 7, 8];
const [PAD, MASK, ROUTER, DNS, REQUESTED, LEASE, KIND, SERVER, END] = [0, 1, 3, 6, 50, 51, 53, 54, 255];
const LEASE_SECONDS = 86_400;
const SECOND = 1_000_000_000;
const OFFERED = 60 * SECOND;
/** With options; what older clients expect at least (RFC 1542, 2.1). */
const LENGTH = 300;

interface Lease {
  readonly mac: string;
  readonly until: number;
}

export interface DhcpAnswer {
  readonly data: Uint8Array;
  /** Whether the client cannot take what is sent to its own hardware address. */
  readonly toAll: boolean;
}

export class Dhcp implements Stateful {
  readonly #subnet: Subnet;
  /** By number of the address. */
  #leases: (Lease | null)[];

  constructor(subnet: Subnet) {
    this.#subnet = subnet;
    this.#leases = this.#none();
  }

  /** Whose an address is; undefined if it is nobody's by lease. */
  holder(ip: number, now: number): string | undefined {
    const lease = this.#leases[ip - this.#subnet.firstLease];
    return lease && lease.until > now ? lease.mac : undefined;
  }

  /** Undefined if there is nothing to say. */
  answer(now: number, message: Uint8Array): DhcpAnswer | 'malformed' | undefined {
    const options = readOptions(message);
    if (options === undefined) return 'malformed';
    const mac = addressAt(message, CHADDR);
    const server = options.get(SERVER);
    const ours = server === undefined || get32(server, 0) === this.#subnet.gateway;
    const wanted = options.get(REQUESTED);
    const ip = wanted === undefined ? get32(message, CIADDR) : get32(wanted, 0);
    switch (options.get(KIND)?.[0]) {
      case DISCOVER:
        return this.#offer(now, message, mac, ip);
      case REQUEST:
        return ours ? this.#confirm(now, message, mac, ip) : this.#free(mac);
      case DECLINE:
      case RELEASE:
        return this.#free(mac);
      case INFORM:
        return this.#reply(message, PACK, 0);
      default:
        return 'malformed';
    }
  }

  save(): State {
    return { leases: this.#leases.map((lease) => lease && { ...lease }) };
  }

  load(state: State): void {
    this.#leases = (state['leases'] as unknown as readonly (Lease | null)[]).map((lease) => lease && { ...lease });
  }

  reset(): void {
    this.#leases = this.#none();
  }

  #none(): null[] {
    return new Array<null>(this.#subnet.leases).fill(null);
  }

  #free(mac: string): undefined {
    this.#leases = this.#leases.map((lease) => (lease?.mac === mac ? null : lease));
    return undefined;
  }

  /** The client's own address, else the one it wants, else any that is free. */
  #offer(now: number, message: Uint8Array, mac: string, wanted: number): DhcpAnswer | undefined {
    const own = this.#leases.findIndex((lease) => lease?.mac === mac);
    const free = (i: number) => i >= 0 && i < this.#leases.length && (this.#leases[i] ?? { until: 0 }).until <= now;
    const asked = wanted - this.#subnet.firstLease;
    const number = own >= 0 ? own : free(asked) ? asked : this.#leases.findIndex((_, i) => free(i));
    if (number < 0) return undefined;
    const until = Math.max(now + OFFERED, own >= 0 ? (this.#leases[own]?.until ?? 0) : 0);
    this.#leases[number] = { mac, until };
    return this.#reply(message, OFFER, this.#subnet.firstLease + number);
  }

  #confirm(now: number, message: Uint8Array, mac: string, ip: number): DhcpAnswer {
    const number = ip - this.#subnet.firstLease;
    const lease = this.#leases[number];
    const fits = lease !== undefined && (lease === null || lease.until <= now || lease.mac === mac);
    if (!fits) return { ...this.#reply(message, NAK, 0), toAll: true };
    this.#free(mac);
    this.#leases[number] = { mac, until: now + LEASE_SECONDS * SECOND };
    return this.#reply(message, PACK, ip);
  }

  #reply(message: Uint8Array, kind: number, ip: number): DhcpAnswer {
    const { gateway, dns, mask } = this.#subnet;
    const data = new Uint8Array(LENGTH);
    data.set(message.subarray(0, COOKIE));
    data[0] = 2;
    data.fill(0, 8, FLAGS);
    put32(data, YIADDR, ip);
    put32(data, SIADDR, kind === NAK ? 0 : gateway);
    data.fill(0, CHADDR + 16, COOKIE);
    put32(data, COOKIE, MAGIC);
    const numbers: readonly (readonly [number, number])[] =
      kind === NAK ? [] : [[MASK, mask], [ROUTER, gateway], [DNS, dns], ...(ip === 0 ? [] : [[LEASE, LEASE_SECONDS] as const])];
    data.set([KIND, 1, kind], OPTIONS);
    let at = OPTIONS + 3;
    for (const [option, value] of [[SERVER, gateway] as const, ...numbers]) {
      data[at] = option;
      data[at + 1] = 4;
      put32(data, at + 2, value);
      at += 6;
    }
    data[at] = END;
    return { data, toAll: (message[FLAGS] as number) >= 0x80 };
  }
}

/** The options of a client's message; undefined if it is none from an Ethernet. Those that run over the end are not there. */
function readOptions(message: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const fits = message.length >= OPTIONS && message[0] === 1 && message[1] === 1 && message[2] === 6;
  if (!fits || get32(message, COOKIE) !== MAGIC) return undefined;
  const options = new Map<number, Uint8Array>();
  for (let at = OPTIONS; at + 1 < message.length && message[at] !== END; ) {
    const length = message[at] === PAD ? -1 : (message[at + 1] as number);
    const value = message.slice(at + 2, at + 2 + Math.max(0, length));
    if (value.length === length) options.set(message[at] as number, value);
    at += 2 + length;
  }
  return options;
}
