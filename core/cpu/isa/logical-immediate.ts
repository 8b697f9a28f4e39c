/** Bitwise operations and tests with an immediate. Reference: Arm DDI 0406C, A5.2.3, A6.3.1. */
import { setNZAndImmediateCarry, writeRegister } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import { compareImmediateA32, compareImmediateT32, immediateA32, immediateT32 } from './operands.ts';

export const AND_imm = instruction({
  asm: 'AND{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'AND (immediate)'",
  encodings: {
    A1: enc('cond:4 0010000 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 00000 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32, rotated }) {
    const result = word(cpu.r[Rn] & imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

export const EOR_imm = instruction({
  asm: 'EOR{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'EOR (immediate)'",
  encodings: {
    A1: enc('cond:4 0010001 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 00100 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32, rotated }) {
    const result = word(cpu.r[Rn] ^ imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

export const ORR_imm = instruction({
  asm: 'ORR{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'ORR (immediate)'",
  encodings: {
    A1: enc('cond:4 0011100 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 00010 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32, rotated }) {
    const result = word(cpu.r[Rn] | imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

export const BIC_imm = instruction({
  asm: 'BIC{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'BIC (immediate)'",
  encodings: {
    A1: enc('cond:4 0011110 S Rn:4 Rd:4 imm12:12', immediateA32),
    T1: enc('11110 i 00001 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32, rotated }) {
    const result = word(cpu.r[Rn] & ~imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    writeRegister(cpu, Rd, result);
  },
});

export const ORN_imm = instruction({
  asm: 'ORN{S}{c} {Rd}, {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'ORN (immediate)'",
  encodings: {
    T1: enc('11110 i 00011 S Rn:4 0 imm3:3 Rd:4 imm8:8', immediateT32),
  },
  execute(cpu, { S, Rd, Rn, imm32, rotated }) {
    const result = word(cpu.r[Rn] | ~imm32);
    if (S) setNZAndImmediateCarry(cpu, result, imm32, rotated);
    cpu.r[Rd] = result;
  },
});

export const TST_imm = instruction({
  asm: 'TST{c} {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'TST (immediate)'",
  encodings: {
    A1: enc('cond:4 00110001 Rn:4 (0) (0) (0) (0) imm12:12', compareImmediateA32),
    T1: enc('11110 i 000001 Rn:4 0 imm3:3 1111 imm8:8', compareImmediateT32),
  },
  execute(cpu, { Rn, imm32, rotated }) {
    setNZAndImmediateCarry(cpu, word(cpu.r[Rn] & imm32), imm32, rotated);
  },
});

export const TEQ_imm = instruction({
  asm: 'TEQ{c} {Rn}, #{imm32}',
  ref: "DDI 0406C A8.8 'TEQ (immediate)'",
  encodings: {
    A1: enc('cond:4 00110011 Rn:4 (0) (0) (0) (0) imm12:12', compareImmediateA32),
    T1: enc('11110 i 001001 Rn:4 0 imm3:3 1111 imm8:8', compareImmediateT32),
  },
  execute(cpu, { Rn, imm32, rotated }) {
    setNZAndImmediateCarry(cpu, word(cpu.r[Rn] ^ imm32), imm32, rotated);
  },
});
