/**
 * Multiplication with addition: chained (the product is rounded, then the sum) and fused (one rounding).
 * Reference: Arm DDI 0406C, A2.7, A7.5.
 */
import { fpMulAdd32, fpMulAdd64, fpMulThenAdd32, fpMulThenAdd64 } from '../fp.ts';
import { instruction } from '../insn.ts';
import { checkScalar, coprocessor, three } from './vfp-operands.ts';

/** `d + n * m`. */
export const VMLA = instruction({
  asm: 'VMLA{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLS (floating-point)'",
  encodings: coprocessor(2, '11100 D 00 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulThenAdd64(cpu.fp, d, n, m, false, false);
    else fpMulThenAdd32(cpu.fp, d, n, m, false, false);
  },
});

/** `d - n * m`. */
export const VMLS = instruction({
  asm: 'VMLS{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VMLA, VMLS (floating-point)'",
  encodings: coprocessor(2, '11100 D 00 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulThenAdd64(cpu.fp, d, n, m, false, true);
    else fpMulThenAdd32(cpu.fp, d, n, m, false, true);
  },
});

/** `-d - n * m`. */
export const VNMLA = instruction({
  asm: 'VNMLA{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VNMLA, VNMLS, VNMUL'",
  encodings: coprocessor(1, '11100 D 01 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulThenAdd64(cpu.fp, d, n, m, true, true);
    else fpMulThenAdd32(cpu.fp, d, n, m, true, true);
  },
});

/** `-d + n * m`. */
export const VNMLS = instruction({
  asm: 'VNMLS{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VNMLA, VNMLS, VNMUL'",
  encodings: coprocessor(1, '11100 D 01 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulThenAdd64(cpu.fp, d, n, m, true, false);
    else fpMulThenAdd32(cpu.fp, d, n, m, true, false);
  },
});

/** `d + n * m`, fused. */
export const VFMA = instruction({
  asm: 'VFMA{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VFMA, VFMS'",
  encodings: coprocessor(2, '11101 D 10 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulAdd64(cpu.fp, d, n, m, false, false);
    else fpMulAdd32(cpu.fp, d, n, m, false, false);
  },
});

/** `d - n * m`, fused. */
export const VFMS = instruction({
  asm: 'VFMS{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VFMA, VFMS'",
  encodings: coprocessor(2, '11101 D 10 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulAdd64(cpu.fp, d, n, m, false, true);
    else fpMulAdd32(cpu.fp, d, n, m, false, true);
  },
});

/** `-d - n * m`, fused. */
export const VFNMA = instruction({
  asm: 'VFNMA{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VFNMA, VFNMS'",
  encodings: coprocessor(1, '11101 D 01 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulAdd64(cpu.fp, d, n, m, true, true);
    else fpMulAdd32(cpu.fp, d, n, m, true, true);
  },
});

/** `-d + n * m`, fused. */
export const VFNMS = instruction({
  asm: 'VFNMS{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VFNMA, VFNMS'",
  encodings: coprocessor(1, '11101 D 01 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMulAdd64(cpu.fp, d, n, m, true, false);
    else fpMulAdd32(cpu.fp, d, n, m, true, false);
  },
});
