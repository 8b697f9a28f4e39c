/** Bitwise operations and tests with a register shifted by a register: A32 only. Reference: Arm DDI 0406C, A5.2.2. */
import { carryByRegister, setNZC, shiftByRegister } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import { compareShiftedA32, shiftedA32 } from './operands.ts';

export const AND_rsr = instruction({
  asm: 'AND{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'AND (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000000 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const result = word(cpu.r[Rn] & value);
    if (S) setNZC(cpu, result, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = result;
  },
});

export const EOR_rsr = instruction({
  asm: 'EOR{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'EOR (register-shifted register)'",
  encodings: { A1: enc('cond:4 0000001 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const result = word(cpu.r[Rn] ^ value);
    if (S) setNZC(cpu, result, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = result;
  },
});

export const ORR_rsr = instruction({
  asm: 'ORR{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'ORR (register-shifted register)'",
  encodings: { A1: enc('cond:4 0001100 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const result = word(cpu.r[Rn] | value);
    if (S) setNZC(cpu, result, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = result;
  },
});

export const BIC_rsr = instruction({
  asm: 'BIC{S}{c} {Rd}, {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'BIC (register-shifted register)'",
  encodings: { A1: enc('cond:4 0001110 S Rn:4 Rd:4 Rs:4 0 type:2 1 Rm:4', shiftedA32) },
  execute(cpu, { S, Rd, Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    const result = word(cpu.r[Rn] & ~value);
    if (S) setNZC(cpu, result, carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
    cpu.r[Rd] = result;
  },
});

export const TST_rsr = instruction({
  asm: 'TST{c} {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'TST (register-shifted register)'",
  encodings: { A1: enc('cond:4 00010001 Rn:4 (0) (0) (0) (0) Rs:4 0 type:2 1 Rm:4', compareShiftedA32) },
  execute(cpu, { Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    setNZC(cpu, word(cpu.r[Rn] & value), carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
  },
});

export const TEQ_rsr = instruction({
  asm: 'TEQ{c} {Rn}, {Rm}, {type} {Rs}',
  ref: "DDI 0406C A8.8 'TEQ (register-shifted register)'",
  encodings: { A1: enc('cond:4 00010011 Rn:4 (0) (0) (0) (0) Rs:4 0 type:2 1 Rm:4', compareShiftedA32) },
  execute(cpu, { Rn, Rm, type, Rs }) {
    const value = shiftByRegister(cpu.r[Rm], type, cpu.r[Rs]);
    setNZC(cpu, word(cpu.r[Rn] ^ value), carryByRegister(cpu, cpu.r[Rm], type, cpu.r[Rs]));
  },
});
