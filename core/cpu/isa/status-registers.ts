/** MRS, MSR, CPS, SETEND. Reference: Arm DDI 0406C, B9.3 and A8.8 (SETEND). */
import { armExpandImm } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

const systemRegister = ({ R, M, M1, Rd }: With<'R' | 'M' | 'M1' | 'Rd'>) => ({ R, SYSm: field((M << 4) | M1), Rd });
const bankedSource = ({ R, M, M1, Rn }: With<'R' | 'M' | 'M1' | 'Rn'>) => ({ R, SYSm: field((M << 4) | M1), Rn });

/** SYSm of the registers that there are; SPSRs have even numbers. */
const BANKED = 0xf0ff7f7f;
const BANKED_SPSRS = 0x50554000;
const isAllocated = ({ R, M, M1 }: With<'R' | 'M' | 'M1'>): boolean =>
  (((R === 1 ? BANKED_SPSRS : BANKED) >>> ((M << 4) | M1)) & 1) === 1;

/** R selects SPSR. */
export const MRS = instruction({
  asm: 'MRS{c} {Rd}, {R:CPSR,SPSR}',
  ref: "DDI 0406C B9.3 'MRS'",
  encodings: {
    A1: enc('cond:4 00010 R 00 (1) (1) (1) (1) Rd:4 (0) (0) 0 (0) 0000 (0) (0) (0) (0)', { unpredictable: ({ Rd }) => isPC(Rd) }),
    T1: enc('11110011111 R (1) (1) (1) (1) 10 (0) 0 Rd:4 (0) (0) 0 (0) (0) (0) (0) (0)', {
      unpredictable: ({ Rd }) => isPC(Rd),
    }),
  },
  execute(cpu, { R, Rd }) {
    if (R) cpu.r[Rd] = cpu.sys.readSpsr();
    else cpu.r[Rd] = cpu.sys.readCpsr();
  },
});

export const MRS_banked = instruction({
  asm: 'MRS{c} {Rd}, {banked}',
  ref: "DDI 0406C B9.3 'MRS (Banked register)'",
  encodings: {
    A1: enc('cond:4 00010 R 00 M1:4 Rd:4 (0) (0) 1 M 0000 (0) (0) (0) (0)', {
      unpredictable: (fields) => isPC(fields.Rd) || !isAllocated(fields),
      operands: systemRegister,
    }),
    T1: enc('11110011111 R M1:4 10 (0) 0 Rd:4 (0) (0) 1 M (0) (0) (0) (0)', {
      unpredictable: (fields) => isPC(fields.Rd) || !isAllocated(fields),
      operands: systemRegister,
    }),
  },
  execute(cpu, { R, SYSm, Rd }) {
    cpu.r[Rd] = cpu.sys.readBanked(R, SYSm);
  },
});

export const MSR_reg = instruction({
  asm: 'MSR{c} {R:CPSR,SPSR}{mask}, {Rn}',
  ref: "DDI 0406C B9.3 'MSR (register)'",
  encodings: {
    A1: enc('cond:4 00010 R 10 mask:4 (1) (1) (1) (1) (0) (0) 0 (0) 0000 Rn:4', {
      unpredictable: ({ mask, Rn }) => mask === 0 || isPC(Rn),
    }),
    T1: enc('11110011100 R Rn:4 10 (0) 0 mask:4 (0) (0) 0 (0) (0) (0) (0) (0)', {
      unpredictable: ({ mask, Rn }) => mask === 0 || isPC(Rn),
    }),
  },
  execute(cpu, { R, mask, Rn }) {
    if (R) cpu.sys.writeSpsr(cpu.r[Rn], mask);
    else cpu.sys.writeCpsr(cpu.r[Rn], mask);
  },
});

export const MSR_banked = instruction({
  asm: 'MSR{c} {banked}, {Rn}',
  ref: "DDI 0406C B9.3 'MSR (Banked register)'",
  encodings: {
    A1: enc('cond:4 00010 R 10 M1:4 (1) (1) (1) (1) (0) (0) 1 M 0000 Rn:4', {
      unpredictable: (fields) => isPC(fields.Rn) || !isAllocated(fields),
      operands: bankedSource,
    }),
    T1: enc('11110011100 R Rn:4 10 (0) 0 M1:4 (0) (0) 1 M (0) (0) (0) (0)', {
      unpredictable: (fields) => isPC(fields.Rn) || !isAllocated(fields),
      operands: bankedSource,
    }),
  },
  execute(cpu, { R, SYSm, Rn }) {
    cpu.sys.writeBanked(R, SYSm, cpu.r[Rn]);
  },
});

/** With R and mask zero the encoding is a hint. */
export const MSR_imm = instruction({
  asm: 'MSR{c} {R:CPSR,SPSR}{mask}, #{imm32}',
  ref: "DDI 0406C B9.3 'MSR (immediate)'",
  encodings: {
    A1: enc('cond:4 00110 R 10 mask:4 (1) (1) (1) (1) imm12:12', {
      when: ({ R, mask }) => R !== 0 || mask !== 0,
      unpredictable: ({ mask }) => mask === 0,
      operands: ({ R, mask, imm12 }) => ({ R, mask, imm32: armExpandImm(imm12).imm32 }),
    }),
  },
  execute(cpu, { R, mask, imm32 }) {
    if (R) cpu.sys.writeSpsr(word(imm32), mask);
    else cpu.sys.writeCpsr(word(imm32), mask);
  },
});

type Cps = With<'imod' | 'M' | 'A' | 'I' | 'F' | 'mode'>;
const badCps = ({ imod, M, A, I, F, mode }: Cps): boolean =>
  (mode !== 0 && M === 0) || (imod >= 2 && (A | I | F) === 0) || (imod < 2 && (A | I | F) !== 0) || imod === 1;

/** `imod` 2 enables, 3 disables; M: a mode is given. With neither, T32 has a hint and A32 something UNPREDICTABLE. */
export const CPS = instruction({
  asm: 'CPS{effect} {iflags}{mode}',
  ref: "DDI 0406C B9.3 'CPS (Thumb)', 'CPS (ARM)'",
  encodings: {
    A1: enc('111100010000 imod:2 M 0 (0) (0) (0) (0) (0) (0) (0) A I F 0 mode:5', {
      unpredictable: (fields) => badCps(fields) || (fields.imod === 0 && fields.M === 0),
    }),
    T1: enc('10110110011 im (0) A I F', {
      unpredictable: ({ A, I, F }, inIT) => (A | I | F) === 0 || inIT,
      operands: ({ im, A, I, F }) => ({ imod: field(2 | im), M: field(0), A, I, F, mode: field(0) }),
    }),
    T2: enc('111100111010 (1) (1) (1) (1) 10 (0) 0 (0) imod:2 M A I F mode:5', {
      when: ({ imod, M }) => imod !== 0 || M !== 0,
      unpredictable: (fields, inIT) => badCps(fields) || inIT,
    }),
  },
  execute(cpu, { imod, M, A, I, F, mode }) {
    cpu.sys.changeProcessorState(imod === 2, imod === 3, A, I, F, M === 1, mode);
  },
});

export const SETEND = instruction({
  asm: 'SETEND {E:LE,BE}',
  ref: "DDI 0406C A8.8 'SETEND'",
  encodings: {
    A1: enc('111100010000 (0) (0) (0) 1 (0) (0) (0) (0) (0) (0) E (0) 0000 (0) (0) (0) (0)'),
    T1: enc('10110110010 (1) E (0) (0) (0)', { unpredictable: (_, inIT) => inIT }),
  },
  execute(cpu, { E }) {
    cpu.sys.setEndianness(E === 1);
  },
});
