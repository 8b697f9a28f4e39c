/** Exclusive loads and stores, and the swaps they replace. Reference: Arm DDI 0406C, A3.4, A5.2.10, A6.3.6. */
import { enc, type Field, field, instruction, word } from '../insn.ts';
import { isPC, type With } from './operands.ts';

/** T32 has no R13 here either; QEMU agrees. */
const isSPorPC = (...registers: readonly Field[]): boolean => registers.some((n) => n === 13 || n === 15);

const load = {
  unpredictable: ({ Rt, Rn }: With<'Rt' | 'Rn'>) => isPC(Rt, Rn),
  operands: ({ Rt, Rn }: With<'Rt' | 'Rn'>) => ({ Rt, Rn, imm: field(0) }),
};
const store = {
  unpredictable: ({ Rd, Rt, Rn }: With<'Rd' | 'Rt' | 'Rn'>) => isPC(Rd, Rt, Rn) || Rd === Rn || Rd === Rt,
  operands: ({ Rd, Rt, Rn }: With<'Rd' | 'Rt' | 'Rn'>) => ({ Rd, Rt, Rn, imm: field(0) }),
};

const loadT32 = { ...load, unpredictable: ({ Rt, Rn }: With<'Rt' | 'Rn'>) => isSPorPC(Rt) || isPC(Rn) };
const storeT32 = {
  ...store,
  unpredictable: ({ Rd, Rt, Rn }: With<'Rd' | 'Rt' | 'Rn'>) => isSPorPC(Rd, Rt) || isPC(Rn) || Rd === Rn || Rd === Rt,
};

export const LDREX = instruction({
  asm: 'LDREX{c} {Rt}, [{Rn}{offset}]',
  ref: "DDI 0406C A8.8 'LDREX'",
  encodings: {
    A1: enc('cond:4 00011001 Rn:4 Rt:4 (1) (1) (1) (1) 1001 (1) (1) (1) (1)', load),
    T1: enc('111010000101 Rn:4 Rt:4 (1) (1) (1) (1) imm8:8', {
      ...loadT32,
      operands: ({ Rt, Rn, imm8 }) => ({ Rt, Rn, imm: field(imm8 << 2) }),
    }),
  },
  execute(cpu, { Rt, Rn, imm }) {
    const address = word(cpu.r[Rn] + imm);
    cpu.mem.openExclusive(address, 4);
    cpu.r[Rt] = cpu.mem.readA32(address);
  },
});

export const LDREXB = instruction({
  asm: 'LDREXB{c} {Rt}, [{Rn}]',
  ref: "DDI 0406C A8.8 'LDREXB'",
  encodings: {
    A1: enc('cond:4 00011101 Rn:4 Rt:4 (1) (1) (1) (1) 1001 (1) (1) (1) (1)', load),
    T1: enc('111010001101 Rn:4 Rt:4 (1) (1) (1) (1) 0100 (1) (1) (1) (1)', loadT32),
  },
  execute(cpu, { Rt, Rn }) {
    const address = cpu.r[Rn];
    cpu.mem.openExclusive(address, 1);
    cpu.r[Rt] = cpu.mem.readU8(address);
  },
});

export const LDREXH = instruction({
  asm: 'LDREXH{c} {Rt}, [{Rn}]',
  ref: "DDI 0406C A8.8 'LDREXH'",
  encodings: {
    A1: enc('cond:4 00011111 Rn:4 Rt:4 (1) (1) (1) (1) 1001 (1) (1) (1) (1)', load),
    T1: enc('111010001101 Rn:4 Rt:4 (1) (1) (1) (1) 0101 (1) (1) (1) (1)', loadT32),
  },
  execute(cpu, { Rt, Rn }) {
    const address = cpu.r[Rn];
    cpu.mem.openExclusive(address, 2);
    cpu.r[Rt] = cpu.mem.readA16(address);
  },
});

const pairA32 = (Rt: Field): boolean => (Rt & 1) === 1 || Rt === 14;

/** Rt has the word at the lower address in either endianness. */
export const LDREXD = instruction({
  asm: 'LDREXD{c} {Rt}, {Rt2}, [{Rn}]',
  ref: "DDI 0406C A8.8 'LDREXD'",
  encodings: {
    A1: enc('cond:4 00011011 Rn:4 Rt:4 (1) (1) (1) (1) 1001 (1) (1) (1) (1)', {
      unpredictable: ({ Rt, Rn }) => pairA32(Rt) || isPC(Rn),
      operands: ({ Rt, Rn }) => ({ Rt, Rt2: field(Rt + 1), Rn }),
    }),
    T1: enc('111010001101 Rn:4 Rt:4 Rt2:4 0111 (1) (1) (1) (1)', {
      unpredictable: ({ Rt, Rt2, Rn }) => isSPorPC(Rt, Rt2) || isPC(Rn) || Rt === Rt2,
    }),
  },
  execute(cpu, { Rt, Rt2, Rn }) {
    const address = cpu.r[Rn];
    cpu.mem.openExclusive(address, 8);
    const first = cpu.mem.readA32(address);
    const next = cpu.mem.readA32(word(address + 4));
    cpu.r[Rt] = first;
    cpu.r[Rt2] = next;
  },
});

export const STREX = instruction({
  asm: 'STREX{c} {Rd}, {Rt}, [{Rn}{offset}]',
  ref: "DDI 0406C A8.8 'STREX'",
  encodings: {
    A1: enc('cond:4 00011000 Rn:4 Rd:4 (1) (1) (1) (1) 1001 Rt:4', store),
    T1: enc('111010000100 Rn:4 Rt:4 Rd:4 imm8:8', {
      ...storeT32,
      operands: ({ Rd, Rt, Rn, imm8 }) => ({ Rd, Rt, Rn, imm: field(imm8 << 2) }),
    }),
  },
  execute(cpu, { Rd, Rt, Rn, imm }) {
    const address = word(cpu.r[Rn] + imm);
    const passed = cpu.mem.passExclusive(address, 4);
    if (passed) cpu.mem.writeA32(address, cpu.r[Rt]);
    cpu.r[Rd] = word(passed ? 0 : 1);
  },
});

export const STREXB = instruction({
  asm: 'STREXB{c} {Rd}, {Rt}, [{Rn}]',
  ref: "DDI 0406C A8.8 'STREXB'",
  encodings: {
    A1: enc('cond:4 00011100 Rn:4 Rd:4 (1) (1) (1) (1) 1001 Rt:4', store),
    T1: enc('111010001100 Rn:4 Rt:4 (1) (1) (1) (1) 0100 Rd:4', storeT32),
  },
  execute(cpu, { Rd, Rt, Rn }) {
    const address = cpu.r[Rn];
    const passed = cpu.mem.passExclusive(address, 1);
    if (passed) cpu.mem.writeU8(address, cpu.r[Rt]);
    cpu.r[Rd] = word(passed ? 0 : 1);
  },
});

export const STREXH = instruction({
  asm: 'STREXH{c} {Rd}, {Rt}, [{Rn}]',
  ref: "DDI 0406C A8.8 'STREXH'",
  encodings: {
    A1: enc('cond:4 00011110 Rn:4 Rd:4 (1) (1) (1) (1) 1001 Rt:4', store),
    T1: enc('111010001100 Rn:4 Rt:4 (1) (1) (1) (1) 0101 Rd:4', storeT32),
  },
  execute(cpu, { Rd, Rt, Rn }) {
    const address = cpu.r[Rn];
    const passed = cpu.mem.passExclusive(address, 2);
    if (passed) cpu.mem.writeA16(address, cpu.r[Rt]);
    cpu.r[Rd] = word(passed ? 0 : 1);
  },
});

export const STREXD = instruction({
  asm: 'STREXD{c} {Rd}, {Rt}, {Rt2}, [{Rn}]',
  ref: "DDI 0406C A8.8 'STREXD'",
  encodings: {
    A1: enc('cond:4 00011010 Rn:4 Rd:4 (1) (1) (1) (1) 1001 Rt:4', {
      unpredictable: ({ Rd, Rt, Rn }) => pairA32(Rt) || isPC(Rd, Rn) || Rd === Rn || Rd === Rt || Rd === Rt + 1,
      operands: ({ Rd, Rt, Rn }) => ({ Rd, Rt, Rt2: field(Rt + 1), Rn }),
    }),
    T1: enc('111010001100 Rn:4 Rt:4 Rt2:4 0111 Rd:4', {
      unpredictable: ({ Rd, Rt, Rt2, Rn }) => isSPorPC(Rd, Rt, Rt2) || isPC(Rn) || Rd === Rn || Rd === Rt || Rd === Rt2,
    }),
  },
  execute(cpu, { Rd, Rt, Rt2, Rn }) {
    const address = cpu.r[Rn];
    const passed = cpu.mem.passExclusive(address, 8);
    if (passed) {
      cpu.mem.writeA32(address, cpu.r[Rt]);
      cpu.mem.writeA32(word(address + 4), cpu.r[Rt2]);
    }
    cpu.r[Rd] = word(passed ? 0 : 1);
  },
});

const swap = ({ Rt, Rt2, Rn }: With<'Rt' | 'Rt2' | 'Rn'>): boolean => isPC(Rt, Rt2, Rn) || Rn === Rt || Rn === Rt2;

export const SWP = instruction({
  asm: 'SWP{c} {Rt}, {Rt2}, [{Rn}]',
  ref: "DDI 0406C A8.8 'SWP, SWPB'",
  encodings: { A1: enc('cond:4 00010000 Rn:4 Rt:4 (0) (0) (0) (0) 1001 Rt2:4', { unpredictable: swap }) },
  execute(cpu, { Rt, Rt2, Rn }) {
    cpu.sys.checkSwapEnabled();
    const address = cpu.r[Rn];
    const data = cpu.mem.readA32(address);
    cpu.mem.writeA32(address, cpu.r[Rt2]);
    cpu.r[Rt] = data;
  },
});

export const SWPB = instruction({
  asm: 'SWPB{c} {Rt}, {Rt2}, [{Rn}]',
  ref: "DDI 0406C A8.8 'SWP, SWPB'",
  encodings: { A1: enc('cond:4 00010100 Rn:4 Rt:4 (0) (0) (0) (0) 1001 Rt2:4', { unpredictable: swap }) },
  execute(cpu, { Rt, Rt2, Rn }) {
    cpu.sys.checkSwapEnabled();
    const address = cpu.r[Rn];
    const data = cpu.mem.readU8(address);
    cpu.mem.writeU8(address, cpu.r[Rt2]);
    cpu.r[Rt] = data;
  },
});
