/** IPv4 packets in Ethernet frames. References: RFC 791 (Internet Protocol), RFC 894 (IP over Ethernet). Packets in fragments are not taken. */
import { HEADER, typeOf } from '../frame.ts';
import { add16, checksum, get16, get32, put16, put32 } from './bytes.ts';

export const [ETHER_IPV4, ETHER_ARP] = [0x0800, 0x0806];
export const [ICMP, TCP, UDP] = [1, 6, 17];
export const BROADCAST = 0xffff_ffff;
/** Of one packet, in bytes. */
export const MTU = 1500;
const LEAST = 20;
const TTL = 64;
const MORE_OR_OFFSET = 0x3fff;

export interface Packet {
  readonly from: number;
  readonly to: number;
  readonly protocol: number;
  readonly data: Uint8Array;
  /** With the header: what an ICMP error quotes. */
  readonly whole: Uint8Array;
}

export const isIpv4 = (frame: Uint8Array): boolean => typeOf(frame) === ETHER_IPV4;

/** An Ethernet frame's packet, or why it is none. */
export function readPacket(frame: Uint8Array): Packet | 'malformed' | 'fragments' {
  const bytes = frame.subarray(HEADER);
  const header = ((bytes[0] ?? 0) & 15) * 4;
  const length = get16(bytes, 2);
  const fits = header >= LEAST && length >= header && length <= bytes.length;
  if ((bytes[0] ?? 0) >>> 4 !== 4 || !fits || add16(bytes.subarray(0, header)) !== 0xffff) return 'malformed';
  if ((get16(bytes, 6) & MORE_OR_OFFSET) !== 0) return 'fragments';
  const [from, to, whole] = [get32(bytes, 12), get32(bytes, 16), bytes.subarray(0, length)];
  return { from, to, protocol: bytes[9] as number, data: whole.subarray(header), whole };
}

export interface Ends {
  readonly from: number;
  readonly to: number;
}

/** A packet with its header; `id` is the identification. */
export function ipPacket({ from, to }: Ends, protocol: number, data: Uint8Array, id: number): Uint8Array {
  const bytes = new Uint8Array(LEAST + data.length);
  bytes[0] = 0x45;
  put16(bytes, 2, bytes.length);
  put16(bytes, 4, id);
  bytes[8] = TTL;
  bytes[9] = protocol;
  put32(bytes, 12, from);
  put32(bytes, 16, to);
  put16(bytes, 10, checksum(bytes.subarray(0, LEAST)));
  bytes.set(data, LEAST);
  return bytes;
}

/** What UDP and TCP add to their checksums. */
export function pseudoHeader({ from, to }: Ends, protocol: number, length: number): number {
  const bytes = new Uint8Array(12);
  put32(bytes, 0, from);
  put32(bytes, 4, to);
  put16(bytes, 8, protocol);
  put16(bytes, 10, length);
  return add16(bytes);
}

/** 10.0.2.2 as it is written. */
export const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
