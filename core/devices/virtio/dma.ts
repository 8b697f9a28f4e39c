/**
 * Memory as a virtio device reaches it. Reference: OASIS Virtual I/O Device 1.1, section 2.4 (Virtqueues).
 * The wiring decides what that is: physical RAM for a device of the board, and for a device of a partition only that partition's.
 */

/** Addresses are integers up to 2^52, lengths up to 64 MiB. */
export interface DmaPort {
  /** Whether the whole range is memory that this device may read (or write). It costs the same for any length. */
  reaches(address: number, length: number, write: boolean): boolean;
  /** Fills `into`, or returns false if some address is out of reach. */
  read(address: number, into: Uint8Array): boolean;
  /** Returns false, having written nothing, if some address is out of reach. */
  write(address: number, bytes: Uint8Array): boolean;
}

const WORD = 0x1_0000_0000;

/** Little-endian fields of a structure in memory. */
export const get16 = (bytes: Uint8Array, at: number): number => (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
export const get32 = (bytes: Uint8Array, at: number): number => (get16(bytes, at) | (get16(bytes, at + 2) << 16)) >>> 0;
/** Exact up to 2^53; what is larger is out of every reach anyway. */
export const get64 = (bytes: Uint8Array, at: number): number => get32(bytes, at + 4) * WORD + get32(bytes, at);

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value);
  put16(bytes, at + 2, value >>> 16);
}

export function put64(bytes: Uint8Array, at: number, value: number): void {
  put32(bytes, at, value % WORD);
  put32(bytes, at + 4, Math.floor(value / WORD));
}
