/** UDP datagrams. Reference: RFC 768. */
import { checksum, get16, put16 } from './bytes.ts';
import { type Ends, pseudoHeader, UDP } from './ipv4.ts';

const HEADER = 8;
/** What a datagram carries that goes in one packet. */
export const MOST_DATA = 1500 - 20 - HEADER;

export interface Datagram {
  readonly fromPort: number;
  readonly toPort: number;
  readonly data: Uint8Array;
}

/** undefined if lengths or checksum do not agree; a checksum of 0 means none. */
export function readDatagram(bytes: Uint8Array, ends: Ends): Datagram | undefined {
  const length = get16(bytes, 4);
  if (bytes.length < HEADER || length < HEADER || length > bytes.length) return undefined;
  const whole = bytes.subarray(0, length);
  if (get16(bytes, 6) !== 0 && checksum(whole, pseudoHeader(ends, UDP, length)) !== 0) return undefined;
  return { fromPort: get16(bytes, 0), toPort: get16(bytes, 2), data: whole.slice(HEADER) };
}

export function datagram({ fromPort, toPort, data }: Datagram, ends: Ends): Uint8Array {
  const bytes = new Uint8Array(HEADER + data.length);
  put16(bytes, 0, fromPort);
  put16(bytes, 2, toPort);
  put16(bytes, 4, bytes.length);
  bytes.set(data, HEADER);
  put16(bytes, 6, checksum(bytes, pseudoHeader(ends, UDP, bytes.length)) || 0xffff);
  return bytes;
}
