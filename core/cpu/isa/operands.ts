/**
 * How the fields of related encodings become the same operands, and when those encodings are UNPREDICTABLE.
 * Reference: Arm DDI 0406C, A8.8, the "encoding-specific operations" of each instruction.
 *
 * R13 in T32 is UNPREDICTABLE in many places of ARMv7: we choose to execute it, as ARMv8 defines it so and every implementation does.
 */
import { armExpandImm, decodeImmShift, thumbExpandImm } from '../alu.ts';
import { type Field, field } from '../insn.ts';

export type With<Names extends string> = Readonly<Record<Names, Field>>;

/** Whether one of the registers is the PC. */
export const isPC = (...registers: readonly Field[]): boolean => registers.includes(field(15));

/** 16-bit data instructions set the flags outside IT blocks only. */
export const outsideIT = (inIT: boolean): Field => field(inIT ? 0 : 1);

/** With S and Rd = PC, A32 data-processing instructions are exception returns, which stand in `exception-return` instructions. */
const plain = ({ S, Rd }: With<'S' | 'Rd'>): boolean => S === 0 || Rd !== 15;

const NO_SHIFT = { shift: field(0), amount: field(0) } as const;

// Data-processing with three operands.

export const immediateA32 = {
  when: plain,
  operands: ({ S, Rd, Rn, imm12 }: With<'S' | 'Rd' | 'Rn' | 'imm12'>) => ({ S, Rd, Rn, ...armExpandImm(imm12) }),
};

export const modifiedImmediate = ({ i, imm3, imm8 }: With<'i' | 'imm3' | 'imm8'>) =>
  thumbExpandImm(field((i << 11) | (imm3 << 8) | imm8));

export const immediateT32 = {
  unpredictable: ({ Rd, Rn }: With<'Rd' | 'Rn'>) => isPC(Rd, Rn),
  operands: ({ S, Rd, Rn, ...imm }: With<'S' | 'Rd' | 'Rn' | 'i' | 'imm3' | 'imm8'>) => ({
    S,
    Rd,
    Rn,
    ...modifiedImmediate(imm),
  }),
};

export const registerA32 = {
  when: plain,
  operands: ({ S, Rd, Rn, Rm, type, imm5 }: With<'S' | 'Rd' | 'Rn' | 'Rm' | 'type' | 'imm5'>) => ({
    S,
    Rd,
    Rn,
    Rm,
    ...decodeImmShift(type, imm5),
  }),
};

export const immediateShift = ({ type, imm3, imm2 }: With<'type' | 'imm3' | 'imm2'>) =>
  decodeImmShift(type, field((imm3 << 2) | imm2));

export const registerT32 = {
  unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm),
  operands: ({ S, Rd, Rn, Rm, ...imm }: With<'S' | 'Rd' | 'Rn' | 'Rm' | 'type' | 'imm3' | 'imm2'>) => ({
    S,
    Rd,
    Rn,
    Rm,
    ...immediateShift(imm),
  }),
};

/** 16-bit: Rd, Rn and Rm. */
export const registerT16 = {
  operands: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>, inIT: boolean) => ({ S: outsideIT(inIT), Rd, Rn, Rm, ...NO_SHIFT }),
};

/** 16-bit: the destination is the first operand too. */
export const twoRegisterT16 = {
  operands: ({ Rdn, Rm }: With<'Rdn' | 'Rm'>, inIT: boolean) => ({ S: outsideIT(inIT), Rd: Rdn, Rn: Rdn, Rm, ...NO_SHIFT }),
};

/** A32 only: the amount of the shift is in Rs. */
export const shiftedA32 = { unpredictable: ({ Rd, Rn, Rm, Rs }: With<'Rd' | 'Rn' | 'Rm' | 'Rs'>) => isPC(Rd, Rn, Rm, Rs) };

// Comparisons: no destination, flags always.

export const compareImmediateA32 = {
  operands: ({ Rn, imm12 }: With<'Rn' | 'imm12'>) => ({ Rn, ...armExpandImm(imm12) }),
};

export const compareImmediateT32 = {
  unpredictable: ({ Rn }: With<'Rn'>) => isPC(Rn),
  operands: ({ Rn, ...imm }: With<'Rn' | 'i' | 'imm3' | 'imm8'>) => ({ Rn, ...modifiedImmediate(imm) }),
};

export const compareRegisterA32 = {
  operands: ({ Rn, Rm, type, imm5 }: With<'Rn' | 'Rm' | 'type' | 'imm5'>) => ({ Rn, Rm, ...decodeImmShift(type, imm5) }),
};

export const compareRegisterT32 = {
  unpredictable: ({ Rn, Rm }: With<'Rn' | 'Rm'>) => isPC(Rn, Rm),
  operands: ({ Rn, Rm, ...imm }: With<'Rn' | 'Rm' | 'type' | 'imm3' | 'imm2'>) => ({ Rn, Rm, ...immediateShift(imm) }),
};

export const compareRegisterT16 = { operands: ({ Rn, Rm }: With<'Rn' | 'Rm'>) => ({ Rn, Rm, ...NO_SHIFT }) };

export const compareShiftedA32 = { unpredictable: ({ Rn, Rm, Rs }: With<'Rn' | 'Rm' | 'Rs'>) => isPC(Rn, Rm, Rs) };

// Moves: no first operand.

export const moveRegisterA32 = {
  when: plain,
  operands: ({ S, Rd, Rm, type, imm5 }: With<'S' | 'Rd' | 'Rm' | 'type' | 'imm5'>) => ({
    S,
    Rd,
    Rm,
    ...decodeImmShift(type, imm5),
  }),
};

export const moveRegisterT32 = {
  unpredictable: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => isPC(Rd, Rm),
  operands: ({ S, Rd, Rm, ...imm }: With<'S' | 'Rd' | 'Rm' | 'type' | 'imm3' | 'imm2'>) => ({
    S,
    Rd,
    Rm,
    ...immediateShift(imm),
  }),
};

export const moveImmediateA32 = {
  when: plain,
  operands: ({ S, Rd, imm12 }: With<'S' | 'Rd' | 'imm12'>) => ({ S, Rd, ...armExpandImm(imm12) }),
};

export const moveImmediateT32 = {
  unpredictable: ({ Rd }: With<'Rd'>) => isPC(Rd),
  operands: ({ S, Rd, ...imm }: With<'S' | 'Rd' | 'i' | 'imm3' | 'imm8'>) => ({ S, Rd, ...modifiedImmediate(imm) }),
};
