/** Packets of the socket device. Reference: Virtual I/O Device 1.1, section 5.10.6 (Device Operation). */
import { get16, get32, get64, put16, put32, put64 } from './dma.ts';

export const HEADER = 44;
/** Bytes of data in one packet at most. */
export const MOST_DATA = 0x1_0000;

export const STREAM = 1;
export const OP = { REQUEST: 1, RESPONSE: 2, RST: 3, SHUTDOWN: 4, RW: 5, CREDIT_UPDATE: 6, CREDIT_REQUEST: 7 } as const;

/** Context ids that no guest has: the hypervisor, the local one, the host. */
export const HOST_CID = 2;
export const FIRST_GUEST_CID = 3;

export interface VsockPacket {
  readonly from: number;
  readonly to: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly type: number;
  readonly op: number;
  readonly flags: number;
  /** The sender's room for data, and what it has passed on so far: the receiver's credit. */
  readonly bufAlloc: number;
  readonly fwdCnt: number;
  readonly data: Uint8Array;
}

/** The packet that the bytes hold, or undefined if they hold none. */
export function readPacket(bytes: Uint8Array): VsockPacket | undefined {
  if (bytes.length < HEADER || get32(bytes, 24) !== bytes.length - HEADER) return undefined;
  return {
    from: get64(bytes, 0),
    to: get64(bytes, 8),
    fromPort: get32(bytes, 16),
    toPort: get32(bytes, 20),
    type: get16(bytes, 28),
    op: get16(bytes, 30),
    flags: get32(bytes, 32),
    bufAlloc: get32(bytes, 36),
    fwdCnt: get32(bytes, 40),
    data: bytes.slice(HEADER),
  };
}

export function packetBytes(packet: VsockPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER + packet.data.length);
  put64(bytes, 0, packet.from);
  put64(bytes, 8, packet.to);
  put32(bytes, 16, packet.fromPort);
  put32(bytes, 20, packet.toPort);
  put32(bytes, 24, packet.data.length);
  put16(bytes, 28, packet.type);
  put16(bytes, 30, packet.op);
  put32(bytes, 32, packet.flags);
  put32(bytes, 36, packet.bufAlloc);
  put32(bytes, 40, packet.fwdCnt);
  bytes.set(packet.data, HEADER);
  return bytes;
}

/** What tells the sender that nobody is there. */
export const refusal = (packet: VsockPacket): VsockPacket => ({
  from: packet.to,
  to: packet.from,
  fromPort: packet.toPort,
  toPort: packet.fromPort,
  type: packet.type,
  op: OP.RST,
  flags: 0,
  bufAlloc: 0,
  fwdCnt: 0,
  data: new Uint8Array(),
});
