/**
 * Parallel addition and subtraction of halfwords and bytes: six operations, each with six ways to fit its results into their lanes.
 * Reference: Arm DDI 0406C, A4.4.6, A5.4.1, A5.4.2, A6.3.13, A6.3.14.
 */
import { saturate, signExtend8, signExtend16 } from '../alu.ts';
import { enc, type Field, field, instruction, word as toWord, type word } from '../insn.ts';
import type { Cpu } from '../state.ts';
import { isPC, type With } from './operands.ts';

/** The prefix field of A32: S and U set GE, Q and UQ saturate, SH and UH halve. */
const PREFIX = { S: 1, Q: 2, SH: 3, U: 5, UQ: 6, UH: 7 } as const;

const a32 = {
  when: ({ prefix }: With<'prefix'>) => prefix % 4 !== 0,
  unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm),
};
/** In T32 the prefix is S, Q, SH, or with bit 2 U, UQ, UH. */
const t32 = {
  when: ({ fit }: With<'fit'>) => fit % 4 !== 3,
  unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm),
  operands: ({ Rd, Rn, Rm, fit }: With<'Rd' | 'Rn' | 'Rm' | 'fit'>) => ({ Rd, Rn, Rm, prefix: field(fit + 1) }),
};

/** A lane of a register as the prefix reads it. */
export function halfLane(x: word, prefix: Field, top: Field): word {
  if (prefix >= PREFIX.U) return top ? toWord(x >>> 16) : toWord(x & 0xffff);
  return top ? toWord(x >> 16) : signExtend16(x);
}
export function byteLane(x: word, prefix: Field, lane: Field): word {
  const byte = toWord(x >>> (8 * lane));
  return prefix >= PREFIX.U ? toWord(byte & 0xff) : signExtend8(byte);
}

/** Fits a lane's exact result into `width` bits. */
export function fitLane(result: word, prefix: Field, width: Field): word {
  if (prefix === PREFIX.SH || prefix === PREFIX.UH) return toWord(result >> 1);
  if (prefix === PREFIX.Q) return saturate(result, field(-(1 << (width - 1))), field((1 << (width - 1)) - 1)).value;
  if (prefix === PREFIX.UQ) return saturate(result, field(0), field((1 << width) - 1)).value;
  return result;
}

const SUM = field(1);
const DIFFERENCE = field(0);
/** A lane's GE flag: the sum carried, or for differences and signed results, it is not negative. */
export function greaterOrEqual(result: word, prefix: Field, sum: Field, width: Field): boolean {
  if (prefix === PREFIX.U && sum) return result >= 1 << width;
  return result >= 0;
}

/** Writes two halfword results and, for S and U, the GE flags. */
export function writeHalves(
  cpu: Cpu,
  Rd: Field,
  prefix: Field,
  bottom: word,
  bottomGE: boolean,
  top: word,
  topGE: boolean,
): void {
  if (prefix % 4 === 1) cpu.GE = toWord((bottomGE ? 3 : 0) | (topGE ? 12 : 0));
  cpu.r[Rd] = toWord((fitLane(top, prefix, field(16)) << 16) | (fitLane(bottom, prefix, field(16)) & 0xffff));
}

export const PARALLEL_ADD16 = instruction({
  asm: '{prefix}ADD16{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SADD16', 'QADD16', 'SHADD16', 'UADD16', 'UQADD16', 'UHADD16'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 0001 Rm:4', a32),
    T1: enc('111110101001 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    const bottom = toWord(halfLane(cpu.r[Rn], prefix, field(0)) + halfLane(cpu.r[Rm], prefix, field(0)));
    const top = toWord(halfLane(cpu.r[Rn], prefix, field(1)) + halfLane(cpu.r[Rm], prefix, field(1)));
    const bottomGE = greaterOrEqual(bottom, prefix, SUM, field(16));
    writeHalves(cpu, Rd, prefix, bottom, bottomGE, top, greaterOrEqual(top, prefix, SUM, field(16)));
  },
});

export const PARALLEL_ASX = instruction({
  asm: '{prefix}ASX{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SASX', 'QASX', 'SHASX', 'UASX', 'UQASX', 'UHASX'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 0011 Rm:4', a32),
    T1: enc('111110101010 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    const bottom = toWord(halfLane(cpu.r[Rn], prefix, field(0)) - halfLane(cpu.r[Rm], prefix, field(1)));
    const top = toWord(halfLane(cpu.r[Rn], prefix, field(1)) + halfLane(cpu.r[Rm], prefix, field(0)));
    const bottomGE = greaterOrEqual(bottom, prefix, DIFFERENCE, field(16));
    writeHalves(cpu, Rd, prefix, bottom, bottomGE, top, greaterOrEqual(top, prefix, SUM, field(16)));
  },
});

export const PARALLEL_SAX = instruction({
  asm: '{prefix}SAX{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SSAX', 'QSAX', 'SHSAX', 'USAX', 'UQSAX', 'UHSAX'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 0101 Rm:4', a32),
    T1: enc('111110101110 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    const bottom = toWord(halfLane(cpu.r[Rn], prefix, field(0)) + halfLane(cpu.r[Rm], prefix, field(1)));
    const top = toWord(halfLane(cpu.r[Rn], prefix, field(1)) - halfLane(cpu.r[Rm], prefix, field(0)));
    const bottomGE = greaterOrEqual(bottom, prefix, SUM, field(16));
    writeHalves(cpu, Rd, prefix, bottom, bottomGE, top, greaterOrEqual(top, prefix, DIFFERENCE, field(16)));
  },
});

export const PARALLEL_SUB16 = instruction({
  asm: '{prefix}SUB16{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SSUB16', 'QSUB16', 'SHSUB16', 'USUB16', 'UQSUB16', 'UHSUB16'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 0111 Rm:4', a32),
    T1: enc('111110101101 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    const bottom = toWord(halfLane(cpu.r[Rn], prefix, field(0)) - halfLane(cpu.r[Rm], prefix, field(0)));
    const top = toWord(halfLane(cpu.r[Rn], prefix, field(1)) - halfLane(cpu.r[Rm], prefix, field(1)));
    const bottomGE = greaterOrEqual(bottom, prefix, DIFFERENCE, field(16));
    writeHalves(cpu, Rd, prefix, bottom, bottomGE, top, greaterOrEqual(top, prefix, DIFFERENCE, field(16)));
  },
});

export const PARALLEL_ADD8 = instruction({
  asm: '{prefix}ADD8{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SADD8', 'QADD8', 'SHADD8', 'UADD8', 'UQADD8', 'UHADD8'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 1001 Rm:4', a32),
    T1: enc('111110101000 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    let result = toWord(0);
    let GE = toWord(0);
    for (let lane = field(0); lane < 4; lane++) {
      const sum = toWord(byteLane(cpu.r[Rn], prefix, lane) + byteLane(cpu.r[Rm], prefix, lane));
      GE = toWord(GE | (greaterOrEqual(sum, prefix, SUM, field(8)) ? 1 << lane : 0));
      result = toWord(result | ((fitLane(sum, prefix, field(8)) & 0xff) << (8 * lane)));
    }
    if (prefix % 4 === 1) cpu.GE = GE;
    cpu.r[Rd] = result;
  },
});

export const PARALLEL_SUB8 = instruction({
  asm: '{prefix}SUB8{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SSUB8', 'QSUB8', 'SHSUB8', 'USUB8', 'UQSUB8', 'UHSUB8'",
  encodings: {
    A1: enc('cond:4 01100 prefix:3 Rn:4 Rd:4 (1) (1) (1) (1) 1111 Rm:4', a32),
    T1: enc('111110101100 Rn:4 1111 Rd:4 0 fit:3 Rm:4', t32),
  },
  execute(cpu, { Rd, Rn, Rm, prefix }) {
    let result = toWord(0);
    let GE = toWord(0);
    for (let lane = field(0); lane < 4; lane++) {
      const difference = toWord(byteLane(cpu.r[Rn], prefix, lane) - byteLane(cpu.r[Rm], prefix, lane));
      GE = toWord(GE | (greaterOrEqual(difference, prefix, DIFFERENCE, field(8)) ? 1 << lane : 0));
      result = toWord(result | ((fitLane(difference, prefix, field(8)) & 0xff) << (8 * lane)));
    }
    if (prefix % 4 === 1) cpu.GE = GE;
    cpu.r[Rd] = result;
  },
});

/** The distance of two bytes of the registers. */
export function absoluteDifference(x: word, y: word, lane: Field): word {
  const difference = ((x >>> (8 * lane)) & 0xff) - ((y >>> (8 * lane)) & 0xff);
  return toWord(difference < 0 ? -difference : difference);
}

export const USAD8 = instruction({
  asm: 'USAD8{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'USAD8'",
  encodings: {
    A1: enc('cond:4 01111000 Rd:4 1111 Rm:4 0001 Rn:4', { unpredictable: ({ Rd, Rn, Rm }) => isPC(Rd, Rn, Rm) }),
    T1: enc('111110110111 Rn:4 1111 Rd:4 0000 Rm:4', { unpredictable: ({ Rd, Rn, Rm }) => isPC(Rd, Rn, Rm) }),
  },
  execute(cpu, { Rd, Rn, Rm }) {
    let sum = toWord(0);
    for (let lane = field(0); lane < 4; lane++) sum = toWord(sum + absoluteDifference(cpu.r[Rn], cpu.r[Rm], lane));
    cpu.r[Rd] = sum;
  },
});

export const USADA8 = instruction({
  asm: 'USADA8{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'USADA8'",
  encodings: {
    A1: enc('cond:4 01111000 Rd:4 Ra:4 Rm:4 0001 Rn:4', { unpredictable: ({ Rd, Rn, Rm }) => isPC(Rd, Rn, Rm) }),
    T1: enc('111110110111 Rn:4 Ra:4 Rd:4 0000 Rm:4', { unpredictable: ({ Rd, Rn, Rm }) => isPC(Rd, Rn, Rm) }),
  },
  execute(cpu, { Rd, Rn, Rm, Ra }) {
    let sum = cpu.r[Ra];
    for (let lane = field(0); lane < 4; lane++) sum = toWord(sum + absoluteDifference(cpu.r[Rn], cpu.r[Rm], lane));
    cpu.r[Rd] = sum;
  },
});
