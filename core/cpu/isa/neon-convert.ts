/** Conversions of Advanced SIMD. Reference: Arm DDI 0406C, A7.4.4, A7.4.5. */
import { instruction } from '../insn.ts';
import { CONVERT, simdConstant, simdConstantLong, simdConstantNarrow } from '../simd.ts';
import { dataProcessing, fixedPoint, two, twoLong, twoNarrow } from './neon-operands.ts';

export const VCVT_vector_from_integer = instruction({
  asm: 'VCVT{c}.F32.{U:S32,U32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and integer, Advanced SIMD)'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 0110 U Q M 0 Vm:4', two()),
  execute(cpu, { U, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, CONVERT.from_fixed, U, 0, 2, Q, d, m, 0);
  },
});

/** Towards zero. */
export const VCVT_vector_to_integer = instruction({
  asm: 'VCVT{c}.{U:S32,U32}.F32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and integer, Advanced SIMD)'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 0111 U Q M 0 Vm:4', two()),
  execute(cpu, { U, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    if (U) simdConstant(cpu.fp, CONVERT.to_unsigned, 0, 0, 2, Q, d, m, 0);
    else simdConstant(cpu.fp, CONVERT.to_signed, 0, 0, 2, Q, d, m, 0);
  },
});

export const VCVT_vector_from_fixed = instruction({
  asm: 'VCVT{c}.F32.{U:S32,U32} {QDd}, {QDm}, #{fbits}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and fixed-point, Advanced SIMD)'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 11100 Q M 1 Vm:4', fixedPoint),
  execute(cpu, { U, Q, d, m, fbits }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, CONVERT.from_fixed, U, 0, 2, Q, d, m, fbits);
  },
});

export const VCVT_vector_to_fixed = instruction({
  asm: 'VCVT{c}.{U:S32,U32}.F32 {QDd}, {QDm}, #{fbits}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and fixed-point, Advanced SIMD)'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 11110 Q M 1 Vm:4', fixedPoint),
  execute(cpu, { U, Q, d, m, fbits }) {
    cpu.sys.checkAdvancedSimdEnabled();
    if (U) simdConstant(cpu.fp, CONVERT.to_unsigned, 0, 0, 2, Q, d, m, fbits);
    else simdConstant(cpu.fp, CONVERT.to_signed, 0, 0, 2, Q, d, m, fbits);
  },
});

export const VCVT_vector_from_half = instruction({
  asm: 'VCVT{c}.F32.F16 {Qd}, {Dm}',
  ref: "DDI 0406C A8.8 'VCVT (between half-precision and single-precision, Advanced SIMD)'",
  encodings: dataProcessing(1, '1 1 D 11 01 10 Vd:4 011100 M 0 Vm:4', twoLong()),
  execute(cpu, { d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantLong(cpu.fp, CONVERT.half_to_single, 1, 1, d, m, 0);
  },
});

export const VCVT_vector_to_half = instruction({
  asm: 'VCVT{c}.F16.F32 {Dd}, {Qm}',
  ref: "DDI 0406C A8.8 'VCVT (between half-precision and single-precision, Advanced SIMD)'",
  encodings: dataProcessing(1, '1 1 D 11 01 10 Vd:4 011000 M 0 Vm:4', twoNarrow()),
  execute(cpu, { d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, CONVERT.single_to_half, 0, 1, 1, d, m, 0);
  },
});
