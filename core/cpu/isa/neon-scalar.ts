/** Advanced SIMD with two registers and a scalar. Reference: Arm DDI 0406C, A7.4.3. */
import { instruction } from '../insn.ts';
import { FLOAT, INTEGER, simdScalar, simdScalarLong } from '../simd.ts';
import { dataProcessing, scalar, scalarLong } from './neon-operands.ts';

export const VMLA_scalar_int = instruction({
  asm: 'VMLA{c}.I{size:8,16,32} {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 0000 N 1 M 0 Vm:4', scalar(1, 2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, INTEGER.VMLA, 0, size, Q, d, n, m, x);
  },
});

export const VMLA_scalar_f32 = instruction({
  asm: 'VMLA{c}.F32 {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 0001 N 1 M 0 Vm:4', scalar(2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, FLOAT.VMLA, 0, size, Q, d, n, m, x);
  },
});

export const VMLS_scalar_int = instruction({
  asm: 'VMLS{c}.I{size:8,16,32} {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 0100 N 1 M 0 Vm:4', scalar(1, 2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, INTEGER.VMLS, 0, size, Q, d, n, m, x);
  },
});

export const VMLS_scalar_f32 = instruction({
  asm: 'VMLS{c}.F32 {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 0101 N 1 M 0 Vm:4', scalar(2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, FLOAT.VMLS, 0, size, Q, d, n, m, x);
  },
});

export const VMUL_scalar_int = instruction({
  asm: 'VMUL{c}.I{size:8,16,32} {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 1000 N 1 M 0 Vm:4', scalar(1, 2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, INTEGER.VMUL, 0, size, Q, d, n, m, x);
  },
});

export const VMUL_scalar_f32 = instruction({
  asm: 'VMUL{c}.F32 {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (by scalar)'",
  encodings: dataProcessing(1, 'Q 1 D size:2 Vn:4 Vd:4 1001 N 1 M 0 Vm:4', scalar(2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, FLOAT.VMUL, 0, size, Q, d, n, m, x);
  },
});

export const VQDMULH_scalar = instruction({
  asm: 'VQDMULH{c}.S{size:8,16,32} {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VQDMULH'",
  encodings: dataProcessing(2, 'Q 1 D size:2 Vn:4 Vd:4 1100 N 1 M 0 Vm:4', scalar(1, 2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, INTEGER.VQDMULH, 0, size, Q, d, n, m, x);
  },
});

export const VQRDMULH_scalar = instruction({
  asm: 'VQRDMULH{c}.S{size:8,16,32} {QDd}, {QDn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VQRDMULH'",
  encodings: dataProcessing(2, 'Q 1 D size:2 Vn:4 Vd:4 1101 N 1 M 0 Vm:4', scalar(1, 2)),
  execute(cpu, { size, Q, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalar(cpu.fp, INTEGER.VQRDMULH, 0, size, Q, d, n, m, x);
  },
});

export const VMLAL_scalar = instruction({
  asm: 'VMLAL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 0010 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { U, size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VMLA, U, size, d, n, m, x);
  },
});

export const VMLSL_scalar = instruction({
  asm: 'VMLSL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (by scalar)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 0110 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { U, size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VMLS, U, size, d, n, m, x);
  },
});

export const VMULL_scalar = instruction({
  asm: 'VMULL{c}.{U:S,U}{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (by scalar)'",
  encodings: dataProcessing(2, 'U 1 D size:2 Vn:4 Vd:4 1010 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { U, size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VMUL, U, size, d, n, m, x);
  },
});

export const VQDMLAL_scalar = instruction({
  asm: 'VQDMLAL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VQDMLAL, VQDMLSL'",
  encodings: dataProcessing(2, '0 1 D size:2 Vn:4 Vd:4 0011 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VQDMLAL, 0, size, d, n, m, x);
  },
});

export const VQDMLSL_scalar = instruction({
  asm: 'VQDMLSL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VQDMLAL, VQDMLSL'",
  encodings: dataProcessing(2, '0 1 D size:2 Vn:4 Vd:4 0111 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VQDMLSL, 0, size, d, n, m, x);
  },
});

export const VQDMULL_scalar = instruction({
  asm: 'VQDMULL{c}.S{size:8,16,32} {Qd}, {Dn}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VQDMULL'",
  encodings: dataProcessing(2, '0 1 D size:2 Vn:4 Vd:4 1011 N 1 M 0 Vm:4', scalarLong),
  execute(cpu, { size, d, n, m, x }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdScalarLong(cpu.fp, INTEGER.VQDMULL, 0, size, d, n, m, x);
  },
});
