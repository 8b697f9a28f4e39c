/** Integer arithmetic of Advanced SIMD on three registers of the same length. Reference: Arm DDI 0406C, A7.4.1. */
import { instruction } from '../insn.ts';
import { INTEGER, simdPairs, simdSame } from '../simd.ts';
import { dataProcessing, three, threeDoublewords } from './neon-operands.ts';

export const VADD_int = instruction({
  asm: 'VADD{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VADD (integer)'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1000 N Q M 0 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VADD, 0, size, Q, d, n, m);
  },
});

export const VSUB_int = instruction({
  asm: 'VSUB{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VSUB (integer)'",
  encodings: dataProcessing(1, '1 0 D size:2 Vn:4 Vd:4 1000 N Q M 0 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VSUB, 0, size, Q, d, n, m);
  },
});

export const VHADD = instruction({
  asm: 'VHADD{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VHADD, VHSUB'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0000 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VHADD, U, size, Q, d, n, m);
  },
});

export const VHSUB = instruction({
  asm: 'VHSUB{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VHADD, VHSUB'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0010 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VHSUB, U, size, Q, d, n, m);
  },
});

export const VRHADD = instruction({
  asm: 'VRHADD{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VRHADD'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0001 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VRHADD, U, size, Q, d, n, m);
  },
});

export const VQADD = instruction({
  asm: 'VQADD{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VQADD'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0000 N Q M 1 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VQADD, U, size, Q, d, n, m);
  },
});

export const VQSUB = instruction({
  asm: 'VQSUB{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VQSUB'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0010 N Q M 1 Vm:4', three(0, 1, 2, 3)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VQSUB, U, size, Q, d, n, m);
  },
});

export const VMAX_int = instruction({
  asm: 'VMAX{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMAX, VMIN (integer)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0110 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMAX, U, size, Q, d, n, m);
  },
});

export const VMIN_int = instruction({
  asm: 'VMIN{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMAX, VMIN (integer)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0110 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMIN, U, size, Q, d, n, m);
  },
});

export const VABD_int = instruction({
  asm: 'VABD{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VABD, VABDL (integer)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0111 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VABD, U, size, Q, d, n, m);
  },
});

export const VABA = instruction({
  asm: 'VABA{c}.{U:S,U}{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VABA, VABAL'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 0111 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { U, size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VABA, U, size, Q, d, n, m);
  },
});

export const VMUL_int = instruction({
  asm: 'VMUL{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (integer and polynomial)'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1001 N Q M 1 Vm:4', three(0, 1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMUL, 0, size, Q, d, n, m);
  },
});

export const VMUL_poly = instruction({
  asm: 'VMUL{c}.P8 {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMUL, VMULL (integer and polynomial)'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 1001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMUL_polynomial, 1, 0, Q, d, n, m);
  },
});

export const VMLA_int = instruction({
  asm: 'VMLA{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (integer)'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1001 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMLA, 0, size, Q, d, n, m);
  },
});

export const VMLS_int = instruction({
  asm: 'VMLS{c}.I{size:8,16,32,64} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLAL, VMLS, VMLSL (integer)'",
  encodings: dataProcessing(1, '1 0 D size:2 Vn:4 Vd:4 1001 N Q M 0 Vm:4', three(0, 1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VMLS, 0, size, Q, d, n, m);
  },
});

export const VQDMULH = instruction({
  asm: 'VQDMULH{c}.S{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VQDMULH'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1011 N Q M 0 Vm:4', three(1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VQDMULH, 0, size, Q, d, n, m);
  },
});

export const VQRDMULH = instruction({
  asm: 'VQRDMULH{c}.S{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VQRDMULH'",
  encodings: dataProcessing(1, '1 0 D size:2 Vn:4 Vd:4 1011 N Q M 0 Vm:4', three(1, 2)),
  execute(cpu, { size, Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdSame(cpu.fp, INTEGER.VQRDMULH, 0, size, Q, d, n, m);
  },
});

export const VPADD_int = instruction({
  asm: 'VPADD{c}.I{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPADD (integer)'",
  encodings: dataProcessing(1, '0 0 D size:2 Vn:4 Vd:4 1011 N 0 M 1 Vm:4', threeDoublewords(0, 1, 2)),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, INTEGER.VADD, 0, size, d, n, m);
  },
});

export const VPMAX_int = instruction({
  asm: 'VPMAX{c}.{U:S,U}{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPMAX, VPMIN (integer)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 1010 N 0 M 0 Vm:4', threeDoublewords(0, 1, 2)),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, INTEGER.VMAX, U, size, d, n, m);
  },
});

export const VPMIN_int = instruction({
  asm: 'VPMIN{c}.{U:S,U}{size:8,16,32} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VPMAX, VPMIN (integer)'",
  encodings: dataProcessing(1, 'U 0 D size:2 Vn:4 Vd:4 1010 N 0 M 1 Vm:4', threeDoublewords(0, 1, 2)),
  execute(cpu, { U, size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdPairs(cpu.fp, INTEGER.VMIN, U, size, d, n, m);
  },
});
