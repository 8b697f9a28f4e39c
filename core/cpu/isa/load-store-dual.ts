/** Loads and stores of two registers. Reference: Arm DDI 0406C, A4.6, A5.2.8, A6.3.6. */
import { PC } from '../alu.ts';
import { enc, type Field, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

/** A32 names an even register; the second is the next. */
const second = (Rt: Field): Field => field(Rt + 1);
type Base = With<'P' | 'W' | 'Rn' | 'Rt'>;
const writeback = ({ P, W }: With<'P' | 'W'>): boolean => P === 0 || W === 1;
const badPair = (f: Base): boolean =>
  (f.Rt & 1) === 1 ||
  f.Rt === 14 ||
  (f.P === 0 && f.W === 1) ||
  (writeback(f) && (f.Rn === 15 || f.Rn === f.Rt || f.Rn === f.Rt + 1));

type ImmediateA32 = Base & With<'U' | 'immH' | 'immL'>;
const immediateA32 = {
  unpredictable: (f: ImmediateA32) => badPair(f),
  operands: ({ Rt, Rn, P, U, W, immH, immL }: ImmediateA32) => ({
    Rt,
    Rt2: second(Rt),
    Rn,
    P,
    U,
    W: field(writeback({ P, W }) ? 1 : 0),
    imm: field((immH << 4) | immL),
  }),
};
type RegisterA32 = Base & With<'U' | 'Rm'>;
const registerA32 = (load: boolean) => ({
  unpredictable: (f: RegisterA32) => badPair(f) || isPC(f.Rm) || (load && (f.Rm === f.Rt || f.Rm === f.Rt + 1)),
  operands: ({ Rt, Rn, Rm, P, U, W }: RegisterA32) => ({
    Rt,
    Rt2: second(Rt),
    Rn,
    Rm,
    P,
    U,
    W: field(writeback({ P, W }) ? 1 : 0),
  }),
});
type ImmediateT32 = Base & With<'U' | 'Rt2' | 'imm8'>;
/** P = 0 and W = 0 belongs to the exclusive forms and table branches. */
const immediateT32 = {
  when: ({ P, W }: ImmediateT32) => P === 1 || W === 1,
  operands: ({ Rt, Rt2, Rn, P, U, W, imm8 }: ImmediateT32) => ({ Rt, Rt2, Rn, P, U, W, imm: field(imm8 << 2) }),
};
const baseInPair = ({ Rt, Rt2, Rn, W }: ImmediateT32): boolean => W === 1 && (Rn === Rt || Rn === Rt2);

export const LDRD_imm = instruction({
  asm: 'LDRD{c} {Rt}, {Rt2}, {address}',
  ref: "DDI 0406C A8.8 'LDRD (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 0 Rn:4 Rt:4 immH:4 1101 immL:4', immediateA32),
    T1: enc('1110100 P U 1 W 1 Rn:4 Rt:4 Rt2:4 imm8:8', {
      ...immediateT32,
      unpredictable: (f) => baseInPair(f) || isPC(f.Rt, f.Rt2) || f.Rt === f.Rt2,
    }),
  },
  execute(cpu, { Rt, Rt2, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    const first = cpu.mem.readA32(address);
    const next = cpu.mem.readA32(word(address + 4));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = first;
    cpu.r[Rt2] = next;
  },
});

export const LDRD_lit = instruction({
  asm: 'LDRD{c} {Rt}, {Rt2}, {literal}',
  ref: "DDI 0406C A8.8 'LDRD (literal)'",
  encodings: {
    T1: enc('1110100 P U 1 W 11111 Rt:4 Rt2:4 imm8:8', {
      when: ({ P, W }) => P === 1 || W === 1,
      unpredictable: ({ Rt, Rt2, W }) => isPC(Rt, Rt2) || Rt === Rt2 || W === 1,
      operands: ({ U, Rt, Rt2, imm8 }) => ({ Rt, Rt2, offset: field(U === 1 || imm8 === 0 ? imm8 << 2 : -(imm8 << 2)) }),
    }),
  },
  execute(cpu, { Rt, Rt2, offset }) {
    const address = word((cpu.r[PC] & ~3) + offset);
    const first = cpu.mem.readA32(address);
    const next = cpu.mem.readA32(word(address + 4));
    cpu.r[Rt] = first;
    cpu.r[Rt2] = next;
  },
});

export const LDRD_reg = instruction({
  asm: 'LDRD{c} {Rt}, {Rt2}, {address}',
  ref: "DDI 0406C A8.8 'LDRD (register)'",
  encodings: { A1: enc('cond:4 000 P U 0 W 0 Rn:4 Rt:4 (0) (0) (0) (0) 1101 Rm:4', registerA32(true)) },
  execute(cpu, { Rt, Rt2, Rn, Rm, P, U, W }) {
    const indexed = U ? word(cpu.r[Rn] + cpu.r[Rm]) : word(cpu.r[Rn] - cpu.r[Rm]);
    const address = P ? indexed : cpu.r[Rn];
    const first = cpu.mem.readA32(address);
    const next = cpu.mem.readA32(word(address + 4));
    if (W) cpu.r[Rn] = indexed;
    cpu.r[Rt] = first;
    cpu.r[Rt2] = next;
  },
});

export const STRD_imm = instruction({
  asm: 'STRD{c} {Rt}, {Rt2}, {address}',
  ref: "DDI 0406C A8.8 'STRD (immediate)'",
  encodings: {
    A1: enc('cond:4 000 P U 1 W 0 Rn:4 Rt:4 immH:4 1111 immL:4', immediateA32),
    T1: enc('1110100 P U 1 W 0 Rn:4 Rt:4 Rt2:4 imm8:8', {
      ...immediateT32,
      unpredictable: (f) => baseInPair(f) || isPC(f.Rt, f.Rt2, f.Rn),
    }),
  },
  execute(cpu, { Rt, Rt2, Rn, P, U, W, imm }) {
    const indexed = U ? word(cpu.r[Rn] + imm) : word(cpu.r[Rn] - imm);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeA32(address, cpu.r[Rt]);
    cpu.mem.writeA32(word(address + 4), cpu.r[Rt2]);
    if (W) cpu.r[Rn] = indexed;
  },
});

export const STRD_reg = instruction({
  asm: 'STRD{c} {Rt}, {Rt2}, {address}',
  ref: "DDI 0406C A8.8 'STRD (register)'",
  encodings: { A1: enc('cond:4 000 P U 0 W 0 Rn:4 Rt:4 (0) (0) (0) (0) 1111 Rm:4', registerA32(false)) },
  execute(cpu, { Rt, Rt2, Rn, Rm, P, U, W }) {
    const indexed = U ? word(cpu.r[Rn] + cpu.r[Rm]) : word(cpu.r[Rn] - cpu.r[Rm]);
    const address = P ? indexed : cpu.r[Rn];
    cpu.mem.writeA32(address, cpu.r[Rt]);
    cpu.mem.writeA32(word(address + 4), cpu.r[Rt2]);
    if (W) cpu.r[Rn] = indexed;
  },
});
