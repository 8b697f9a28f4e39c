/** Bit fields, bit counts and byte reversal. Reference: Arm DDI 0406C, A4.4.7, A5.4, A6.3.15. */
import { signExtend16 } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { countLeadingZeroBits } from '../intrinsics.ts';
import { isPC, type With } from './operands.ts';

const insertT32 = ({ Rd, Rn, imm3, imm2, msb }: With<'Rd' | 'Rn' | 'imm3' | 'imm2' | 'msb'>) => ({
  Rd,
  Rn,
  lsb: field((imm3 << 2) | imm2),
  msb,
});

export const BFI = instruction({
  asm: 'BFI{c} {Rd}, {Rn}, #{lsb}, #{width}',
  ref: "DDI 0406C A8.8 'BFI'",
  encodings: {
    A1: enc('cond:4 0111110 msb:5 Rd:4 lsb:5 001 Rn:4', {
      unpredictable: ({ Rd, lsb, msb }) => isPC(Rd) || msb < lsb,
      operands: ({ Rd, Rn, lsb, msb }) => ({ Rd, Rn, lsb, msb }),
    }),
    T1: enc('11110 (0) 110110 Rn:4 0 imm3:3 Rd:4 imm2:2 (0) msb:5', {
      unpredictable: (fields) => isPC(fields.Rd) || fields.msb < insertT32(fields).lsb,
      operands: insertT32,
    }),
  },
  execute(cpu, { Rd, Rn, lsb, msb }) {
    const mask = field((0xffffffff >>> (31 - msb + lsb)) << lsb);
    cpu.r[Rd] = word((cpu.r[Rd] & ~mask) | ((cpu.r[Rn] << lsb) & mask));
  },
});

export const BFC = instruction({
  asm: 'BFC{c} {Rd}, #{lsb}, #{width}',
  ref: "DDI 0406C A8.8 'BFC'",
  encodings: {
    A1: enc('cond:4 0111110 msb:5 Rd:4 lsb:5 0011111', {
      unpredictable: ({ Rd, lsb, msb }) => isPC(Rd) || msb < lsb,
      operands: ({ Rd, lsb, msb }) => ({ Rd, lsb, msb }),
    }),
    T1: enc('11110 (0) 11011011110 imm3:3 Rd:4 imm2:2 (0) msb:5', {
      unpredictable: ({ Rd, imm3, imm2, msb }) => isPC(Rd) || msb < ((imm3 << 2) | imm2),
      operands: ({ Rd, imm3, imm2, msb }) => ({ Rd, lsb: field((imm3 << 2) | imm2), msb }),
    }),
  },
  execute(cpu, { Rd, lsb, msb }) {
    const mask = field((0xffffffff >>> (31 - msb + lsb)) << lsb);
    cpu.r[Rd] = word(cpu.r[Rd] & ~mask);
  },
});

const extractA32 = {
  unpredictable: ({ Rd, Rn, lsb, widthm1 }: With<'Rd' | 'Rn' | 'lsb' | 'widthm1'>) => isPC(Rd, Rn) || lsb + widthm1 > 31,
  operands: ({ Rd, Rn, lsb, widthm1 }: With<'Rd' | 'Rn' | 'lsb' | 'widthm1'>) => ({ Rd, Rn, lsb, widthm1 }),
};
const extractT32 = {
  unpredictable: ({ Rd, Rn, imm3, imm2, widthm1 }: With<'Rd' | 'Rn' | 'imm3' | 'imm2' | 'widthm1'>) =>
    isPC(Rd, Rn) || ((imm3 << 2) | imm2) + widthm1 > 31,
  operands: ({ Rd, Rn, imm3, imm2, widthm1 }: With<'Rd' | 'Rn' | 'imm3' | 'imm2' | 'widthm1'>) => ({
    Rd,
    Rn,
    lsb: field((imm3 << 2) | imm2),
    widthm1,
  }),
};

export const SBFX = instruction({
  asm: 'SBFX{c} {Rd}, {Rn}, #{lsb}, #{width}',
  ref: "DDI 0406C A8.8 'SBFX'",
  encodings: {
    A1: enc('cond:4 0111101 widthm1:5 Rd:4 lsb:5 101 Rn:4', extractA32),
    T1: enc('11110 (0) 110100 Rn:4 0 imm3:3 Rd:4 imm2:2 (0) widthm1:5', extractT32),
  },
  execute(cpu, { Rd, Rn, lsb, widthm1 }) {
    cpu.r[Rd] = word((cpu.r[Rn] << (31 - lsb - widthm1)) >> (31 - widthm1));
  },
});

export const UBFX = instruction({
  asm: 'UBFX{c} {Rd}, {Rn}, #{lsb}, #{width}',
  ref: "DDI 0406C A8.8 'UBFX'",
  encodings: {
    A1: enc('cond:4 0111111 widthm1:5 Rd:4 lsb:5 101 Rn:4', extractA32),
    T1: enc('11110 (0) 111100 Rn:4 0 imm3:3 Rd:4 imm2:2 (0) widthm1:5', extractT32),
  },
  execute(cpu, { Rd, Rn, lsb, widthm1 }) {
    cpu.r[Rd] = word((cpu.r[Rn] << (31 - lsb - widthm1)) >>> (31 - widthm1));
  },
});

const two = { unpredictable: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => isPC(Rd, Rm) };
/** T32 gives Rm twice, and both must be the same. */
const twoT32 = {
  unpredictable: ({ Rd, Rm, Rm2 }: With<'Rd' | 'Rm' | 'Rm2'>) => isPC(Rd, Rm) || Rm !== Rm2,
  operands: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => ({ Rd, Rm }),
};

export const CLZ = instruction({
  asm: 'CLZ{c} {Rd}, {Rm}',
  ref: "DDI 0406C A8.8 'CLZ'",
  encodings: {
    A1: enc('cond:4 00010110 (1) (1) (1) (1) Rd:4 (1) (1) (1) (1) 0001 Rm:4', two),
    T1: enc('111110101011 Rm2:4 1111 Rd:4 1000 Rm:4', twoT32),
  },
  execute(cpu, { Rd, Rm }) {
    cpu.r[Rd] = countLeadingZeroBits(cpu.r[Rm]);
  },
});

export const RBIT = instruction({
  asm: 'RBIT{c} {Rd}, {Rm}',
  ref: "DDI 0406C A8.8 'RBIT'",
  encodings: {
    A1: enc('cond:4 01101111 (1) (1) (1) (1) Rd:4 (1) (1) (1) (1) 0011 Rm:4', two),
    T1: enc('111110101001 Rm2:4 1111 Rd:4 1010 Rm:4', twoT32),
  },
  execute(cpu, { Rd, Rm }) {
    const x = cpu.r[Rm];
    const pairs = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
    const fours = ((pairs >>> 2) & 0x33333333) | ((pairs & 0x33333333) << 2);
    const bytes = ((fours >>> 4) & 0x0f0f0f0f) | ((fours & 0x0f0f0f0f) << 4);
    cpu.r[Rd] = word((bytes << 24) | ((bytes & 0xff00) << 8) | ((bytes >>> 8) & 0xff00) | (bytes >>> 24));
  },
});

export const REV = instruction({
  asm: 'REV{c} {Rd}, {Rm}',
  ref: "DDI 0406C A8.8 'REV'",
  encodings: {
    A1: enc('cond:4 01101011 (1) (1) (1) (1) Rd:4 (1) (1) (1) (1) 0011 Rm:4', two),
    T1: enc('1011101000 Rm:3 Rd:3'),
    T2: enc('111110101001 Rm2:4 1111 Rd:4 1000 Rm:4', twoT32),
  },
  execute(cpu, { Rd, Rm }) {
    const x = cpu.r[Rm];
    cpu.r[Rd] = word((x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24));
  },
});

export const REV16 = instruction({
  asm: 'REV16{c} {Rd}, {Rm}',
  ref: "DDI 0406C A8.8 'REV16'",
  encodings: {
    A1: enc('cond:4 01101011 (1) (1) (1) (1) Rd:4 (1) (1) (1) (1) 1011 Rm:4', two),
    T1: enc('1011101001 Rm:3 Rd:3'),
    T2: enc('111110101001 Rm2:4 1111 Rd:4 1001 Rm:4', twoT32),
  },
  execute(cpu, { Rd, Rm }) {
    const x = cpu.r[Rm];
    cpu.r[Rd] = word(((x & 0x00ff00ff) << 8) | ((x >>> 8) & 0x00ff00ff));
  },
});

export const REVSH = instruction({
  asm: 'REVSH{c} {Rd}, {Rm}',
  ref: "DDI 0406C A8.8 'REVSH'",
  encodings: {
    A1: enc('cond:4 01101111 (1) (1) (1) (1) Rd:4 (1) (1) (1) (1) 1011 Rm:4', two),
    T1: enc('1011101011 Rm:3 Rd:3'),
    T2: enc('111110101001 Rm2:4 1111 Rd:4 1011 Rm:4', twoT32),
  },
  execute(cpu, { Rd, Rm }) {
    const x = cpu.r[Rm];
    cpu.r[Rd] = signExtend16(word(((x & 0xff) << 8) | ((x >>> 8) & 0xff)));
  },
});
