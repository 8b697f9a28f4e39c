/** Comparisons, whose flags go to FPSCR. Reference: Arm DDI 0406C, A2.7, A7.5. */
import { fpCompare32, fpCompare64, fpCompareZero32, fpCompareZero64 } from '../fp.ts';
import { instruction } from '../insn.ts';
import type { With } from './operands.ts';
import { coprocessor, register } from './vfp-operands.ts';

/** With E, quiet NaNs raise Invalid Operation too. */
export const VCMP = instruction({
  asm: 'VCMP{E:,E}{c}.{sz:F32,F64} {Vd}, {Vm}',
  ref: "DDI 0406C A8.8 'VCMP, VCMPE'",
  encodings: coprocessor(1, '11101 D 11 0100 Vd:4 101 sz E 1 M 0 Vm:4', {
    operands: ({ sz, E, D, Vd, M, Vm }) => ({ sz, E, d: register(sz, D, Vd), m: register(sz, M, Vm) }),
  }),
  execute(cpu, { sz, E, d, m }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpCompare64(cpu.fp, d, m, E !== 0);
    else fpCompare32(cpu.fp, d, m, E !== 0);
  },
});

export const VCMP_zero = instruction({
  asm: 'VCMP{E:,E}{c}.{sz:F32,F64} {Vd}, #0.0',
  ref: "DDI 0406C A8.8 'VCMP, VCMPE'",
  encodings: coprocessor(2, '11101 D 11 0101 Vd:4 101 sz E 1 (0) 0 (0) (0) (0) (0)', {
    operands: ({ sz, E, D, Vd }: With<'sz' | 'E' | 'D' | 'Vd'>) => ({ sz, E, d: register(sz, D, Vd) }),
  }),
  execute(cpu, { sz, E, d }) {
    cpu.sys.checkVfpEnabled();
    if (sz) fpCompareZero64(cpu.fp, d, E !== 0);
    else fpCompareZero32(cpu.fp, d, E !== 0);
  },
});
