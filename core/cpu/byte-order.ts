/** Big-endian data (CPSR.E). Reference: DDI 0406C A3.3. */

/** A value of one, two or four bytes with its bytes the other way round. */
export function swap(value: number, size: 1 | 2 | 4): number {
  if (size === 1) return value;
  if (size === 2) return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}
