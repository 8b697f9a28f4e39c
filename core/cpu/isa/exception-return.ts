/** Returns from exceptions, SRS, and the transfers of User mode's registers. Reference: Arm DDI 0406C, B9.3. */
import { addWithCarry, armExpandImm, decodeImmShift, LR, shiftValue } from '../alu.ts';
import { enc, type Field, field, instruction, word } from '../insn.ts';
import type { Cpu } from '../state.ts';
import { isPC, type With } from './operands.ts';

export const ERET = instruction({
  asm: 'ERET{c}',
  ref: "DDI 0406C B9.3 'ERET'",
  encodings: {
    A1: enc('cond:4 00010110 (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) 0110 (1) (1) (1) (0)'),
    T1: enc('111100111101 (1) (1) (1) (0) 10 (0) 0 (1) (1) (1) (1) 00000000'),
  },
  execute(cpu) {
    cpu.sys.eret();
  },
});

/** In Hyp mode UNDEFINED; with #0 it is ERET, which has that encoding too. */
export const SUBS_PC_LR = instruction({
  asm: 'SUBS{c} PC, LR, #{imm8}',
  ref: "DDI 0406C B9.3 'SUBS PC, LR (Thumb)'",
  encodings: { T1: enc('111100111101 (1) (1) (1) (0) 10 (0) 0 (1) (1) (1) (1) imm8:8') },
  execute(cpu, { imm8 }) {
    cpu.sys.exceptionReturn(word(cpu.r[LR] - imm8));
  },
});

/** The result of a data-processing instruction by its opcode; comparisons are no returns. */
function compute(cpu: Cpu, opcode: Field, x: word, y: word): word {
  if (opcode === 0) return word(x & y);
  if (opcode === 1) return word(x ^ y);
  if (opcode === 2) return word(x - y);
  if (opcode === 3) return word(y - x);
  if (opcode === 4) return word(x + y);
  if (opcode === 5) return addWithCarry(x, y, cpu.C).result;
  if (opcode === 6) return addWithCarry(x, word(~y), cpu.C).result;
  if (opcode === 7) return addWithCarry(y, word(~x), cpu.C).result;
  if (opcode === 12) return word(x | y);
  if (opcode === 13) return y;
  if (opcode === 14) return word(x & ~y);
  return word(~y);
}

const isComparison = ({ opcode }: With<'opcode'>): boolean => opcode >= 8 && opcode <= 11;

/** Data-processing with S and Rd = PC: MOVS PC, LR and SUBS PC, LR, #4 are the usual ones. */
export const SUBS_PC_LR_imm = instruction({
  asm: '{op}S{c} PC, {Rn}, #{imm32}',
  ref: "DDI 0406C B9.3 'SUBS PC, LR and related instructions (ARM)'",
  encodings: {
    A1: enc('cond:4 001 opcode:4 1 Rn:4 1111 imm12:12', {
      when: (fields) => !isComparison(fields),
      operands: ({ opcode, Rn, imm12 }) => ({ opcode, Rn, imm32: armExpandImm(imm12).imm32 }),
    }),
  },
  execute(cpu, { opcode, Rn, imm32 }) {
    cpu.sys.exceptionReturn(compute(cpu, opcode, cpu.r[Rn], word(imm32)));
  },
});

export const SUBS_PC_LR_reg = instruction({
  asm: '{op}S{c} PC, {Rn}, {Rm}{shift}',
  ref: "DDI 0406C B9.3 'SUBS PC, LR and related instructions (ARM)'",
  encodings: {
    A2: enc('cond:4 000 opcode:4 1 Rn:4 1111 imm5:5 type:2 0 Rm:4', {
      when: (fields) => !isComparison(fields),
      operands: ({ opcode, Rn, Rm, imm5, type }) => ({ opcode, Rn, Rm, ...decodeImmShift(type, imm5) }),
    }),
  },
  execute(cpu, { opcode, Rn, Rm, shift, amount }) {
    const value = shiftValue(cpu, cpu.r[Rm], shift, amount);
    cpu.sys.exceptionReturn(compute(cpu, opcode, cpu.r[Rn], value));
  },
});

/** Where two words go, relative to the base, and how the base changes. */
const pair = (P: number, U: number) => ({ first: field((U ? 0 : -8) + (P === U ? 4 : 0)), end: field(U ? 8 : -8) });
const FULL_DESCENDING = pair(1, 0);
const INCREASING = pair(0, 1);

export const RFE = instruction({
  asm: 'RFE{amode}{c} {Rn}{!}',
  ref: "DDI 0406C B9.3 'RFE'",
  encodings: {
    A1: enc('1111100 P U 0 W 1 Rn:4 (0) (0) (0) (0) (1) (0) (1) (0) (0) (0) (0) (0) (0) (0) (0) (0)', {
      unpredictable: ({ Rn }) => isPC(Rn),
      operands: ({ P, U, W, Rn }) => ({ P, U, W, Rn, ...pair(P, U) }),
    }),
    T1: enc('1110100000 W 1 Rn:4 (1) (1) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0)', {
      unpredictable: ({ Rn }) => isPC(Rn),
      operands: ({ W, Rn }) => ({ P: field(1), U: field(0), W, Rn, ...FULL_DESCENDING }),
    }),
    T2: enc('1110100110 W 1 Rn:4 (1) (1) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0) (0)', {
      unpredictable: ({ Rn }) => isPC(Rn),
      operands: ({ W, Rn }) => ({ P: field(0), U: field(1), W, Rn, ...INCREASING }),
    }),
  },
  execute(cpu, { W, Rn, first, end }) {
    cpu.sys.requireNotUserOrHyp();
    const base = cpu.r[Rn];
    const target = cpu.mem.readA32(word(base + first));
    const spsr = cpu.mem.readA32(word(base + first + 4));
    if (W) cpu.r[Rn] = word(base + end);
    cpu.sys.returnFrom(target, spsr);
  },
});

export const SRS = instruction({
  asm: 'SRS{amode}{c} SP{!}, #{mode}',
  ref: "DDI 0406C B9.3 'SRS (Thumb)', 'SRS (ARM)'",
  encodings: {
    A1: enc('1111100 P U 1 W 0 (1) (1) (0) (1) (0) (0) (0) (0) (0) (1) (0) (1) (0) (0) (0) mode:5', {
      operands: ({ P, U, W, mode }) => ({ P, U, W, mode, ...pair(P, U) }),
    }),
    T1: enc('1110100000 W 0 (1) (1) (0) (1) (1) (1) (0) (0) (0) (0) (0) (0) (0) (0) (0) mode:5', {
      operands: ({ W, mode }) => ({ P: field(1), U: field(0), W, mode, ...FULL_DESCENDING }),
    }),
    T2: enc('1110100110 W 0 (1) (1) (0) (1) (1) (1) (0) (0) (0) (0) (0) (0) (0) (0) (0) mode:5', {
      operands: ({ W, mode }) => ({ P: field(0), U: field(1), W, mode, ...INCREASING }),
    }),
  },
  execute(cpu, { W, mode, first, end }) {
    const base = cpu.sys.stackPointer(mode);
    const spsr = cpu.sys.readSpsr();
    cpu.mem.writeA32(word(base + first), cpu.r[LR]);
    cpu.mem.writeA32(word(base + first + 4), spsr);
    if (W) cpu.sys.setStackPointer(mode, word(base + end));
  },
});

const count = (list: number): number => {
  let bits = 0;
  for (let rest = list; rest !== 0; rest &= rest - 1) bits++;
  return bits;
};

/** First address and new base, for `extra` words beyond the list. */
function multiple({ P, U, W, Rn, list }: With<'P' | 'U' | 'W' | 'Rn' | 'list'>, extra: number) {
  const bytes = 4 * (count(list) + extra);
  return { P, U, W, Rn, list, first: field(U ? (P ? 4 : 0) : (P ? 0 : 4) - bytes), end: field(U ? bytes : -bytes) };
}
const withoutWriteback = (fields: With<'P' | 'U' | 'Rn' | 'list'>) => multiple({ ...fields, W: field(0) }, 0);

export const LDM_exception_return = instruction({
  asm: 'LDM{amode}{c} {Rn}{!}, {registers_with_pc}^',
  ref: "DDI 0406C B9.3 'LDM (exception return)'",
  encodings: {
    A1: enc('cond:4 100 P U 1 W 1 Rn:4 1 list:15', {
      unpredictable: ({ W, Rn, list }) => isPC(Rn) || (W === 1 && ((list >> Rn) & 1) === 1),
      operands: (fields) => multiple(fields, 1),
    }),
  },
  execute(cpu, { W, Rn, list, first, end }) {
    cpu.sys.requireNotUserOrHyp();
    const base = cpu.r[Rn];
    let address = word(base + first);
    for (let i = field(0); i < 15; i++) {
      if ((list >> i) & 1) {
        cpu.loaded[i] = cpu.mem.readA32(address);
        address = word(address + 4);
      }
    }
    const target = cpu.mem.readA32(address);
    if (W) cpu.r[Rn] = word(base + end);
    for (let i = field(0); i < 15; i++) {
      if ((list >> i) & 1) cpu.r[i] = cpu.loaded[i];
    }
    cpu.sys.exceptionReturn(target);
  },
});

const badUserList = ({ Rn, list }: { readonly Rn: Field; readonly list: Field }): boolean => isPC(Rn) || list === 0;

export const LDM_user = instruction({
  asm: 'LDM{amode}{c} {Rn}, {registers}^',
  ref: "DDI 0406C B9.3 'LDM (User registers)'",
  encodings: {
    A1: enc('cond:4 100 P U 1 (0) 1 Rn:4 0 list:15', { unpredictable: badUserList, operands: withoutWriteback }),
  },
  execute(cpu, { Rn, list, first }) {
    cpu.sys.requireNotUserOrHyp();
    let address = word(cpu.r[Rn] + first);
    for (let i = field(0); i < 15; i++) {
      if ((list >> i) & 1) {
        cpu.loaded[i] = cpu.mem.readA32(address);
        address = word(address + 4);
      }
    }
    for (let i = field(0); i < 15; i++) {
      if ((list >> i) & 1) cpu.sys.writeUser(i, cpu.loaded[i]);
    }
  },
});

export const STM_user = instruction({
  asm: 'STM{amode}{c} {Rn}, {registers}^',
  ref: "DDI 0406C B9.3 'STM (User registers)'",
  encodings: {
    A1: enc('cond:4 100 P U 1 (0) 0 Rn:4 list:16', { unpredictable: badUserList, operands: withoutWriteback }),
  },
  execute(cpu, { Rn, list, first }) {
    cpu.sys.requireNotUserOrHyp();
    let address = word(cpu.r[Rn] + first);
    for (let i = field(0); i < 16; i++) {
      if ((list >> i) & 1) {
        cpu.mem.writeA32(address, cpu.sys.readUser(i));
        address = word(address + 4);
      }
    }
  },
});
