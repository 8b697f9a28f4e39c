/** Property values: big-endian cells and NUL-terminated strings. Reference: Devicetree Specification v0.4, 2.2.4. */
import { toUtf8 } from './text.ts';

/** One 32-bit cell for each value; negative ones in two's complement. */
export function cells(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value >>> 0);
  return bytes;
}

/** Each value in so many cells, most significant first: an address or size of a `reg`. */
export function wideCells(count: number, ...values: readonly (number | bigint)[]): Uint8Array {
  const parts: number[] = [];
  for (const value of values) {
    for (let cell = count - 1; cell >= 0; cell--) parts.push(Number((BigInt(value) >> BigInt(cell * 32)) & 0xffff_ffffn));
  }
  return cells(...parts);
}

export function strings(...values: readonly string[]): Uint8Array {
  return toUtf8(values.map((value) => `${value}\0`).join(''));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(parts);
}

/** As `join`, for more parts than a call may have arguments. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The cells of a value whose length is a multiple of four. */
export function readCells(value: Uint8Array): number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: value.length >> 2 }, (_, index) => view.getUint32(index * 4));
}
