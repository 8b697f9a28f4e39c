/** Single-precision arithmetic of Advanced SIMD, and its estimates. Reference: Arm DDI 0406C, A7.4.1, A7.4.5. */
import { instruction } from '../insn.ts';
import { ESTIMATE, FLOAT, simdConstant, simdPairs, simdSame } from '../simd.ts';
import { dataProcessing, three, threeDoublewords, two } from './neon-operands.ts';

export const VADD_f32 = instruction({
  asm: 'VADD{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VADD (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 1101 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VADD, 0, 2, Q, d, n, m);
  },
});

export const VSUB_f32 = instruction({
  asm: 'VSUB{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VSUB (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 1101 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VSUB, 0, 2, Q, d, n, m);
  },
});

export const VABD_f32 = instruction({
  asm: 'VABD{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VABD (floating-point)'",
  encodings: dataProcessing(1, '1 0 D 10 Vn:4 Vd:4 1101 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VABD, 0, 2, Q, d, n, m);
  },
});

export const VMUL_f32 = instruction({
  asm: 'VMUL{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMUL (floating-point)'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 1101 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VMUL, 0, 2, Q, d, n, m);
  },
});

/** The product is rounded, then the sum. */
export const VMLA_f32 = instruction({
  asm: 'VMLA{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLS (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 1101 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VMLA, 0, 2, Q, d, n, m);
  },
});

export const VMLS_f32 = instruction({
  asm: 'VMLS{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLS (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 1101 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VMLS, 0, 2, Q, d, n, m);
  },
});

export const VFMA_f32 = instruction({
  asm: 'VFMA{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VFMA, VFMS'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 1100 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VFMA, 0, 2, Q, d, n, m);
  },
});

export const VFMS_f32 = instruction({
  asm: 'VFMS{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VFMA, VFMS'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 1100 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VFMS, 0, 2, Q, d, n, m);
  },
});

export const VMAX_f32 = instruction({
  asm: 'VMAX{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMAX, VMIN (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 1111 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VMAX, 0, 2, Q, d, n, m);
  },
});

export const VMIN_f32 = instruction({
  asm: 'VMIN{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMAX, VMIN (floating-point)'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 1111 N Q M 0 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VMIN, 0, 2, Q, d, n, m);
  },
});

export const VRECPS = instruction({
  asm: 'VRECPS{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VRECPS'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 1111 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VRECPS, 0, 2, Q, d, n, m);
  },
});

export const VRSQRTS = instruction({
  asm: 'VRSQRTS{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VRSQRTS'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 1111 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, FLOAT.VRSQRTS, 0, 2, Q, d, n, m);
  },
});

export const VPADD_f32 = instruction({
  asm: 'VPADD{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPADD (floating-point)'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 1101 N 0 M 0 Vm:4', threeDoublewords()),
  execute(cpu, { d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, FLOAT.VADD, 0, 2, d, n, m);
  },
});

export const VPMAX_f32 = instruction({
  asm: 'VPMAX{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPMAX, VPMIN (floating-point)'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 1111 N 0 M 0 Vm:4', threeDoublewords()),
  execute(cpu, { d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, FLOAT.VMAX, 0, 2, d, n, m);
  },
});

export const VPMIN_f32 = instruction({
  asm: 'VPMIN{c}.F32 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPMAX, VPMIN (floating-point)'",
  encodings: dataProcessing(1, '1 0 D 10 Vn:4 Vd:4 1111 N 0 M 0 Vm:4', threeDoublewords()),
  execute(cpu, { d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, FLOAT.VMIN, 0, 2, d, n, m);
  },
});

export const VABS_f32 = instruction({
  asm: 'VABS{c}.F32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VABS'",
  encodings: dataProcessing(1, '1 1 D 11 10 01 Vd:4 01110 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VABS, 0, 0, 2, Q, d, m, 0);
  },
});

export const VNEG_f32 = instruction({
  asm: 'VNEG{c}.F32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VNEG'",
  encodings: dataProcessing(1, '1 1 D 11 10 01 Vd:4 01111 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VNEG, 0, 0, 2, Q, d, m, 0);
  },
});

export const VRECPE_f32 = instruction({
  asm: 'VRECPE{c}.F32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VRECPE'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 01010 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VRECPE, 0, 0, 2, Q, d, m, 0);
  },
});

export const VRSQRTE_f32 = instruction({
  asm: 'VRSQRTE{c}.F32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VRSQRTE'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 01011 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, FLOAT.VRSQRTE, 0, 0, 2, Q, d, m, 0);
  },
});

export const VRECPE_u32 = instruction({
  asm: 'VRECPE{c}.U32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VRECPE'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 01000 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, ESTIMATE.VRECPE, 1, 1, 2, Q, d, m, 0);
  },
});

export const VRSQRTE_u32 = instruction({
  asm: 'VRSQRTE{c}.U32 {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VRSQRTE'",
  encodings: dataProcessing(1, '1 1 D 11 10 11 Vd:4 01001 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, ESTIMATE.VRSQRTE, 1, 1, 2, Q, d, m, 0);
  },
});
