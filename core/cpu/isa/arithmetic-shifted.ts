/** Addition, subtraction and comparison with a register shifted by a register: A32 only. Reference: Arm DDI 0406C, A5.2.2. */
import { addWithCarry, setNZCV, shiftByRegister } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import { compareShiftedA32, shiftedA32 } from './operands.ts';

export const ADD_rsr = instruction({
  asm: 'ADD{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'ADD (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000100 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, false);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const ADC_rsr = instruction({
  asm: 'ADC{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'ADC (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000101 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const SUB_rsr = instruction({
  asm: 'SUB{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'SUB (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000010 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), true);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const SBC_rsr = instruction({
  asm: 'SBC{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'SBC (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000110 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const RSB_rsr = instruction({
  asm: 'RSB{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'RSB (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000011 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), value, true);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const RSC_rsr = instruction({
  asm: 'RSC{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'RSC (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000111 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(word(~cpu.r[Rn]), value, cpu.C);
    if (S) setNZCV(cpu, result, carry, overflow);
    cpu.r[Rd] = result;
  },
});

export const CMP_rsr = instruction({
  asm: 'CMP{c} {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'CMP (register-shifted register)'",
  encodings: { A1: enc('cond:4 00010101 Rn:4 (0) (0) (0) (0) Rs:4 0 type:2 1 Rm:4', compareShiftedA32) },
  execute(cpu, { Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], word(~value), true);
    setNZCV(cpu, result, carry, overflow);
  },
});

export const CMN_rsr = instruction({
  asm: 'CMN{c} {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'CMN (register-shifted register)'",
  encodings: { A1: enc('cond:4 00010111 Rn:4 (0) (0) (0) (0) Rs:4 0 type:2 1 Rm:4', compareShiftedA32) },
  execute(cpu, { Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const { result, carry, overflow } = addWithCarry(cpu.r[Rn], value, false);
    setNZCV(cpu, result, carry, overflow);
  },
});
