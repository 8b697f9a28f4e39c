/**
 * What ThumbEE state has in place of 16-bit Thumb instructions: handler branches, array checks, loads and stores with scaled registers or of its
 * own base registers. The null checks of all loads and stores are `../thumb-ee.ts`'s. Reference: Arm DDI 0406C, A9.3, A9.5.
 */
import { PC, signExtend16 } from '../alu.ts';
import { enc, field, instruction, UInt, word } from '../insn.ts';
import type { With } from './operands.ts';

const R8 = field(8);
const LR = field(14);

/** Handlers are 32 bytes apart. */
const handlerAt = ({ handler }: With<'handler'>) => ({ offset: field(handler << 5) });
/** A branch within an IT block is its last instruction; else UNPREDICTABLE, which only the block can tell: we choose to branch. */
export const HB = instruction({
  asm: 'HB{c} #{offset}',
  ref: "DDI 0406C A9.5 'HB, HBL'",
  encodings: { E1: enc('11000010 handler:8', { operands: handlerAt }) },
  execute(cpu, { offset }) {
    cpu.branch(word(cpu.sys.handlerBase() + offset));
  },
});

export const HBL = instruction({
  asm: 'HBL{c} #{offset}',
  ref: "DDI 0406C A9.5 'HB, HBL'",
  encodings: { E1: enc('11000011 handler:8', { operands: handlerAt }) },
  execute(cpu, { offset }) {
    const target = word(cpu.sys.handlerBase() + offset);
    cpu.r[LR] = word((cpu.r[PC] - 2) | 1);
    cpu.branch(target);
  },
});

export const HBLP = instruction({
  asm: 'HBLP{c} #{imm}, #{offset}',
  ref: "DDI 0406C A9.5 'HBLP'",
  encodings: { E1: enc('110001 imm:5 handler:5', { operands: ({ imm, handler }) => ({ imm, offset: field(handler << 5) }) }) },
  execute(cpu, { imm, offset }) {
    const target = word(cpu.sys.handlerBase() + offset);
    cpu.r[R8] = word(imm);
    cpu.r[LR] = word((cpu.r[PC] - 2) | 1);
    cpu.branch(target);
  },
});

export const HBP = instruction({
  asm: 'HBP{c} #{imm}, #{offset}',
  ref: "DDI 0406C A9.5 'HBP'",
  encodings: { E1: enc('11000000 imm:3 handler:5', { operands: ({ imm, handler }) => ({ imm, offset: field(handler << 5) }) }) },
  execute(cpu, { imm, offset }) {
    const target = word(cpu.sys.handlerBase() + offset);
    cpu.r[R8] = word(imm);
    cpu.branch(target);
  },
});

/** The handler of a failed array check is 8 bytes below the others. */
export const CHKA = instruction({
  asm: 'CHKA{c} {Rn}, {Rm}',
  ref: "DDI 0406C A9.5 'CHKA'",
  encodings: {
    E1: enc('11001010 N Rm:4 Rn:3', {
      unpredictable: ({ N, Rn, Rm }) => (N === 1 && Rn === 7) || Rm === 13 || Rm === 15,
      operands: ({ N, Rn, Rm }) => ({ Rn: field((N << 3) | Rn), Rm }),
    }),
  },
  execute(cpu, { Rn, Rm }) {
    const target = word(cpu.sys.handlerBase() - 8);
    if (UInt(cpu.r[Rn]) <= UInt(cpu.r[Rm])) {
      cpu.r[LR] = word(cpu.r[PC] | 1);
      cpu.startIT(field(0));
      cpu.branch(target);
    }
  },
});

/** With a negative offset, from a literal pool (R10), or of a frame (R9). */
export const LDR_imm_EE = instruction({
  asm: 'LDR{c} {Rt}, [{Rn}, #{offset}]',
  ref: "DDI 0406C A9.5 'LDR (immediate)'",
  encodings: {
    E1: enc('1100100 imm3:3 Rn:3 Rt:3', { operands: ({ imm3, Rn, Rt }) => ({ Rt, Rn, offset: field(-(imm3 << 2)) }) }),
    E2: enc('11001011 imm5:5 Rt:3', { operands: ({ imm5, Rt }) => ({ Rt, Rn: field(10), offset: field(imm5 << 2) }) }),
    E3: enc('1100110 imm6:6 Rt:3', { operands: ({ imm6, Rt }) => ({ Rt, Rn: field(9), offset: field(imm6 << 2) }) }),
  },
  execute(cpu, { Rt, Rn, offset }) {
    const data = cpu.mem.readU32(word(cpu.r[Rn] + offset));
    cpu.r[Rt] = data;
  },
});

export const STR_imm_EE = instruction({
  asm: 'STR{c} {Rt}, [{Rn}, #{offset}]',
  ref: "DDI 0406C A9.5 'STR (immediate)'",
  encodings: { E1: enc('1100111 imm6:6 Rt:3', { operands: ({ imm6, Rt }) => ({ Rt, Rn: field(9), offset: field(imm6 << 2) }) }) },
  execute(cpu, { Rt, Rn, offset }) {
    cpu.mem.writeU32(word(cpu.r[Rn] + offset), cpu.r[Rt]);
  },
});

// The register is scaled by the size.

export const LDR_reg_EE = instruction({
  asm: 'LDR{c} {Rt}, [{Rn}, {Rm}, LSL #2]',
  ref: "DDI 0406C A9.5 'LDR (register)'",
  encodings: { E1: enc('0101100 Rm:3 Rn:3 Rt:3') },
  execute(cpu, { Rt, Rn, Rm }) {
    const data = cpu.mem.readU32(word(cpu.r[Rn] + (cpu.r[Rm] << 2)));
    cpu.r[Rt] = data;
  },
});

export const STR_reg_EE = instruction({
  asm: 'STR{c} {Rt}, [{Rn}, {Rm}, LSL #2]',
  ref: "DDI 0406C A9.5 'STR (register)'",
  encodings: { E1: enc('0101000 Rm:3 Rn:3 Rt:3') },
  execute(cpu, { Rt, Rn, Rm }) {
    cpu.mem.writeU32(word(cpu.r[Rn] + (cpu.r[Rm] << 2)), cpu.r[Rt]);
  },
});

export const LDRH_reg_EE = instruction({
  asm: 'LDRH{c} {Rt}, [{Rn}, {Rm}, LSL #1]',
  ref: "DDI 0406C A9.5 'LDRH (register)'",
  encodings: { E1: enc('0101101 Rm:3 Rn:3 Rt:3') },
  execute(cpu, { Rt, Rn, Rm }) {
    const data = cpu.mem.readU16(word(cpu.r[Rn] + (cpu.r[Rm] << 1)));
    cpu.r[Rt] = data;
  },
});

export const STRH_reg_EE = instruction({
  asm: 'STRH{c} {Rt}, [{Rn}, {Rm}, LSL #1]',
  ref: "DDI 0406C A9.5 'STRH (register)'",
  encodings: { E1: enc('0101001 Rm:3 Rn:3 Rt:3') },
  execute(cpu, { Rt, Rn, Rm }) {
    cpu.mem.writeU16(word(cpu.r[Rn] + (cpu.r[Rm] << 1)), cpu.r[Rt]);
  },
});

export const LDRSH_reg_EE = instruction({
  asm: 'LDRSH{c} {Rt}, [{Rn}, {Rm}, LSL #1]',
  ref: "DDI 0406C A9.5 'LDRSH (register)'",
  encodings: { E1: enc('0101111 Rm:3 Rn:3 Rt:3') },
  execute(cpu, { Rt, Rn, Rm }) {
    const data = signExtend16(cpu.mem.readU16(word(cpu.r[Rn] + (cpu.r[Rm] << 1))));
    cpu.r[Rt] = data;
  },
});
