/** Bit fields, as the manuals write them: `bits(x, 7, 4)` is x<7:4>. */

export const bit = (value: number, n: number): number => (value >>> n) & 1;

export const bits = (value: number, high: number, low: number): number => (value >>> low) & (0xffffffff >>> (31 - high + low));

/** `value` with x<high:low> replaced. */
export function withBits(value: number, high: number, low: number, field: number): number {
  const mask = (0xffffffff >>> (31 - high + low)) << low;
  return (value & ~mask) | ((field << low) & mask);
}

export const signExtend = (value: number, width: number): number => (value << (32 - width)) >> (32 - width);

export const isAligned = (value: number, bytes: number): boolean => value % bytes === 0;

export const hex = (value: number, digits = 8): string =>
  `0x${(value < 0 ? value >>> 0 : value).toString(16).padStart(digits, '0')}`;
