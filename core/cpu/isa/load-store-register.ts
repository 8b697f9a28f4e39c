/** Loads and stores of one register, with an offset in a register. Reference: Arm DDI 0406C, A4.6, A5.3, A6.2.4, A6.3.7 to A6.3.10. */
import { shiftValue, signExtend8, signExtend16, writeLoaded } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import {
  plainRegisterA32,
  registerA32,
  registerA32Narrow,
  registerLoadT32,
  registerLoadT32Narrow,
  registerStoreT32,
  registerT16,
  single,
} from './addressing.ts';

export const LDR_reg = instruction({
  asm: 'LDR{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDR (register)'",
  encodings: {
    A1: enc('cond:4 011 P U 0 W 1 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0101100 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000101 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerLoadT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU32(address);
    if (W) cpu.r[Rn] = indexed;
    writeLoaded(cpu, Rt, data);
  },
});

export const STR_reg = instruction({
  asm: 'STR{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STR (register)'",
  encodings: {
    A1: enc('cond:4 011 P U 0 W 0 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32),
    T1: enc('0101000 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000100 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerStoreT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU32(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRB_reg = instruction({
  asm: 'LDRB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRB (register)'",
  encodings: {
    A1: enc('cond:4 011 P U 1 W 1 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32Narrow),
    T1: enc('0101110 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000001 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU8(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRB_reg = instruction({
  asm: 'STRB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRB (register)'",
  encodings: {
    A1: enc('cond:4 011 P U 1 W 0 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32Narrow),
    T1: enc('0101010 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000000 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerStoreT32),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU8(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRH_reg = instruction({
  asm: 'LDRH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRH (register)'",
  encodings: {
    A1: enc('cond:4 000 P U 0 W 1 Rn:4 Rt:4 (0) (0) (0) (0) 1011 Rm:4', plainRegisterA32),
    T1: enc('0101101 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000011 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU16(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRH_reg = instruction({
  asm: 'STRH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRH (register)'",
  encodings: {
    A1: enc('cond:4 000 P U 0 W 0 Rn:4 Rt:4 (0) (0) (0) (0) 1011 Rm:4', plainRegisterA32),
    T1: enc('0101001 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110000010 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerStoreT32),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU16(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRSB_reg = instruction({
  asm: 'LDRSB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSB (register)'",
  encodings: {
    A1: enc('cond:4 000 P U 0 W 1 Rn:4 Rt:4 (0) (0) (0) (0) 1101 Rm:4', plainRegisterA32),
    T1: enc('0101011 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110010001 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(1, true, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    const data = signExtend8(cpu.mem.readU8(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRSH_reg = instruction({
  asm: 'LDRSH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSH (register)'",
  encodings: {
    A1: enc('cond:4 000 P U 0 W 1 Rn:4 Rt:4 (0) (0) (0) (0) 1111 Rm:4', plainRegisterA32),
    T1: enc('0101111 Rm:3 Rn:3 Rt:3', registerT16),
    T2: enc('111110010011 Rn:4 Rt:4 000000 imm2:2 Rm:4', registerLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(2, true, Rt, W),
  execute(cpu, { Rt, Rn, Rm, P, U, W, shift, amount }) {
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(cpu.r[Rn] + offset) : word(cpu.r[Rn] - offset);
    const address = P ? indexed : cpu.r[Rn];
    const data = signExtend16(cpu.mem.readU16(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});
