/** Advanced SIMD with a modified immediate. Reference: Arm DDI 0406C, A7.4.6 (AdvSIMDExpandImm). */
import { SINGLE, VFPExpandImm } from '../fp.ts';
import { field, instruction } from '../insn.ts';
import { IMMEDIATE, simdImmediate } from '../simd.ts';
import { dataProcessing, doubleword, whole } from './neon-operands.ts';
import type { With } from './operands.ts';

type Fields = With<'i' | 'D' | 'imm3' | 'Vd' | 'cmode' | 'Q' | 'op' | 'imm4'>;
const immediate = ({ i, imm3, imm4 }: Fields): number => (i << 7) | (imm3 << 4) | imm4;

/** Types as the assembly text has them. */
const TYPE = { I8: 0, I16: 1, I32: 2, I64: 3, F32: 4 } as const;

/** Each bit of four as a byte of ones or zeros. */
const spread = (bits: number): number => [0, 1, 2, 3].reduce((sum, n) => sum | ((((bits >> n) & 1) * 0xff) << (8 * n)), 0);

/**
 * AdvSIMDExpandImm(): the two words of a doubleword. Zero as a byte to be shifted is UNPREDICTABLE: we choose 0, as ARMv8 defines it so.
 */
function expand(f: Fields): { readonly type: number; readonly low: number; readonly high: number } {
  const [imm8, shift] = [immediate(f), 8 * ((f.cmode >> 1) & 3)];
  const both = (type: number, word: number) => ({ type, low: word | 0, high: word | 0 });
  if (f.cmode < 8) return both(TYPE.I32, imm8 << shift);
  if (f.cmode < 12) return both(TYPE.I16, (imm8 << (shift & 8)) * 0x10001);
  if (f.cmode < 14) return both(TYPE.I32, f.cmode === 12 ? (imm8 << 8) | 0xff : (imm8 << 16) | 0xffff);
  if (f.cmode === 15) return both(TYPE.F32, Number(VFPExpandImm(SINGLE, imm8)));
  return f.op === 0 ? both(TYPE.I8, imm8 * 0x1010101) : { type: TYPE.I64, low: spread(imm8), high: spread(imm8 >> 4) };
}

/** Which of the four instructions `op` and `cmode` stand for; none is UNDEFINED. */
function nameOf({ op, cmode }: Fields): string {
  if (cmode < 12 && (cmode & 1) === 1) return op === 0 ? 'VORR' : 'VBIC';
  if (op === 0 || cmode === 14) return 'VMOV';
  return cmode === 15 ? '' : 'VMVN';
}

const named = (name: string) =>
  dataProcessing(1, 'i 1 D 000 imm3:3 Vd:4 cmode:4 0 Q op 1 imm4:4', {
    when: (f) => nameOf(f) === name && whole(f.Q, f.Vd),
    operands: (f: Fields) => {
      const { type, low, high } = expand(f);
      return { Q: f.Q, d: doubleword(f.D, f.Vd), type: field(type), low: field(low), high: field(high) };
    },
  });

export const VMOV_vector_imm = instruction({
  asm: 'VMOV{c}.{type:I8,I16,I32,I64,F32} {QDd}, #{vector_constant}',
  ref: "DDI 0406C A8.8 'VMOV (immediate)'",
  encodings: named('VMOV'),
  execute(cpu, { Q, d, low, high }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdImmediate(cpu.fp, IMMEDIATE.VMOV, Q, d, low, high);
  },
});

export const VMVN_imm = instruction({
  asm: 'VMVN{c}.{type:,I16,I32} {QDd}, #{vector_constant}',
  ref: "DDI 0406C A8.8 'VMVN (immediate)'",
  encodings: named('VMVN'),
  execute(cpu, { Q, d, low, high }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdImmediate(cpu.fp, IMMEDIATE.VMVN, Q, d, low, high);
  },
});

export const VORR_imm = instruction({
  asm: 'VORR{c}.{type:,I16,I32} {QDd}, #{vector_constant}',
  ref: "DDI 0406C A8.8 'VORR (immediate)'",
  encodings: named('VORR'),
  execute(cpu, { Q, d, low, high }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdImmediate(cpu.fp, IMMEDIATE.VORR, Q, d, low, high);
  },
});

export const VBIC_imm = instruction({
  asm: 'VBIC{c}.{type:,I16,I32} {QDd}, #{vector_constant}',
  ref: "DDI 0406C A8.8 'VBIC (immediate)'",
  encodings: named('VBIC'),
  execute(cpu, { Q, d, low, high }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdImmediate(cpu.fp, IMMEDIATE.VBIC, Q, d, low, high);
  },
});
