/** DNS messages, as far as a stub needs them. Reference: RFC 1035, section 4. One question a message, names without compression. */
import { get16, put16, put32 } from './bytes.ts';

const HEADER = 12;
const [QUERY, OPCODE, DESIRED] = [0x8000, 0x7800, 0x0100];
const ANSWER = 0x8080;
const [IN, A] = [1, 1];
const [LONGEST_LABEL, LONGEST_NAME] = [63, 253];
const TTL = 60;
const MOST_ADDRESSES = 8;
export const RCODE = { fine: 0, malformed: 1, failed: 2, noName: 3, unknown: 4 } as const;

export interface Question {
  /** In small letters. */
  readonly name: string;
  /** Whether an address of IPv4 is asked for. */
  readonly address: boolean;
  /** Where it ends in the message. */
  readonly end: number;
}

/** The question of a message; what is wrong with it; or undefined if it is no question at all. */
export function readQuestion(message: Uint8Array): Question | 'malformed' | 'unknown' | undefined {
  if (message.length < HEADER || (get16(message, 2) & QUERY) !== 0) return undefined;
  if ((get16(message, 2) & OPCODE) !== 0) return 'unknown';
  const labels: string[] = [];
  let at = HEADER;
  for (let length = message[at]; length !== 0; length = message[at]) {
    if (length === undefined || length > LONGEST_LABEL || at + length >= message.length) return 'malformed';
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const name = labels.join('.').toLowerCase();
  if (get16(message, 4) !== 1 || at + 5 > message.length || name.length > LONGEST_NAME) return 'malformed';
  return { name, address: get16(message, at + 1) === A && get16(message, at + 3) === IN, end: at + 5 };
}

/** The answer to a message whose question ends at `end`; without one, the header alone. */
export function dnsAnswer(message: Uint8Array, rcode: number, end = HEADER, addresses: readonly number[] = []): Uint8Array {
  const given = addresses.slice(0, MOST_ADDRESSES);
  const bytes = new Uint8Array(end + 16 * given.length);
  bytes.set(message.subarray(0, end));
  put16(bytes, 2, ANSWER | (get16(message, 2) & DESIRED) | rcode);
  put16(bytes, 4, end > HEADER ? 1 : 0);
  put16(bytes, 6, given.length);
  put32(bytes, 8, 0);
  for (const [i, address] of given.entries()) {
    const at = end + 16 * i;
    put16(bytes, at, 0xc000 | HEADER);
    put16(bytes, at + 2, A);
    put16(bytes, at + 4, IN);
    put32(bytes, at + 6, TTL);
    put16(bytes, at + 10, 4);
    put32(bytes, at + 12, address);
  }
  return bytes;
}
