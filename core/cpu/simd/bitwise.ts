/** Operations on all bits alike, word by word. Reference: Arm DDI 0406C, A8.8. */
import type { FpRegisters } from '../fp/registers.ts';

/** `a` and `b` are the operands, `c` is what the destination holds. */
export type Bitwise = (a: number, b: number, c: number) => number;

export const BITWISE = {
  VAND: (a, b) => a & b,
  VBIC: (a, b) => a & ~b,
  VORR: (a, b) => a | b,
  VORN: (a, b) => a | ~b,
  VEOR: (a, b) => a ^ b,
  VBSL: (a, b, c) => (a & c) | (b & ~c),
  VBIT: (a, b, c) => (a & b) | (c & ~b),
  VBIF: (a, b, c) => (a & ~b) | (c & b),
  VMVN: (a) => ~a,
} as const satisfies Readonly<Record<string, Bitwise>>;

/** Each word depends on the words at its own place only, so registers may overlap. */
export function simdBitwise(fp: FpRegisters, operation: Bitwise, Q: number, d: number, n: number, m: number): void {
  const { w } = fp;
  for (let i = 0; i < (Q ? 4 : 2); i++) w[2 * d + i] = operation(w[2 * n + i]!, w[2 * m + i]!, w[2 * d + i]!);
}

export const IMMEDIATE = {
  VMOV: (_, immediate) => immediate,
  VMVN: (_, immediate) => ~immediate,
  VORR: (c, immediate) => c | immediate,
  VBIC: (c, immediate) => c & ~immediate,
} as const satisfies Readonly<Record<string, Bitwise>>;

/** The 64 bits of a constant with each D register. */
export function simdImmediate(fp: FpRegisters, operation: Bitwise, Q: number, d: number, low: number, high: number): void {
  const { w } = fp;
  for (let i = 0; i < (Q ? 4 : 2); i++) w[2 * d + i] = operation(w[2 * d + i]!, (i & 1) === 0 ? low : high, 0);
}
