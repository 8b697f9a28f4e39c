/** FPSCR and the other system registers of VFP, which check access to themselves. Reference: Arm DDI 0406C, A8.8, B9.3, A7.8. */
import { instruction } from '../insn.ts';
import { isPC } from './operands.ts';
import { coprocessor, noPC } from './vfp-operands.ts';

const FPSCR = 1;

/** With Rt = 15 the flags of FPSCR go to APSR. */
export const VMRS = instruction({
  asm: 'VMRS{c} {Rt_or_flags}, {spec_reg}',
  ref: "DDI 0406C A8.8 'VMRS', B9.3 'VMRS'",
  encodings: coprocessor(1, '11101111 reg:4 Rt:4 1010 (0) (0) (0) 1 (0) (0) (0) (0)', {
    unpredictable: ({ reg, Rt }) => isPC(Rt) && reg !== FPSCR,
  }),
  execute(cpu, { reg, Rt }) {
    cpu.sys.readVfpSystem(reg, Rt);
  },
});

export const VMSR = instruction({
  asm: 'VMSR{c} {spec_reg}, {Rt}',
  ref: "DDI 0406C A8.8 'VMSR', B9.3 'VMSR'",
  encodings: coprocessor(1, '11101110 reg:4 Rt:4 1010 (0) (0) (0) 1 (0) (0) (0) (0)', noPC),
  execute(cpu, { reg, Rt }) {
    cpu.sys.writeVfpSystem(reg, cpu.r[Rt]);
  },
});
