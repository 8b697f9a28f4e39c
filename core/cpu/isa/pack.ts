/** Packing halfwords, and selecting bytes by the GE flags. Reference: Arm DDI 0406C, A4.4.5, A5.4.3. */
import { decodeImmShift, shiftValue } from '../alu.ts';
import { enc, type Field, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

const three = ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>): boolean => isPC(Rd, Rn, Rm);
const packed = (registers: With<'Rd' | 'Rn' | 'Rm'>, tb: Field, imm5: Field) => ({
  ...registers,
  tb,
  ...decodeImmShift(field(2 * tb), imm5),
});

export const PKH = instruction({
  asm: 'PKH{tb:BT,TB}{c} {Rd}, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C A8.8 'PKH'",
  encodings: {
    A1: enc('cond:4 01101000 Rn:4 Rd:4 imm5:5 tb 01 Rm:4', {
      unpredictable: three,
      operands: ({ Rd, Rn, Rm, tb, imm5 }) => packed({ Rd, Rn, Rm }, tb, imm5),
    }),
    T1: enc('111010101100 Rn:4 (0) imm3:3 Rd:4 imm2:2 tb 0 Rm:4', {
      unpredictable: three,
      operands: ({ Rd, Rn, Rm, tb, imm3, imm2 }) => packed({ Rd, Rn, Rm }, tb, field((imm3 << 2) | imm2)),
    }),
  },
  execute(cpu, { Rd, Rn, Rm, tb, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    const bottom = tb ? value : cpu.r[Rn];
    const top = tb ? cpu.r[Rn] : value;
    cpu.r[Rd] = word((top & 0xffff0000) | (bottom & 0xffff));
  },
});

export const SEL = instruction({
  asm: 'SEL{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SEL'",
  encodings: {
    A1: enc('cond:4 01101000 Rn:4 Rd:4 (1) (1) (1) (1) 1011 Rm:4', { unpredictable: three }),
    T1: enc('111110101010 Rn:4 1111 Rd:4 1000 Rm:4', { unpredictable: three }),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    const GE = cpu.GE;
    const low = ((GE & 1) !== 0 ? 0xff : 0) | ((GE & 2) !== 0 ? 0xff00 : 0);
    const high = ((GE & 4) !== 0 ? 0xff0000 : 0) | ((GE & 8) !== 0 ? 0xff000000 : 0);
    const mask = low | high;
    cpu.r[Rd] = word((cpu.r[Rn] & mask) | (cpu.r[Rm] & ~mask));
  },
});
