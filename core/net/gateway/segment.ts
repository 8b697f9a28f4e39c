/** TCP segments. Reference: RFC 9293, section 3.1 (Header Format) and 3.2 (Specific Option Definitions). */
import { checksum, get16, get32, put16, put32 } from './bytes.ts';
import { type Ends, pseudoHeader, TCP } from './ipv4.ts';

const HEADER = 20;
export const [FIN, SYN, RST, PSH, ACK] = [1, 2, 4, 8, 16];
/** What a peer takes that does not say (RFC 9293, 3.7.1). */
const USUAL_MSS = 536;
const LEAST_MSS = 64;

export interface Segment {
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly window: number;
  /** The largest segment that the sender takes; said with SYN. */
  readonly mss: number;
  readonly data: Uint8Array;
}

/** Places in the sequence space that it takes. */
export const placesOf = ({ flags, data }: Segment): number =>
  data.length + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);

export function readSegment(bytes: Uint8Array, ends: Ends): Segment | undefined {
  const header = ((bytes[12] ?? 0) >>> 4) * 4;
  if (bytes.length < HEADER || header < HEADER || header > bytes.length) return undefined;
  if (checksum(bytes, pseudoHeader(ends, TCP, bytes.length)) !== 0) return undefined;
  return {
    fromPort: get16(bytes, 0),
    toPort: get16(bytes, 2),
    sequence: get32(bytes, 4),
    acknowledged: get32(bytes, 8),
    flags: (bytes[13] ?? 0) & (FIN | SYN | RST | PSH | ACK),
    window: get16(bytes, 14),
    mss: mssOf(bytes.subarray(HEADER, header)),
    data: bytes.slice(header),
  };
}

const [END, NOTHING, MSS] = [0, 1, 2];

/** Options that lead nowhere end the search. */
function mssOf(options: Uint8Array): number {
  for (let at = 0; at < options.length && options[at] !== END; ) {
    const length = options[at] === NOTHING ? 1 : (options[at + 1] ?? 0);
    if (options[at] === MSS && length === 4 && at + 4 <= options.length) return Math.max(LEAST_MSS, get16(options, at + 2));
    if (length < (options[at] === NOTHING ? 1 : 2)) break;
    at += length;
  }
  return USUAL_MSS;
}

/** A segment with SYN says its `mss`, others have no options. */
export function segment(s: Segment, ends: Ends): Uint8Array {
  const header = HEADER + ((s.flags & SYN) !== 0 ? 4 : 0);
  const bytes = new Uint8Array(header + s.data.length);
  put16(bytes, 0, s.fromPort);
  put16(bytes, 2, s.toPort);
  put32(bytes, 4, s.sequence);
  put32(bytes, 8, s.acknowledged);
  bytes[12] = (header / 4) << 4;
  bytes[13] = s.flags;
  put16(bytes, 14, s.window);
  if (header > HEADER) {
    put16(bytes, HEADER, 0x0204);
    put16(bytes, HEADER + 2, s.mss);
  }
  bytes.set(s.data, header);
  put16(bytes, 16, checksum(bytes, pseudoHeader(ends, TCP, bytes.length)));
  return bytes;
}
