/** Saturating addition, subtraction and saturation. Reference: Arm DDI 0406C, A2.2.1, A4.4.4, A5.2.6, A5.4.3. */
import { decodeImmShift, saturate, shiftValue, signExtend16 } from '../alu.ts';
import { enc, type Field, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

const three = { unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm) };
const LOWEST = field(-0x80000000);
const HIGHEST = field(0x7fffffff);

export const QADD = instruction({
  asm: 'QADD{c} {Rd}, {Rm}, {Rn}',
  ref: "DDI 0406C A8.8 'QADD'",
  encodings: {
    A1: enc('cond:4 00010000 Rn:4 Rd:4 (0) (0) (0) (0) 0101 Rm:4', three),
    T1: enc('111110101000 Rn:4 1111 Rd:4 1000 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    const { value, saturated } = saturate(cpu.r[Rm] + cpu.r[Rn], LOWEST, HIGHEST);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

export const QSUB = instruction({
  asm: 'QSUB{c} {Rd}, {Rm}, {Rn}',
  ref: "DDI 0406C A8.8 'QSUB'",
  encodings: {
    A1: enc('cond:4 00010010 Rn:4 Rd:4 (0) (0) (0) (0) 0101 Rm:4', three),
    T1: enc('111110101000 Rn:4 1111 Rd:4 1010 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    const { value, saturated } = saturate(cpu.r[Rm] - cpu.r[Rn], LOWEST, HIGHEST);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

export const QDADD = instruction({
  asm: 'QDADD{c} {Rd}, {Rm}, {Rn}',
  ref: "DDI 0406C A8.8 'QDADD'",
  encodings: {
    A1: enc('cond:4 00010100 Rn:4 Rd:4 (0) (0) (0) (0) 0101 Rm:4', three),
    T1: enc('111110101000 Rn:4 1111 Rd:4 1001 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    const doubled = saturate(cpu.r[Rn] + cpu.r[Rn], LOWEST, HIGHEST);
    const { value, saturated } = saturate(cpu.r[Rm] + doubled.value, LOWEST, HIGHEST);
    if (doubled.saturated || saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

export const QDSUB = instruction({
  asm: 'QDSUB{c} {Rd}, {Rm}, {Rn}',
  ref: "DDI 0406C A8.8 'QDSUB'",
  encodings: {
    A1: enc('cond:4 00010110 Rn:4 Rd:4 (0) (0) (0) (0) 0101 Rm:4', three),
    T1: enc('111110101000 Rn:4 1111 Rd:4 1011 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    const doubled = saturate(cpu.r[Rn] + cpu.r[Rn], LOWEST, HIGHEST);
    const { value, saturated } = saturate(cpu.r[Rm] - doubled.value, LOWEST, HIGHEST);
    if (doubled.saturated || saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

const two = ({ Rd, Rn }: With<'Rd' | 'Rn'>): boolean => isPC(Rd, Rn);
const bounds = (signed: boolean, width: number) => ({
  low: field(signed ? -(2 ** (width - 1)) : 0),
  high: field(signed ? 2 ** (width - 1) - 1 : 2 ** width - 1),
});
/** `width` is what the assembly text shows: 1 to 32 for the signed form, 0 to 31 for the unsigned one. */
const saturateA32 = (signed: boolean) => ({
  unpredictable: two,
  operands: ({ sat, Rd, Rn, imm5, sh }: With<'sat' | 'Rd' | 'Rn' | 'imm5' | 'sh'>) => {
    const width = field(sat + (signed ? 1 : 0));
    return { Rd, Rn, width, ...bounds(signed, width), ...decodeImmShift(field(2 * sh), imm5) };
  },
});
const saturateT32 = (signed: boolean) => ({
  unpredictable: two,
  operands: ({ sat, Rd, Rn, imm3, imm2, sh }: With<'sat' | 'Rd' | 'Rn' | 'imm3' | 'imm2' | 'sh'>) =>
    saturateA32(signed).operands({ sat, Rd, Rn, imm5: field((imm3 << 2) | imm2), sh }),
});
const saturate16 = (signed: boolean) => ({
  unpredictable: two,
  operands: ({ sat, Rd, Rn }: With<'sat' | 'Rd' | 'Rn'>) => {
    const width = field(sat + (signed ? 1 : 0));
    return { Rd, Rn, width, ...bounds(signed, width) };
  },
});

export const SSAT = instruction({
  asm: 'SSAT{c} {Rd}, #{width}, {Rn}{shift}',
  ref: "DDI 0406C A8.8 'SSAT'",
  encodings: {
    A1: enc('cond:4 0110101 sat:5 Rd:4 imm5:5 sh 01 Rn:4', saturateA32(true)),
    T1: enc('11110 (0) 1100 sh 0 Rn:4 0 imm3:3 Rd:4 imm2:2 (0) sat:5', saturateT32(true)),
  },
  execute(cpu, { Rd, Rn, low, high, shift, amount }) {
    const operand = shiftValue(cpu, cpu.r[Rn], shift, amount);
    const { value, saturated } = saturate(operand, low, high);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

export const USAT = instruction({
  asm: 'USAT{c} {Rd}, #{width}, {Rn}{shift}',
  ref: "DDI 0406C A8.8 'USAT'",
  encodings: {
    A1: enc('cond:4 0110111 sat:5 Rd:4 imm5:5 sh 01 Rn:4', saturateA32(false)),
    T1: enc('11110 (0) 1110 sh 0 Rn:4 0 imm3:3 Rd:4 imm2:2 (0) sat:5', saturateT32(false)),
  },
  execute(cpu, { Rd, Rn, low, high, shift, amount }) {
    const operand = shiftValue(cpu, cpu.r[Rn], shift, amount);
    const { value, saturated } = saturate(operand, low, high);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

/** Saturates both halfwords, which count as signed in SSAT16 and USAT16 alike. */
export function saturateHalves(x: word, low: Field, high: Field): { value: word; saturated: boolean } {
  const bottom = saturate(signExtend16(x), low, high);
  const top = saturate(x >> 16, low, high);
  return { value: word((top.value << 16) | (bottom.value & 0xffff)), saturated: bottom.saturated || top.saturated };
}

export const SSAT16 = instruction({
  asm: 'SSAT16{c} {Rd}, #{width}, {Rn}',
  ref: "DDI 0406C A8.8 'SSAT16'",
  encodings: {
    A1: enc('cond:4 01101010 sat:4 Rd:4 (1) (1) (1) (1) 0011 Rn:4', saturate16(true)),
    T1: enc('11110 (0) 110010 Rn:4 0000 Rd:4 00 (0) (0) sat:4', saturate16(true)),
  },
  execute(cpu, { Rd, Rn, low, high }) {
    const { value, saturated } = saturateHalves(cpu.r[Rn], low, high);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});

export const USAT16 = instruction({
  asm: 'USAT16{c} {Rd}, #{width}, {Rn}',
  ref: "DDI 0406C A8.8 'USAT16'",
  encodings: {
    A1: enc('cond:4 01101110 sat:4 Rd:4 (1) (1) (1) (1) 0011 Rn:4', saturate16(false)),
    T1: enc('11110 (0) 111010 Rn:4 0000 Rd:4 00 (0) (0) sat:4', saturate16(false)),
  },
  execute(cpu, { Rd, Rn, low, high }) {
    const { value, saturated } = saturateHalves(cpu.r[Rn], low, high);
    if (saturated) cpu.Q = true;
    cpu.r[Rd] = value;
  },
});
