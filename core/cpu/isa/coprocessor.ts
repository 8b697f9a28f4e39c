/**
 * Coprocessor instructions: CP14 and CP15 by MCR, MRC, MCRR and MRRC, the debug communications channel by LDC and STC too; everything else is
 * UNDEFINED. Reference: Arm DDI 0406C, A5.6, A8.8, B9.3, C11.8.
 */
import { PC } from '../alu.ts';
import { enc, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

export const MCR = instruction({
  asm: 'MCR{c} p{coproc}, #{opc1}, {Rt}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'MCR, MCR2'",
  encodings: {
    A1: enc('cond:4 1110 opc1:3 0 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4', { unpredictable: ({ Rt }) => isPC(Rt) }),
    T1: enc('11101110 opc1:3 0 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4', { unpredictable: ({ Rt }) => isPC(Rt) }),
  },
  execute(cpu, { coproc, opc1, CRn, CRm, opc2, Rt }) {
    cpu.sys.writeCoprocessor(coproc, opc1, CRn, CRm, opc2, Rt, cpu.r[Rt]);
  },
});

/** With Rt = 15 the top four bits go to the flags. */
export const MRC = instruction({
  asm: 'MRC{c} p{coproc}, #{opc1}, {Rt_or_flags}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'MRC, MRC2'",
  encodings: {
    A1: enc('cond:4 1110 opc1:3 1 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
    T1: enc('11101110 opc1:3 1 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
  },
  execute(cpu, { coproc, opc1, CRn, CRm, opc2, Rt }) {
    const value = cpu.sys.readCoprocessor(coproc, opc1, CRn, CRm, opc2, Rt);
    if (Rt === 15) {
      cpu.N = value < 0;
      cpu.Z = word(value & 0x40000000) !== 0;
      cpu.C = word(value & 0x20000000) !== 0;
      cpu.V = word(value & 0x10000000) !== 0;
    } else cpu.r[Rt] = value;
  },
});

export const MCRR = instruction({
  asm: 'MCRR{c} p{coproc}, #{opc1}, {Rt}, {Rt2}, c{CRm}',
  ref: "DDI 0406C A8.8 'MCRR, MCRR2'",
  encodings: {
    A1: enc('cond:4 11000100 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4', { unpredictable: ({ Rt, Rt2 }) => isPC(Rt, Rt2) }),
    T1: enc('111011000100 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4', { unpredictable: ({ Rt, Rt2 }) => isPC(Rt, Rt2) }),
  },
  execute(cpu, { coproc, opc1, CRm, Rt, Rt2 }) {
    cpu.sys.writeCoprocessor64(coproc, opc1, CRm, Rt, Rt2, cpu.r[Rt], cpu.r[Rt2]);
  },
});

export const MRRC = instruction({
  asm: 'MRRC{c} p{coproc}, #{opc1}, {Rt}, {Rt2}, c{CRm}',
  ref: "DDI 0406C A8.8 'MRRC, MRRC2'",
  encodings: {
    A1: enc('cond:4 11000101 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4', {
      unpredictable: ({ Rt, Rt2 }) => isPC(Rt, Rt2) || Rt === Rt2,
    }),
    T1: enc('111011000101 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4', {
      unpredictable: ({ Rt, Rt2 }) => isPC(Rt, Rt2) || Rt === Rt2,
    }),
  },
  execute(cpu, { coproc, opc1, CRm, Rt, Rt2 }) {
    cpu.sys.readCoprocessor64(coproc, opc1, CRm, Rt, Rt2);
  },
});

/** CP14's c5: a word of memory goes to DBGDTRTX, or comes from DBGDTRRX. */
const channel = {
  when: ({ P, U, W }: With<'P' | 'U' | 'W'>): boolean => P === 1 || U === 1 || W === 1,
  unpredictable: ({ W, Rn }: With<'W' | 'Rn'>): boolean => W === 1 && isPC(Rn),
  operands: ({ P, U, W, Rn, imm8 }: With<'P' | 'U' | 'W' | 'Rn' | 'imm8'>) => ({
    P,
    U,
    W,
    Rn,
    CRd: field(5),
    coproc: field(14),
    imm: field(imm8 << 2),
  }),
};

export const LDC_DBGDTRTXint = instruction({
  asm: 'LDC{c} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'LDC, LDC2 (immediate)', 'LDC, LDC2 (literal)'",
  encodings: {
    A1: enc('cond:4 110 P U 0 W 1 Rn:4 01011110 imm8:8', channel),
    T1: enc('1110110 P U 0 W 1 Rn:4 01011110 imm8:8', channel),
  },
  execute(cpu, { P, U, W, Rn, imm }) {
    cpu.sys.checkDebugTransfer(true, P, U, W, Rn, imm);
    const base = Rn === PC ? word(cpu.r[PC] & ~3) : cpu.r[Rn];
    const moved = U ? word(base + imm) : word(base - imm);
    const data = cpu.mem.readA32(P ? moved : base);
    cpu.sys.debugSend(data);
    if (W) cpu.r[Rn] = moved;
  },
});

export const STC_DBGDTRRXint = instruction({
  asm: 'STC{c} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'STC, STC2'",
  encodings: {
    A1: enc('cond:4 110 P U 0 W 0 Rn:4 01011110 imm8:8', channel),
    T1: enc('1110110 P U 0 W 0 Rn:4 01011110 imm8:8', channel),
  },
  execute(cpu, { P, U, W, Rn, imm }) {
    cpu.sys.checkDebugTransfer(false, P, U, W, Rn, imm);
    const base = Rn === PC ? word(cpu.r[PC] & ~3) : cpu.r[Rn];
    const moved = U ? word(base + imm) : word(base - imm);
    cpu.mem.writeA32(P ? moved : base, cpu.sys.debugReceived());
    cpu.sys.debugTaken();
    if (W) cpu.r[Rn] = moved;
  },
});

// The rest reaches nothing: no coprocessor of ours has data operations, other loads and stores, or registers in the "2" forms.

/** Without P, U and W these are MCRR and MRRC, or UNDEFINED. */
const transfer = {
  when: ({ P, U, W }: With<'P' | 'U' | 'W'>): boolean => P === 1 || U === 1 || W === 1,
  operands: ({ P, U, D, W, Rn, CRd, coproc, imm8 }: With<'P' | 'U' | 'D' | 'W' | 'Rn' | 'CRd' | 'coproc' | 'imm8'>) => ({
    P,
    U,
    D,
    W,
    Rn,
    CRd,
    coproc,
    imm: field(imm8 << 2),
  }),
};

/** What is not for the debug communications channel. */
const otherTransfer = {
  ...transfer,
  when: (fields: With<'P' | 'U' | 'W' | 'D' | 'CRd' | 'coproc'>): boolean =>
    transfer.when(fields) && !(fields.coproc === 14 && fields.CRd === 5 && fields.D === 0),
};

export const CDP = instruction({
  asm: 'CDP{c} p{coproc}, #{opc1}, c{CRd}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'CDP, CDP2'",
  encodings: {
    A1: enc('cond:4 1110 opc1:4 CRn:4 CRd:4 coproc:4 opc2:3 0 CRm:4'),
    T1: enc('11101110 opc1:4 CRn:4 CRd:4 coproc:4 opc2:3 0 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const CDP2 = instruction({
  asm: 'CDP2 p{coproc}, #{opc1}, c{CRd}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'CDP, CDP2'",
  encodings: {
    A2: enc('11111110 opc1:4 CRn:4 CRd:4 coproc:4 opc2:3 0 CRm:4'),
    T2: enc('11111110 opc1:4 CRn:4 CRd:4 coproc:4 opc2:3 0 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const LDC = instruction({
  asm: 'LDC{D:,L}{c} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'LDC, LDC2 (immediate)', 'LDC, LDC2 (literal)'",
  encodings: {
    A1: enc('cond:4 110 P U D W 1 Rn:4 CRd:4 coproc:4 imm8:8', otherTransfer),
    T1: enc('1110110 P U D W 1 Rn:4 CRd:4 coproc:4 imm8:8', otherTransfer),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const LDC2 = instruction({
  asm: 'LDC2{D:,L} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'LDC, LDC2 (immediate)', 'LDC, LDC2 (literal)'",
  encodings: {
    A2: enc('1111110 P U D W 1 Rn:4 CRd:4 coproc:4 imm8:8', transfer),
    T2: enc('1111110 P U D W 1 Rn:4 CRd:4 coproc:4 imm8:8', transfer),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const STC = instruction({
  asm: 'STC{D:,L}{c} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'STC, STC2'",
  encodings: {
    A1: enc('cond:4 110 P U D W 0 Rn:4 CRd:4 coproc:4 imm8:8', otherTransfer),
    T1: enc('1110110 P U D W 0 Rn:4 CRd:4 coproc:4 imm8:8', otherTransfer),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const STC2 = instruction({
  asm: 'STC2{D:,L} p{coproc}, c{CRd}, {coprocessor_address}',
  ref: "DDI 0406C A8.8 'STC, STC2'",
  encodings: {
    A2: enc('1111110 P U D W 0 Rn:4 CRd:4 coproc:4 imm8:8', transfer),
    T2: enc('1111110 P U D W 0 Rn:4 CRd:4 coproc:4 imm8:8', transfer),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const MCR2 = instruction({
  asm: 'MCR2 p{coproc}, #{opc1}, {Rt}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'MCR, MCR2'",
  encodings: {
    A2: enc('11111110 opc1:3 0 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
    T2: enc('11111110 opc1:3 0 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const MRC2 = instruction({
  asm: 'MRC2 p{coproc}, #{opc1}, {Rt_or_flags}, c{CRn}, c{CRm}, #{opc2}',
  ref: "DDI 0406C A8.8 'MRC, MRC2'",
  encodings: {
    A2: enc('11111110 opc1:3 1 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
    T2: enc('11111110 opc1:3 1 CRn:4 Rt:4 coproc:4 opc2:3 1 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const MCRR2 = instruction({
  asm: 'MCRR2 p{coproc}, #{opc1}, {Rt}, {Rt2}, c{CRm}',
  ref: "DDI 0406C A8.8 'MCRR, MCRR2'",
  encodings: {
    A2: enc('111111000100 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4'),
    T2: enc('111111000100 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});

export const MRRC2 = instruction({
  asm: 'MRRC2 p{coproc}, #{opc1}, {Rt}, {Rt2}, c{CRm}',
  ref: "DDI 0406C A8.8 'MRRC, MRRC2'",
  encodings: {
    A2: enc('111111000101 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4'),
    T2: enc('111111000101 Rt2:4 Rt:4 coproc:4 opc1:4 CRm:4'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});
