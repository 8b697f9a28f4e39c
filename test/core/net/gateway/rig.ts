/** A gateway on a switch, with guests that speak by hand and an outside that does as it is told. */
import { VirtualClock } from '../../../../core/bus/clock.ts';
import { addressAt } from '../../../../core/net/frame.ts';
import { arp, REQUEST } from '../../../../core/net/gateway/arp.ts';
import { get16, joined } from '../../../../core/net/gateway/bytes.ts';
import { Gateway, type GatewayOptions } from '../../../../core/net/gateway/gateway.ts';
import {
  type Ends,
  ETHER_ARP,
  ETHER_IPV4,
  ipPacket,
  type Packet,
  readPacket,
  TCP,
  UDP,
} from '../../../../core/net/gateway/ipv4.ts';
import type { Input, Request } from '../../../../core/net/gateway/outside.ts';
import { readSegment, type Segment, segment } from '../../../../core/net/gateway/segment.ts';
import { type Subnet, subnet } from '../../../../core/net/gateway/subnet.ts';
import { type Datagram, datagram, readDatagram } from '../../../../core/net/gateway/udp.ts';
import type { Cable, PortOptions } from '../../../../core/net/port.ts';
import { Switch } from '../../../../core/net/switch.ts';

export const NET = subnet(0x0a000200, 24) as Subnet;
export const GUEST = NET.firstLease;
export const GATEWAY_MAC = Uint8Array.of(0x52, 0x55, 10, 0, 2, 2);
export const macOf = (number: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, number);
const ALL = new Uint8Array(6).fill(255);

/** A guest's end of a cable. */
export class Station {
  readonly mac: Uint8Array;
  readonly frames: Uint8Array[] = [];
  readonly #cable: Cable;

  constructor(cable: Cable, mac: Uint8Array) {
    this.#cable = cable;
    this.mac = mac;
    cable.onReceive((frame) => this.frames.push(frame));
  }

  raw(frame: Uint8Array): void {
    this.#cable.send(frame);
  }

  send(type: number, payload: Uint8Array, to: Uint8Array = GATEWAY_MAC): void {
    this.raw(joined(to, this.mac, Uint8Array.of(type >>> 8, type), payload));
  }

  whoHas(ip: number, own = GUEST): void {
    this.send(ETHER_ARP, arp(REQUEST, this.mac, own, ip), ALL);
  }

  ip(ends: Ends, protocol: number, data: Uint8Array): void {
    this.send(ETHER_IPV4, ipPacket(ends, protocol, data, 1));
  }

  udp(message: Datagram, ends: Ends = { from: GUEST, to: NET.gateway }): void {
    this.ip(ends, UDP, datagram(message, ends));
  }

  tcp(s: Partial<Segment>, ends: Ends = { from: GUEST, to: NET.gateway }): void {
    this.ip(ends, TCP, segment({ ...SEGMENT, ...s }, ends));
  }

  /** What came since the last look, taken away. */
  take(): Uint8Array[] {
    return this.frames.splice(0);
  }

  packets(): Packet[] {
    const found = this.take().filter((frame) => get16(frame, 12) === ETHER_IPV4);
    return found.map((frame) => readPacket(frame)).filter((packet) => typeof packet !== 'string');
  }

  segments(): Segment[] {
    return this.packets().flatMap((packet) => readSegment(packet.data, packet) ?? []);
  }

  datagrams(): (Datagram & Ends)[] {
    return this.packets().flatMap((packet) => {
      const found = packet.protocol === UDP ? readDatagram(packet.data, packet) : undefined;
      return found === undefined ? [] : [{ ...found, from: packet.from, to: packet.to }];
    });
  }
}

const SEGMENT: Segment = {
  fromPort: 40_000,
  toPort: 80,
  sequence: 0,
  acknowledged: 0,
  flags: 0,
  window: 65_535,
  mss: 1460,
  data: new Uint8Array(),
};

export class Bench {
  readonly clock = new VirtualClock();
  readonly gateway: Gateway;
  readonly asked: Request[] = [];
  readonly lan = new Switch();
  put: (input: Input) => void = () => {};

  constructor(options: Partial<GatewayOptions> = {}, port: Partial<PortOptions> = {}) {
    const cable = this.#plug({ name: 'outside', vlan: 1, mac: GATEWAY_MAC, ...port });
    const all = { name: 'test', mac: GATEWAY_MAC, subnet: NET, services: [], forwards: [], resolve: false, ...options };
    this.gateway = new Gateway(cable, this.clock, all, (put) => {
      this.put = put;
      return { ask: (request) => this.asked.push(request), restored: () => {} };
    });
  }

  station(number = 1, port: Partial<PortOptions> = {}): Station {
    return new Station(this.#plug({ name: `guest ${number}`, vlan: 1, ...port }), macOf(number));
  }

  /** Lets virtual time pass. */
  wait(ns = 1_000_000): void {
    this.clock.advance(this.clock.now() + ns);
  }

  /** What the gateway asked for since the last look. */
  requests(): Request[] {
    return this.asked.splice(0);
  }

  #plug(options: PortOptions): Cable {
    const port = this.lan.add(options);
    if (port === undefined) throw new Error(`twice: ${options.name}`);
    return this.lan.connect(port, this.clock);
  }
}

export const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
export const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
export const sourceOf = (frame: Uint8Array | undefined): string => addressAt(frame ?? new Uint8Array(14), 6);
