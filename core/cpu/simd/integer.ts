/** Integer operations on one element, by the name of their instruction. Reference: Arm DDI 0406C, A8.8. */
import type { Operation } from './lanes.ts';
import { saturate, saturateWide } from './saturation.ts';

/** An element of ones where a condition holds. */
const mask = (condition: boolean): number => (condition ? -1 : 0);

/** The product of polynomials over {0, 1}: like a multiplication without carries. */
function polynomialProduct(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i++) if (((a >> i) & 1) !== 0) product ^= b << i;
  return product;
}

/** Two times the product, the upper half. Of 32 bits it takes more than a double has. */
function doubledHigh(a: number, b: number, bits: number, round: boolean): number {
  if (bits === 16) return Math.floor((2 * a * b + (round ? 0x8000 : 0)) / 0x10000);
  return Number((2n * BigInt(a) * BigInt(b) + (round ? 0x80000000n : 0n)) >> 32n);
}

function countSetBits(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export const INTEGER = {
  VADD: { lane: (a, b) => a + b, wide: (a, b) => a + b },
  VSUB: { lane: (a, b) => a - b, wide: (a, b) => a - b },
  VHADD: { lane: (a, b) => Math.floor((a + b) / 2) },
  VRHADD: { lane: (a, b) => Math.floor((a + b + 1) / 2) },
  VHSUB: { lane: (a, b) => Math.floor((a - b) / 2) },
  VQADD: { lane: (a, b, _, type, fp) => saturate(a + b, type, fp), wide: (a, b, _, type, fp) => saturateWide(a + b, type, fp) },
  VQSUB: { lane: (a, b, _, type, fp) => saturate(a - b, type, fp), wide: (a, b, _, type, fp) => saturateWide(a - b, type, fp) },
  VMAX: { lane: (a, b) => (a > b ? a : b) },
  VMIN: { lane: (a, b) => (a < b ? a : b) },
  VABD: { lane: (a, b) => Math.abs(a - b), wide: (a, b) => (a > b ? a - b : b - a) },
  VABA: { lane: (a, b, c) => c + Math.abs(a - b), wide: (a, b, c) => c + (a > b ? a - b : b - a) },
  VMUL: { lane: (a, b) => Math.imul(a, b), wide: (a, b) => a * b },
  VMLA: { lane: (a, b, c) => c + Math.imul(a, b), wide: (a, b, c) => c + a * b },
  VMLS: { lane: (a, b, c) => c - Math.imul(a, b), wide: (a, b, c) => c - a * b },
  VMUL_polynomial: { lane: polynomialProduct },
  VQDMULH: { lane: (a, b, _, type, fp) => saturate(doubledHigh(a, b, type.bits, false), type, fp) },
  VQRDMULH: { lane: (a, b, _, type, fp) => saturate(doubledHigh(a, b, type.bits, true), type, fp) },
  VQDMULL: {
    lane: (a, b, _, type, fp) => saturate(2 * a * b, type, fp),
    wide: (a, b, _, t, fp) => saturateWide(2n * a * b, t, fp),
  },
  VQDMLAL: {
    lane: (a, b, c, type, fp) => saturate(c + saturate(2 * a * b, type, fp), type, fp),
    wide: (a, b, c, type, fp) => saturateWide(c + saturateWide(2n * a * b, type, fp), type, fp),
  },
  VQDMLSL: {
    lane: (a, b, c, type, fp) => saturate(c - saturate(2 * a * b, type, fp), type, fp),
    wide: (a, b, c, type, fp) => saturateWide(c - saturateWide(2n * a * b, type, fp), type, fp),
  },

  // The upper half of a result, cut off or rounded.
  VADDHN: { lane: (a, b, _, { bits }) => Math.floor((a + b) / 2 ** bits), wide: (a, b) => (a + b) >> 32n },
  VSUBHN: { lane: (a, b, _, { bits }) => Math.floor((a - b) / 2 ** bits), wide: (a, b) => (a - b) >> 32n },
  VRADDHN: {
    lane: (a, b, _, { bits }) => Math.floor((a + b + 2 ** (bits - 1)) / 2 ** bits),
    wide: (a, b) => (a + b + 0x80000000n) >> 32n,
  },
  VRSUBHN: {
    lane: (a, b, _, { bits }) => Math.floor((a - b + 2 ** (bits - 1)) / 2 ** bits),
    wide: (a, b) => (a - b + 0x80000000n) >> 32n,
  },

  // Comparisons, with each other and with zero.
  VTST: { lane: (a, b) => mask((a & b) !== 0) },
  VCEQ: { lane: (a, b) => mask(a === b) },
  VCGE: { lane: (a, b) => mask(a >= b) },
  VCGT: { lane: (a, b) => mask(a > b) },
  VCLE: { lane: (a, b) => mask(a <= b) },
  VCLT: { lane: (a, b) => mask(a < b) },

  // Of one operand.
  VABS: { lane: Math.abs },
  VNEG: { lane: (a) => -a },
  VQABS: { lane: (a, _, __, type, fp) => saturate(Math.abs(a), type, fp) },
  VQNEG: { lane: (a, _, __, type, fp) => saturate(-a, type, fp) },
  /** The bits below the sign that are like it, of a signed element. */
  VCLS: { lane: (a, _, __, { bits }) => Math.clz32(a ^ (a >> 31)) - 1 - (32 - bits) },
  /** Of an unsigned element. */
  VCLZ: { lane: (a, _, __, { bits }) => Math.clz32(a) - (32 - bits) },
  VCNT: { lane: countSetBits },
  VPADDL: { lane: (a, b) => a + b, wide: (a, b) => a + b },
  VPADAL: { lane: (a, b, c) => c + a + b, wide: (a, b, c) => c + a + b },
  VMOVN: { lane: (a) => a, wide: (a) => a },
  VQMOVN: { lane: (a, _, __, type, fp) => saturate(a, type, fp), wide: (a, _, __, type, fp) => saturateWide(a, type, fp) },
} as const satisfies Readonly<Record<string, Operation>>;
