/** Guests that send frames of every kind, well formed, changed in places and random, to a gateway whose outside answers at random. */
import { Hash } from '../../../../core/base/hash.ts';
import { arp } from '../../../../core/net/gateway/arp.ts';
import { checksum, get16, get32, joined, put16 } from '../../../../core/net/gateway/bytes.ts';
import {
  type Ends,
  ETHER_ARP,
  ETHER_IPV4,
  ICMP,
  ipPacket,
  pseudoHeader,
  readPacket,
  TCP,
  UDP,
} from '../../../../core/net/gateway/ipv4.ts';
import type { Input, Recorded, Request } from '../../../../core/net/gateway/outside.ts';
import { readSegment, type Segment, segment } from '../../../../core/net/gateway/segment.ts';
import { datagram } from '../../../../core/net/gateway/udp.ts';
import { randoms as words } from '../../../support/device-contract.ts';
import { Bench, GATEWAY_MAC, GUEST, macOf, NET, text } from './rig.ts';

type Random = () => number;

/** Bytes. */
const randoms = (seed: number): Random => {
  const word = words(seed);
  return () => word() & 255;
};

const SERVICES = [{ transport: 'tcp', port: 0, to: 0 } as const, { transport: 'udp', port: 0, to: 0 } as const];
const FORWARDS = [
  { transport: 'tcp', port: 1, ip: GUEST, to: 1 } as const,
  { transport: 'udp', port: 2, ip: GUEST + 1, to: 2 } as const,
];

const pick = <T>(random: Random, list: readonly T[]): T => list[random() % list.length] as T;
const word = (random: Random): number => ((random() << 24) | (random() << 16) | (random() << 8) | random()) >>> 0;
const some = (random: Random, most: number): Uint8Array =>
  Uint8Array.from({ length: ((random() << 8) | random()) % (most + 1) }, () => random());

const address = (random: Random): number =>
  pick(random, [
    GUEST,
    GUEST + 1,
    NET.gateway,
    NET.dns,
    NET.network,
    NET.network + 255,
    0,
    0xffff_ffff,
    0x08080808,
    word(random),
  ]);

/** A frame that is in order as far as its sums go. */
function sound(random: Random, heard: readonly Heard[]): Uint8Array {
  const ends = {
    from: pick(random, [GUEST, GUEST, GUEST + 1, address(random)]),
    to: pick(random, [NET.gateway, NET.gateway, NET.dns, address(random)]),
  };
  const [fromPort, toPort] = [
    pick(random, [1, 2, 3, 40_000 + (random() & 63)]),
    pick(random, [53, 67, 80, 81, 49_152 + (random() & 3)]),
  ];
  const packet = (protocol: number, data: Uint8Array) => ({
    type: ETHER_IPV4,
    payload: ipPacket(ends, protocol, data, random()),
  });
  const kinds = [
    () => ({ type: ETHER_ARP, payload: arp(pick(random, [1, 2]), macOf(random() & 3), ends.from, ends.to) }),
    () => {
      const echo = Uint8Array.from([8, 0, 0, 0, ...some(random, 100)]);
      put16(echo, 2, checksum(echo));
      return packet(ICMP, echo);
    },
    () =>
      packet(UDP, datagram({ fromPort, toPort, data: pick(random, [some(random, 1400), dhcp(random), question(random)]) }, ends)),
    () => {
      const s = { ...SILENT, fromPort, toPort, flags: pick(random, [2, 2, 2, random() & 31]), sequence: word(random) };
      return packet(TCP, segment(s, ends));
    },
  ];
  if (heard.length > 0 && random() < 128) return reply(random, pick(random, heard));
  const { type, payload } = pick(random, kinds)();
  return joined(
    pick(random, [GATEWAY_MAC, new Uint8Array(6).fill(255)]),
    macOf(random() & 3),
    Uint8Array.of(type >>> 8, type),
    payload,
  );
}

interface Heard extends Ends {
  readonly s: Segment;
  readonly mac: Uint8Array;
}

function reply(random: Random, { s, mac, from, to }: Heard): Uint8Array {
  const ends = { from: to, to: from };
  const payload = ipPacket(ends, TCP, segment(answer(random, s), ends), random());
  return joined(
    GATEWAY_MAC,
    random() < 8 ? macOf(random() & 3) : mac,
    Uint8Array.of(ETHER_IPV4 >>> 8, ETHER_IPV4 & 255),
    payload,
  );
}

const SILENT = { acknowledged: 0, window: 65_535, mss: 1460, data: new Uint8Array() };

/** What a guest may say to a segment, or something near it. */
function answer(random: Random, { fromPort, toPort, sequence, acknowledged, data, flags }: Segment): Segment {
  const off = () => pick(random, [0, 0, 0, 0, 0, 0, 1, -1, 1000, -1460, 65_535, word(random) | 0]);
  const next = sequence + data.length + ((flags & 2) === 0 ? 0 : 1) + ((flags & 1) === 0 ? 0 : 1);
  return {
    fromPort: toPort,
    toPort: fromPort,
    sequence: (acknowledged + off()) >>> 0,
    acknowledged: (next + off()) >>> 0,
    flags: pick(random, [16, 16, 16, 16, 16, 24, 17, 20, 18, random() & 31]),
    window: pick(random, [0, 1, 5000, 65_535, 65_535]),
    mss: pick(random, [0, 1, 536, 1460, 65_535]),
    data: random() < 100 ? some(random, 1460) : new Uint8Array(),
  };
}

function dhcp(random: Random): Uint8Array {
  const bytes = new Uint8Array(300);
  bytes.set([1, 1, 6, 0]);
  bytes.set([2, 0, 0, 0, 0, random() & 31], 28);
  bytes.set([0x63, 0x82, 0x53, 0x63, 53, 1, random() % 9, 50, 4, 10, 0, 2, 15 + (random() & 31), 255], 236);
  return bytes;
}

function question(random: Random): Uint8Array {
  const name = text(pick(random, ['gateway', 'a', 'some-longer-name']));
  return Uint8Array.from([random(), 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length, ...name, 0, 0, pick(random, [1, 28]), 0, 1]);
}

/** A few bytes changed, cut off or put to it. */
function changed(random: Random, frame: Uint8Array): Uint8Array {
  const bytes = frame.slice(0, random() < 32 ? random() % frame.length : frame.length);
  for (let i = random() & 3; i >= 0 && bytes.length > 0; i--)
    bytes[((random() << 8) | random()) % Math.min(bytes.length, 80)] = random();
  if (random() < 160) repair(bytes);
  return random() < 16 ? joined(bytes, some(random, 100)) : bytes;
}

/** Makes the sums right again, so that what was changed is looked at. */
function repair(frame: Uint8Array): void {
  const packet = frame.subarray(14);
  const header = ((packet[0] ?? 0) & 15) * 4;
  if (get16(frame, 12) !== ETHER_IPV4 || header < 20 || header > packet.length) return;
  put16(packet, 10, 0);
  put16(packet, 10, checksum(packet.subarray(0, header)));
  const data = packet.subarray(header, get16(packet, 2));
  const at = { [TCP]: 16, [UDP]: 6 }[packet[9] ?? 0];
  if (at === undefined || data.length < at + 2) return;
  put16(data, at, 0);
  const ends = { from: get32(packet, 12), to: get32(packet, 16) };
  put16(data, at, checksum(data, pseudoHeader(ends, packet[9] as number, data.length)));
}

/** What the outside says to a request. */
function reaction(random: Random, request: Request): Input[] {
  const { id } = request;
  switch (request.ask) {
    case 'connect':
      return pick<Input[]>(random, [
        [{ kind: 'connected', id }],
        [
          { kind: 'connected', id },
          { kind: 'data', id, bytes: some(random, 3000) },
        ],
        [{ kind: 'refused', id }],
        [],
      ]);
    case 'send':
      return pick<Input[]>(random, [
        [{ kind: 'taken', id, count: request.bytes.length }],
        [
          { kind: 'taken', id, count: request.bytes.length },
          { kind: 'data', id, bytes: some(random, 5000) },
        ],
        [{ kind: 'ended', id }],
        [{ kind: 'broken', id }],
        [],
      ]);
    case 'datagram':
      return [{ kind: 'datagram', id, bytes: some(random, 2000), forward: id < 0 ? 1 : -1 }];
    case 'resolve':
      return [{ kind: 'resolved', id, addresses: [word(random)] }];
    default:
      return [];
  }
}

function heardIn(frame: Uint8Array): Heard[] {
  const packet = readPacket(frame);
  if (get16(frame, 12) !== ETHER_IPV4 || typeof packet === 'string' || packet.protocol !== TCP) return [];
  const s = readSegment(packet.data, packet);
  return s === undefined || (s.flags & 4) !== 0 ? [] : [{ s, mac: frame.slice(0, 6), from: packet.from, to: packet.to }];
}

export interface Fuzzed {
  readonly hash: string;
  readonly counts: Readonly<Record<string, number>>;
  /** Of the requests: how many of each kind. */
  readonly asked: Readonly<Record<string, number>>;
  /** The most that the state took in its tables. */
  readonly flows: number;
  readonly alive: boolean;
  readonly recorded: readonly Recorded[];
  readonly differed: number;
}

/** `replay`: the inputs of an earlier run with the same seed. */
export function fuzz(seed: number, frames: number, replay?: readonly Recorded[]): Fuzzed {
  const [random, outside] = [randoms(seed), randoms(seed + 1)];
  const [recorded, asked, heard]: [Recorded[], Record<string, number>, Heard[]] = [[], {}, []];
  let [flows, differed] = [0, 0];
  const record = (one: Recorded) => recorded.push(one);
  const bench = new Bench({ services: SERVICES, forwards: FORWARDS, resolve: true, record, replay, differs: () => differed++ });
  const stations = [bench.station(1), bench.station(2)];
  let arrived = 0;
  for (let i = 0; i < frames; i++) {
    const frame = random() < 24 ? some(random, 1514) : sound(random, heard);
    pick(random, stations).raw(random() < 100 ? changed(random, frame) : frame);
    bench.wait(pick(random, [1, 20_000, 20_000, 1_000_000, 1_500_000_000]));
    for (const station of stations) for (const frame of station.take()) heard.push(...heardIn(frame));
    heard.splice(0, heard.length - 8);
    for (const request of bench.requests()) {
      asked[request.ask] = (asked[request.ask] ?? 0) + 1;
      for (const input of reaction(outside, request)) bench.put(input);
    }
    if (outside() < 4) bench.put({ kind: 'arrived', id: --arrived, forward: outside() & 1 });
    if (outside() < 4) bench.put({ kind: 'datagram', id: --arrived, bytes: some(outside, 100), forward: 1 });
    if (i % 500 === 0) flows = Math.max(flows, tables(bench));
  }
  const [guest] = stations;
  guest?.take();
  guest?.whoHas(NET.gateway);
  bench.wait();
  const alive = (guest?.take().length ?? 0) > 0;
  return {
    hash: new Hash().plain(bench.gateway.save()).digest(),
    counts: bench.gateway.counts,
    asked,
    flows,
    alive,
    recorded,
    differed,
  };
}

function tables({ gateway }: Bench): number {
  const { tcp, udp } = gateway.save() as unknown as Record<'tcp' | 'udp', { readonly flows: readonly unknown[] }>;
  return tcp.flows.length + udp.flows.length;
}
