/**
 * Every operation twice: as the instruction that `qemu-arm` runs, and as ours. Doubles are in D0 (destination and addend), D1 and D2;
 * singles in their lower halves S0, S2 and S4.
 */
import * as ours from '../../../../core/cpu/fp.ts';
import { FLOAT, simdSame } from '../../../../core/cpu/simd.ts';

type FpRegisters = ours.FpRegisters;

/** What the operand generator should aim at. */
export type Kind = 'double' | 'single' | 'half' | 'integer' | 'control';

export interface Operation {
  readonly asm: string;
  readonly kind: Kind;
  readonly run: (fp: FpRegisters) => void;
}

const arithmetic: readonly Operation[] = [
  { asm: 'vadd.f64 d0, d1, d2', kind: 'double', run: (fp) => ours.fpAdd64(fp, 0, 1, 2) },
  { asm: 'vsub.f64 d0, d1, d2', kind: 'double', run: (fp) => ours.fpSub64(fp, 0, 1, 2) },
  { asm: 'vmul.f64 d0, d1, d2', kind: 'double', run: (fp) => ours.fpMul64(fp, 0, 1, 2) },
  { asm: 'vnmul.f64 d0, d1, d2', kind: 'double', run: (fp) => ours.fpNegMul64(fp, 0, 1, 2) },
  { asm: 'vdiv.f64 d0, d1, d2', kind: 'double', run: (fp) => ours.fpDiv64(fp, 0, 1, 2) },
  { asm: 'vsqrt.f64 d0, d1', kind: 'double', run: (fp) => ours.fpSqrt64(fp, 0, 1) },
  { asm: 'vneg.f64 d0, d1', kind: 'double', run: (fp) => ours.fpNeg64(fp, 0, 1) },
  { asm: 'vabs.f64 d0, d1', kind: 'double', run: (fp) => ours.fpAbs64(fp, 0, 1) },
  { asm: 'vmov.f64 d0, d1', kind: 'double', run: (fp) => ours.fpMove64(fp, 0, 1) },
  { asm: 'vadd.f32 s0, s2, s4', kind: 'single', run: (fp) => ours.fpAdd32(fp, 0, 2, 4) },
  { asm: 'vsub.f32 s0, s2, s4', kind: 'single', run: (fp) => ours.fpSub32(fp, 0, 2, 4) },
  { asm: 'vmul.f32 s0, s2, s4', kind: 'single', run: (fp) => ours.fpMul32(fp, 0, 2, 4) },
  { asm: 'vnmul.f32 s0, s2, s4', kind: 'single', run: (fp) => ours.fpNegMul32(fp, 0, 2, 4) },
  { asm: 'vdiv.f32 s0, s2, s4', kind: 'single', run: (fp) => ours.fpDiv32(fp, 0, 2, 4) },
  { asm: 'vsqrt.f32 s0, s2', kind: 'single', run: (fp) => ours.fpSqrt32(fp, 0, 2) },
  { asm: 'vneg.f32 s0, s2', kind: 'single', run: (fp) => ours.fpNeg32(fp, 0, 2) },
  { asm: 'vabs.f32 s0, s2', kind: 'single', run: (fp) => ours.fpAbs32(fp, 0, 2) },
  { asm: 'vmov.f32 s0, s2', kind: 'single', run: (fp) => ours.fpMove32(fp, 0, 2) },
];

function multiplyAdd(name: string, chained: boolean, negateAddend: boolean, negateProduct: boolean): readonly Operation[] {
  const [double, single] = chained ? [ours.fpMulThenAdd64, ours.fpMulThenAdd32] : [ours.fpMulAdd64, ours.fpMulAdd32];
  return [
    { asm: `${name}.f64 d0, d1, d2`, kind: 'double', run: (fp) => double(fp, 0, 1, 2, negateAddend, negateProduct) },
    { asm: `${name}.f32 s0, s2, s4`, kind: 'single', run: (fp) => single(fp, 0, 2, 4, negateAddend, negateProduct) },
  ];
}

const multiplyAdds: readonly Operation[] = [
  ...multiplyAdd('vmla', true, false, false),
  ...multiplyAdd('vmls', true, false, true),
  ...multiplyAdd('vnmla', true, true, true),
  ...multiplyAdd('vnmls', true, true, false),
  ...multiplyAdd('vfma', false, false, false),
  ...multiplyAdd('vfms', false, false, true),
  ...multiplyAdd('vfnma', false, true, true),
  ...multiplyAdd('vfnms', false, true, false),
];

const comparisons: readonly Operation[] = [false, true].flatMap((e): Operation[] => {
  const name = e ? 'vcmpe' : 'vcmp';
  return [
    { asm: `${name}.f64 d1, d2`, kind: 'double', run: (fp) => ours.fpCompare64(fp, 1, 2, e) },
    { asm: `${name}.f64 d1, #0`, kind: 'double', run: (fp) => ours.fpCompareZero64(fp, 1, e) },
    { asm: `${name}.f32 s2, s4`, kind: 'single', run: (fp) => ours.fpCompare32(fp, 2, 4, e) },
    { asm: `${name}.f32 s2, #0`, kind: 'single', run: (fp) => ours.fpCompareZero32(fp, 2, e) },
  ];
});

const formats: readonly Operation[] = [
  { asm: 'vcvt.f64.f32 d0, s2', kind: 'single', run: (fp) => ours.fpSingleToDouble(fp, 0, 2) },
  { asm: 'vcvt.f32.f64 s0, d1', kind: 'double', run: (fp) => ours.fpDoubleToSingle(fp, 0, 1) },
  { asm: 'vcvtb.f32.f16 s0, s2', kind: 'half', run: (fp) => ours.fpHalfToSingle(fp, 0, 2, false) },
  { asm: 'vcvtt.f32.f16 s0, s2', kind: 'half', run: (fp) => ours.fpHalfToSingle(fp, 0, 2, true) },
  { asm: 'vcvtb.f16.f32 s0, s2', kind: 'single', run: (fp) => ours.fpSingleToHalf(fp, 0, 2, false) },
  { asm: 'vcvtt.f16.f32 s0, s2', kind: 'single', run: (fp) => ours.fpSingleToHalf(fp, 0, 2, true) },
];

const integers: readonly Operation[] = [false, true].flatMap((unsigned): Operation[] => {
  const type = unsigned ? 'u32' : 's32';
  return [
    { asm: `vcvt.${type}.f64 s0, d1`, kind: 'double', run: (fp) => ours.fpToInt64(fp, 0, 1, unsigned, true) },
    { asm: `vcvtr.${type}.f64 s0, d1`, kind: 'double', run: (fp) => ours.fpToInt64(fp, 0, 1, unsigned, false) },
    { asm: `vcvt.${type}.f32 s0, s2`, kind: 'single', run: (fp) => ours.fpToInt32(fp, 0, 2, unsigned, true) },
    { asm: `vcvtr.${type}.f32 s0, s2`, kind: 'single', run: (fp) => ours.fpToInt32(fp, 0, 2, unsigned, false) },
    { asm: `vcvt.f64.${type} d0, s2`, kind: 'integer', run: (fp) => ours.fpFromInt64(fp, 0, 2, unsigned) },
    { asm: `vcvt.f32.${type} s0, s2`, kind: 'integer', run: (fp) => ours.fpFromInt32(fp, 0, 2, unsigned) },
  ];
});

function fixedPoint(bits: 16 | 32, unsigned: boolean, fraction: number): readonly Operation[] {
  const type = `${unsigned ? 'u' : 's'}${bits}`;
  return [
    {
      asm: `vcvt.${type}.f64 d0, d0, #${fraction}`,
      kind: 'double',
      run: (fp) => ours.fpToFixed64(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.${type}.f32 s0, s0, #${fraction}`,
      kind: 'single',
      run: (fp) => ours.fpToFixed32(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.f64.${type} d0, d0, #${fraction}`,
      kind: 'integer',
      run: (fp) => ours.fpFromFixed64(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.f32.${type} s0, s0, #${fraction}`,
      kind: 'integer',
      run: (fp) => ours.fpFromFixed32(fp, 0, bits, fraction, unsigned),
    },
  ];
}

const fixedPoints: readonly Operation[] = ([16, 32] as const).flatMap((bits) =>
  Array.from({ length: bits }, (_, index) => [
    ...fixedPoint(bits, false, index + 1),
    ...fixedPoint(bits, true, index + 1),
  ]).flat(),
);

const lanes = (name: 'VADD' | 'VSUB' | 'VMUL' | 'VMAX' | 'VMIN'): Operation => ({
  asm: `${name}.f32 d0, d1, d2`,
  kind: 'single',
  run: (fp) => simdSame(fp, FLOAT[name], 0, 2, 0, 0, 1, 2),
});

const neon: readonly Operation[] = [lanes('VADD'), lanes('VSUB'), lanes('VMUL'), lanes('VMAX'), lanes('VMIN')];

/** Writing FPSCR and reading it back, with every bit pattern. */
const control: readonly Operation[] = [{ asm: 'nop', kind: 'control', run: () => {} }];

/** Groups of equal weight in the choice of cases. */
export const groups: readonly (readonly Operation[])[] = [
  arithmetic,
  arithmetic,
  multiplyAdds,
  multiplyAdds,
  comparisons,
  formats,
  integers,
  fixedPoints,
  neon,
  control,
];

export const operations: readonly Operation[] = [...new Set(groups.flat())];
