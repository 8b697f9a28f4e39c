/**
 * How loads and stores of one register get their operands: P (indexed before the access), U (offset added), W (base written back).
 * Reference: Arm DDI 0406C, A4.6.5, A8.5.
 */
import { decodeImmShift, SP } from '../alu.ts';
import { type AccessSyndrome, type Field, field } from '../insn.ts';
import { isPC, type With } from './operands.ts';

/** What a trap to Hyp mode may report: nothing where the base is written back or the PC is transferred. */
export const single = (bytes: 1 | 2 | 4, signed: boolean, Rt: number, W: number): AccessSyndrome | undefined =>
  W === 0 && Rt !== 15 ? { bytes, signed, Rt } : undefined;

const one = field(1);
const zero = field(0);
type Indexing = With<'P' | 'W'>;
/** Whether the base changes, in A32: post-indexed forms always write it back. */
const writeback = ({ P, W }: Indexing): Field => field(P === 0 || W === 1 ? 1 : 0);
const badBase = (fields: Indexing & With<'Rn' | 'Rt'>): boolean =>
  writeback(fields) === 1 && (fields.Rn === 15 || fields.Rn === fields.Rt);

// A32, offset in the instruction. Only words may be loaded to the PC; storing the PC as a word stores its address plus 8.

type ImmediateA32 = With<'P' | 'U' | 'W' | 'Rn' | 'Rt' | 'imm12'>;
export const immediateA32 = {
  unpredictable: badBase,
  operands: (f: ImmediateA32) => ({ Rt: f.Rt, Rn: f.Rn, P: f.P, U: f.U, W: writeback(f), imm: f.imm12 }),
};
export const immediateA32Narrow = { ...immediateA32, unpredictable: (f: ImmediateA32) => badBase(f) || isPC(f.Rt) };
type SplitA32 = With<'P' | 'U' | 'W' | 'Rn' | 'Rt' | 'immH' | 'immL'>;
export const splitImmediateA32 = {
  unpredictable: (f: SplitA32) => badBase(f) || isPC(f.Rt),
  operands: (f: SplitA32) => ({ Rt: f.Rt, Rn: f.Rn, P: f.P, U: f.U, W: writeback(f), imm: field((f.immH << 4) | f.immL) }),
};

// A32, offset in a register.

type RegisterA32 = With<'P' | 'U' | 'W' | 'Rn' | 'Rt' | 'Rm' | 'type' | 'imm5'>;
export const registerA32 = {
  unpredictable: (f: RegisterA32) => badBase(f) || isPC(f.Rm),
  operands: ({ Rt, Rn, Rm, P, U, W, type, imm5 }: RegisterA32) => ({
    Rt,
    Rn,
    Rm,
    P,
    U,
    W: writeback({ P, W }),
    ...decodeImmShift(type, imm5),
  }),
};
export const registerA32Narrow = { ...registerA32, unpredictable: (f: RegisterA32) => badBase(f) || isPC(f.Rm, f.Rt) };
type PlainRegisterA32 = With<'P' | 'U' | 'W' | 'Rn' | 'Rt' | 'Rm'>;
export const plainRegisterA32 = {
  unpredictable: (f: PlainRegisterA32) => badBase(f) || isPC(f.Rm, f.Rt),
  operands: ({ Rt, Rn, Rm, P, U, W }: PlainRegisterA32) => ({
    Rt,
    Rn,
    Rm,
    P,
    U,
    W: writeback({ P, W }),
    shift: zero,
    amount: zero,
  }),
};

// T32, 16 bits.

export const immediateT16 = (bytes: number) => ({
  operands: ({ Rt, Rn, imm5 }: With<'Rt' | 'Rn' | 'imm5'>) => ({ Rt, Rn, P: one, U: one, W: zero, imm: field(imm5 * bytes) }),
});
export const stackPointerT16 = {
  operands: ({ Rt, imm8 }: With<'Rt' | 'imm8'>) => ({ Rt, Rn: SP, P: one, U: one, W: zero, imm: field(imm8 << 2) }),
};
export const registerT16 = {
  operands: ({ Rt, Rn, Rm }: With<'Rt' | 'Rn' | 'Rm'>) => ({ Rt, Rn, Rm, P: one, U: one, W: zero, shift: zero, amount: zero }),
};

// T32, 32 bits. Loads with Rn = PC are literal loads, stores with it UNDEFINED; narrow loads to the PC are memory hints.

type ImmediateT32 = With<'Rt' | 'Rn' | 'imm12'>;
export const immediateLoadT32 = {
  when: ({ Rn }: ImmediateT32) => Rn !== 15,
  operands: ({ Rt, Rn, imm12 }: ImmediateT32) => ({ Rt, Rn, P: one, U: one, W: zero, imm: imm12 }),
};
export const immediateLoadT32Narrow = {
  ...immediateLoadT32,
  when: ({ Rt, Rn }: ImmediateT32) => Rn !== 15 && Rt !== 15,
};
export const immediateStoreT32 = {
  ...immediateLoadT32,
  unpredictable: ({ Rt }: ImmediateT32) => isPC(Rt),
};

type IndexedT32 = With<'Rt' | 'Rn' | 'P' | 'U' | 'W' | 'imm8'>;
/** P = 0 and W = 0 is UNDEFINED; P = 1, U = 1 and W = 0 belongs to the unprivileged forms. */
const indexed = ({ Rn, P, W }: IndexedT32): boolean => Rn !== 15 && (P === 1 || W === 1);
const hint = ({ Rt, P, U, W }: IndexedT32): boolean => Rt === 15 && P === 1 && U === 0 && W === 0;
export const indexedLoadT32 = {
  when: (f: IndexedT32) => indexed(f),
  unpredictable: ({ Rt, Rn, W }: IndexedT32) => W === 1 && Rt === Rn,
  operands: ({ Rt, Rn, P, U, W, imm8 }: IndexedT32) => ({ Rt, Rn, P, U, W, imm: imm8 }),
};
export const indexedLoadT32Narrow = {
  ...indexedLoadT32,
  when: (f: IndexedT32) => indexed(f) && !hint(f),
  unpredictable: ({ Rt, Rn, W }: IndexedT32) => (W === 1 && Rt === Rn) || isPC(Rt),
};
export const indexedStoreT32 = {
  ...indexedLoadT32Narrow,
  when: (f: IndexedT32) => indexed(f),
};

type RegisterT32 = With<'Rt' | 'Rn' | 'Rm' | 'imm2'>;
export const registerLoadT32 = {
  when: ({ Rn }: RegisterT32) => Rn !== 15,
  unpredictable: ({ Rm }: RegisterT32) => isPC(Rm),
  operands: ({ Rt, Rn, Rm, imm2 }: RegisterT32) => ({ Rt, Rn, Rm, P: one, U: one, W: zero, shift: zero, amount: imm2 }),
};
export const registerLoadT32Narrow = {
  ...registerLoadT32,
  when: ({ Rt, Rn }: RegisterT32) => Rn !== 15 && Rt !== 15,
};
export const registerStoreT32 = {
  ...registerLoadT32,
  unpredictable: ({ Rt, Rm }: RegisterT32) => isPC(Rt, Rm),
};

export const literalT32 = {
  operands: ({ Rt, U, imm12 }: With<'Rt' | 'U' | 'imm12'>) => ({ Rt, offset: field(U === 1 || imm12 === 0 ? imm12 : -imm12) }),
};
export const literalT32Narrow = {
  ...literalT32,
  when: ({ Rt }: With<'Rt'>) => Rt !== 15,
};
