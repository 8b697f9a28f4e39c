/** Loads and stores of floating-point registers; VPUSH and VPOP are those of R13. Reference: Arm DDI 0406C, A7.6. */
import { PC } from '../alu.ts';
import { field, instruction, word } from '../insn.ts';
import type { With } from './operands.ts';
import { coprocessor, register } from './vfp-operands.ts';

type Single = With<'U' | 'D' | 'Rn' | 'Vd' | 'sz' | 'imm8'>;
const one = {
  operands: ({ U, D, Rn, Vd, sz, imm8 }: Single) => ({
    sz,
    d: register(sz, D, Vd),
    Rn,
    U,
    imm: field(imm8 << 2),
    offset: field(U ? imm8 << 2 : -(imm8 << 2)),
  }),
};

/** The manual's encodings 1 (double) and 2 (single). A double is two words, the upper one first in big-endian data. */
export const VLDR = instruction({
  asm: 'VLDR{c} {Vd}, {address}',
  ref: "DDI 0406C A8.8 'VLDR'",
  encodings: coprocessor(1, '1101 U D 01 Rn:4 Vd:4 101 sz imm8:8', one),
  execute(cpu, { sz, d, Rn, offset }) {
    cpu.sys.checkVfpEnabled();
    const base = Rn === 15 ? word(cpu.r[PC] & ~3) : cpu.r[Rn];
    const address = word(base + offset);
    const first = cpu.mem.readA32(address);
    if (sz) {
      const next = cpu.mem.readA32(word(address + 4));
      cpu.fp.w[2 * d] = cpu.E ? next : first;
      cpu.fp.w[2 * d + 1] = cpu.E ? first : next;
    } else cpu.fp.w[d] = first;
  },
});

/** Relative to the PC it is UNPREDICTABLE in T32 only. */
const store = coprocessor(1, '1101 U D 00 Rn:4 Vd:4 101 sz imm8:8', one);

export const VSTR = instruction({
  asm: 'VSTR{c} {Vd}, {address}',
  ref: "DDI 0406C A8.8 'VSTR'",
  encodings: { ...store, T1: { ...store.T1, unpredictable: ({ Rn }: With<'Rn'>) => Rn === 15 } },
  execute(cpu, { sz, d, Rn, offset }) {
    cpu.sys.checkVfpEnabled();
    const address = word(cpu.r[Rn] + offset);
    if (sz) {
      const low = word(cpu.fp.w[2 * d]);
      const high = word(cpu.fp.w[2 * d + 1]);
      cpu.mem.writeA32(address, cpu.E ? high : low);
      cpu.mem.writeA32(word(address + 4), cpu.E ? low : high);
    } else cpu.mem.writeA32(address, word(cpu.fp.w[d]));
  },
});

type Multiple = With<'P' | 'U' | 'D' | 'W' | 'Rn' | 'Vd' | 'sz' | 'imm8'>;
/** Of doubles, imm8 counts the words; if it is odd (FLDMX, FSTMX), one more word is skipped in memory. */
const count = ({ sz, imm8 }: With<'sz' | 'imm8'>): number => (sz ? imm8 >> 1 : imm8);
const badMultiple = (f: Multiple): boolean =>
  count(f) === 0 || (f.sz === 1 && count(f) > 16) || register(f.sz, f.D, f.Vd) + count(f) > 32 || (f.Rn === 15 && f.W === 1);
const many = {
  when: ({ P, U, W }: Multiple) => (P === 0 && U === 1) || (P === 1 && U === 0 && W === 1),
  unpredictable: badMultiple,
  operands: (f: Multiple) => ({
    sz: f.sz,
    Rn: f.Rn,
    P: f.P,
    U: f.U,
    W: f.W,
    d: register(f.sz, f.D, f.Vd),
    regs: field(count(f)),
    X: field(f.sz & f.imm8),
    first: field(f.U ? 0 : -(f.imm8 << 2)),
    end: field(f.U ? f.imm8 << 2 : -(f.imm8 << 2)),
  }),
};
/** Relative to the PC it is UNPREDICTABLE in T32. */
const badThumb = (f: Multiple): boolean => badMultiple(f) || f.Rn === 15;
const loadMany = coprocessor(1, '110 P U D W 1 Rn:4 Vd:4 101 sz imm8:8', many);
const storeMany = coprocessor(1, '110 P U D W 0 Rn:4 Vd:4 101 sz imm8:8', many);

export const VLDM = instruction({
  asm: '{X:V,F}LDM{vmode}{X:,X}{c} {Rn}{!}, {fp_registers}',
  ref: "DDI 0406C A8.8 'VLDM', 'VPOP', 'FLDMX'",
  encodings: { ...loadMany, T1: { ...loadMany.T1, unpredictable: badThumb } },
  execute(cpu, { sz, d, regs, Rn, W, first, end }) {
    cpu.sys.checkVfpEnabled();
    const base = cpu.r[Rn];
    const address = word(base + first);
    const words = field(sz ? 2 * regs : regs);
    for (let i = field(0); i < words; i++) cpu.loaded[i] = cpu.mem.readA32(word(address + 4 * i));
    if (W) cpu.r[Rn] = word(base + end);
    if (sz) {
      for (let i = field(0); i < words; i++) cpu.fp.w[2 * d + i] = cpu.E ? cpu.loaded[field(i ^ 1)] : cpu.loaded[i];
    } else {
      for (let i = field(0); i < words; i++) cpu.fp.w[d + i] = cpu.loaded[i];
    }
  },
});

export const VSTM = instruction({
  asm: '{X:V,F}STM{vmode}{X:,X}{c} {Rn}{!}, {fp_registers}',
  ref: "DDI 0406C A8.8 'VSTM', 'VPUSH', 'FSTMX'",
  encodings: { ...storeMany, T1: { ...storeMany.T1, unpredictable: badThumb } },
  execute(cpu, { sz, d, regs, Rn, W, first, end }) {
    cpu.sys.checkVfpEnabled();
    const base = cpu.r[Rn];
    const address = word(base + first);
    const words = field(sz ? 2 * regs : regs);
    for (let i = field(0); i < words; i++) {
      const value = word(sz ? (cpu.E ? cpu.fp.w[2 * d + (i ^ 1)] : cpu.fp.w[2 * d + i]) : cpu.fp.w[d + i]);
      cpu.mem.writeA32(word(address + 4 * i), value);
    }
    if (W) cpu.r[Rn] = word(base + end);
  },
});
