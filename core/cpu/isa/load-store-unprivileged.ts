/**
 * Loads and stores with the rights of User mode. A32 forms are post-indexed, T32 ones add a positive offset.
 * Reference: Arm DDI 0406C, A4.6.2, A5.2.9, A6.3.7 to A6.3.10.
 */
import { shiftValue, signExtend8, signExtend16 } from '../alu.ts';
import { enc, instruction, word } from '../insn.ts';
import { single } from './addressing.ts';
import { immediateA32, immediateT32, plainRegisterA32, registerA32, splitImmediateA32 } from './unprivileged-addressing.ts';

export const LDRT_imm = instruction({
  asm: 'LDRT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRT'",
  encodings: {
    A1: enc('cond:4 0100 U 011 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('111110000101 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    const data = cpu.mem.readUnprivileged32(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRT_reg = instruction({
  asm: 'LDRT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRT'",
  encodings: { A2: enc('cond:4 0110 U 011 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32) },
  execute(cpu, { Rt, Rn, Rm, U, shift, amount }) {
    const address = cpu.r[Rn];
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(address + offset) : word(address - offset);
    const data = cpu.mem.readUnprivileged32(address);
    cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRT_imm = instruction({
  asm: 'STRT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRT'",
  encodings: {
    A1: enc('cond:4 0100 U 010 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('111110000100 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(4, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    cpu.mem.writeUnprivileged32(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const STRT_reg = instruction({
  asm: 'STRT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRT'",
  encodings: { A2: enc('cond:4 0110 U 010 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32) },
  execute(cpu, { Rt, Rn, Rm, U, shift, amount }) {
    const address = cpu.r[Rn];
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(address + offset) : word(address - offset);
    cpu.mem.writeUnprivileged32(address, cpu.r[Rt]);
    cpu.r[Rn] = indexed;
  },
});

export const LDRBT_imm = instruction({
  asm: 'LDRBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRBT'",
  encodings: {
    A1: enc('cond:4 0100 U 111 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('111110000001 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    const data = cpu.mem.readUnprivileged8(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRBT_reg = instruction({
  asm: 'LDRBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRBT'",
  encodings: { A2: enc('cond:4 0110 U 111 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32) },
  execute(cpu, { Rt, Rn, Rm, U, shift, amount }) {
    const address = cpu.r[Rn];
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(address + offset) : word(address - offset);
    const data = cpu.mem.readUnprivileged8(address);
    cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRBT_imm = instruction({
  asm: 'STRBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRBT'",
  encodings: {
    A1: enc('cond:4 0100 U 110 Rn:4 Rt:4 imm12:12', immediateA32),
    T1: enc('111110000000 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(1, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    cpu.mem.writeUnprivileged8(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const STRBT_reg = instruction({
  asm: 'STRBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRBT'",
  encodings: { A2: enc('cond:4 0110 U 110 Rn:4 Rt:4 imm5:5 type:2 0 Rm:4', registerA32) },
  execute(cpu, { Rt, Rn, Rm, U, shift, amount }) {
    const address = cpu.r[Rn];
    const offset = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const indexed = U ? word(address + offset) : word(address - offset);
    cpu.mem.writeUnprivileged8(address, cpu.r[Rt]);
    cpu.r[Rn] = indexed;
  },
});

export const LDRHT_imm = instruction({
  asm: 'LDRHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRHT'",
  encodings: {
    A1: enc('cond:4 0000 U 111 Rn:4 Rt:4 immH:4 1011 immL:4', splitImmediateA32),
    T1: enc('111110000011 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    const data = cpu.mem.readUnprivileged16(address);
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRHT_reg = instruction({
  asm: 'LDRHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRHT'",
  encodings: { A2: enc('cond:4 0000 U 011 Rn:4 Rt:4 (0) (0) (0) (0) 1011 Rm:4', plainRegisterA32) },
  execute(cpu, { Rt, Rn, Rm, U }) {
    const address = cpu.r[Rn];
    const indexed = U ? word(address + cpu.r[Rm]) : word(address - cpu.r[Rm]);
    const data = cpu.mem.readUnprivileged16(address);
    cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const STRHT_imm = instruction({
  asm: 'STRHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRHT'",
  encodings: {
    A1: enc('cond:4 0000 U 110 Rn:4 Rt:4 immH:4 1011 immL:4', splitImmediateA32),
    T1: enc('111110000010 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(2, false, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    cpu.mem.writeUnprivileged16(address, cpu.r[Rt]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const STRHT_reg = instruction({
  asm: 'STRHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'STRHT'",
  encodings: { A2: enc('cond:4 0000 U 010 Rn:4 Rt:4 (0) (0) (0) (0) 1011 Rm:4', plainRegisterA32) },
  execute(cpu, { Rt, Rn, Rm, U }) {
    const address = cpu.r[Rn];
    const indexed = U ? word(address + cpu.r[Rm]) : word(address - cpu.r[Rm]);
    cpu.mem.writeUnprivileged16(address, cpu.r[Rt]);
    cpu.r[Rn] = indexed;
  },
});

export const LDRSBT_imm = instruction({
  asm: 'LDRSBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSBT'",
  encodings: {
    A1: enc('cond:4 0000 U 111 Rn:4 Rt:4 immH:4 1101 immL:4', splitImmediateA32),
    T1: enc('111110010001 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(1, true, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    const data = signExtend8(cpu.mem.readUnprivileged8(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRSBT_reg = instruction({
  asm: 'LDRSBT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSBT'",
  encodings: { A2: enc('cond:4 0000 U 011 Rn:4 Rt:4 (0) (0) (0) (0) 1101 Rm:4', plainRegisterA32) },
  execute(cpu, { Rt, Rn, Rm, U }) {
    const address = cpu.r[Rn];
    const indexed = U ? word(address + cpu.r[Rm]) : word(address - cpu.r[Rm]);
    const data = signExtend8(cpu.mem.readUnprivileged8(address));
    cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRSHT_imm = instruction({
  asm: 'LDRSHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSHT'",
  encodings: {
    A1: enc('cond:4 0000 U 111 Rn:4 Rt:4 immH:4 1111 immL:4', splitImmediateA32),
    T1: enc('111110010011 Rn:4 Rt:4 1110 imm8:8', immediateT32),
  },
  syndrome: ({ Rt, W }) => single(2, true, Rt, W),
  execute(cpu, { Rt, Rn, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = W ? cpu.r[Rn] : indexed;
    const data = signExtend16(cpu.mem.readUnprivileged16(address));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});

export const LDRSHT_reg = instruction({
  asm: 'LDRSHT{c} {Rt}, {address}',
  ref: "DDI 0406C A8.8 'LDRSHT'",
  encodings: { A2: enc('cond:4 0000 U 011 Rn:4 Rt:4 (0) (0) (0) (0) 1111 Rm:4', plainRegisterA32) },
  execute(cpu, { Rt, Rn, Rm, U }) {
    const address = cpu.r[Rn];
    const indexed = U ? word(address + cpu.r[Rm]) : word(address - cpu.r[Rm]);
    const data = signExtend16(cpu.mem.readUnprivileged16(address));
    cpu.r[Rn] = indexed;
    cpu.r[Rt] = data;
  },
});
