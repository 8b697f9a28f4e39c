/**
 * Moves between a core register and the elements of a D register. Those of bytes and halfwords are Advanced SIMD instructions.
 * Reference: Arm DDI 0406C, A7.3.1 (scalars), A7.8.
 */
import { type Field, field, instruction, word } from '../insn.ts';
import { multiply } from '../intrinsics.ts';
import { isPC, type With } from './operands.ts';
import { coprocessor, register } from './vfp-operands.ts';

/** The size of an element and where it begins in its D register, in bits, from opc1:opc2; undefined for 0x10, which is UNDEFINED. */
function element(opc1: number, opc2: number): { readonly size: 8 | 16 | 32; readonly offset: number } | undefined {
  const top = 32 * (opc1 & 1);
  if (opc1 >= 2) return { size: 8, offset: top + 8 * opc2 };
  if ((opc2 & 1) === 1) return { size: 16, offset: top + 16 * (opc2 >> 1) };
  return opc2 === 0 ? { size: 32, offset: top } : undefined;
}

type Scalar = With<'opc1' | 'opc2'>;
/** `at` is the number of the word that has the element, `lsb` where it begins there; `d` and `x` are for the assembly text: Dd[x]. */
function scalar({ opc1, opc2 }: Scalar, d: Field) {
  const { size, offset } = element(opc1, opc2) ?? { size: 32, offset: 0 };
  return { size: field(size), at: field(2 * d + (offset >> 5)), lsb: field(offset & 31), d, x: field(offset / size) };
}

export const VMOV_core_to_scalar = instruction({
  asm: 'VMOV{c}.{size} {Dd}[{x}], {Rt}',
  ref: "DDI 0406C A8.8 'VMOV (ARM core register to scalar)'",
  encodings: coprocessor(1, '11100 opc1:2 0 Vd:4 Rt:4 1011 D opc2:2 1 (0) (0) (0) (0)', {
    when: ({ opc1, opc2 }) => element(opc1, opc2) !== undefined,
    unpredictable: ({ Rt }) => isPC(Rt),
    operands: ({ opc1, opc2, D, Vd, Rt }) => ({ Rt, ...scalar({ opc1, opc2 }, register(1, D, Vd)) }),
  }),
  execute(cpu, { Rt, size, at, lsb }) {
    if (size === 32) {
      cpu.sys.checkVfpEnabled();
      cpu.fp.w[at] = cpu.r[Rt];
    } else {
      cpu.sys.checkAdvancedSimdEnabled();
      const mask = field(((1 << size) - 1) << lsb);
      cpu.fp.w[at] = word((cpu.fp.w[at] & ~mask) | ((cpu.r[Rt] << lsb) & mask));
    }
  },
});

/** U for zero extension; 32 bits have none. `extension` is what the assembly text says of it. */
export const VMOV_scalar_to_core = instruction({
  asm: 'VMOV{c}.{extension:,S,U}{size} {Rt}, {Dd}[{x}]',
  ref: "DDI 0406C A8.8 'VMOV (scalar to ARM core register)'",
  encodings: coprocessor(1, '1110 U opc1:2 1 Vn:4 Rt:4 1011 N opc2:2 1 (0) (0) (0) (0)', {
    when: ({ U, opc1, opc2 }) => element(opc1, opc2) !== undefined && !(U === 1 && opc1 < 2 && opc2 === 0),
    unpredictable: ({ Rt }) => isPC(Rt),
    operands: ({ U, opc1, opc2, N, Vn, Rt }) => {
      const operands = scalar({ opc1, opc2 }, register(1, N, Vn));
      return { U, Rt, extension: field(operands.size === 32 ? 0 : 1 + U), ...operands };
    },
  }),
  execute(cpu, { U, Rt, size, at, lsb }) {
    if (size === 32) cpu.sys.checkVfpEnabled();
    else cpu.sys.checkAdvancedSimdEnabled();
    const aligned = cpu.fp.w[at] << (32 - lsb - size);
    cpu.r[Rt] = U ? word(aligned >>> (32 - size)) : word(aligned >> (32 - size));
  },
});

/** An Advanced SIMD instruction that stands among VFP's moves. b:e gives the size of the elements; Q writes two registers. */
export const VDUP_core = instruction({
  asm: 'VDUP{c}.{size} {Q:{Dd},{Qd}}, {Rt}',
  ref: "DDI 0406C A8.8 'VDUP (ARM core register)'",
  encodings: coprocessor(1, '11101 b Q 0 Vd:4 Rt:4 1011 D 0 e 1 (0) (0) (0) (0)', {
    when: ({ b, e, Q, Vd }) => !(b === 1 && e === 1) && !(Q === 1 && (Vd & 1) === 1),
    unpredictable: ({ Rt }) => isPC(Rt),
    operands: ({ b, Q, D, Vd, e, Rt }: With<'b' | 'Q' | 'D' | 'Vd' | 'e' | 'Rt'>) => ({
      Q,
      Rt,
      d: register(1, D, Vd),
      size: field(b ? 8 : e ? 16 : 32),
    }),
  }),
  execute(cpu, { Q, Rt, d, size }) {
    cpu.sys.checkAdvancedSimdEnabled();
    const value = cpu.r[Rt];
    const low = size === 32 ? value : word(value & ((1 << size) - 1));
    const lanes = size === 32 ? value : multiply(low, word(size === 8 ? 0x01010101 : 0x00010001));
    for (let i = field(0); i < (Q ? 4 : 2); i++) cpu.fp.w[2 * d + i] = lanes;
  },
});
