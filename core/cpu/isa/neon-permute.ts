/** Advanced SIMD instructions that move elements about. Reference: Arm DDI 0406C, A7.4 (VEXT, VTBL, VDUP), A7.4.5. */
import { field, instruction } from '../insn.ts';
import { EXCHANGE, simdDuplicate, simdExchange, simdExtract, simdTable } from '../simd.ts';
import { dataProcessing, doubleword, two, whole } from './neon-operands.ts';
import type { With } from './operands.ts';

export const VEXT = instruction({
  asm: 'VEXT{c}.8 {QDd}, {QDn}, {QDm}, #{imm4}',
  ref: "DDI 0406C A8.8 'VEXT'",
  encodings: dataProcessing(1, '0 1 D 11 Vn:4 Vd:4 imm4:4 N Q M 0 Vm:4', {
    when: ({ Q, imm4, Vd, Vn, Vm }) => whole(Q, Vd, Vn, Vm) && (Q === 1 || imm4 < 8),
    operands: ({ D, Vn, Vd, imm4, N, Q, M, Vm }: With<'D' | 'Vn' | 'Vd' | 'imm4' | 'N' | 'Q' | 'M' | 'Vm'>) => ({
      Q,
      imm4,
      d: doubleword(D, Vd),
      n: doubleword(N, Vn),
      m: doubleword(M, Vm),
    }),
  }),
  execute(cpu, { Q, imm4, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdExtract(cpu.fp, Q, d, n, m, imm4);
  },
});

/** `op` for VTBX, which leaves bytes alone whose index is beyond the table. */
export const VTBL = instruction({
  asm: 'VTB{op:L,X}{c}.8 {Dd}, {table}, {Dm}',
  ref: "DDI 0406C A8.8 'VTBL, VTBX'",
  encodings: dataProcessing(1, '1 1 D 11 Vn:4 Vd:4 10 len:2 N op M 0 Vm:4', {
    unpredictable: ({ N, Vn, len }) => doubleword(N, Vn) + len > 31,
    operands: ({ D, Vn, Vd, len, N, op, M, Vm }: With<'D' | 'Vn' | 'Vd' | 'len' | 'N' | 'op' | 'M' | 'Vm'>) => ({
      op,
      length: field(len + 1),
      d: doubleword(D, Vd),
      n: doubleword(N, Vn),
      m: doubleword(M, Vm),
    }),
  }),
  execute(cpu, { op, length, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdTable(cpu.fp, op, d, n, length, m);
  },
});

/** The lowest one of imm4 tells the size, what is above it the index. */
export const VDUP_scalar = instruction({
  asm: 'VDUP{c}.{size:8,16,32} {QDd}, {Dm}[{x}]',
  ref: "DDI 0406C A8.8 'VDUP (scalar)'",
  encodings: dataProcessing(1, '1 1 D 11 imm4:4 Vd:4 11000 Q M 0 Vm:4', {
    when: ({ imm4, Q, Vd }) => (imm4 & 7) !== 0 && whole(Q, Vd),
    operands: ({ D, imm4, Vd, Q, M, Vm }: With<'D' | 'imm4' | 'Vd' | 'Q' | 'M' | 'Vm'>) => {
      const size = imm4 & 1 ? 0 : imm4 & 2 ? 1 : 2;
      return { Q, size: field(size), x: field(imm4 >> (size + 1)), d: doubleword(D, Vd), m: doubleword(M, Vm) };
    },
  }),
  execute(cpu, { Q, size, x, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdDuplicate(cpu.fp, size, Q, d, m, x);
  },
});

export const VSWP = instruction({
  asm: 'VSWP{c} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VSWP'",
  encodings: dataProcessing(1, '1 1 D 11 00 10 Vd:4 00000 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdExchange(cpu.fp, EXCHANGE.VSWP, 0, Q, d, m);
  },
});

export const VTRN = instruction({
  asm: 'VTRN{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VTRN'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 00001 Q M 0 Vm:4', two(0, 1, 2)),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdExchange(cpu.fp, EXCHANGE.VTRN, size, Q, d, m);
  },
});

/** Of two words in a doubleword it would be VTRN. */
const severalElements = {
  ...two(0, 1, 2),
  when: (f: With<'D' | 'size' | 'Vd' | 'Q' | 'M' | 'Vm'>) => two(0, 1, 2).when(f) && (f.Q === 1 || f.size !== 2),
};

export const VUZP = instruction({
  asm: 'VUZP{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VUZP'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 00010 Q M 0 Vm:4', severalElements),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdExchange(cpu.fp, EXCHANGE.VUZP, size, Q, d, m);
  },
});

export const VZIP = instruction({
  asm: 'VZIP{c}.{size:8,16,32} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VZIP'",
  encodings: dataProcessing(1, '1 1 D 11 size:2 10 Vd:4 00011 Q M 0 Vm:4', severalElements),
  execute(cpu, { size, Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdExchange(cpu.fp, EXCHANGE.VZIP, size, Q, d, m);
  },
});
