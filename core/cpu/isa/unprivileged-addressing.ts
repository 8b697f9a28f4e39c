/** Operands of the unprivileged loads and stores: A32 post-indexed (W = 1), T32 with a positive offset (W = 0). Reference: Arm DDI 0406C, A4.6.2. */
import { decodeImmShift } from '../alu.ts';
import { field } from '../insn.ts';
import { isPC, type With } from './operands.ts';

const bad = ({ Rn, Rt }: With<'Rn' | 'Rt'>): boolean => isPC(Rn, Rt) || Rn === Rt;

export const immediateA32 = {
  unpredictable: bad,
  operands: ({ Rt, Rn, U, imm12 }: With<'Rt' | 'Rn' | 'U' | 'imm12'>) => ({ Rt, Rn, U, W: field(1), imm: imm12 }),
};
export const splitImmediateA32 = {
  unpredictable: bad,
  operands: ({ Rt, Rn, U, immH, immL }: With<'Rt' | 'Rn' | 'U' | 'immH' | 'immL'>) => ({
    Rt,
    Rn,
    U,
    W: field(1),
    imm: field((immH << 4) | immL),
  }),
};
export const immediateT32 = {
  when: ({ Rn }: With<'Rn'>) => Rn !== 15,
  unpredictable: ({ Rt }: With<'Rt'>) => isPC(Rt),
  operands: ({ Rt, Rn, imm8 }: With<'Rt' | 'Rn' | 'imm8'>) => ({ Rt, Rn, U: field(1), W: field(0), imm: imm8 }),
};
export const registerA32 = {
  unpredictable: (f: With<'Rn' | 'Rt' | 'Rm'>) => bad(f) || isPC(f.Rm),
  operands: ({ Rt, Rn, Rm, U, type, imm5 }: With<'Rt' | 'Rn' | 'Rm' | 'U' | 'type' | 'imm5'>) => ({
    Rt,
    Rn,
    Rm,
    U,
    ...decodeImmShift(type, imm5),
  }),
};
export const plainRegisterA32 = {
  unpredictable: (f: With<'Rn' | 'Rt' | 'Rm'>) => bad(f) || isPC(f.Rm),
  operands: ({ Rt, Rn, Rm, U }: With<'Rt' | 'Rn' | 'Rm' | 'U'>) => ({ Rt, Rn, Rm, U }),
};
