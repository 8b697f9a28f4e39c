/** Coprocessor instructions: CP14 and CP15 by MCR, MRC, MCRR and MRRC; everything else is UNDEFINED. Reference: Arm DDI 0406C, A5.6, A8.8, B9.3. */
import { enc, instruction, word } from '../insn.ts';
import { isPC } from './operands.ts';

/** The "2" forms reach no register of CP14 or CP15. */
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
  asm: 'MRC{c} p{coproc}, #{opc1}, {Rt}, c{CRn}, c{CRm}, #{opc2}',
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

/** CDP, LDC, STC and all the "2" forms: no coprocessor of ours has any. */
export const COPROCESSOR_OTHER = instruction({
  asm: 'CDP{c} p{coproc}',
  ref: "DDI 0406C A8.8 'CDP, CDP2', 'LDC, LDC2', 'STC, STC2'",
  encodings: {
    A1: enc('cond:4 1110 any:12 coproc:4 opc2:3 0 CRm:4'),
    A2: enc('cond:4 110 any:13 coproc:4 imm8:8'),
    A3: enc('1111110 any:13 coproc:4 imm8:8'),
    A4: enc('11111110 any:12 coproc:4 imm8:8'),
    T1: enc('11101110 any:12 coproc:4 opc2:3 0 CRm:4'),
    T2: enc('1110110 any:13 coproc:4 imm8:8'),
    T3: enc('1111110 any:13 coproc:4 imm8:8'),
    T4: enc('11111110 any:12 coproc:4 imm8:8'),
  },
  execute(cpu, { coproc }) {
    cpu.sys.otherCoprocessor(coproc);
  },
});
