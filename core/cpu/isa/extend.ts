/** Sign and zero extension of a rotated register, alone or added to another. Reference: Arm DDI 0406C, A4.4.5, A5.4.3, A6.2.5, A6.3.12. */
import { signExtend8, signExtend16 } from '../alu.ts';
import { enc, type Field, field, instruction, word as toWord, type word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

/** `rotation` is 0, 8, 16 or 24. */
const two = {
  unpredictable: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => isPC(Rd, Rm),
  operands: ({ Rd, Rm, rotate }: With<'Rd' | 'Rm' | 'rotate'>) => ({ Rd, Rm, rotation: field(8 * rotate) }),
};
const twoT16 = { operands: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => ({ Rd, Rm, rotation: field(0) }) };
const three = {
  unpredictable: ({ Rd, Rm }: With<'Rd' | 'Rm'>) => isPC(Rd, Rm),
  operands: ({ Rd, Rn, Rm, rotate }: With<'Rd' | 'Rn' | 'Rm' | 'rotate'>) => ({ Rd, Rn, Rm, rotation: field(8 * rotate) }),
};

export function rotateRight(x: word, rotation: Field): word {
  return rotation === 0 ? x : toWord((x >>> rotation) | (x << (32 - rotation)));
}

export const SXTB = instruction({
  asm: 'SXTB{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTB'",
  encodings: {
    A1: enc('cond:4 01101010 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('1011001001 Rm:3 Rd:3', twoT16),
    T2: enc('111110100100 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = signExtend8(rotated);
  },
});

export const SXTAB = instruction({
  asm: 'SXTAB{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTAB'",
  encodings: {
    A1: enc('cond:4 01101010 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100100 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(cpu.r[Rn] + signExtend8(rotated));
  },
});

export const SXTH = instruction({
  asm: 'SXTH{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTH'",
  encodings: {
    A1: enc('cond:4 01101011 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('1011001000 Rm:3 Rd:3', twoT16),
    T2: enc('111110100000 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = signExtend16(rotated);
  },
});

export const SXTAH = instruction({
  asm: 'SXTAH{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTAH'",
  encodings: {
    A1: enc('cond:4 01101011 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100000 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(cpu.r[Rn] + signExtend16(rotated));
  },
});

export const SXTB16 = instruction({
  asm: 'SXTB16{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTB16'",
  encodings: {
    A1: enc('cond:4 01101000 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('111110100010 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    const bottom = signExtend8(rotated);
    const top = signExtend8(toWord(rotated >> 16));
    cpu.r[Rd] = toWord((top << 16) | (bottom & 0xffff));
  },
});

export const SXTAB16 = instruction({
  asm: 'SXTAB16{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'SXTAB16'",
  encodings: {
    A1: enc('cond:4 01101000 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100010 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    const bottom = cpu.r[Rn] + signExtend8(rotated);
    const top = (cpu.r[Rn] >> 16) + signExtend8(toWord(rotated >> 16));
    cpu.r[Rd] = toWord((top << 16) | (bottom & 0xffff));
  },
});

export const UXTB = instruction({
  asm: 'UXTB{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTB'",
  encodings: {
    A1: enc('cond:4 01101110 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('1011001011 Rm:3 Rd:3', twoT16),
    T2: enc('111110100101 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(rotated & 0xff);
  },
});

export const UXTAB = instruction({
  asm: 'UXTAB{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTAB'",
  encodings: {
    A1: enc('cond:4 01101110 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100101 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(cpu.r[Rn] + (rotated & 0xff));
  },
});

export const UXTH = instruction({
  asm: 'UXTH{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTH'",
  encodings: {
    A1: enc('cond:4 01101111 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('1011001010 Rm:3 Rd:3', twoT16),
    T2: enc('111110100001 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(rotated & 0xffff);
  },
});

export const UXTAH = instruction({
  asm: 'UXTAH{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTAH'",
  encodings: {
    A1: enc('cond:4 01101111 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100001 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const rotated = rotateRight(cpu.r[Rm], rotation);
    cpu.r[Rd] = toWord(cpu.r[Rn] + (rotated & 0xffff));
  },
});

export const UXTB16 = instruction({
  asm: 'UXTB16{c} {Rd}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTB16'",
  encodings: {
    A1: enc('cond:4 01101100 1111 Rd:4 rotate:2 (0) (0) 0111 Rm:4', two),
    T1: enc('111110100011 11111111 Rd:4 1 (0) rotate:2 Rm:4', two),
  },
  execute(cpu, { Rd, Rm, rotation }) {
    cpu.r[Rd] = toWord(rotateRight(cpu.r[Rm], rotation) & 0x00ff00ff);
  },
});

export const UXTAB16 = instruction({
  asm: 'UXTAB16{c} {Rd}, {Rn}, {Rm}{rotation}',
  ref: "DDI 0406C A8.8 'UXTAB16'",
  encodings: {
    A1: enc('cond:4 01101100 Rn:4 Rd:4 rotate:2 (0) (0) 0111 Rm:4', three),
    T1: enc('111110100011 Rn:4 1111 Rd:4 1 (0) rotate:2 Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, rotation }) {
    const bytes = rotateRight(cpu.r[Rm], rotation) & 0x00ff00ff;
    const bottom = cpu.r[Rn] + bytes;
    const top = (cpu.r[Rn] >>> 16) + (bytes >>> 16);
    cpu.r[Rd] = toWord((top << 16) | (bottom & 0xffff));
  },
});
