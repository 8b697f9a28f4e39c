/** Branches, calls, table branches and IT. Reference: Arm DDI 0406C, A4.3, A5.5, A6.2.6, A6.3.4. */
import { branchWritePC, bxWritePC, LR, PC } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

const signExtend = (value: number, width: number): number => (value << (32 - width)) >> (32 - width);

/** I1 and I2 of the wide Thumb branches: the J bits, inverted where the sign is clear. */
const farOffset = ({ S, imm10, J1, J2, imm11 }: With<'S' | 'imm10' | 'J1' | 'J2' | 'imm11'>): number => {
  const [I1, I2] = [J1 ^ S ^ 1, J2 ^ S ^ 1];
  return signExtend((S << 24) | (I1 << 23) | (I2 << 22) | (imm10 << 12) | (imm11 << 1), 25);
};

export const B = instruction({
  asm: 'B{c} {target}',
  ref: "DDI 0406C A8.8 'B'",
  encodings: {
    A1: enc('cond:4 1010 imm24:24', { operands: ({ cond, imm24 }) => ({ cond, offset: field(signExtend(imm24, 24) * 4) }) }),
    T1: enc('1101 cond:4 imm8:8', {
      when: ({ cond }) => cond < 14,
      unpredictable: (_, inIT) => inIT,
      operands: ({ cond, imm8 }) => ({ cond, offset: field(signExtend(imm8, 8) * 2) }),
    }),
    T2: enc('11100 imm11:11', { operands: ({ imm11 }) => ({ cond: field(14), offset: field(signExtend(imm11, 11) * 2) }) }),
    T3: enc('11110 S cond:4 imm6:6 10 J1 0 J2 imm11:11', {
      when: ({ cond }) => cond < 14,
      unpredictable: (_, inIT) => inIT,
      operands: ({ S, cond, imm6, J1, J2, imm11 }) => ({
        cond,
        offset: field(signExtend((S << 20) | (J2 << 19) | (J1 << 18) | (imm6 << 12) | (imm11 << 1), 21)),
      }),
    }),
    T4: enc('11110 S imm10:10 10 J1 1 J2 imm11:11', {
      operands: (fields) => ({ cond: field(14), offset: field(farOffset(fields)) }),
    }),
  },
  execute(cpu, { offset }) {
    cpu.branch(word(cpu.r[PC] + offset));
  },
});

/** `link` is what to add to R15 for the return address, which in Thumb has bit 0 set. */
export const BL = instruction({
  asm: 'BL{c} {target}',
  ref: "DDI 0406C A8.8 'BL, BLX (immediate)'",
  encodings: {
    A1: enc('cond:4 1011 imm24:24', {
      operands: ({ imm24 }) => ({ offset: field(signExtend(imm24, 24) * 4), link: field(-4) }),
    }),
    T1: enc('11110 S imm10:10 11 J1 1 J2 imm11:11', {
      operands: (fields) => ({ offset: field(farOffset(fields)), link: field(1) }),
    }),
  },
  execute(cpu, { offset, link }) {
    cpu.r[LR] = word(cpu.r[PC] + link);
    cpu.branch(word(cpu.r[PC] + offset));
  },
});

export const BLX_imm = instruction({
  asm: 'BLX{c} {target}',
  ref: "DDI 0406C A8.8 'BL, BLX (immediate)'",
  encodings: {
    A2: enc('1111101 H imm24:24', {
      operands: ({ H, imm24 }) => ({ offset: field(signExtend(imm24, 24) * 4 + 2 * H), link: field(-4), thumb: field(1) }),
    }),
    T2: enc('11110 S imm10:10 11 J1 0 J2 imm11:11', {
      when: ({ imm11 }) => (imm11 & 1) === 0,
      operands: (fields) => ({ offset: field(farOffset(fields)), link: field(1), thumb: field(0) }),
    }),
  },
  execute(cpu, { offset, link, thumb }) {
    cpu.r[LR] = word(cpu.r[PC] + link);
    cpu.T = thumb !== 0;
    cpu.branch(word((cpu.r[PC] & ~3) + offset));
  },
});

export const BLX_reg = instruction({
  asm: 'BLX{c} {Rm}',
  ref: "DDI 0406C A8.8 'BLX (register)'",
  encodings: {
    A1: enc('cond:4 00010010 (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) 0011 Rm:4', {
      unpredictable: ({ Rm }) => isPC(Rm),
      operands: ({ Rm }) => ({ Rm, link: field(-4) }),
    }),
    T1: enc('010001111 Rm:4 (0) (0) (0)', {
      unpredictable: ({ Rm }) => isPC(Rm),
      operands: ({ Rm }) => ({ Rm, link: field(-1) }),
    }),
  },
  execute(cpu, { Rm, link }) {
    const target = cpu.r[Rm];
    cpu.r[LR] = word(cpu.r[PC] + link);
    bxWritePC(cpu, target);
  },
});

export const BX = instruction({
  asm: 'BX{c} {Rm}',
  ref: "DDI 0406C A8.8 'BX'",
  encodings: {
    A1: enc('cond:4 00010010 (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) 0001 Rm:4'),
    T1: enc('010001110 Rm:4 (0) (0) (0)'),
  },
  execute(cpu, { Rm }) {
    bxWritePC(cpu, cpu.r[Rm]);
  },
});

/** Without a Jazelle implementation, BXJ is BX. */
export const BXJ = instruction({
  asm: 'BXJ{c} {Rm}',
  ref: "DDI 0406C A8.8 'BXJ'",
  encodings: {
    A1: enc('cond:4 00010010 (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) (1) 0010 Rm:4', { unpredictable: ({ Rm }) => isPC(Rm) }),
    T1: enc('111100111100 Rm:4 10 (0) 0 (1) (1) (1) (1) (0) (0) (0) (0) (0) (0) (0) (0)', {
      unpredictable: ({ Rm }) => isPC(Rm),
    }),
  },
  execute(cpu, { Rm }) {
    cpu.sys.checkBxj(Rm);
    bxWritePC(cpu, cpu.r[Rm]);
  },
});

export const CBZ = instruction({
  asm: 'CB{nz:,N}Z {Rn}, {target}',
  ref: "DDI 0406C A8.8 'CBNZ, CBZ'",
  encodings: {
    T1: enc('1011 nz 0 i 1 imm5:5 Rn:3', {
      unpredictable: (_, inIT) => inIT,
      operands: ({ nz, i, imm5, Rn }) => ({ nz, Rn, offset: field((i << 6) | (imm5 << 1)) }),
    }),
  },
  execute(cpu, { nz, Rn, offset }) {
    const zero = cpu.r[Rn] === 0;
    if (nz ? !zero : zero) cpu.branch(word(cpu.r[PC] + offset));
  },
});

export const TBB = instruction({
  asm: 'TBB{c} [{Rn}, {Rm}]',
  ref: "DDI 0406C A8.8 'TBB, TBH'",
  encodings: {
    T1: enc('111010001101 Rn:4 (1) (1) (1) (1) (0) (0) (0) (0) 0000 Rm:4', { unpredictable: ({ Rm }) => isPC(Rm) }),
  },
  execute(cpu, { Rn, Rm }) {
    const halfwords = cpu.mem.readU8(word(cpu.r[Rn] + cpu.r[Rm]));
    branchWritePC(cpu, word(cpu.r[PC] + halfwords + halfwords));
  },
});

export const TBH = instruction({
  asm: 'TBH{c} [{Rn}, {Rm}, LSL #1]',
  ref: "DDI 0406C A8.8 'TBB, TBH'",
  encodings: {
    T1: enc('111010001101 Rn:4 (1) (1) (1) (1) (0) (0) (0) (0) 0001 Rm:4', { unpredictable: ({ Rm }) => isPC(Rm) }),
  },
  execute(cpu, { Rn, Rm }) {
    const halfwords = cpu.mem.readU16(word(cpu.r[Rn] + (cpu.r[Rm] << 1)));
    branchWritePC(cpu, word(cpu.r[PC] + halfwords + halfwords));
  },
});

export const IT = instruction({
  asm: 'IT{then} {firstcond}',
  ref: "DDI 0406C A8.8 'IT'",
  encodings: {
    T1: enc('10111111 firstcond:4 mask:4', {
      when: ({ mask }) => mask !== 0,
      unpredictable: ({ firstcond, mask }, inIT) => inIT || firstcond === 15 || (firstcond === 14 && (mask & (mask - 1)) !== 0),
    }),
  },
  execute(cpu, { firstcond, mask }) {
    cpu.startIT(field((firstcond << 4) | mask));
  },
});
