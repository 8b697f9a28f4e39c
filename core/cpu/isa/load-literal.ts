/** Loads relative to the PC, in T32; in A32 they are the immediate forms with Rn = PC. Reference: Arm DDI 0406C, A6.2.1, A6.3.7 to A6.3.9. */
import { PC, signExtend8, signExtend16, writeLoaded } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { literalT32, literalT32Narrow, single } from './addressing.ts';

export const LDR_lit = instruction({
  asm: 'LDR{c} {Rt}, {literal}',
  ref: "DDI 0406C A8.8 'LDR (literal)'",
  encodings: {
    T1: enc('01001 Rt:3 imm8:8', { operands: ({ Rt, imm8 }) => ({ Rt, offset: field(imm8 << 2) }) }),
    T2: enc('11111000 U 101 1111 Rt:4 imm12:12', literalT32),
  },
  syndrome: ({ Rt }) => single(4, false, Rt, 0),
  execute(cpu, { Rt, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const data = cpu.mem.readU32(address);
    writeLoaded(cpu, Rt, data);
  },
});

export const LDRB_lit = instruction({
  asm: 'LDRB{c} {Rt}, {literal}',
  ref: "DDI 0406C A8.8 'LDRB (literal)'",
  encodings: {
    T1: enc('11111000 U 001 1111 Rt:4 imm12:12', literalT32Narrow),
  },
  syndrome: ({ Rt }) => single(1, false, Rt, 0),
  execute(cpu, { Rt, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const data = cpu.mem.readU8(address);
    cpu.r[Rt] = data;
  },
});

export const LDRH_lit = instruction({
  asm: 'LDRH{c} {Rt}, {literal}',
  ref: "DDI 0406C A8.8 'LDRH (literal)'",
  encodings: {
    T1: enc('11111000 U 011 1111 Rt:4 imm12:12', literalT32Narrow),
  },
  syndrome: ({ Rt }) => single(2, false, Rt, 0),
  execute(cpu, { Rt, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const data = cpu.mem.readU16(address);
    cpu.r[Rt] = data;
  },
});

export const LDRSB_lit = instruction({
  asm: 'LDRSB{c} {Rt}, {literal}',
  ref: "DDI 0406C A8.8 'LDRSB (literal)'",
  encodings: {
    T1: enc('11111001 U 001 1111 Rt:4 imm12:12', literalT32Narrow),
  },
  syndrome: ({ Rt }) => single(1, true, Rt, 0),
  execute(cpu, { Rt, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const data = signExtend8(cpu.mem.readU8(address));
    cpu.r[Rt] = data;
  },
});

export const LDRSH_lit = instruction({
  asm: 'LDRSH{c} {Rt}, {literal}',
  ref: "DDI 0406C A8.8 'LDRSH (literal)'",
  encodings: {
    T1: enc('11111001 U 011 1111 Rt:4 imm12:12', literalT32Narrow),
  },
  syndrome: ({ Rt }) => single(2, true, Rt, 0),
  execute(cpu, { Rt, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const data = signExtend16(cpu.mem.readU16(address));
    cpu.r[Rt] = data;
  },
});
