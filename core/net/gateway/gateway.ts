/**
 * The way out of a network, as a port of its switch: a host of its own that answers ARP, echo, DHCP and questions for names, and stands for
 * services of the host. Reference: RFC 1122 (Requirements for Internet Hosts). Whatever a guest sends, it costs others nothing: tables and
 * queues are bounded, and each frame is answered by a few at most.
 */
import type { State, Stateful } from '../../base/state.ts';
import { addressAt, HEADER, SOURCE, typeOf } from '../frame.ts';
import type { Cable, Timer } from '../port.ts';
import { arp, REPLY, REQUEST, readArp } from './arp.ts';
import { joined } from './bytes.ts';
import { Dhcp } from './dhcp.ts';
import { COUNTS, type Count, type FlowPorts } from './flow.ts';
import { echoReply, NET, PORT, unreachable } from './icmp.ts';
import { Inbox, type InboxOptions } from './inbox.ts';
import { BROADCAST, type Ends, ETHER_ARP, ETHER_IPV4, ICMP, ipPacket, type Packet, readPacket, TCP, UDP } from './ipv4.ts';
import { Names } from './names.ts';
import { Neighbours } from './neighbours.ts';
import type { Input, Outside, Request } from './outside.ts';
import { type Forward, type Service, serviceAt, type Transport } from './services.ts';
import { broadcastOf, isInside, type Subnet } from './subnet.ts';
import { TcpFlows } from './tcp-flows.ts';
import { type Datagram, datagram, MOST_DATA, readDatagram } from './udp.ts';
import { UdpFlows } from './udp-flows.ts';

export interface GatewayOptions extends InboxOptions {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly subnet: Subnet;
  readonly services: readonly Service[];
  readonly forwards: readonly Forward[];
  /** Whether names that are not its own may be asked of the host. */
  readonly resolve: boolean;
}

const TO_ALL = 'ff:ff:ff:ff:ff:ff';
const [DHCP_SERVER, DHCP_CLIENT, DNS] = [67, 68, 53];
/** Without what pads it. */
const SHORTEST = 60;
/** Virtual nanoseconds between two errors of ICMP. */
const ERRORS = 1_000_000;

export class Gateway implements Stateful {
  readonly #cable: Cable;
  readonly #timer: Timer;
  readonly #options: GatewayOptions;
  readonly #outside: Outside;
  readonly #alarm: { set(at: number): void };
  readonly #inbox: Inbox;
  readonly #neighbours = new Neighbours();
  readonly #dhcp: Dhcp;
  readonly #names: Names;
  readonly #tcp: TcpFlows;
  readonly #udp: UdpFlows;
  #counts = noCounts();
  #ids = 0;
  #packets = 0;
  #noErrorBefore = 0;

  /** `open` makes the outside, which is given where to put its inputs. */
  constructor(cable: Cable, timer: Timer, options: GatewayOptions, open: (put: (input: Input) => void) => Outside) {
    this.#cable = cable;
    this.#timer = timer;
    this.#options = options;
    this.#alarm = timer.alarm(`gateway ${options.name}`, () => this.#timeOut());
    this.#inbox = new Inbox(timer, options.name, options, (input) => this.#input(input));
    this.#outside = open((input) => this.#inbox.put(input));
    this.#dhcp = new Dhcp(options.subnet);
    const ports: FlowPorts = {
      now: () => timer.now(),
      transmit: (...packet) => this.#transmit(...packet),
      ask: (request) => this.#ask(request),
      count: (what) => this.#count(what),
      newId: () => ++this.#ids,
    };
    this.#names = new Names(ports, options.subnet, options.resolve);
    this.#tcp = new TcpFlows(ports);
    this.#udp = new UdpFlows(ports);
    cable.onReceive((frame) => this.#receive(frame));
  }

  get counts(): Readonly<Record<Count, number>> {
    return this.#counts;
  }

  save(): State {
    const [ids, packets, noErrorBefore] = [this.#ids, this.#packets, this.#noErrorBefore];
    return { ids, packets, noErrorBefore, counts: { ...this.#counts }, ...this.#parts((part) => part.save()) };
  }

  load(state: State): void {
    const { ids, packets, noErrorBefore, counts } = state as unknown as Saved;
    this.#ids = ids;
    this.#packets = packets;
    this.#noErrorBefore = noErrorBefore;
    this.#counts = { ...counts };
    this.#parts((part, name) => part.load(state[name] as State));
    if (!this.#inbox.replays) this.#outside.restored([...this.#tcp.open, ...this.#udp.open]);
    this.#schedule();
  }

  reset(): void {
    this.#ids = 0;
    this.#packets = 0;
    this.#noErrorBefore = 0;
    this.#counts = noCounts();
    this.#parts((part) => part.reset());
    if (!this.#inbox.replays) this.#outside.restored([]);
    this.#schedule();
  }

  #parts<T>(visit: (part: Stateful, name: string) => T): Record<string, T> {
    const parts = { inbox: this.#inbox, neighbours: this.#neighbours, dhcp: this.#dhcp, names: this.#names };
    const all: Readonly<Record<string, Stateful>> = { ...parts, tcp: this.#tcp, udp: this.#udp };
    return Object.fromEntries(Object.entries(all).map(([name, part]) => [name, visit(part, name)]));
  }

  #receive(frame: Uint8Array): void {
    this.#count('received');
    const mac = addressAt(frame, SOURCE);
    if (typeOf(frame) === ETHER_ARP) this.#arp(frame.subarray(HEADER), mac);
    else if (typeOf(frame) === ETHER_IPV4) this.#ip(frame, mac);
    else this.#count('foreign');
    this.#schedule();
  }

  #arp(bytes: Uint8Array, mac: string): void {
    const { gateway, dns } = this.#options.subnet;
    const message = readArp(bytes);
    if (message === undefined || addressAt(message.mac, 0) !== mac) return this.#count('malformed');
    this.#learn(message.ip, mac);
    if (message.operation !== REQUEST || (message.target !== gateway && message.target !== dns)) return;
    this.#send(mac, ETHER_ARP, arp(REPLY, this.#options.mac, message.target, message.ip, message.mac));
  }

  /** An address that is leased is only its holder's. */
  #learn(ip: number, mac: string): void {
    const { subnet } = this.#options;
    const own = ip === subnet.gateway || ip === subnet.dns || ip === subnet.network || ip === broadcastOf(subnet);
    const holder = this.#dhcp.holder(ip, this.#timer.now());
    if (!isInside(subnet, ip) || own || (holder !== undefined && holder !== mac)) return;
    const held = this.#neighbours.learn(ip, mac);
    if (held !== undefined) this.#send(mac, ETHER_IPV4, held);
  }

  #ip(frame: Uint8Array, mac: string): void {
    const packet = readPacket(frame);
    if (typeof packet === 'string') return this.#count(packet);
    const { subnet } = this.#options;
    const { from, to, protocol } = packet;
    this.#learn(from, mac);
    if (protocol === UDP) return this.#datagram(packet, mac);
    if (!isInside(subnet, from)) return this.#count('foreign');
    if (to !== subnet.gateway && to !== subnet.dns) return this.#elsewhere(packet, mac);
    if (protocol === TCP) return this.#segment(packet, mac);
    const reply = protocol === ICMP ? echoReply(packet.data) : undefined;
    if (reply === undefined) return this.#count('foreign');
    this.#transmit(mac, { from: to, to: from }, ICMP, reply);
  }

  /** What is for a network beyond: there is none. What is for others of this one was only flooded here. */
  #elsewhere(packet: Packet, mac: string): void {
    if (isInside(this.#options.subnet, packet.to) || packet.to >>> 28 >= 14) return this.#count('foreign');
    this.#count('refused');
    this.#error(NET, packet, mac);
  }

  #error(code: number, packet: Packet, mac: string): void {
    const now = this.#timer.now();
    if (now < this.#noErrorBefore) return;
    this.#noErrorBefore = now + ERRORS;
    this.#transmit(mac, { from: this.#options.subnet.gateway, to: packet.from }, ICMP, unreachable(code, packet));
  }

  #segment(packet: Packet, mac: string): void {
    const service = (port: number) => this.#service(packet, 'tcp', port);
    this.#tcp.receive(packet, mac, this.#isFound(packet.from, mac), service);
  }

  #service({ to }: Packet, transport: Transport, port: number): number | undefined {
    const { subnet, services } = this.#options;
    return to === subnet.gateway ? serviceAt(services, transport, port) : undefined;
  }

  #isFound(ip: number, mac: string): boolean {
    return this.#neighbours.find(ip) === mac;
  }

  #datagram(packet: Packet, mac: string): void {
    const { subnet } = this.#options;
    const { from, to } = packet;
    const message = readDatagram(packet.data, packet);
    if (message === undefined) return this.#count('malformed');
    const { fromPort, toPort, data } = message;
    const toAll = to === BROADCAST || to === broadcastOf(subnet);
    if (toPort === DHCP_SERVER && (toAll || to === subnet.gateway)) return this.#lease(data, mac);
    if (!isInside(subnet, from) || toAll) return this.#count('foreign');
    if (to !== subnet.gateway && to !== subnet.dns) return this.#elsewhere(packet, mac);
    if (to === subnet.dns && toPort === DNS) {
      const asker = { mac, ip: from, port: fromPort };
      const answer = this.#names.answer(data, asker);
      return answer && this.#datagramTo(asker, answer);
    }
    const flow = { mac, ip: from, port: fromPort, localIp: to, localPort: toPort };
    if (this.#udp.send(flow, this.#isFound(from, mac), data, this.#service(packet, 'udp', toPort))) return;
    this.#count('refused');
    this.#error(PORT, packet, mac);
  }

  #datagramTo({ mac, ip, port }: { mac: string; ip: number; port: number }, data: Uint8Array): void {
    if (data.length > MOST_DATA) return this.#count('tooLong');
    this.#udpTo(mac, { from: this.#options.subnet.dns, to: ip }, { fromPort: DNS, toPort: port, data });
  }

  #udpTo(mac: string, ends: Ends, message: Datagram): void {
    this.#transmit(mac, ends, UDP, datagram(message, ends));
  }

  #lease(message: Uint8Array, mac: string): void {
    const found = this.#dhcp.answer(this.#timer.now(), message);
    if (found === undefined) return;
    if (found === 'malformed') return this.#count(found);
    const ends = { from: this.#options.subnet.gateway, to: BROADCAST };
    this.#udpTo(found.toAll ? TO_ALL : mac, ends, { fromPort: DHCP_SERVER, toPort: DHCP_CLIENT, data: found.data });
  }

  #input(input: Input): void {
    const { forwards, subnet } = this.#options;
    if (input.kind === 'arrived') {
      const forward = forwards[input.forward];
      if (forward === undefined) this.#ask({ ask: 'drop', id: input.id });
      else this.#tcp.arrived(input.id, forward, subnet.gateway);
    } else if (input.kind === 'datagram') {
      this.#udp.receive(input.id, input.bytes, input.id < 0 ? forwards[input.forward] : undefined, subnet.gateway);
    } else if (input.kind === 'resolved') {
      const answer = this.#names.resolved(input.id, input.addresses);
      if (answer !== undefined) this.#datagramTo(answer, answer.data);
    } else this.#tcp.input(input);
    this.#schedule();
  }

  #ask(request: Request): void {
    this.#inbox.note(request);
    if (!this.#inbox.replays) this.#outside.ask(request);
  }

  #transmit(mac: string, ends: Ends, protocol: number, data: Uint8Array): void {
    const packet = ipPacket(ends, protocol, data, this.#packets++ & 0xffff);
    const found = mac === '' ? this.#neighbours.find(ends.to) : mac;
    if (found !== undefined) return this.#send(found, ETHER_IPV4, packet);
    this.#neighbours.hold(ends.to, packet);
    this.#send(TO_ALL, ETHER_ARP, arp(REQUEST, this.#options.mac, ends.from, ends.to));
  }

  #send(mac: string, type: number, payload: Uint8Array): void {
    const to = Uint8Array.from(mac.split(':'), (byte) => Number.parseInt(byte, 16));
    const frame = joined(to, this.#options.mac, Uint8Array.of(type >>> 8, type), payload);
    const padding = new Uint8Array(Math.max(0, SHORTEST - frame.length));
    this.#count('sent');
    this.#cable.send(joined(frame, padding));
  }

  #timeOut(): void {
    const now = this.#timer.now();
    this.#tcp.timeOut(now);
    this.#udp.timeOut(now);
    this.#schedule();
  }

  #schedule(): void {
    this.#alarm.set(Math.min(this.#tcp.deadline, this.#udp.deadline));
  }

  #count(what: Count): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }
}

const noCounts = (): Record<Count, number> => Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<Count, number>;

interface Saved {
  readonly ids: number;
  readonly packets: number;
  readonly noErrorBefore: number;
  readonly counts: Record<Count, number>;
}
