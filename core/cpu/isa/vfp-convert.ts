/** Conversions between the floating-point formats, integers and fixed point. Reference: Arm DDI 0406C, A2.7, A7.5. */
import {
  fpDoubleToSingle,
  fpFromFixed32,
  fpFromFixed64,
  fpFromInt32,
  fpFromInt64,
  fpHalfToSingle,
  fpSingleToDouble,
  fpSingleToHalf,
  fpToFixed32,
  fpToFixed64,
  fpToInt32,
  fpToInt64,
} from '../fp.ts';
import { field, instruction } from '../insn.ts';
import type { With } from './operands.ts';
import { coprocessor, register } from './vfp-operands.ts';

const DOUBLE = 1;
const SINGLE = 0;

/** The operand is a double if `sz`, and then the result a single. */
export const VCVT_precision = instruction({
  asm: 'VCVT{c}.{sz:F64.F32,F32.F64} {Fd}, {Fm}',
  ref: "DDI 0406C A8.8 'VCVT (between double-precision and single-precision)'",
  encodings: coprocessor(1, '11101 D 11 0111 Vd:4 101 sz 11 M 0 Vm:4', {
    operands: ({ sz, D, Vd, M, Vm }) => ({ sz, d: register(sz ? SINGLE : DOUBLE, D, Vd), m: register(sz, M, Vm) }),
  }),
  execute(cpu, { sz, d, m }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpDoubleToSingle(cpu.fp, d, m);
    else fpSingleToDouble(cpu.fp, d, m);
  },
});

/** `S` for a signed integer; `op` to round towards zero, else as FPSCR says. */
export const VCVT_to_integer = instruction({
  asm: 'VCVT{op:R,}{c}.{S:U32,S32}.{sz:F32,F64} {Sd}, {Vm}',
  ref: "DDI 0406C A8.8 'VCVT, VCVTR (between floating-point and integer, Floating-point)'",
  encodings: coprocessor(1, '11101 D 11 110 S Vd:4 101 sz op 1 M 0 Vm:4', {
    operands: ({ S, D, Vd, sz, op, M, Vm }) => ({ S, sz, op, d: register(SINGLE, D, Vd), m: register(sz, M, Vm) }),
  }),
  execute(cpu, { S, sz, op, d, m }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpToInt64(cpu.fp, d, m, S === 0, op !== 0);
    else fpToInt32(cpu.fp, d, m, S === 0, op !== 0);
  },
});

export const VCVT_from_integer = instruction({
  asm: 'VCVT{c}.{sz:F32,F64}.{S:U32,S32} {Vd}, {Sm}',
  ref: "DDI 0406C A8.8 'VCVT, VCVTR (between floating-point and integer, Floating-point)'",
  encodings: coprocessor(1, '11101 D 11 1000 Vd:4 101 sz S 1 M 0 Vm:4', {
    operands: ({ S, D, Vd, sz, M, Vm }) => ({ S, sz, d: register(sz, D, Vd), m: register(SINGLE, M, Vm) }),
  }),
  execute(cpu, { S, sz, d, m }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpFromInt64(cpu.fp, d, m, S === 0);
    else fpFromInt32(cpu.fp, d, m, S === 0);
  },
});

type Fixed = With<'D' | 'Vd' | 'sz' | 'sx' | 'U' | 'i' | 'imm4'>;
const fractionBits = ({ sx, i, imm4 }: Pick<Fixed, 'sx' | 'i' | 'imm4'>): number => (sx ? 32 : 16) - ((imm4 << 1) | i);
/** The register is operand and result; `sx` chooses 32 bits in place of 16. */
const fixed = {
  unpredictable: (f: Fixed) => fractionBits(f) < 0,
  operands: (f: Fixed) => ({ sz: f.sz, sx: f.sx, U: f.U, d: register(f.sz, f.D, f.Vd), fbits: field(fractionBits(f)) }),
};

export const VCVT_to_fixed = instruction({
  asm: 'VCVT{c}.{U:S,U}{sx:16,32}.{sz:F32,F64} {Vd}, {Vd}, #{fbits}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and fixed-point, Floating-point)'",
  encodings: coprocessor(1, '11101 D 11 111 U Vd:4 101 sz sx 1 i 0 imm4:4', fixed),
  execute(cpu, { sz, sx, U, d, fbits }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpToFixed64(cpu.fp, d, sx ? 32 : 16, fbits, U !== 0);
    else fpToFixed32(cpu.fp, d, sx ? 32 : 16, fbits, U !== 0);
  },
});

export const VCVT_from_fixed = instruction({
  asm: 'VCVT{c}.{sz:F32,F64}.{U:S,U}{sx:16,32} {Vd}, {Vd}, #{fbits}',
  ref: "DDI 0406C A8.8 'VCVT (between floating-point and fixed-point, Floating-point)'",
  encodings: coprocessor(1, '11101 D 11 101 U Vd:4 101 sz sx 1 i 0 imm4:4', fixed),
  execute(cpu, { sz, sx, U, d, fbits }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpFromFixed64(cpu.fp, d, sx ? 32 : 16, fbits, U !== 0);
    else fpFromFixed32(cpu.fp, d, sx ? 32 : 16, fbits, U !== 0);
  },
});

type Half = With<'D' | 'Vd' | 'T' | 'M' | 'Vm'>;
/** `T` chooses the top half. Bit 8 should be zero: with it set we choose UNDEFINED, as ARMv8 has other instructions there. */
const half = {
  operands: ({ D, Vd, T, M, Vm }: Half) => ({ T, d: register(SINGLE, D, Vd), m: register(SINGLE, M, Vm) }),
};

export const VCVT_from_half = instruction({
  asm: 'VCVT{T:B,T}{c}.F32.F16 {Sd}, {Sm}',
  ref: "DDI 0406C A8.8 'VCVTB, VCVTT'",
  encodings: coprocessor(1, '11101 D 11 0010 Vd:4 1010 T 1 M 0 Vm:4', half),
  execute(cpu, { T, d, m }) {
    cpu.sys.checkVfpEnabled();
    fpHalfToSingle(cpu.fp, d, m, T !== 0);
  },
});

export const VCVT_to_half = instruction({
  asm: 'VCVT{T:B,T}{c}.F16.F32 {Sd}, {Sm}',
  ref: "DDI 0406C A8.8 'VCVTB, VCVTT'",
  encodings: coprocessor(1, '11101 D 11 0011 Vd:4 1010 T 1 M 0 Vm:4', half),
  execute(cpu, { T, d, m }) {
    cpu.sys.checkVfpEnabled();
    fpSingleToHalf(cpu.fp, d, m, T !== 0);
  },
});
