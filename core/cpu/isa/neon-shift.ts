/** Shifts of Advanced SIMD on registers of the same length. Reference: Arm DDI 0406C, A7.4.1, A7.4.4. */
import { instruction } from '../insn.ts';
import { SHIFT, simdConstant, simdSame } from '../simd.ts';
import { dataProcessing, shiftLeft, shiftRight, three } from './neon-operands.ts';

export const VSHL_reg = instruction({
  asm: 'VSHL{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, {QDn}',
  ref: "DDI 0406C A8.8 'VSHL (register)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0100 N Q M 0 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, SHIFT.VSHL_vector, U, size, Q, d, m, n);
  },
});

export const VQSHL_reg = instruction({
  asm: 'VQSHL{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, {QDn}',
  ref: "DDI 0406C A8.8 'VQSHL (register)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0100 N Q M 1 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, SHIFT.VQSHL_vector, U, size, Q, d, m, n);
  },
});

export const VRSHL = instruction({
  asm: 'VRSHL{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, {QDn}',
  ref: "DDI 0406C A8.8 'VRSHL'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0101 N Q M 0 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, SHIFT.VRSHL, U, size, Q, d, m, n);
  },
});

export const VQRSHL = instruction({
  asm: 'VQRSHL{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, {QDn}',
  ref: "DDI 0406C A8.8 'VQRSHL'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0101 N Q M 1 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, SHIFT.VQRSHL, U, size, Q, d, m, n);
  },
});

export const VSHR = instruction({
  asm: 'VSHR{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSHR'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 0000 L Q M 1 Vm:4', shiftRight),
  execute(cpu, { U, size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VSHR, U, U, size, Q, d, m, amount);
  },
});

export const VSRA = instruction({
  asm: 'VSRA{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSRA'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 0001 L Q M 1 Vm:4', shiftRight),
  execute(cpu, { U, size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VSRA, U, U, size, Q, d, m, amount);
  },
});

export const VRSHR = instruction({
  asm: 'VRSHR{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VRSHR'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 0010 L Q M 1 Vm:4', shiftRight),
  execute(cpu, { U, size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VRSHR, U, U, size, Q, d, m, amount);
  },
});

export const VRSRA = instruction({
  asm: 'VRSRA{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VRSRA'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 0011 L Q M 1 Vm:4', shiftRight),
  execute(cpu, { U, size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VRSRA, U, U, size, Q, d, m, amount);
  },
});

export const VSRI = instruction({
  asm: 'VSRI{c}.{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSRI'",
  encodings: dataProcessing(1, '1 1 D imm6:6 Vd:4 0100 L Q M 1 Vm:4', shiftRight),
  execute(cpu, { size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VSRI, 1, 1, size, Q, d, m, amount);
  },
});

export const VSHL_imm = instruction({
  asm: 'VSHL{c}.I{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSHL (immediate)'",
  encodings: dataProcessing(1, '0 1 D imm6:6 Vd:4 0101 L Q M 1 Vm:4', shiftLeft),
  execute(cpu, { size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VSHL, 0, 0, size, Q, d, m, amount);
  },
});

export const VSLI = instruction({
  asm: 'VSLI{c}.{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSLI'",
  encodings: dataProcessing(1, '1 1 D imm6:6 Vd:4 0101 L Q M 1 Vm:4', shiftLeft),
  execute(cpu, { size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VSLI, 1, 1, size, Q, d, m, amount);
  },
});

/** From signed to unsigned elements. */
export const VQSHLU = instruction({
  asm: 'VQSHLU{c}.S{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQSHL, VQSHLU (immediate)'",
  encodings: dataProcessing(1, '1 1 D imm6:6 Vd:4 0110 L Q M 1 Vm:4', shiftLeft),
  execute(cpu, { size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VQSHL, 0, 1, size, Q, d, m, amount);
  },
});

export const VQSHL_imm = instruction({
  asm: 'VQSHL{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQSHL, VQSHLU (immediate)'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 0111 L Q M 1 Vm:4', shiftLeft),
  execute(cpu, { U, size, Q, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, SHIFT.VQSHL, U, U, size, Q, d, m, amount);
  },
});
