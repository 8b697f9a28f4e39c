/** Multiplications with 32-bit and 64-bit results. Reference: Arm DDI 0406C, A4.4.3, A5.2.5, A6.3.16, A6.3.17. */
import { setNZ } from '../alu.ts';
import { enc, field, instruction, UInt, word } from '../insn.ts';
import { multiply, multiplyHighSigned, multiplyHighUnsigned } from '../intrinsics.ts';
import { isPC, outsideIT, type With } from './operands.ts';

const three = { unpredictable: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => isPC(Rd, Rn, Rm) };
const four = { unpredictable: ({ Rd, Rn, Rm, Ra }: With<'Rd' | 'Rn' | 'Rm' | 'Ra'>) => isPC(Rd, Rn, Rm, Ra) };
const long = {
  unpredictable: ({ RdLo, RdHi, Rn, Rm }: With<'RdLo' | 'RdHi' | 'Rn' | 'Rm'>) => isPC(RdLo, RdHi, Rn, Rm) || RdLo === RdHi,
};
/** T32 has no flag-setting forms beyond 16 bits. */
const threeT32 = { ...three, operands: ({ Rd, Rn, Rm }: With<'Rd' | 'Rn' | 'Rm'>) => ({ S: field(0), Rd, Rn, Rm }) };
const fourT32 = {
  ...four,
  operands: ({ Rd, Rn, Rm, Ra }: With<'Rd' | 'Rn' | 'Rm' | 'Ra'>) => ({ S: field(0), Rd, Rn, Rm, Ra }),
};
const longT32 = {
  ...long,
  operands: ({ RdLo, RdHi, Rn, Rm }: With<'RdLo' | 'RdHi' | 'Rn' | 'Rm'>) => ({ S: field(0), RdLo, RdHi, Rn, Rm }),
};

export const MUL = instruction({
  asm: 'MUL{S}{c} {Rd}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'MUL'",
  encodings: {
    A1: enc('cond:4 0000000 S Rd:4 (0) (0) (0) (0) Rm:4 1001 Rn:4', three),
    T1: enc('0100001101 Rn:3 Rdm:3', { operands: ({ Rn, Rdm }, inIT) => ({ S: outsideIT(inIT), Rd: Rdm, Rn, Rm: Rdm }) }),
    T2: enc('111110110000 Rn:4 1111 Rd:4 0000 Rm:4', threeT32),
  },
  execute(cpu, { S, Rd, Rn, Rm }) {
    const result = multiply(cpu.r[Rn], cpu.r[Rm]);
    if (S) setNZ(cpu, result);
    cpu.r[Rd] = result;
  },
});

export const MLA = instruction({
  asm: 'MLA{S}{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'MLA'",
  encodings: {
    A1: enc('cond:4 0000001 S Rd:4 Ra:4 Rm:4 1001 Rn:4', four),
    T1: enc('111110110000 Rn:4 Ra:4 Rd:4 0000 Rm:4', fourT32),
  },
  execute(cpu, { S, Rd, Rn, Rm, Ra }) {
    const result = word(multiply(cpu.r[Rn], cpu.r[Rm]) + cpu.r[Ra]);
    if (S) setNZ(cpu, result);
    cpu.r[Rd] = result;
  },
});

export const MLS = instruction({
  asm: 'MLS{c} {Rd}, {Rn}, {Rm}, {Ra}',
  ref: "DDI 0406C A8.8 'MLS'",
  encodings: {
    A1: enc('cond:4 00000110 Rd:4 Ra:4 Rm:4 1001 Rn:4', four),
    T1: enc('111110110000 Rn:4 Ra:4 Rd:4 0001 Rm:4', four),
  },
  execute(cpu, { Rd, Rn, Rm, Ra }) {
    cpu.r[Rd] = word(cpu.r[Ra] - multiply(cpu.r[Rn], cpu.r[Rm]));
  },
});

export const UMULL = instruction({
  asm: 'UMULL{S}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'UMULL'",
  encodings: {
    A1: enc('cond:4 0000100 S RdHi:4 RdLo:4 Rm:4 1001 Rn:4', long),
    T1: enc('111110111010 Rn:4 RdLo:4 RdHi:4 0000 Rm:4', longT32),
  },
  execute(cpu, { S, RdLo, RdHi, Rn, Rm }) {
    const high = multiplyHighUnsigned(cpu.r[Rn], cpu.r[Rm]);
    const low = multiply(cpu.r[Rn], cpu.r[Rm]);
    if (S) {
      cpu.N = high < 0;
      cpu.Z = (high | low) === 0;
    }
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

export const SMULL = instruction({
  asm: 'SMULL{S}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMULL'",
  encodings: {
    A1: enc('cond:4 0000110 S RdHi:4 RdLo:4 Rm:4 1001 Rn:4', long),
    T1: enc('111110111000 Rn:4 RdLo:4 RdHi:4 0000 Rm:4', longT32),
  },
  execute(cpu, { S, RdLo, RdHi, Rn, Rm }) {
    const high = multiplyHighSigned(cpu.r[Rn], cpu.r[Rm]);
    const low = multiply(cpu.r[Rn], cpu.r[Rm]);
    if (S) {
      cpu.N = high < 0;
      cpu.Z = (high | low) === 0;
    }
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

export const UMLAL = instruction({
  asm: 'UMLAL{S}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'UMLAL'",
  encodings: {
    A1: enc('cond:4 0000101 S RdHi:4 RdLo:4 Rm:4 1001 Rn:4', long),
    T1: enc('111110111110 Rn:4 RdLo:4 RdHi:4 0000 Rm:4', longT32),
  },
  execute(cpu, { S, RdLo, RdHi, Rn, Rm }) {
    const low = word(multiply(cpu.r[Rn], cpu.r[Rm]) + cpu.r[RdLo]);
    const carry = UInt(low) < UInt(cpu.r[RdLo]);
    const high = word(multiplyHighUnsigned(cpu.r[Rn], cpu.r[Rm]) + cpu.r[RdHi] + (carry ? 1 : 0));
    if (S) {
      cpu.N = high < 0;
      cpu.Z = (high | low) === 0;
    }
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

export const SMLAL = instruction({
  asm: 'SMLAL{S}{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'SMLAL'",
  encodings: {
    A1: enc('cond:4 0000111 S RdHi:4 RdLo:4 Rm:4 1001 Rn:4', long),
    T1: enc('111110111100 Rn:4 RdLo:4 RdHi:4 0000 Rm:4', longT32),
  },
  execute(cpu, { S, RdLo, RdHi, Rn, Rm }) {
    const low = word(multiply(cpu.r[Rn], cpu.r[Rm]) + cpu.r[RdLo]);
    const carry = UInt(low) < UInt(cpu.r[RdLo]);
    const high = word(multiplyHighSigned(cpu.r[Rn], cpu.r[Rm]) + cpu.r[RdHi] + (carry ? 1 : 0));
    if (S) {
      cpu.N = high < 0;
      cpu.Z = (high | low) === 0;
    }
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});

/** Two words are added, each without sign: the sum still fits 64 bits. */
export const UMAAL = instruction({
  asm: 'UMAAL{c} {RdLo}, {RdHi}, {Rn}, {Rm}',
  ref: "DDI 0406C A8.8 'UMAAL'",
  encodings: {
    A1: enc('cond:4 00000100 RdHi:4 RdLo:4 Rm:4 1001 Rn:4', long),
    T1: enc('111110111110 Rn:4 RdLo:4 RdHi:4 0110 Rm:4', long),
  },
  execute(cpu, { RdLo, RdHi, Rn, Rm }) {
    const first = word(multiply(cpu.r[Rn], cpu.r[Rm]) + cpu.r[RdLo]);
    const low = word(first + cpu.r[RdHi]);
    const carries = (UInt(first) < UInt(cpu.r[RdLo]) ? 1 : 0) + (UInt(low) < UInt(first) ? 1 : 0);
    const high = word(multiplyHighUnsigned(cpu.r[Rn], cpu.r[Rm]) + carries);
    cpu.r[RdHi] = high;
    cpu.r[RdLo] = low;
  },
});
