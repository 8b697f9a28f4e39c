/** Bitwise operations and tests of registers. Reference: Arm DDI 0406C, A5.2.1, A6.2.2, A6.3.11. */
import { setNZC, shiftCarry, shiftValue, writeRegister } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import {
  compareRegisterA32,
  compareRegisterT16,
  compareRegisterT32,
  registerA32,
  registerT32,
  twoRegisterT16,
} from './operands.ts';

export const AND_reg = instruction({
  asm: 'AND{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'AND (register)'",
  encodings: {
    A1: enc('cond:4 0000000 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100000000 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101010000 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(cpu.r[Rn] & value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, result);
  },
});

export const EOR_reg = instruction({
  asm: 'EOR{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'EOR (register)'",
  encodings: {
    A1: enc('cond:4 0000001 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100000001 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101010100 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(cpu.r[Rn] ^ value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, result);
  },
});

export const ORR_reg = instruction({
  asm: 'ORR{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'ORR (register)'",
  encodings: {
    A1: enc('cond:4 0001100 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100001100 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101010010 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(cpu.r[Rn] | value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, result);
  },
});

export const BIC_reg = instruction({
  asm: 'BIC{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'BIC (register)'",
  encodings: {
    A1: enc('cond:4 0001110 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100001110 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101010001 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(cpu.r[Rn] & ~value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    writeRegister(cpu, Rd, result);
  },
});

export const ORN_reg = instruction({
  asm: 'ORN{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'ORN (register)'",
  encodings: {
    T1: enc('11101010011 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const result = word(cpu.r[Rn] | ~value);
    if (S) setNZC(cpu, result, shiftCarry(cpu, cpu.r[Rm], shift, amount));
    cpu.r[Rd] = result;
  },
});

export const TST_reg = instruction({
  asm: 'TST{c} {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'TST (register)'",
  encodings: {
    A1: enc('cond:4 00010001 Rn:4 (0) (0) (0) (0) imm5:5 type:2 0 Rm:4', compareRegisterA32),
    T1: enc('0100001000 Rm:3 Rn:3', compareRegisterT16),
    T2: enc('111010100001 Rn:4 (0) imm3:3 1111 imm2:2 type:2 Rm:4', compareRegisterT32),
  },
  execute(cpu, { Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    setNZC(cpu, word(cpu.r[Rn] & value), shiftCarry(cpu, cpu.r[Rm], shift, amount));
  },
});

export const TEQ_reg = instruction({
  asm: 'TEQ{c} {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'TEQ (register)'",
  encodings: {
    A1: enc('cond:4 00010011 Rn:4 (0) (0) (0) (0) imm5:5 type:2 0 Rm:4', compareRegisterA32),
    T1: enc('111010101001 Rn:4 (0) imm3:3 1111 imm2:2 type:2 Rm:4', compareRegisterT32),
  },
  execute(cpu, { Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    setNZC(cpu, word(cpu.r[Rn] ^ value), shiftCarry(cpu, cpu.r[Rm], shift, amount));
  },
});
