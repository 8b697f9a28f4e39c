/** Moves between floating-point registers, and of words between them and core registers. Reference: Arm DDI 0406C, A7.5, A7.8, A7.9. */
import { DOUBLE, fpMove32, fpMove64, SINGLE, VFPExpandImm } from '../fp.ts';
import { type Field, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';
import { checkScalar, coprocessor, noPC, register, two } from './vfp-operands.ts';

export const VMOV_reg = instruction({
  asm: 'VMOV{c}.{sz:F32,F64} {Vd}, {Vm}',
  ref: "DDI 0406C A8.8 'VMOV (register)'",
  encodings: coprocessor(2, '11101 D 11 0000 Vd:4 101 sz 01 M 0 Vm:4', two),
  execute(cpu, { sz, d, m }) {
    checkScalar(cpu);
    if (sz) fpMove64(cpu.fp, d, m);
    else fpMove32(cpu.fp, d, m);
  },
});

/** The constant as a single, or the upper word of the double, whose lower one is zero for all constants. */
const constant = (sz: Field, imm8: number): Field =>
  field(Number(sz ? VFPExpandImm(DOUBLE, imm8) >> 32n : VFPExpandImm(SINGLE, imm8)) | 0);

export const VMOV_imm = instruction({
  asm: 'VMOV{c}.{sz:F32,F64} {Vd}, #{constant}',
  ref: "DDI 0406C A8.8 'VMOV (immediate)'",
  encodings: coprocessor(2, '11101 D 11 imm4H:4 Vd:4 101 sz (0) 0 (0) 0 imm4L:4', {
    operands: ({ sz, D, Vd, imm4H, imm4L }: With<'sz' | 'D' | 'Vd' | 'imm4H' | 'imm4L'>) => ({
      sz,
      d: register(sz, D, Vd),
      imm: constant(sz, (imm4H << 4) | imm4L),
    }),
  }),
  execute(cpu, { sz, d, imm }) {
    checkScalar(cpu);
    if (sz) {
      cpu.fp.w[2 * d] = 0;
      cpu.fp.w[2 * d + 1] = imm;
    } else cpu.fp.w[d] = imm;
  },
});

const SINGLE_MOVE = 'VMOV (between ARM core register and single-precision register)';
type CoreSingle = With<'Vn' | 'N' | 'Rt'>;
const coreSingle = { ...noPC, operands: ({ Vn, N, Rt }: CoreSingle) => ({ Rt, n: register(0, N, Vn) }) };

export const VMOV_core_to_single = instruction({
  asm: 'VMOV{c} {Sn}, {Rt}',
  ref: `DDI 0406C A8.8 '${SINGLE_MOVE}'`,
  encodings: coprocessor(1, '11100000 Vn:4 Rt:4 1010 N (0) (0) 1 (0) (0) (0) (0)', coreSingle),
  execute(cpu, { Rt, n }) {
    cpu.sys.checkVfpEnabled();
    cpu.fp.w[n] = cpu.r[Rt];
  },
});

export const VMOV_single_to_core = instruction({
  asm: 'VMOV{c} {Rt}, {Sn}',
  ref: `DDI 0406C A8.8 '${SINGLE_MOVE}'`,
  encodings: coprocessor(1, '11100001 Vn:4 Rt:4 1010 N (0) (0) 1 (0) (0) (0) (0)', coreSingle),
  execute(cpu, { Rt, n }) {
    cpu.sys.checkVfpEnabled();
    cpu.r[Rt] = word(cpu.fp.w[n]);
  },
});

const PAIR_MOVE = 'VMOV (between two ARM core registers and a doubleword extension register)';
const SINGLES_MOVE = 'VMOV (between two ARM core registers and two single-precision registers)';
type CorePair = With<'Rt2' | 'Rt' | 'M' | 'Vm'>;
const toDouble = {
  unpredictable: ({ Rt, Rt2 }: CorePair) => isPC(Rt, Rt2),
  operands: ({ Rt2, Rt, M, Vm }: CorePair) => ({ Rt, Rt2, m: register(1, M, Vm) }),
};
const toSingles = {
  unpredictable: (f: CorePair) => toDouble.unpredictable(f) || register(0, f.M, f.Vm) === 31,
  operands: ({ Rt2, Rt, M, Vm }: CorePair) => ({ Rt, Rt2, m: register(0, M, Vm) }),
};
const fromDouble = { ...toDouble, unpredictable: (f: CorePair) => toDouble.unpredictable(f) || f.Rt === f.Rt2 };
const fromSingles = { ...toSingles, unpredictable: (f: CorePair) => toSingles.unpredictable(f) || f.Rt === f.Rt2 };

export const VMOV_core_to_double = instruction({
  asm: 'VMOV{c} {Dm}, {Rt}, {Rt2}',
  ref: `DDI 0406C A8.8 '${PAIR_MOVE}'`,
  encodings: coprocessor(1, '11000100 Rt2:4 Rt:4 101100 M 1 Vm:4', toDouble),
  execute(cpu, { Rt, Rt2, m }) {
    cpu.sys.checkVfpEnabled();
    cpu.fp.w[2 * m] = cpu.r[Rt];
    cpu.fp.w[2 * m + 1] = cpu.r[Rt2];
  },
});

export const VMOV_double_to_core = instruction({
  asm: 'VMOV{c} {Rt}, {Rt2}, {Dm}',
  ref: `DDI 0406C A8.8 '${PAIR_MOVE}'`,
  encodings: coprocessor(1, '11000101 Rt2:4 Rt:4 101100 M 1 Vm:4', fromDouble),
  execute(cpu, { Rt, Rt2, m }) {
    cpu.sys.checkVfpEnabled();
    cpu.r[Rt] = word(cpu.fp.w[2 * m]);
    cpu.r[Rt2] = word(cpu.fp.w[2 * m + 1]);
  },
});

export const VMOV_core_to_singles = instruction({
  asm: 'VMOV{c} {Sm}, {Sm1}, {Rt}, {Rt2}',
  ref: `DDI 0406C A8.8 '${SINGLES_MOVE}'`,
  encodings: coprocessor(1, '11000100 Rt2:4 Rt:4 101000 M 1 Vm:4', toSingles),
  execute(cpu, { Rt, Rt2, m }) {
    cpu.sys.checkVfpEnabled();
    cpu.fp.w[m] = cpu.r[Rt];
    cpu.fp.w[m + 1] = cpu.r[Rt2];
  },
});

export const VMOV_singles_to_core = instruction({
  asm: 'VMOV{c} {Rt}, {Rt2}, {Sm}, {Sm1}',
  ref: `DDI 0406C A8.8 '${SINGLES_MOVE}'`,
  encodings: coprocessor(1, '11000101 Rt2:4 Rt:4 101000 M 1 Vm:4', fromSingles),
  execute(cpu, { Rt, Rt2, m }) {
    cpu.sys.checkVfpEnabled();
    cpu.r[Rt] = word(cpu.fp.w[m]);
    cpu.r[Rt2] = word(cpu.fp.w[m + 1]);
  },
});
