/** Multiplications of halfwords, dual ones, and those that keep the high word: the DSP instructions. Reference: Arm DDI 0406C, A4.4.3, A5.4.4, A6.3.16. */
import { signExtend16 } from '../alu.ts';
import { enc, type Field, instruction, word as toWord, UInt, type word } from '../insn.ts';
import { multiply, multiplyHighSigned } from '../intrinsics.ts';
import { isPC, type With } from './operands.ts';

const three = { unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm) };
const four = { unpredictable: ({ Rd, Rn, Rm, Ra }: With<'Rd' | 'Rn' | 'Rm' | 'Ra'>) => isPC(Rd, Rn, Rm, Ra) };
const long = {
  unpredictable: ({ RdLo, RdHi, Rn, Rm }: With<'RdLo' | 'RdHi' | 'Rn' | 'Rm'>) => isPC(RdLo, RdHi, Rn, Rm) || RdLo === RdHi,
};

/** The top or bottom halfword, sign-extended. */
export function half(x: word, top: Field): word {
  return top ? toWord(x >> 16) : signExtend16(x);
}

/** The second operand of a dual multiplication, with halfwords exchanged if M says so. */
export function exchanged(x: word, M: Field): word {
  return M ? toWord((x >>> 16) | (x << 16)) : x;
}

/** A 48-bit product's upper 32 bits, of a word and a halfword: SInt(x) * SInt(y) >> 16. */
export function multiplyWide(x: word, y: word): word {
  return toWord((multiplyHighSigned(x, y) << 16) | (multiply(x, y) >>> 16));
}

export const SMLAxy = instruction({
  asm: 'SMLA{N:B,T}{M:B,T}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMLABB, SMLABT, SMLATB, SMLATT'",
  encodings: {
    A1: enc('cond:4 00010000 Rd:4 Ra:4 Rm:4 1 M N 0 Rn:4', four),
    T1: enc('111110110001 Rn:4 Ra:4 Rd:4 00 N M Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, N, M }) {
    const sum = multiply(half(cpu.r[Rn], N), half(cpu.r[Rm], M)) + cpu.r[Ra];
    const result = toWord(sum);
    if (result !== sum) cpu.Q = true;
    cpu.r[Rd] = result;
  },
});

export const SMULxy = instruction({
  asm: 'SMUL{N:B,T}{M:B,T}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMULBB, SMULBT, SMULTB, SMULTT'",
  encodings: {
    A1: enc('cond:4 00010110 Rd:4 (0) (0) (0) (0) Rm:4 1 M N 0 Rn:4', three),
    T1: enc('111110110001 Rn:4 1111 Rd:4 00 N M Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, N, M }) {
    cpu.r[Rd] = multiply(half(cpu.r[Rn], N), half(cpu.r[Rm], M));
  },
});

export const SMLAWy = instruction({
  asm: 'SMLAW{M:B,T}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMLAWB, SMLAWT'",
  encodings: {
    A1: enc('cond:4 00010010 Rd:4 Ra:4 Rm:4 1 M 00 Rn:4', four),
    T1: enc('111110110011 Rn:4 Ra:4 Rd:4 000 M Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, M }) {
    const sum = multiplyWide(cpu.r[Rn], half(cpu.r[Rm], M)) + cpu.r[Ra];
    const result = toWord(sum);
    if (result !== sum) cpu.Q = true;
    cpu.r[Rd] = result;
  },
});

export const SMULWy = instruction({
  asm: 'SMULW{M:B,T}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMULWB, SMULWT'",
  encodings: {
    A1: enc('cond:4 00010010 Rd:4 (0) (0) (0) (0) Rm:4 1 M 10 Rn:4', three),
    T1: enc('111110110011 Rn:4 1111 Rd:4 000 M Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, M }) {
    cpu.r[Rd] = multiplyWide(cpu.r[Rn], half(cpu.r[Rm], M));
  },
});

export const SMLALxy = instruction({
  asm: 'SMLAL{N:B,T}{M:B,T}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMLALBB, SMLALBT, SMLALTB, SMLALTT'",
  encodings: {
    A1: enc('cond:4 00010100 RdHi:4 RdLo:4 Rm:4 1 M N 0 Rn:4', long),
    T1: enc('111110111100 Rn:4 RdLo:4 RdHi:4 10 N M Rm:4', long),
  },
  execute(cpu, { RdLo, RdHi, Rn, Rm, N, M }) {
    const product = multiply(half(cpu.r[Rn], N), half(cpu.r[Rm], M));
    const low = toWord(cpu.r[RdLo] + product);
    const carry = UInt(low) < UInt(product);
    cpu.r[RdHi] = toWord(cpu.r[RdHi] + (product >> 31) + (carry ? 1 : 0));
    cpu.r[RdLo] = low;
  },
});

export const SMLAD = instruction({
  asm: 'SMLAD{M:,X}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMLAD'",
  encodings: {
    A1: enc('cond:4 01110000 Rd:4 Ra:4 Rm:4 00 M 1 Rn:4', four),
    T1: enc('111110110010 Rn:4 Ra:4 Rd:4 000 M Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    const sum = bottom + multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16)) + cpu.r[Ra];
    const result = toWord(sum);
    if (result !== sum) cpu.Q = true;
    cpu.r[Rd] = result;
  },
});

export const SMUAD = instruction({
  asm: 'SMUAD{M:,X}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMUAD'",
  encodings: {
    A1: enc('cond:4 01110000 Rd:4 1111 Rm:4 00 M 1 Rn:4', three),
    T1: enc('111110110010 Rn:4 1111 Rd:4 000 M Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    const sum = bottom + multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16));
    const result = toWord(sum);
    if (result !== sum) cpu.Q = true;
    cpu.r[Rd] = result;
  },
});

export const SMLSD = instruction({
  asm: 'SMLSD{M:,X}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMLSD'",
  encodings: {
    A1: enc('cond:4 01110000 Rd:4 Ra:4 Rm:4 01 M 1 Rn:4', four),
    T1: enc('111110110100 Rn:4 Ra:4 Rd:4 000 M Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    const sum = bottom - multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16)) + cpu.r[Ra];
    const result = toWord(sum);
    if (result !== sum) cpu.Q = true;
    cpu.r[Rd] = result;
  },
});

/** The difference of two products always fits. */
export const SMUSD = instruction({
  asm: 'SMUSD{M:,X}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMUSD'",
  encodings: {
    A1: enc('cond:4 01110000 Rd:4 1111 Rm:4 01 M 1 Rn:4', three),
    T1: enc('111110110100 Rn:4 1111 Rd:4 000 M Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    cpu.r[Rd] = toWord(bottom - multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16)));
  },
});

/** The 64-bit sum of an accumulator and a signed number below 2^32: what carries out of the low word is 1, 0 or -1. */
export function addLong(low: word, high: word, x: number): { low: word; high: word } {
  const sum = UInt(low) + x;
  const carry = (sum > 0xffffffff ? 1 : 0) - (sum < 0 ? 1 : 0);
  return { low: toWord(sum), high: toWord(high + carry) };
}

export const SMLALD = instruction({
  asm: 'SMLALD{M:,X}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMLALD'",
  encodings: {
    A1: enc('cond:4 01110100 RdHi:4 RdLo:4 Rm:4 00 M 1 Rn:4', long),
    T1: enc('111110111100 Rn:4 RdLo:4 RdHi:4 110 M Rm:4', long),
  },
  execute(cpu, { RdLo, RdHi, Rn, Rm, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    const products = bottom + multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16));
    const { low, high } = addLong(cpu.r[RdLo], cpu.r[RdHi], products);
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

export const SMLSLD = instruction({
  asm: 'SMLSLD{M:,X}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMLSLD'",
  encodings: {
    A1: enc('cond:4 01110100 RdHi:4 RdLo:4 Rm:4 01 M 1 Rn:4', long),
    T1: enc('111110111101 Rn:4 RdLo:4 RdHi:4 110 M Rm:4', long),
  },
  execute(cpu, { RdLo, RdHi, Rn, Rm, M }) {
    const other = exchanged(cpu.r[Rm], M);
    const bottom = multiply(signExtend16(cpu.r[Rn]), signExtend16(other));
    const products = bottom - multiply(toWord(cpu.r[Rn] >> 16), toWord(other >> 16));
    const { low, high } = addLong(cpu.r[RdLo], cpu.r[RdHi], products);
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

export const SMMLA = instruction({
  asm: 'SMMLA{R:,R}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMMLA'",
  encodings: {
    A1: enc('cond:4 01110101 Rd:4 Ra:4 Rm:4 00 R 1 Rn:4', four),
    T1: enc('111110110101 Rn:4 Ra:4 Rd:4 000 R Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, R }) {
    const round = R ? multiply(cpu.r[Rn], cpu.r[Rm]) >>> 31 : 0;
    cpu.r[Rd] = toWord(cpu.r[Ra] + multiplyHighSigned(cpu.r[Rn], cpu.r[Rm]) + round);
  },
});

export const SMMUL = instruction({
  asm: 'SMMUL{R:,R}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMMUL'",
  encodings: {
    A1: enc('cond:4 01110101 Rd:4 1111 Rm:4 00 R 1 Rn:4', three),
    T1: enc('111110110101 Rn:4 1111 Rd:4 000 R Rm:4', three),
  },
  execute(cpu, { Rd, Rn, Rm, R }) {
    const round = R ? multiply(cpu.r[Rn], cpu.r[Rm]) >>> 31 : 0;
    cpu.r[Rd] = toWord(multiplyHighSigned(cpu.r[Rn], cpu.r[Rm]) + round);
  },
});

/** The product is subtracted as 64 bits from Ra with 32 zeros below, so the low word may borrow. */
export const SMMLS = instruction({
  asm: 'SMMLS{R:,R}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'SMMLS'",
  encodings: {
    A1: enc('cond:4 01110101 Rd:4 Ra:4 Rm:4 11 R 1 Rn:4', four),
    T1: enc('111110110110 Rn:4 Ra:4 Rd:4 000 R Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra, R }) {
    const low = multiply(cpu.r[Rn], cpu.r[Rm]);
    const borrow = low !== 0;
    const round = R ? (-low | 0) >>> 31 : 0;
    cpu.r[Rd] = toWord(cpu.r[Ra] - multiplyHighSigned(cpu.r[Rn], cpu.r[Rm]) - (borrow ? 1 : 0) + round);
  },
});
