/** Floating-point arithmetic, but for what multiplies and adds. Reference: Arm DDI 0406C, A2.7, A7.5. */
import {
  fpAbs32,
  fpAbs64,
  fpAdd32,
  fpAdd64,
  fpDiv32,
  fpDiv64,
  fpMul32,
  fpMul64,
  fpNeg32,
  fpNeg64,
  fpNegMul32,
  fpNegMul64,
  fpSqrt32,
  fpSqrt64,
  fpSub32,
  fpSub64,
} from '../fp.ts';
import { instruction } from '../insn.ts';
import { checkScalar, coprocessor, three, two } from './vfp-operands.ts';

export const VADD = instruction({
  asm: 'VADD{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VADD (floating-point)'",
  encodings: coprocessor(2, '11100 D 11 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpAdd64(cpu.fp, d, n, m);
    else fpAdd32(cpu.fp, d, n, m);
  },
});

export const VSUB = instruction({
  asm: 'VSUB{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VSUB (floating-point)'",
  encodings: coprocessor(2, '11100 D 11 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpSub64(cpu.fp, d, n, m);
    else fpSub32(cpu.fp, d, n, m);
  },
});

export const VMUL = instruction({
  asm: 'VMUL{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VMUL (floating-point)'",
  encodings: coprocessor(2, '11100 D 10 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpMul64(cpu.fp, d, n, m);
    else fpMul32(cpu.fp, d, n, m);
  },
});

/** The product is rounded, then negated. */
export const VNMUL = instruction({
  asm: 'VNMUL{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VNMLA, VNMLS, VNMUL'",
  encodings: coprocessor(2, '11100 D 10 Vn:4 Vd:4 101 sz N 1 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpNegMul64(cpu.fp, d, n, m);
    else fpNegMul32(cpu.fp, d, n, m);
  },
});

export const VDIV = instruction({
  asm: 'VDIV{c}.{sz:F32,F64} {Vd}, {Vn}, {Vm}',
  ref: "DDI 0406C A8.8 'VDIV'",
  encodings: coprocessor(1, '11101 D 00 Vn:4 Vd:4 101 sz N 0 M 0 Vm:4', three),
  execute(cpu, { sz, d, n, m }) {
    checkScalar(cpu);
    if (sz) fpDiv64(cpu.fp, d, n, m);
    else fpDiv32(cpu.fp, d, n, m);
  },
});

export const VABS = instruction({
  asm: 'VABS{c}.{sz:F32,F64} {Vd}, {Vm}',
  ref: "DDI 0406C A8.8 'VABS'",
  encodings: coprocessor(2, '11101 D 11 0000 Vd:4 101 sz 11 M 0 Vm:4', two),
  execute(cpu, { sz, d, m }) {
    checkScalar(cpu);
    if (sz) fpAbs64(cpu.fp, d, m);
    else fpAbs32(cpu.fp, d, m);
  },
});

export const VNEG = instruction({
  asm: 'VNEG{c}.{sz:F32,F64} {Vd}, {Vm}',
  ref: "DDI 0406C A8.8 'VNEG'",
  encodings: coprocessor(2, '11101 D 11 0001 Vd:4 101 sz 01 M 0 Vm:4', two),
  execute(cpu, { sz, d, m }) {
    checkScalar(cpu);
    if (sz) fpNeg64(cpu.fp, d, m);
    else fpNeg32(cpu.fp, d, m);
  },
});

export const VSQRT = instruction({
  asm: 'VSQRT{c}.{sz:F32,F64} {Vd}, {Vm}',
  ref: "DDI 0406C A8.8 'VSQRT'",
  encodings: coprocessor(1, '11101 D 11 0001 Vd:4 101 sz 11 M 0 Vm:4', two),
  execute(cpu, { sz, d, m }) {
    checkScalar(cpu);
    if (sz) fpSqrt64(cpu.fp, d, m);
    else fpSqrt32(cpu.fp, d, m);
  },
});
