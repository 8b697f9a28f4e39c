/** ICMP: echo, and what cannot be reached. References: RFC 792; RFC 1122, 3.2.2. */
import { add16, checksum, put16 } from './bytes.ts';
import type { Packet } from './ipv4.ts';

const [ECHO_REPLY, UNREACHABLE, ECHO] = [0, 3, 8];
export const [NET, PORT] = [0, 3];
const HEADER = 8;
/** What an error quotes of the packet: its header without options, and eight bytes. */
const QUOTED = 28;

/** The answer to an echo request; undefined if it is none. */
export function echoReply(data: Uint8Array): Uint8Array | undefined {
  if (data.length < HEADER || data[0] !== ECHO || data[1] !== 0 || add16(data) !== 0xffff) return undefined;
  const reply = data.slice();
  reply[0] = ECHO_REPLY;
  return summed(reply);
}

export function unreachable(code: number, { whole }: Packet): Uint8Array {
  const bytes = new Uint8Array(HEADER + Math.min(QUOTED, whole.length));
  bytes[0] = UNREACHABLE;
  bytes[1] = code;
  bytes.set(whole.subarray(0, QUOTED), HEADER);
  return summed(bytes);
}

function summed(bytes: Uint8Array): Uint8Array {
  put16(bytes, 2, 0);
  put16(bytes, 2, checksum(bytes));
  return bytes;
}
