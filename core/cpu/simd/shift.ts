/** Shifts of one element, by the name of their instruction. Reference: Arm DDI 0406C, A8.8. */
import type { ElementType } from '../fp/elements.ts';
import type { FpRegisters } from '../fp/registers.ts';
import type { Operation } from './lanes.ts';
import { roundingShiftRight, roundingShiftRightWide, saturate, saturateWide, shiftRight, shiftRightWide } from './saturation.ts';

/** The shift of a vector's lane is the signed bottom byte of the other lane; a negative one goes to the right. */
const amountOf = (lane: number): number => (lane << 24) >> 24;
const wideAmountOf = (lane: bigint): bigint => BigInt.asIntN(8, lane);

type Right = (value: number, amount: number) => number;
type RightWide = (value: bigint, amount: bigint) => bigint;

/** Exact, of any size; who stores it takes it modulo the size of the element. */
const byRegister = (right: Right, rightWide: RightWide): Operation => ({
  lane(value, lane) {
    const amount = amountOf(lane);
    if (amount < 0) return right(value, -amount);
    return amount > 31 ? 0 : value << amount;
  },
  wide(value, lane) {
    const amount = wideAmountOf(lane);
    return amount < 0n ? rightWide(value, -amount) : value << amount;
  },
});

const saturatingByRegister = (right: Right, rightWide: RightWide): Operation => ({
  lane(value, lane, _, type, fp) {
    const amount = amountOf(lane);
    return saturate(amount < 0 ? right(value, -amount) : value * 2 ** amount, type, fp);
  },
  wide(value, lane, _, type, fp) {
    const amount = wideAmountOf(lane);
    return saturateWide(amount < 0n ? rightWide(value, -amount) : value << amount, type, fp);
  },
});

/** To the right by a constant, and to the element's size with saturation. */
const saturatingRight = (right: Right, rightWide: RightWide): Operation => ({
  lane: (value, amount, _, type: ElementType, fp: FpRegisters) => saturate(right(value, amount), type, fp),
  wide: (value, amount, _, type, fp) => saturateWide(rightWide(value, amount), type, fp),
});

export const SHIFT = {
  // By another vector.
  VSHL_vector: byRegister(shiftRight, shiftRightWide),
  VRSHL: byRegister(roundingShiftRight, roundingShiftRightWide),
  VQSHL_vector: saturatingByRegister(shiftRight, shiftRightWide),
  VQRSHL: saturatingByRegister(roundingShiftRight, roundingShiftRightWide),

  // By a constant.
  VSHL: { lane: (value, amount) => value << amount, wide: (value, amount) => value << amount },
  VQSHL: {
    lane: (value, amount, _, type, fp) => saturate(value * 2 ** amount, type, fp),
    wide: (value, amount, _, type, fp) => saturateWide(value << amount, type, fp),
  },
  VSHR: { lane: shiftRight, wide: shiftRightWide },
  VRSHR: { lane: roundingShiftRight, wide: roundingShiftRightWide },
  VSRA: { lane: (a, amount, c) => c + shiftRight(a, amount), wide: (a, amount, c) => c + shiftRightWide(a, amount) },
  VRSRA: {
    lane: (a, amount, c) => c + roundingShiftRight(a, amount),
    wide: (a, amount, c) => c + roundingShiftRightWide(a, amount),
  },
  /** Of unsigned elements: the bits that the shift leaves free keep what they are. */
  VSRI: {
    lane: (a, amount, c, { bits }) => shiftRight(a, amount) + c - (c % 2 ** (bits - amount)),
    wide: (a, amount, c) => (a >> amount) | ((c >> (64n - amount)) << (64n - amount)),
  },
  VSLI: {
    lane: (a, amount, c) => (a << amount) | (c & ((1 << amount) - 1)),
    wide: (a, amount, c) => (a << amount) | (c & ((1n << amount) - 1n)),
  },

  // Narrowing.
  VQSHRN: saturatingRight(shiftRight, shiftRightWide),
  VQRSHRN: saturatingRight(roundingShiftRight, roundingShiftRightWide),
} as const satisfies Readonly<Record<string, Operation>>;
