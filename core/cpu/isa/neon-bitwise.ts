/** Bitwise instructions of Advanced SIMD. Reference: Arm DDI 0406C, A7.4.1, A7.4.5. */
import { instruction } from '../insn.ts';
import { BITWISE, simdBitwise } from '../simd.ts';
import { dataProcessing, three, two } from './neon-operands.ts';

export const VAND_reg = instruction({
  asm: 'VAND{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VAND (register)'",
  encodings: dataProcessing(1, '0 0 D 00 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VAND, Q, d, n, m);
  },
});

export const VBIC_reg = instruction({
  asm: 'VBIC{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VBIC (register)'",
  encodings: dataProcessing(1, '0 0 D 01 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VBIC, Q, d, n, m);
  },
});

/** With one register twice it is VMOV (register). */
export const VORR_reg = instruction({
  asm: 'VORR{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VORR (register)'",
  encodings: dataProcessing(1, '0 0 D 10 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VORR, Q, d, n, m);
  },
});

export const VORN_reg = instruction({
  asm: 'VORN{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VORN (register)'",
  encodings: dataProcessing(1, '0 0 D 11 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VORN, Q, d, n, m);
  },
});

export const VEOR = instruction({
  asm: 'VEOR{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VEOR'",
  encodings: dataProcessing(1, '1 0 D 00 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VEOR, Q, d, n, m);
  },
});

export const VBSL = instruction({
  asm: 'VBSL{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VBIF, VBIT, VBSL'",
  encodings: dataProcessing(1, '1 0 D 01 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VBSL, Q, d, n, m);
  },
});

export const VBIT = instruction({
  asm: 'VBIT{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VBIF, VBIT, VBSL'",
  encodings: dataProcessing(1, '1 0 D 10 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VBIT, Q, d, n, m);
  },
});

export const VBIF = instruction({
  asm: 'VBIF{c} {QDd}, {QDn}, {QDm}',
  ref: "DDI 0406C A8.8 'VBIF, VBIT, VBSL'",
  encodings: dataProcessing(1, '1 0 D 11 Vn:4 Vd:4 0001 N Q M 1 Vm:4', three()),
  execute(cpu, { Q, d, n, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VBIF, Q, d, n, m);
  },
});

export const VMVN_reg = instruction({
  asm: 'VMVN{c} {QDd}, {QDm}',
  ref: "DDI 0406C A8.8 'VMVN (register)'",
  encodings: dataProcessing(1, '1 1 D 11 00 00 Vd:4 01011 Q M 0 Vm:4', two()),
  execute(cpu, { Q, d, m }) {
    cpu.sys.checkAdvancedSimdEnabled();
    simdBitwise(cpu.fp, BITWISE.VMVN, Q, d, m, m);
  },
});
