/** Instructions of Advanced SIMD whose elements become half as long. Reference: Arm DDI 0406C, A7.4.2, A7.4.4, A7.4.5. */
import { instruction } from '../insn.ts';
import { INTEGER, SHIFT, simdConstantNarrow, simdNarrow } from '../simd.ts';
import { dataProcessing, narrow, shiftNarrow, twoNarrow } from './neon-operands.ts';

export const VSHRN = instruction({
  asm: 'VSHRN{c}.I{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VSHRN'",
  encodings: dataProcessing(1, '0 1 D imm6:6 Vd:4 100000 M 1 Vm:4', shiftNarrow),
  execute(cpu, { size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VSHR, 1, 1, size, d, m, amount);
  },
});

export const VRSHRN = instruction({
  asm: 'VRSHRN{c}.I{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VRSHRN'",
  encodings: dataProcessing(1, '0 1 D imm6:6 Vd:4 100001 M 1 Vm:4', shiftNarrow),
  execute(cpu, { size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VRSHR, 1, 1, size, d, m, amount);
  },
});

export const VQSHRUN = instruction({
  asm: 'VQSHRUN{c}.S{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQSHRN, VQSHRUN'",
  encodings: dataProcessing(1, '1 1 D imm6:6 Vd:4 100000 M 1 Vm:4', shiftNarrow),
  execute(cpu, { size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VQSHRN, 0, 1, size, d, m, amount);
  },
});

export const VQRSHRUN = instruction({
  asm: 'VQRSHRUN{c}.S{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQRSHRN, VQRSHRUN'",
  encodings: dataProcessing(1, '1 1 D imm6:6 Vd:4 100001 M 1 Vm:4', shiftNarrow),
  execute(cpu, { size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VQRSHRN, 0, 1, size, d, m, amount);
  },
});

export const VQSHRN = instruction({
  asm: 'VQSHRN{c}.{U:S,U}{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQSHRN, VQSHRUN'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 100100 M 1 Vm:4', shiftNarrow),
  execute(cpu, { U, size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VQSHRN, U, U, size, d, m, amount);
  },
});

export const VQRSHRN = instruction({
  asm: 'VQRSHRN{c}.{U:S,U}{size:16,32,64} {Dd}, {Qm}, #{amount}',
  ref: "DDI 0406C A8.8 'VQRSHRN, VQRSHRUN'",
  encodings: dataProcessing(1, 'U 1 D imm6:6 Vd:4 100101 M 1 Vm:4', shiftNarrow),
  execute(cpu, { U, size, d, m, amount }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, SHIFT.VQRSHRN, U, U, size, d, m, amount);
  },
});

export const VMOVN = instruction({
  asm: 'VMOVN{c}.I{size:16,32,64} {Dd}, {Qm}',
  ref: "DDI 0406C A8.8 'VMOVN'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 001000 M 0 Vm:4', twoNarrow(0, 1, 2)),
  execute(cpu, { size, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, INTEGER.VMOVN, 1, 1, size, d, m, 0);
  },
});

export const VQMOVUN = instruction({
  asm: 'VQMOVUN{c}.S{size:16,32,64} {Dd}, {Qm}',
  ref: "DDI 0406C A8.8 'VQMOVN, VQMOVUN'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 001001 M 0 Vm:4', twoNarrow(0, 1, 2)),
  execute(cpu, { size, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, INTEGER.VQMOVN, 0, 1, size, d, m, 0);
  },
});

export const VQMOVN = instruction({
  asm: 'VQMOVN{c}.{U:S,U}{size:16,32,64} {Dd}, {Qm}',
  ref: "DDI 0406C A8.8 'VQMOVN, VQMOVUN'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 00101 U M 0 Vm:4', twoNarrow(0, 1, 2)),
  execute(cpu, { U, size, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdConstantNarrow(cpu.fp, INTEGER.VQMOVN, U, U, size, d, m, 0);
  },
});

export const VADDHN = instruction({
  asm: 'VADDHN{c}.I{size:16,32,64} {Dd}, {Qn}, {Qm}',
  ref: "DDI 0406C A8.8 'VADDHN'",
  encodings: dataProcessing(1, '0 1 D size:2 Vn:4 Vd:4 0100 N 0 M 0 Vm:4', narrow([0, 1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdNarrow(cpu.fp, INTEGER.VADDHN, size, d, n, m);
  },
});

export const VRADDHN = instruction({
  asm: 'VRADDHN{c}.I{size:16,32,64} {Dd}, {Qn}, {Qm}',
  ref: "DDI 0406C A8.8 'VRADDHN'",
  encodings: dataProcessing(1, '1 1 D size:2 Vn:4 Vd:4 0100 N 0 M 0 Vm:4', narrow([0, 1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdNarrow(cpu.fp, INTEGER.VRADDHN, size, d, n, m);
  },
});

export const VSUBHN = instruction({
  asm: 'VSUBHN{c}.I{size:16,32,64} {Dd}, {Qn}, {Qm}',
  ref: "DDI 0406C A8.8 'VSUBHN'",
  encodings: dataProcessing(1, '0 1 D size:2 Vn:4 Vd:4 0110 N 0 M 0 Vm:4', narrow([0, 1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdNarrow(cpu.fp, INTEGER.VSUBHN, size, d, n, m);
  },
});

export const VRSUBHN = instruction({
  asm: 'VRSUBHN{c}.I{size:16,32,64} {Dd}, {Qn}, {Qm}',
  ref: "DDI 0406C A8.8 'VRSUBHN'",
  encodings: dataProcessing(1, '1 1 D size:2 Vn:4 Vd:4 0110 N 0 M 0 Vm:4', narrow([0, 1, 2])),
  execute(cpu, { size, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdNarrow(cpu.fp, INTEGER.VRSUBHN, size, d, n, m);
  },
});
