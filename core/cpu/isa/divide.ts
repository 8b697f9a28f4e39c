/** Integer division, of the Virtualization Extensions in both instruction sets. Reference: Arm DDI 0406C, A4.4.8. */
import { enc, instruction, UInt } from '../insn.ts';
import { divideSigned, divideUnsigned } from '../intrinsics.ts';
import { isPC, type With } from './operands.ts';

const three = { unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm) };

export const SDIV = instruction({
  asm: 'SDIV{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SDIV'",
  encodings: {
    A1: enc('cond:4 01110001 Rd:4 (1) (1) (1) (1) Rm:4 0001 Rn:4', three),
    T1: enc('111110111001 Rn:4 (1) (1) (1) (1) Rd:4 1111 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    cpu.r[Rd] = divideSigned(cpu.r[Rn], cpu.r[Rm]);
  },
});

export const UDIV = instruction({
  asm: 'UDIV{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'UDIV'",
  encodings: {
    A1: enc('cond:4 01110011 Rd:4 (1) (1) (1) (1) Rm:4 0001 Rn:4', three),
    T1: enc('111110111011 Rn:4 (1) (1) (1) (1) Rd:4 1111 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    cpu.r[Rd] = divideUnsigned(UInt(cpu.r[Rn]), UInt(cpu.r[Rm]));
  },
});
