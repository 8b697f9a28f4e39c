/** Addition, subtraction and comparison of registers. Reference: Arm DDI 0406C, A5.2.1, A6.2.2, A6.2.3, A6.3.11. */
import { addWithCarry, setNZCV, shiftValue, writeRegister } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import {
  compareRegisterA32,
  compareRegisterT16,
  compareRegisterT32,
  isPC,
  registerA32,
  registerT16,
  registerT32,
  twoRegisterT16,
  type With,
} from './operands.ts';

/** The only 16-bit addition of high registers; it sets no flags, and R15 as destination is a branch. */
const highRegisterT16 = {
  unpredictable: ({ DN, Rdn, Rm }: With<'DN' | 'Rdn' | 'Rm'>) => DN === 1 && Rdn === 7 && Rm === 15,
  operands: ({ DN, Rdn, Rm }: With<'DN' | 'Rdn' | 'Rm'>) => {
    const Rd = field(8 * DN + Rdn);
    return { S: field(0), Rd, Rn: Rd, Rm, shift: field(0), amount: field(0) };
  },
};

export const ADD_reg = instruction({
  asm: 'ADD{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'ADD (register)'",
  encodings: {
    A1: enc('cond:4 0000100 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0001100 Rm:3 Rn:3 Rd:3', registerT16),
    T2: enc('01000100 DN Rm:4 Rdn:3', highRegisterT16),
    T3: enc('11101011000 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, false);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const ADC_reg = instruction({
  asm: 'ADC{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'ADC (register)'",
  encodings: {
    A1: enc('cond:4 0000101 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100000101 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101011010 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const SUB_reg = instruction({
  asm: 'SUB{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'SUB (register)'",
  encodings: {
    A1: enc('cond:4 0000010 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0001101 Rm:3 Rn:3 Rd:3', registerT16),
    T2: enc('11101011101 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), true);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const SBC_reg = instruction({
  asm: 'SBC{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'SBC (register)'",
  encodings: {
    A1: enc('cond:4 0000110 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0100000110 Rm:3 Rdn:3', twoRegisterT16),
    T2: enc('11101011011 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const RSB_reg = instruction({
  asm: 'RSB{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'RSB (register)'",
  encodings: {
    A1: enc('cond:4 0000011 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('11101011110 S Rn:4 (0) imm3:3 Rd:4 imm2:2 type:2 Rm:4', registerT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), value, true);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const RSC_reg = instruction({
  asm: 'RSC{S}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'RSC (register)'",
  encodings: {
    A1: enc('cond:4 0000111 S Rn:4 Rd:4 imm5:5 type:2 0 Rm:4', registerA32),
  },
  execute(cpu, { S, Rd, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), value, cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    writeRegister(cpu, Rd, result);
  },
});

export const CMP_reg = instruction({
  asm: 'CMP{c} {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'CMP (register)'",
  encodings: {
    A1: enc('cond:4 00010101 Rn:4 (0) (0) (0) (0) imm5:5 type:2 0 Rm:4', compareRegisterA32),
    T1: enc('0100001010 Rm:3 Rn:3', compareRegisterT16),
    T2: enc('01000101 N Rm:4 Rn:3', {
      unpredictable: ({ N, Rn, Rm }) => isPC(field(8 * N + Rn), Rm),
      operands: ({ N, Rn, Rm }) => ({ Rn: field(8 * N + Rn), Rm, shift: field(0), amount: field(0) }),
    }),
    T3: enc('111010111011 Rn:4 (0) imm3:3 1111 imm2:2 type:2 Rm:4', compareRegisterT32),
  },
  execute(cpu, { Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), true);
    setNZCV(cpu, result, carry, overflow);
  },
});

export const CMN_reg = instruction({
  asm: 'CMN{c} {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'CMN (register)'",
  encodings: {
    A1: enc('cond:4 00010111 Rn:4 (0) (0) (0) (0) imm5:5 type:2 0 Rm:4', compareRegisterA32),
    T1: enc('0100001011 Rm:3 Rn:3', compareRegisterT16),
    T2: enc('111010110001 Rn:4 (0) imm3:3 1111 imm2:2 type:2 Rm:4', compareRegisterT32),
  },
  execute(cpu, { Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, false);
    setNZCV(cpu, result, carry, overflow);
  },
});
