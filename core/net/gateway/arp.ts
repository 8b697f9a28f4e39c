/** ARP: whose an address is. Reference: RFC 826. */
import { get16, get32, put16, put32 } from './bytes.ts';

const LENGTH = 28;
export const [REQUEST, REPLY] = [1, 2];

export interface Arp {
  readonly operation: number;
  readonly mac: Uint8Array;
  readonly ip: number;
  readonly target: number;
}

/** For Ethernet and IPv4; undefined if it is for anything else. */
export function readArp(bytes: Uint8Array): Arp | undefined {
  const known = bytes.length >= LENGTH && get32(bytes, 0) === 0x0001_0800 && get16(bytes, 4) === 0x0604;
  const operation = get16(bytes, 6);
  if (!known || (operation !== REQUEST && operation !== REPLY)) return undefined;
  return { operation, mac: bytes.slice(8, 14), ip: get32(bytes, 14), target: get32(bytes, 24) };
}

/** `to`: the address that is asked for, or who asked; `whose` is his, if that is known. */
export function arp(operation: number, mac: Uint8Array, ip: number, to: number, whose?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  put32(bytes, 0, 0x0001_0800);
  put16(bytes, 4, 0x0604);
  put16(bytes, 6, operation);
  bytes.set(mac, 8);
  put32(bytes, 14, ip);
  if (whose !== undefined) bytes.set(whose, 18);
  put32(bytes, 24, to);
  return bytes;
}
