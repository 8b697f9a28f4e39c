/** Moving elements about without looking at them. Reference: Arm DDI 0406C, A8.8 (VDUP, VEXT, VREV, VSWP, VTBL, VTRN, VUZP, VZIP). */
import type { FpRegisters } from '../fp/registers.ts';
import { gather } from './lanes.ts';

const bytes = (Q: number): number => (Q ? 16 : 8);

/** VEXT: the bytes from `first` on of D[m]:D[n], the latter the lower part. */
export function simdExtract(fp: FpRegisters, Q: number, d: number, n: number, m: number, first: number): void {
  const [from, count] = [fp.elements.numbers[0]!, bytes(Q)];
  gather(fp, d, count, (i) => (i + first < count ? from[8 * n + i + first]! : from[8 * m + i + first - count]!));
}

/** VTBL, VTBX: bytes chosen from a table of `length` registers; beyond it zero, or what is there. */
export function simdTable(fp: FpRegisters, extend: number, d: number, n: number, length: number, m: number): void {
  const from = fp.elements.numbers[3]!;
  gather(fp, d, 8, (i) => {
    const index = from[8 * m + i]!;
    if (index < 8 * length) return from[8 * n + index]!;
    return extend ? from[8 * d + i]! : 0;
  });
}

/** VDUP (scalar). */
export function simdDuplicate(fp: FpRegisters, size: number, Q: number, d: number, m: number, index: number): void {
  const [from, element] = [fp.elements.numbers[0]!, 1 << size];
  gather(fp, d, bytes(Q), (i) => from[8 * m + index * element + (i & (element - 1))]!);
}

/** VREV16, VREV32, VREV64: elements in reverse within groups of `group` bytes. */
export function simdReverse(fp: FpRegisters, group: number, size: number, Q: number, d: number, m: number): void {
  const from = fp.elements.numbers[0]!;
  // Counting the elements of a group backwards turns the upper bits of the place within it over.
  const turned = group - (1 << size);
  gather(fp, d, bytes(Q), (i) => from[8 * m + (i ^ turned)]!);
}

/** Which element of the first register, then of the second, stands at a place after the exchange; counted through both. */
export type Exchange = (place: number, perRegister: number) => number;

export const EXCHANGE = {
  VSWP: (place, per) => (place + per) % (2 * per),
  /** Odd elements of the first and even ones of the second change places. */
  VTRN: (place, per) => (place < per ? (place & 1 ? place - 1 + per : place) : place & 1 ? place : place + 1 - per),
  /** Even elements into the first, odd ones into the second. */
  VUZP: (place, per) => (place < per ? 2 * place : 2 * (place - per) + 1),
  /** The halves of both, one by one. */
  VZIP: (place, per) => (place >> 1) + (place & 1 ? per : 0),
} as const satisfies Readonly<Record<string, Exchange>>;

/** Working memory, no state. */
const before = new Uint8Array(32);

/** Both registers change. If they are one, its contents become UNKNOWN: we choose what the first register gets. */
export function simdExchange(fp: FpRegisters, exchange: Exchange, size: number, Q: number, d: number, m: number): void {
  const from = fp.elements.numbers[0]!;
  const [element, count] = [1 << size, bytes(Q)];
  for (let i = 0; i < count; i++) {
    before[i] = from[8 * d + i]!;
    before[count + i] = from[8 * m + i]!;
  }
  const byteAt = (i: number) => before[exchange(i >> size, count >> size) * element + (i & (element - 1))]!;
  gather(fp, m, count, (i) => byteAt(count + i));
  gather(fp, d, count, byteAt);
}
