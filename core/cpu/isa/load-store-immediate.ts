/** Loads and stores of one register, with an immediate offset. Reference: Arm DDI 0406C, A4.6, A5.3, A6.2.4, A6.3.7 to A6.3.10. */
import { signExtend8, signExtend16, writeLoaded } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import {
  immediateA32,
  immediateA32Narrow,
  immediateLoadT32,
  immediateLoadT32Narrow,
  immediateStoreT32,
  immediateT16,
  indexedLoadT32,
  indexedLoadT32Narrow,
  indexedStoreT32,
  single,
  splitImmediateA32,
  stackPointerT16,
} from './addressing.ts';

export const LDR_imm = instruction({
  asm: 'LDR{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDR (immediate)'",
  encodings: {
    A1: enc('cond:4 010 P U 0 W 1 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('01101 imm5:5 Rn:3 Rt:3', immediateT16(4)),
    T2: enc('10011 Rt:3 imm8:8', stackPointerT16),
    T3: enc('111110001101 Rn:4 Rt:4 imm12:12', immediateLoadT32),
    T4: enc('111110000101 Rn:4 Rt:4 1 P U W imm8:8', indexedLoadT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU32(address);
    if (W) cpu.r[Rn] = indexed;
    writeLoaded(cpu, Rt, data);
  },
});

export const STR_imm = instruction({
  asm: 'STR{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STR (immediate)'",
  encodings: {
    A1: enc('cond:4 010 P U 0 W 0 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('01100 imm5:5 Rn:3 Rt:3', immediateT16(4)),
    T2: enc('10010 Rt:3 imm8:8', stackPointerT16),
    T3: enc('111110001100 Rn:4 Rt:4 imm12:12', immediateStoreT32),
    T4: enc('111110000100 Rn:4 Rt:4 1 P U W imm8:8', indexedStoreT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU32(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRB_imm = instruction({
  asm: 'LDRB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRB (immediate)'",
  encodings: {
    A1: enc('cond:4 010 P U 1 W 1 Rn:4 Rt:4 imm12:12', immediateA32Narrow),
    T1: enc('01111 imm5:5 Rn:3 Rt:3', immediateT16(1)),
    T2: enc('111110001001 Rn:4 Rt:4 imm12:12', immediateLoadT32Narrow),
    T3: enc('111110000001 Rn:4 Rt:4 1 P U W imm8:8', indexedLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU8(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRB_imm = instruction({
  asm: 'STRB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRB (immediate)'",
  encodings: {
    A1: enc('cond:4 010 P U 1 W 0 Rn:4 Rt:4 imm12:12', immediateA32Narrow),
    T1: enc('01110 imm5:5 Rn:3 Rt:3', immediateT16(1)),
    T2: enc('111110001000 Rn:4 Rt:4 imm12:12', immediateStoreT32),
    T3: enc('111110000000 Rn:4 Rt:4 1 P U W imm8:8', indexedStoreT32),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU8(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRH_imm = instruction({
  asm: 'LDRH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRH (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 1 Rn:4 Rt:4 immH:4 1011 immL:4', splitImmediateA32),
    T1: enc('10001 imm5:5 Rn:3 Rt:3', immediateT16(2)),
    T2: enc('111110001011 Rn:4 Rt:4 imm12:12', immediateLoadT32Narrow),
    T3: enc('111110000011 Rn:4 Rt:4 1 P U W imm8:8', indexedLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const data = cpu.mem.readU16(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRH_imm = instruction({
  asm: 'STRH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRH (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 0 Rn:4 Rt:4 immH:4 1011 immL:4', splitImmediateA32),
    T1: enc('10000 imm5:5 Rn:3 Rt:3', immediateT16(2)),
    T2: enc('111110001010 Rn:4 Rt:4 imm12:12', immediateStoreT32),
    T3: enc('111110000010 Rn:4 Rt:4 1 P U W imm8:8', indexedStoreT32),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeU16(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const LDRSB_imm = instruction({
  asm: 'LDRSB{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSB (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 1 Rn:4 Rt:4 immH:4 1101 immL:4', splitImmediateA32),
    T1: enc('111110011001 Rn:4 Rt:4 imm12:12', immediateLoadT32Narrow),
    T2: enc('111110010001 Rn:4 Rt:4 1 P U W imm8:8', indexedLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(1, true, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const data = signExtend8(cpu.mem.readU8(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRSH_imm = instruction({
  asm: 'LDRSH{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSH (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 1 Rn:4 Rt:4 immH:4 1111 immL:4', splitImmediateA32),
    T1: enc('111110011011 Rn:4 Rt:4 imm12:12', immediateLoadT32Narrow),
    T2: enc('111110010011 Rn:4 Rt:4 1 P U W imm8:8', indexedLoadT32Narrow),
  },
  syndrome: ({ Rt, W }) => single(2, true, Rt, W),
  execute(cpu, { Rt, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const data = signExtend16(cpu.mem.readU16(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});
