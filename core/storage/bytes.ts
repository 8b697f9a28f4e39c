/** Numbers and text as image files have them: big-endian, UTF-8. */

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** 64 bits. Exact up to 2^53; what is larger stays larger, so comparing with a limit is enough. */
export const get64 = (view: DataView, at: number): number => view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);

export function put64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / 0x1_0000_0000));
  view.setUint32(at + 4, value % 0x1_0000_0000);
}

export const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/** By words, where the bytes lie so that they can be looked at as words. */
export function isZero(bytes: Uint8Array): boolean {
  const words = bytes.byteOffset % 4 === 0 ? bytes.length >>> 2 : 0;
  if (words > 0 && !new Int32Array(bytes.buffer, bytes.byteOffset, words).every((word) => word === 0)) return false;
  for (let i = words * 4; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** `undefined` if the bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return undefined;
  }
}

export function bytesOf(text: string): Uint8Array {
  const parts = encodeURIComponent(text).match(/%..|[^%]/g) ?? [];
  return Uint8Array.from(parts, (part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}
