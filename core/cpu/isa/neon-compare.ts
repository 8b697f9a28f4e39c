/** Comparisons of Advanced SIMD, whose results are elements of ones or zeros. Reference: Arm DDI 0406C, A7.4.1, A7.4.5. */
import { instruction } from '../insn.ts';
import { FLOAT, INTEGER, simdConstant, simdSame } from '../simd.ts';
import { dataProcessing, three, two } from './neon-operands.ts';

export const VTST = instruction({
  asm: 'VTST{c}.{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VTST'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1000 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VTST, 0, size, Q, d, n, m);
  },
});

export const VCEQ_int = instruction({
  asm: 'VCEQ{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCEQ (register)'",
  encodings: dataProcessing(1, '1 0 D size:2 Vn:4 Vd:4 1000 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VCEQ, 0, size, Q, d, n, m);
  },
});

export const VCGE_int = instruction({
  asm: 'VCGE{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCGE (register)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0011 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VCGE, U, size, Q, d, n, m);
  },
});

export const VCGT_int = instruction({
  asm: 'VCGT{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCGT (register)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0011 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VCGT, U, size, Q, d, n, m);
  },
});

export const VCEQ_f32 = instruction({
  asm: 'VCEQ{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCEQ (register)'",
  encodings: dataProcessing(2, '0 0 D 00 Vn:4 Vd:4 1110 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VCEQ, 0, 2, Q, d, n, m);
  },
});

export const VCGE_f32 = instruction({
  asm: 'VCGE{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCGE (register)'",
  encodings: dataProcessing(2, '1 0 D 00 Vn:4 Vd:4 1110 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VCGE, 0, 2, Q, d, n, m);
  },
});

export const VCGT_f32 = instruction({
  asm: 'VCGT{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VCGT (register)'",
  encodings: dataProcessing(2, '1 0 D 10 Vn:4 Vd:4 1110 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VCGT, 0, 2, Q, d, n, m);
  },
});

export const VACGE = instruction({
  asm: 'VACGE{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VACGE, VACGT, VACLE, VACLT'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 1110 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VACGE, 0, 2, Q, d, n, m);
  },
});

export const VACGT = instruction({
  asm: 'VACGT{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VACGE, VACGT, VACLE, VACLT'",
  encodings: dataProcessing(1, '1 0 D 10 Vn:4 Vd:4 1110 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VACGT, 0, 2, Q, d, n, m);
  },
});

export const VCGT_zero_int = instruction({
  asm: 'VCGT{c}.S{size:8,16,32} {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCGT (immediate #0)'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00000 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCGT, 0, 0, size, Q, d, m, 0);
  },
});

export const VCGT_zero_f32 = instruction({
  asm: 'VCGT{c}.F32 {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCGT (immediate #0)'",
  encodings: dataProcessing(2, '1 1 D 11 10 01 Vd:4 01000 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VCGT, 0, 0, 2, Q, d, m, 0);
  },
});

export const VCGE_zero_int = instruction({
  asm: 'VCGE{c}.S{size:8,16,32} {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCGE (immediate #0)'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00001 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCGE, 0, 0, size, Q, d, m, 0);
  },
});

export const VCGE_zero_f32 = instruction({
  asm: 'VCGE{c}.F32 {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCGE (immediate #0)'",
  encodings: dataProcessing(2, '1 1 D 11 10 01 Vd:4 01001 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VCGE, 0, 0, 2, Q, d, m, 0);
  },
});

export const VCEQ_zero_int = instruction({
  asm: 'VCEQ{c}.I{size:8,16,32} {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCEQ (immediate #0)'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00010 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCEQ, 0, 0, size, Q, d, m, 0);
  },
});

export const VCEQ_zero_f32 = instruction({
  asm: 'VCEQ{c}.F32 {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCEQ (immediate #0)'",
  encodings: dataProcessing(2, '1 1 D 11 10 01 Vd:4 01010 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VCEQ, 0, 0, 2, Q, d, m, 0);
  },
});

export const VCLE_zero_int = instruction({
  asm: 'VCLE{c}.S{size:8,16,32} {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCLE (immediate #0)'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00011 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCLE, 0, 0, size, Q, d, m, 0);
  },
});

export const VCLE_zero_f32 = instruction({
  asm: 'VCLE{c}.F32 {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCLE (immediate #0)'",
  encodings: dataProcessing(2, '1 1 D 11 10 01 Vd:4 01011 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VCLE, 0, 0, 2, Q, d, m, 0);
  },
});

export const VCLT_zero_int = instruction({
  asm: 'VCLT{c}.S{size:8,16,32} {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCLT (immediate #0)'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00100 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCLT, 0, 0, size, Q, d, m, 0);
  },
});

export const VCLT_zero_f32 = instruction({
  asm: 'VCLT{c}.F32 {QDd}, {QDm}, #0',
  ref: "DDI 0406C A8.8 'VCLT (immediate #0)'",
  encodings: dataProcessing(2, '1 1 D 11 10 01 Vd:4 01100 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VCLT, 0, 0, 2, Q, d, m, 0);
  },
});
