/** Moves and shifts. LSL, LSR, ASR, ROR and RRX are moves of a shifted register. Reference: Arm DDI 0406C, A5.2, A6.2, A6.3. */
import {
  carryByRegister,
  decodeImmShift,
  setNZAndImmediateCarry,
  setNZC,
  shiftByRegister,
  shiftCarry,
  shiftValue,
  writeRegister,
} from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { isPC, moveImmediateA32, moveImmediateT32, moveRegisterA32, moveRegisterT32, outsideIT, type With } from './operands.ts';

export const MOV_imm = instruction({
  asm: 'MOV{S}{c} {Rd}, #{imm32}',
  ref: "DDI 0406C A8.8 'MOV (immediate)'",
  encodings: {
    A1: enc('cond:4 0011101 S (0) (0) (0) (0) Rd:4 imm12:12', moveImmediateA32),
    T1: enc('00100 Rd:3 imm8:8', {
      operands: ({ Rd, imm8 }, inIT) => ({ S: outsideIT(inIT), Rd, imm32: imm8, rotated: field(0) }),
    }),
    T2: enc('11110 i 00010 S 11110 imm3:3 Rd:4 imm8:8', moveImmediateT32),
  },
  execute(cpu, { S, Rd, imm32, rotated }) {
    const result = word(imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

export const MVN_imm = instruction({
  asm: 'MVN{S}{c} {Rd}, #{imm32}',
  ref: "DDI 0406C A8.8 'MVN (immediate)'",
  encodings: {
    A1: enc('cond:4 0011111 S (0) (0) (0) (0) Rd:4 imm12:12', moveImmediateA32),
    T1: enc('11110 i 00011 S 11110 imm3:3 Rd:4 imm8:8', moveImmediateT32),
  },
  execute(cpu, { S, Rd, imm32, rotated }) {
    const result = word(~imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

const halfT32 = {
  unpredictable: ({ Rd }: With<'Rd'>) => isPC(Rd),
  operands: ({ imm4, i, imm3, Rd, imm8 }: With<'imm4' | 'i' | 'imm3' | 'Rd' | 'imm8'>) => ({
    Rd,
    imm16: field((imm4 << 12) | (i << 11) | (imm3 << 8) | imm8),
  }),
};
const halfA32 = {
  unpredictable: ({ Rd }: With<'Rd'>) => isPC(Rd),
  operands: ({ imm4, Rd, imm12 }: With<'imm4' | 'Rd' | 'imm12'>) => ({ Rd, imm16: field((imm4 << 12) | imm12) }),
};

export const MOVW = instruction({
  asm: 'MOVW{c} {Rd}, #{imm16}',
  ref: "DDI 0406C A8.8 'MOV (immediate)'",
  encodings: {
    A2: enc('cond:4 00110000 imm4:4 Rd:4 imm12:12', halfA32),
    T3: enc('11110 i 100100 imm4:4 0 imm3:3 Rd:4 imm8:8', halfT32),
  },
  execute(cpu, { Rd, imm16 }) {
    cpu.r[Rd] = word(imm16);
  },
});

export const MOVT = instruction({
  asm: 'MOVT{c} {Rd}, #{imm16}',
  ref: "DDI 0406C A8.8 'MOVT'",
  encodings: {
    A1: enc('cond:4 00110100 imm4:4 Rd:4 imm12:12', halfA32),
    T1: enc('11110 i 101100 imm4:4 0 imm3:3 Rd:4 imm8:8', halfT32),
  },
  execute(cpu, { Rd, imm16 }) {
    cpu.r[Rd] = word((cpu.r[Rd] & 0xffff) | (imm16 << 16));
  },
});

export const MOV_reg = instruction({
  asm: 'MOV{S}{c} {Rd}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'MOV (register)'",
  encodings: {
    A1: enc('cond:4 0001101 S (0) (0) (0) (0) Rd:4 imm5:5 type:2 0 Rm:4', moveRegisterA32),
    T1: enc('01000110 D Rm:4 Rd:3', {
      operands: ({ D, Rd, Rm }) => ({ S: field(0), Rd: field(8 * D + Rd), Rm, shift: field(0), amount: field(0) }),
    }),
    // With type 0 and no shift this is MOVS, else LSL, LSR and ASR.
    T2: enc('000 type:2 imm5:5 Rm:3 Rd:3', {
      when: ({ type }) => type !== 3,
      operands: ({ Rd, Rm, type, imm5 }, inIT) => ({ S: outsideIT(inIT), Rd, Rm, ...decodeImmShift(type, imm5) }),
    }),
    T3: enc('11101010010 S 1111 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', moveRegisterT32),
  },
  execute(cpu, { S, Rd, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    if (S) setNZC(cpu, value, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, value);
  },
});

export const MVN_reg = instruction({
  asm: 'MVN{S}{c} {Rd}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'MVN (register)'",
  encodings: {
    A1: enc('cond:4 0001111 S (0) (0) (0) (0) Rd:4 imm5:5 type:2 0 Rm:4', moveRegisterA32),
    T1: enc('0100001111 Rm:3 Rd:3', {
      operands: ({ Rd, Rm }, inIT) => ({ S: outsideIT(inIT), Rd, Rm, shift: field(0), amount: field(0) }),
    }),
    T2: enc('11101010011 S 1111 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', moveRegisterT32),
  },
  execute(cpu, { S, Rd, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(~value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, result);
  },
});

/** 16-bit shifts by a register: the destination is shifted. */
const shiftT16 = (type: number) => ({
  operands: ({ Rs, Rdn }: With<'Rs' | 'Rdn'>, inIT: boolean) => ({ S: outsideIT(inIT), Rd: Rdn, Rm: Rdn, type: field(type), Rs }),
});

export const MOV_rsr = instruction({
  asm: 'MOV{S}{c} {Rd}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'MOV (shifted register)'",
  encodings: {
    A1: enc('cond:4 0001101 S (0) (0) (0) (0) Rd:4 Rs:4 0 type:2 1 Rm:4', {
      unpredictable: ({ Rd, Rm, Rs }) => isPC(Rd, Rm, Rs),
    }),
    T1: enc('0100000010 Rs:3 Rdn:3', shiftT16(0)),
    T2: enc('0100000011 Rs:3 Rdn:3', shiftT16(1)),
    T3: enc('0100000100 Rs:3 Rdn:3', shiftT16(2)),
    T4: enc('0100000111 Rs:3 Rdn:3', shiftT16(3)),
    T5: enc('111110100 type:2 S Rm:4 1111 Rd:4 0000 Rs:4', { unpredictable: ({ Rd, Rm, Rs }) => isPC(Rd, Rm, Rs) }),
  },
  execute(cpu, { S, Rd, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    if (S) setNZC(cpu, value, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = value;
  },
});

export const MVN_rsr = instruction({
  asm: 'MVN{S}{c} {Rd}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'MVN (register-shifted register)'",
  encodings: {
    A1: enc('cond:4 0001111 S (0) (0) (0) (0) Rd:4 Rs:4 0 type:2 1 Rm:4', {
      unpredictable: ({ Rd, Rm, Rs }) => isPC(Rd, Rm, Rs),
    }),
  },
  execute(cpu, { S, Rd, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const result = word(~value);
    if (S) setNZC(cpu, result, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = result;
  },
});
