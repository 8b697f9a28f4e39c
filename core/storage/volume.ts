/**
 * A disk's content, however it is kept: raw, qcow2 over others, or changes in memory. What goes wrong is thrown as `DiskError`;
 * `asDisk` makes a device's view of it, in which it is a value.
 */

export interface Volume {
  /** In bytes; whole sectors. */
  readonly size: number;
  readonly writable: boolean;
  /** All of these stay within `size`; the caller has looked. */
  read(offset: number, into: Uint8Array): void;
  write(offset: number, bytes: Uint8Array): void;
  /** The content is no longer needed. What reads there is always the same, but which it is depends on how the volume is kept. */
  discard(offset: number, length: number): void;
  /** Reads as zero from now on. Room is given back only if `mayUnmap`. */
  writeZeroes(offset: number, length: number, mayUnmap: boolean): void;
  /** All that was written survives a power cut. */
  flush(): void;
  extent(offset: number, length: number): Extent;
  /** Without a flush. */
  close(): void;
}

/** The first `length` bytes: surely zero, or to be read. */
export interface Extent {
  readonly zero: boolean;
  readonly length: number;
}

export const SECTOR = 512;

/** Cuts a range at multiples of `unit`. */
export function eachPiece(
  offset: number,
  length: number,
  unit: number,
  piece: (unit: number, at: number, from: number, length: number) => void,
): void {
  for (let from = 0; from < length; ) {
    const index = Math.floor((offset + from) / unit);
    const at = offset + from - index * unit;
    const size = Math.min(unit - at, length - from);
    piece(index, at, from, size);
    from += size;
  }
}
