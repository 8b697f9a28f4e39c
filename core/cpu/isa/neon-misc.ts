/** Advanced SIMD on the elements of one register. Reference: Arm DDI 0406C, A7.4.5. */
import { instruction } from '../insn.ts';
import { INTEGER, simdConstant, simdLongPairs, simdReverse } from '../simd.ts';
import { dataProcessing, two } from './neon-operands.ts';

export const VABS_int = instruction({
  asm: 'VABS{c}.S{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VABS'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00110 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VABS, 0, 0, size, Q, d, m, 0);
  },
});

export const VNEG_int = instruction({
  asm: 'VNEG{c}.S{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VNEG'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 01 Vd:4 00111 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VNEG, 0, 0, size, Q, d, m, 0);
  },
});

export const VQABS = instruction({
  asm: 'VQABS{c}.S{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VQABS'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 01110 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VQABS, 0, 0, size, Q, d, m, 0);
  },
});

export const VQNEG = instruction({
  asm: 'VQNEG{c}.S{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VQNEG'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 01111 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VQNEG, 0, 0, size, Q, d, m, 0);
  },
});

export const VCLS = instruction({
  asm: 'VCLS{c}.S{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VCLS'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 01000 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCLS, 0, 0, size, Q, d, m, 0);
  },
});

export const VCLZ = instruction({
  asm: 'VCLZ{c}.I{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VCLZ'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 01001 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCLZ, 1, 1, size, Q, d, m, 0);
  },
});

export const VCNT = instruction({
  asm: 'VCNT{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VCNT'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 01010 Q M 0 Vm:4', two(0)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstant(cpu.fp, INTEGER.VCNT, 1, 1, size, Q, d, m, 0);
  },
});

export const VPADDL = instruction({
  asm: 'VPADDL{c}.{U:S,U}{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VPADDL'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 0010 U Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { U, size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLongPairs(cpu.fp, INTEGER.VPADDL, U, size, Q, d, m);
  },
});

export const VPADAL = instruction({
  asm: 'VPADAL{c}.{U:S,U}{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VPADAL'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 0110 U Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { U, size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdLongPairs(cpu.fp, INTEGER.VPADAL, U, size, Q, d, m);
  },
});

export const VREV64 = instruction({
  asm: 'VREV64{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VREV16, VREV32, VREV64'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 00000 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdReverse(cpu.fp, 8, size, Q, d, m);
  },
});

export const VREV32 = instruction({
  asm: 'VREV32{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VREV16, VREV32, VREV64'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 00001 Q M 0 Vm:4', two(0, 1)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdReverse(cpu.fp, 4, size, Q, d, m);
  },
});

export const VREV16 = instruction({
  asm: 'VREV16{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VREV16, VREV32, VREV64'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 00 Vd:4 00010 Q M 0 Vm:4', two(0)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdReverse(cpu.fp, 2, size, Q, d, m);
  },
});
