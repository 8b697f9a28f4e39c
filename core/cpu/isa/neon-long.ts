/** Instructions of Advanced SIMD whose elements become twice as long. Reference: Arm DDI 0406C, A7.4.2, A7.4.4, A7.4.5. */
import { instruction } from '../insn.ts';
import { INTEGER, SHIFT, simdConstantLong, simdLong, simdWide } from '../simd.ts';
import { dataProcessing, lengthen, long, shiftLong, twoLong, wide } from './neon-operands.ts';

export const VADDL = instruction({
  asm: 'VADDL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VADDL, VADDW'",
  encodings: dataProcessing(1, 'U 1 D size:2 Vn:4 Vd:4 0000 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VADD, U, size, d, n, m);
  },
});

export const VADDW = instruction({
  asm: 'VADDW{c}.{U:S,U}{size:8,16,32} {Qd}, {Qn}, {Dm}',
  ref: "DDI 0406C A8.8 'VADDL, VADDW'",
  encodings: dataProcessing(1, 'U 1 D size:2 Vn:4 Vd:4 0001 N 0 M 0 Vm:4', wide([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdWide(cpu.fp, INTEGER.VADD, U, size, d, n, m);
  },
});

export const VSUBL = instruction({
  asm: 'VSUBL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VSUBL, VSUBW'",
  encodings: dataProcessing(1, 'U 1 D size:2 Vn:4 Vd:4 0010 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VSUB, U, size, d, n, m);
  },
});

export const VSUBW = instruction({
  asm: 'VSUBW{c}.{U:S,U}{size:8,16,32} {Qd}, {Qn}, {Dm}',
  ref: "DDI 0406C A8.8 'VSUBL, VSUBW'",
  encodings: dataProcessing(1, 'U 1 D size:2 Vn:4 Vd:4 0011 N 0 M 0 Vm:4', wide([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdWide(cpu.fp, INTEGER.VSUB, U, size, d, n, m);
  },
});

export const VABAL = instruction({
  asm: 'VABAL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VABA, VABAL'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 0101 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VABA, U, size, d, n, m);
  },
});

export const VABDL = instruction({
  asm: 'VABDL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VABD, VABDL (integer)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 0111 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VABD, U, size, d, n, m);
  },
});

export const VMLAL = instruction({
  asm: 'VMLAL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (integer)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 1000 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VMLA, U, size, d, n, m);
  },
});

export const VMLSL = instruction({
  asm: 'VMLSL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (integer)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 1010 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VMLS, U, size, d, n, m);
  },
});

export const VMULL_int = instruction({
  asm: 'VMULL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (integer and polynomial)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 1100 N 0 M 0 Vm:4', long([0, 1, 2])),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VMUL, U, size, d, n, m);
  },
});

export const VMULL_poly = instruction({
  asm: 'VMULL{c}.P8 {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (integer and polynomial)'",
  encodings: dataProcessing(2, '0 1 D size:2 Vn:4 Vd:4 1110 N 0 M 0 Vm:4', long([0])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VMUL_polynomial, 1, size, d, n, m);
  },
});

export const VQDMLAL = instruction({
  asm: 'VQDMLAL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VQDMLAL, VQDMLSL'",
  encodings: dataProcessing(1, '0 1 D size:2 Vn:4 Vd:4 1001 N 0 M 0 Vm:4', long([1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VQDMLAL, 0, size, d, n, m);
  },
});

export const VQDMLSL = instruction({
  asm: 'VQDMLSL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VQDMLAL, VQDMLSL'",
  encodings: dataProcessing(1, '0 1 D size:2 Vn:4 Vd:4 1011 N 0 M 0 Vm:4', long([1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VQDMLSL, 0, size, d, n, m);
  },
});

export const VQDMULL = instruction({
  asm: 'VQDMULL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}',
  ref: "DDI 0406C A8.8 'VQDMULL'",
  encodings: dataProcessing(1, '0 1 D size:2 Vn:4 Vd:4 1101 N 0 M 0 Vm:4', long([1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLong(cpu.fp, INTEGER.VQDMULL, 0, size, d, n, m);
  },
});

export const VSHLL = instruction({
  asm: 'VSHLL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSHLL'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 101000 M 1 Vm:4', shiftLong),
  execute(cpu, { U, size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantLong(cpu.fp, SHIFT.VSHL, U, size, d, m, amount);
  },
});

/** By the whole size of the element. */
export const VSHLL_max = instruction({
  asm: 'VSHLL{c}.I{size:8,16,32} {Qd}, {Dm}, #{size:8,16,32}',
  ref: "DDI 0406C A8.8 'VSHLL'",
  encodings: dataProcessing(2, '1 1 D 11 size:2 10 Vd:4 001100 M 0 Vm:4', twoLong(0, 1, 2)),
  execute(cpu, { size, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantLong(cpu.fp, SHIFT.VSHL, 1, size, d, m, 8 << size);
  },
});

export const VMOVL = instruction({
  asm: 'VMOVL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dm}',
  ref: "DDI 0406C A8.8 'VMOVL'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 101000 M 1 Vm:4', lengthen),
  execute(cpu, { U, size, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantLong(cpu.fp, SHIFT.VSHL, U, size, d, m, 0);
  },
});
