/** Addition, subtraction and comparison with an immediate. Reference: Arm DDI 0406C, A5.2.3, A6.2.1, A6.3.1. */
import { addWithCarry, PC, SP, setNZCV, writeRegister } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { compareImmediateA32, compareImmediateT32, immediateA32, immediateT32, isPC, outsideIT, type With } from './operands.ts';

const threeBitT16 = {
  operands: ({ Rd, Rn, imm3 }: With<'Rd' | 'Rn' | 'imm3'>, inIT: boolean) => ({
    S: outsideIT(inIT),
    Rd,
    Rn,
    imm32: imm3,
    rotated: field(0),
  }),
};
const eightBitT16 = {
  operands: ({ Rdn, imm8 }: With<'Rdn' | 'imm8'>, inIT: boolean) => ({
    S: outsideIT(inIT),
    Rd: Rdn,
    Rn: Rdn,
    imm32: imm8,
    rotated: field(0),
  }),
};
/** ADDW and SUBW: a plain 12-bit immediate, no flags. */
const twelveBitT32 = {
  unpredictable: ({ Rd }: With<'Rd'>) => isPC(Rd),
  operands: ({ Rd, Rn, i, imm3, imm8 }: With<'Rd' | 'Rn' | 'i' | 'imm3' | 'imm8'>) => ({
    S: field(0),
    Rd,
    Rn,
    imm32: field((i << 11) | (imm3 << 8) | imm8),
    rotated: field(0),
  }),
};
const fromStackPointerT16 = {
  operands: ({ Rd, imm8 }: With<'Rd' | 'imm8'>) => ({ S: field(0), Rd, Rn: SP, imm32: field(imm8 << 2), rotated: field(0) }),
};
const stackPointerT16 = {
  operands: ({ imm7 }: With<'imm7'>) => ({ S: field(0), Rd: SP, Rn: SP, imm32: field(imm7 << 2), rotated: field(0) }),
};
const negateT16 = {
  operands: ({ Rd, Rn }: With<'Rd' | 'Rn'>, inIT: boolean) => ({
    S: outsideIT(inIT),
    Rd,
    Rn,
    imm32: field(0),
    rotated: field(0),
  }),
};

export const ADD_imm = instruction({
  asm: 'ADD{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'ADD (immediate)'",
  encodings: {
    A1: enc('cond:4 0010100 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('0001110 imm3:3 Rn:3 Rd:3', threeBitT16),
    T2: enc('00110 Rdn:3 imm8:8', eightBitT16),
    T3: enc('11110 i 01000 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
    T4: enc('11110 i 100000 Rn:4 0 imm3:3 Rd:4 imm8:8', twelveBitT32),
    T5: enc('10101 Rd:3 imm8:8', fromStackPointerT16),
    T6: enc('101100000 imm7:7', stackPointerT16),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(imm32), false);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const ADC_imm = instruction({
  asm: 'ADC{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'ADC (immediate)'",
  encodings: {
    A1: enc('cond:4 0010101 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 01010 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(imm32), cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const SUB_imm = instruction({
  asm: 'SUB{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'SUB (immediate)'",
  encodings: {
    A1: enc('cond:4 0010010 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('0001111 imm3:3 Rn:3 Rd:3', threeBitT16),
    T2: enc('00111 Rdn:3 imm8:8', eightBitT16),
    T3: enc('11110 i 01101 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
    T4: enc('11110 i 101010 Rn:4 0 imm3:3 Rd:4 imm8:8', twelveBitT32),
    T5: enc('101100001 imm7:7', stackPointerT16),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~imm32), true);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const SBC_imm = instruction({
  asm: 'SBC{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'SBC (immediate)'",
  encodings: {
    A1: enc('cond:4 0010110 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 01011 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~imm32), cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const RSB_imm = instruction({
  asm: 'RSB{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'RSB (immediate)'",
  encodings: {
    A1: enc('cond:4 0010011 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('0100001001 Rn:3 Rd:3', negateT16),
    T2: enc('11110 i 01110 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), word(imm32), true);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const RSC_imm = instruction({
  asm: 'RSC{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'RSC (immediate)'",
  encodings: {
    A1: enc('cond:4 0010111 S Rn:4 Rd:4 imm12:12', immediateA32),
  },
  execute(cpu, { S, Rd, Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), word(imm32), cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const CMP_imm = instruction({
  asm: 'CMP{c} {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'CMP (immediate)'",
  encodings: {
    A1: enc('cond:4 00110101 Rn:4 (0) (0) (0) (0) imm12:12', compareImmediateA32),
    T1: enc('00101 Rn:3 imm8:8', { operands: ({ Rn, imm8 }) => ({ Rn, imm32: imm8, rotated: field(0) }) }),
    T2: enc('11110 i 011011 Rn:4 0 imm3:3 1111 imm8:8', compareImmediateT32),
  },
  execute(cpu, { Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~imm32), true);
    setNZCV(cpu, result, carry, overflow);
  },
});

export const CMN_imm = instruction({
  asm: 'CMN{c} {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'CMN (immediate)'",
  encodings: {
    A1: enc('cond:4 00110111 Rn:4 (0) (0) (0) (0) imm12:12', compareImmediateA32),
    T1: enc('11110 i 010001 Rn:4 0 imm3:3 1111 imm8:8', compareImmediateT32),
  },
  execute(cpu, { Rn, imm32 }) {
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(imm32), false);
    setNZCV(cpu, result, carry, overflow);
  },
});

/** A32 has no encoding of its own: ADD and SUB with Rn = PC, which is aligned there. */
export const ADR = instruction({
  asm: 'ADR{c} {Rd}, {label}',
  ref: "DDI 0406C A8.8 'ADR'",
  encodings: {
    T1: enc('10100 Rd:3 imm8:8', { operands: ({ Rd, imm8 }) => ({ Rd, imm32: field(imm8 << 2) }) }),
    T2: enc('11110 i 10101011110 imm3:3 Rd:4 imm8:8', {
      unpredictable: ({ Rd }) => isPC(Rd),
      operands: ({ Rd, i, imm3, imm8 }) => ({ Rd, imm32: field(-((i << 11) | (imm3 << 8) | imm8) | 0) }),
    }),
    T3: enc('11110 i 10000011110 imm3:3 Rd:4 imm8:8', {
      unpredictable: ({ Rd }) => isPC(Rd),
      operands: ({ Rd, i, imm3, imm8 }) => ({ Rd, imm32: field((i << 11) | (imm3 << 8) | imm8) }),
    }),
  },
  execute(cpu, { Rd, imm32 }) {
    cpu.r[Rd] = word((cpu.r[PC] & ~3) + imm32);
  },
});
