/**
 * Every operation three times: as the instruction that `qemu-arm` runs, as the host's processor computes it (in the terms of native.c),
 * and as ours. Doubles are in D0 (destination and addend), D1 and D2; singles in their lower halves S0, S2 and S4.
 */
import * as ours from '../../../../core/cpu/fp.ts';
import {
  CONVERT,
  FLOAT,
  simdConstant,
  simdConstantLong,
  simdConstantNarrow,
  simdPairs,
  simdSame,
} from '../../../../core/cpu/simd.ts';

type FpRegisters = ours.FpRegisters;

/** What the operand generator should aim at. */
export type Kind = 'double' | 'single' | 'half' | 'integer' | 'control' | 'toSingle' | 'toHalf';

export interface Operation {
  readonly asm: string;
  /** Absent where the host has nothing like it: the estimates of reciprocals are Arm's own tables. */
  readonly c?: string;
  readonly kind: Kind;
  readonly run: (fp: FpRegisters) => void;
}

const arithmetic: readonly Operation[] = [
  { asm: 'vadd.f64 d0, d1, d2', c: 'D(0) = op64(ADD, D(1), D(2), 0)', kind: 'double', run: (fp) => ours.fpAdd64(fp, 0, 1, 2) },
  { asm: 'vsub.f64 d0, d1, d2', c: 'D(0) = op64(SUB, D(1), D(2), 0)', kind: 'double', run: (fp) => ours.fpSub64(fp, 0, 1, 2) },
  { asm: 'vmul.f64 d0, d1, d2', c: 'D(0) = op64(MUL, D(1), D(2), 0)', kind: 'double', run: (fp) => ours.fpMul64(fp, 0, 1, 2) },
  {
    asm: 'vnmul.f64 d0, d1, d2',
    c: 'D(0) = neg64(op64(MUL, D(1), D(2), 0))',
    kind: 'double',
    run: (fp) => ours.fpNegMul64(fp, 0, 1, 2),
  },
  { asm: 'vdiv.f64 d0, d1, d2', c: 'D(0) = op64(DIV, D(1), D(2), 0)', kind: 'double', run: (fp) => ours.fpDiv64(fp, 0, 1, 2) },
  { asm: 'vsqrt.f64 d0, d1', c: 'D(0) = op64(SQRT, D(1), 0, 0)', kind: 'double', run: (fp) => ours.fpSqrt64(fp, 0, 1) },
  { asm: 'vadd.f32 s0, s2, s4', c: 'S(0) = op32(ADD, S(2), S(4), 0)', kind: 'single', run: (fp) => ours.fpAdd32(fp, 0, 2, 4) },
  { asm: 'vsub.f32 s0, s2, s4', c: 'S(0) = op32(SUB, S(2), S(4), 0)', kind: 'single', run: (fp) => ours.fpSub32(fp, 0, 2, 4) },
  { asm: 'vmul.f32 s0, s2, s4', c: 'S(0) = op32(MUL, S(2), S(4), 0)', kind: 'single', run: (fp) => ours.fpMul32(fp, 0, 2, 4) },
  {
    asm: 'vnmul.f32 s0, s2, s4',
    c: 'S(0) = neg32(op32(MUL, S(2), S(4), 0))',
    kind: 'single',
    run: (fp) => ours.fpNegMul32(fp, 0, 2, 4),
  },
  { asm: 'vdiv.f32 s0, s2, s4', c: 'S(0) = op32(DIV, S(2), S(4), 0)', kind: 'single', run: (fp) => ours.fpDiv32(fp, 0, 2, 4) },
  { asm: 'vsqrt.f32 s0, s2', c: 'S(0) = op32(SQRT, S(2), 0, 0)', kind: 'single', run: (fp) => ours.fpSqrt32(fp, 0, 2) },
];

/** What changes no more than a sign. */
const moves: readonly Operation[] = [
  { asm: 'vneg.f64 d0, d1', c: 'D(0) = neg64(D(1))', kind: 'double', run: (fp) => ours.fpNeg64(fp, 0, 1) },
  { asm: 'vabs.f64 d0, d1', c: 'D(0) = magnitude64(D(1))', kind: 'double', run: (fp) => ours.fpAbs64(fp, 0, 1) },
  { asm: 'vmov.f64 d0, d1', c: 'D(0) = D(1)', kind: 'double', run: (fp) => ours.fpMove64(fp, 0, 1) },
  { asm: 'vneg.f32 s0, s2', c: 'S(0) = neg32(S(2))', kind: 'single', run: (fp) => ours.fpNeg32(fp, 0, 2) },
  { asm: 'vabs.f32 s0, s2', c: 'S(0) = magnitude32(S(2))', kind: 'single', run: (fp) => ours.fpAbs32(fp, 0, 2) },
  { asm: 'vmov.f32 s0, s2', c: 'S(0) = S(2)', kind: 'single', run: (fp) => ours.fpMove32(fp, 0, 2) },
];

function multiplyAdd(name: string, chained: boolean, negateAddend: boolean, negateProduct: boolean): readonly Operation[] {
  const c = (format: 32 | 64, d: string, n: string, m: string): string => {
    const negated = (negate: boolean, operand: string) => (negate ? `neg${format}(${operand})` : operand);
    const addend = negated(negateAddend, d);
    if (!chained) return `${d} = op${format}(FMA, ${negated(negateProduct, n)}, ${m}, ${addend})`;
    return `${d} = op${format}(ADD, ${addend}, ${negated(negateProduct, `op${format}(MUL, ${n}, ${m}, 0)`)}, 0)`;
  };
  const [double, single] = chained ? [ours.fpMulThenAdd64, ours.fpMulThenAdd32] : [ours.fpMulAdd64, ours.fpMulAdd32];
  return [
    {
      asm: `${name}.f64 d0, d1, d2`,
      c: c(64, 'D(0)', 'D(1)', 'D(2)'),
      kind: 'double',
      run: (fp) => double(fp, 0, 1, 2, negateAddend, negateProduct),
    },
    {
      asm: `${name}.f32 s0, s2, s4`,
      c: c(32, 'S(0)', 'S(2)', 'S(4)'),
      kind: 'single',
      run: (fp) => single(fp, 0, 2, 4, negateAddend, negateProduct),
    },
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
    {
      asm: `${name}.f64 d1, d2`,
      c: `compare64(D(1), D(2), ${Number(e)})`,
      kind: 'double',
      run: (fp) => ours.fpCompare64(fp, 1, 2, e),
    },
    {
      asm: `${name}.f64 d1, #0`,
      c: `compare64(D(1), 0, ${Number(e)})`,
      kind: 'double',
      run: (fp) => ours.fpCompareZero64(fp, 1, e),
    },
    {
      asm: `${name}.f32 s2, s4`,
      c: `compare32(S(2), S(4), ${Number(e)})`,
      kind: 'single',
      run: (fp) => ours.fpCompare32(fp, 2, 4, e),
    },
    {
      asm: `${name}.f32 s2, #0`,
      c: `compare32(S(2), 0, ${Number(e)})`,
      kind: 'single',
      run: (fp) => ours.fpCompareZero32(fp, 2, e),
    },
  ];
});

const formats: readonly Operation[] = [
  {
    asm: 'vcvt.f64.f32 d0, s2',
    c: 'D(0) = single_to_double(S(2))',
    kind: 'single',
    run: (fp) => ours.fpSingleToDouble(fp, 0, 2),
  },
  {
    asm: 'vcvt.f32.f64 s0, d1',
    c: 'S(0) = double_to_single(D(1))',
    kind: 'toSingle',
    run: (fp) => ours.fpDoubleToSingle(fp, 0, 1),
  },
  {
    asm: 'vcvtb.f32.f16 s0, s2',
    c: 'S(0) = half_to_single((uint16_t)S(2))',
    kind: 'half',
    run: (fp) => ours.fpHalfToSingle(fp, 0, 2, false),
  },
  {
    asm: 'vcvtt.f32.f16 s0, s2',
    c: 'S(0) = half_to_single(S(2) >> 16)',
    kind: 'half',
    run: (fp) => ours.fpHalfToSingle(fp, 0, 2, true),
  },
  {
    asm: 'vcvtb.f16.f32 s0, s2',
    c: 'put_half(0, 0, single_to_half(S(2)))',
    kind: 'toHalf',
    run: (fp) => ours.fpSingleToHalf(fp, 0, 2, false),
  },
  {
    asm: 'vcvtt.f16.f32 s0, s2',
    c: 'put_half(0, 1, single_to_half(S(2)))',
    kind: 'toHalf',
    run: (fp) => ours.fpSingleToHalf(fp, 0, 2, true),
  },
];

const integers: readonly Operation[] = [false, true].flatMap((unsigned): Operation[] => {
  const type = unsigned ? 'u32' : 's32';
  const u = Number(unsigned);
  return [
    {
      asm: `vcvt.${type}.f64 s0, d1`,
      c: `S(0) = to_fixed64(D(1), 32, 0, ${u}, TO_ZERO)`,
      kind: 'double',
      run: (fp) => ours.fpToInt64(fp, 0, 1, unsigned, true),
    },
    {
      asm: `vcvtr.${type}.f64 s0, d1`,
      c: `S(0) = to_fixed64(D(1), 32, 0, ${u}, control)`,
      kind: 'double',
      run: (fp) => ours.fpToInt64(fp, 0, 1, unsigned, false),
    },
    {
      asm: `vcvt.${type}.f32 s0, s2`,
      c: `S(0) = to_fixed32(S(2), 32, 0, ${u}, TO_ZERO)`,
      kind: 'single',
      run: (fp) => ours.fpToInt32(fp, 0, 2, unsigned, true),
    },
    {
      asm: `vcvtr.${type}.f32 s0, s2`,
      c: `S(0) = to_fixed32(S(2), 32, 0, ${u}, control)`,
      kind: 'single',
      run: (fp) => ours.fpToInt32(fp, 0, 2, unsigned, false),
    },
    {
      asm: `vcvt.f64.${type} d0, s2`,
      c: `D(0) = from_fixed64(extended(S(2), 32, ${u}), 0, control)`,
      kind: 'integer',
      run: (fp) => ours.fpFromInt64(fp, 0, 2, unsigned),
    },
    {
      asm: `vcvt.f32.${type} s0, s2`,
      c: `S(0) = from_fixed32(extended(S(2), 32, ${u}), 0, control)`,
      kind: 'integer',
      run: (fp) => ours.fpFromInt32(fp, 0, 2, unsigned),
    },
  ];
});

function fixedPoint(bits: 16 | 32, unsigned: boolean, fraction: number): readonly Operation[] {
  const type = `${unsigned ? 'u' : 's'}${bits}`;
  const u = Number(unsigned);
  /** A result narrower than the register is extended over it. */
  const integer = (operand: string) => `extended(${operand}, ${bits}, ${u})`;
  return [
    {
      asm: `vcvt.${type}.f64 d0, d0, #${fraction}`,
      c: `D(0) = (uint64_t)${integer(`to_fixed64(D(0), ${bits}, ${fraction}, ${u}, TO_ZERO)`)}`,
      kind: 'double',
      run: (fp) => ours.fpToFixed64(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.${type}.f32 s0, s0, #${fraction}`,
      c: `S(0) = (uint32_t)${integer(`to_fixed32(S(0), ${bits}, ${fraction}, ${u}, TO_ZERO)`)}`,
      kind: 'single',
      run: (fp) => ours.fpToFixed32(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.f64.${type} d0, d0, #${fraction}`,
      c: `D(0) = from_fixed64(${integer('S(0)')}, ${fraction}, 0)`,
      kind: 'integer',
      run: (fp) => ours.fpFromFixed64(fp, 0, bits, fraction, unsigned),
    },
    {
      asm: `vcvt.f32.${type} s0, s0, #${fraction}`,
      c: `S(0) = from_fixed32(${integer('S(0)')}, ${fraction}, 0)`,
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

const lanes = (name: keyof typeof FLOAT, c: string): Operation => ({
  asm: `${name}.f32 d0, d1, d2`,
  c: `LANES(S(i) = ${c})`,
  kind: 'single',
  run: (fp) => simdSame(fp, FLOAT[name], 0, 2, 0, 0, 1, 2),
});

const withZero = (name: 'VCEQ' | 'VCGE' | 'VCGT' | 'VCLE' | 'VCLT', c: string): Operation => ({
  asm: `${name}.f32 d0, d1, #0`,
  c: `LANES(S(i) = ${c})`,
  kind: 'single',
  run: (fp) => simdConstant(fp, FLOAT[name], 0, 0, 2, 0, 0, 1, 0),
});

const pairs = (asm: string, name: 'VADD' | 'VMAX' | 'VMIN', c: (n: string, m: string) => string): Operation => ({
  asm: `${asm}.f32 d0, d1, d2`,
  c: `uint32_t p[2]; LANES(p[i] = ${c('S(2 + 2 * i)', 'S(3 + 2 * i)')}); S(0) = p[0]; S(1) = p[1]`,
  kind: 'single',
  run: (fp) => simdPairs(fp, FLOAT[name], 0, 2, 0, 1, 2),
});

const estimate = (name: 'VRECPE' | 'VRSQRTE'): Operation => ({
  asm: `${name}.f32 d0, d1`,
  kind: 'single',
  run: (fp) => simdConstant(fp, FLOAT[name], 0, 0, 2, 0, 0, 1, 0),
});

const neonArithmetic: readonly Operation[] = [
  lanes('VADD', 'op32(ADD, S(2 + i), S(4 + i), 0)'),
  lanes('VSUB', 'op32(SUB, S(2 + i), S(4 + i), 0)'),
  lanes('VABD', 'magnitude32(op32(SUB, S(2 + i), S(4 + i), 0))'),
  lanes('VMUL', 'op32(MUL, S(2 + i), S(4 + i), 0)'),
  lanes('VMLA', 'op32(ADD, S(i), op32(MUL, S(2 + i), S(4 + i), 0), 0)'),
  lanes('VMLS', 'op32(ADD, S(i), neg32(op32(MUL, S(2 + i), S(4 + i), 0)), 0)'),
  lanes('VFMA', 'op32(FMA, S(2 + i), S(4 + i), S(i))'),
  lanes('VFMS', 'op32(FMA, neg32(S(2 + i)), S(4 + i), S(i))'),
  lanes('VMAX', 'most32(S(2 + i), S(4 + i), 0)'),
  lanes('VMIN', 'most32(S(2 + i), S(4 + i), 1)'),
  lanes('VRECPS', 'recip_step(S(2 + i), S(4 + i))'),
  lanes('VRSQRTS', 'rsqrt_step(S(2 + i), S(4 + i))'),
  pairs('VPADD', 'VADD', (n, m) => `op32(ADD, ${n}, ${m}, 0)`),
  pairs('VPMAX', 'VMAX', (n, m) => `most32(${n}, ${m}, 0)`),
  pairs('VPMIN', 'VMIN', (n, m) => `most32(${n}, ${m}, 1)`),
  estimate('VRECPE'),
  estimate('VRSQRTE'),
];

const neonComparisons: readonly Operation[] = [
  lanes('VCEQ', 'mask32(0, S(2 + i), S(4 + i))'),
  lanes('VCGE', 'mask32(1, S(2 + i), S(4 + i))'),
  lanes('VCGT', 'mask32(2, S(2 + i), S(4 + i))'),
  lanes('VACGE', 'mask32(1, magnitude32(S(2 + i)), magnitude32(S(4 + i)))'),
  lanes('VACGT', 'mask32(2, magnitude32(S(2 + i)), magnitude32(S(4 + i)))'),
  withZero('VCEQ', 'mask32(0, S(2 + i), 0)'),
  withZero('VCGE', 'mask32(1, S(2 + i), 0)'),
  withZero('VCGT', 'mask32(2, S(2 + i), 0)'),
  withZero('VCLE', 'mask32(1, 0, S(2 + i))'),
  withZero('VCLT', 'mask32(2, 0, S(2 + i))'),
];

/** Without fraction bits the instruction is another one. */
function neonFixedPoint(unsigned: boolean, fraction: number): readonly Operation[] {
  const type = unsigned ? 'u32' : 's32';
  const u = Number(unsigned);
  const last = fraction === 0 ? '' : `, #${fraction}`;
  const toInteger = unsigned ? CONVERT.to_unsigned : CONVERT.to_signed;
  return [
    {
      asm: `vcvt.${type}.f32 d0, d1${last}`,
      c: `LANES(S(i) = to_fixed32(S(2 + i), 32, ${fraction}, ${u}, TO_ZERO))`,
      kind: 'single',
      run: (fp) => simdConstant(fp, toInteger, 0, 0, 2, 0, 0, 1, fraction),
    },
    {
      asm: `vcvt.f32.${type} d0, d1${last}`,
      c: `LANES(S(i) = from_fixed32(extended(S(2 + i), 32, ${u}), ${fraction}, 0))`,
      kind: 'integer',
      run: (fp) => simdConstant(fp, CONVERT.from_fixed, u, 0, 2, 0, 0, 1, fraction),
    },
  ];
}

const neonFixedPoints: readonly Operation[] = Array.from({ length: 32 }, (_, index) => [
  ...neonFixedPoint(false, index + 1),
  ...neonFixedPoint(true, index + 1),
]).flat();

const neonIntegers: readonly Operation[] = [...neonFixedPoint(false, 0), ...neonFixedPoint(true, 0)];

const neonHalves: readonly Operation[] = [
  {
    asm: 'vcvt.f32.f16 q0, d2',
    c: 'uint32_t p[4]; for (int h = 0; h < 2; h++) LANES(p[2 * h + i] = half_to_single((uint16_t)(D(2) >> (32 * h + 16 * i)))); S(0) = p[0]; S(1) = p[1]',
    kind: 'half',
    run: (fp) => simdConstantLong(fp, CONVERT.half_to_single, 1, 1, 0, 2, 0),
  },
  {
    asm: 'vcvt.f16.f32 d0, q0',
    c: 'uint32_t p[4] = { S(0), S(1), S(2), S(3) }; LANES({ put_half(i, 0, single_to_half(p[2 * i])); put_half(i, 1, single_to_half(p[2 * i + 1])); })',
    kind: 'toHalf',
    run: (fp) => simdConstantNarrow(fp, CONVERT.single_to_half, 0, 1, 1, 0, 0, 0),
  },
];

/** Writing FPSCR and reading it back, with every bit pattern. */
const control: readonly Operation[] = [{ asm: 'nop', c: '', kind: 'control', run: () => {} }];

/** Groups of equal weight in the choice of cases; what has most ways to go wrong is there more than once. */
export const groups: readonly (readonly Operation[])[] = [
  ...Array.from({ length: 5 }, () => arithmetic),
  ...Array.from({ length: 4 }, () => multiplyAdds),
  comparisons,
  formats,
  formats,
  [...integers, ...neonIntegers],
  fixedPoints,
  neonArithmetic,
  neonArithmetic,
  neonComparisons,
  neonFixedPoints,
  neonHalves,
  [...moves, ...control],
];

export const operations: readonly Operation[] = [...new Set(groups.flat())];
