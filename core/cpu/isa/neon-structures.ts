/**
 * What the loads and stores of elements and structures share: their operands, and how elements meet memory.
 * Reference: Arm DDI 0406C, A7.7, A8.8 (VLD1 to VLD4, VST1 to VST4, the "encoding-specific operations").
 *
 * A structure has `count` elements; its element `s` goes to the register `d + s * inc`, and with `regs` more than 1 further structures to
 * the registers after those.
 */
import { type Field, field, word } from '../insn.ts';
import { multiply } from '../intrinsics.ts';
import type { Cpu } from '../state.ts';
import { doubleword } from './neon-operands.ts';
import type { With } from './operands.ts';

const WORD = field(2);
const DOUBLEWORD = field(3);

/** MemU[] of an element, which may be unaligned. */
function readElement(cpu: Cpu, address: word, size: Field): word {
  return size === 0 ? cpu.mem.readU8(address) : size === 1 ? cpu.mem.readU16(address) : cpu.mem.readU32(address);
}

function writeElement(cpu: Cpu, address: word, size: Field, value: word): void {
  if (size === 0) cpu.mem.writeU8(address, value);
  else if (size === 1) cpu.mem.writeU16(address, value);
  else cpu.mem.writeU32(address, value);
}

/** What an instruction with a base register ends with: R13 stands for the number of bytes, R15 for no writeback. */
export function writeBack(cpu: Cpu, Rn: Field, Rm: Field, bytes: Field): void {
  if (Rm === 13) cpu.r[Rn] = word(cpu.r[Rn] + bytes);
  else if (Rm !== 15) cpu.r[Rn] = word(cpu.r[Rn] + cpu.r[Rm]);
}

/** The address in Rn, which must be a multiple of what the instruction names. */
export function loadAddress(cpu: Cpu, Rn: Field, alignment: Field): word {
  if (alignment > 1) cpu.mem.checkAlignment(cpu.r[Rn], alignment, false);
  return cpu.r[Rn];
}
export function storeAddress(cpu: Cpu, Rn: Field, alignment: Field): word {
  if (alignment > 1) cpu.mem.checkAlignment(cpu.r[Rn], alignment, true);
  return cpu.r[Rn];
}

/** Registers after each other, as words that need no change of places within them. */
function loadWords(cpu: Cpu, address: word, d: Field, words: Field): void {
  for (let i = field(0); i < words; i++) cpu.loaded[i] = cpu.mem.readU32(word(address + 4 * i));
  for (let i = field(0); i < words; i++) cpu.fp.w[2 * d + i] = cpu.loaded[i];
}

/** Doublewords: of big-endian data the upper word comes first. */
function loadDoublewords(cpu: Cpu, address: word, d: Field, words: Field): void {
  cpu.mem.checkDoubleword(address, false);
  for (let i = field(0); i < words; i++) cpu.loaded[i] = cpu.mem.readU32(word(address + 4 * i));
  for (let i = field(0); i < words; i++) cpu.fp.w[2 * d + i] = cpu.E ? cpu.loaded[field(i ^ 1)] : cpu.loaded[i];
}

/** Elements in the order of their addresses, then word by word into the registers. */
function loadElements(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, regs: Field): void {
  const total = field((8 * count * regs) >> size);
  for (let i = field(0); i < total; i++) cpu.loaded[i] = readElement(cpu, word(address + (i << size)), size);
  const perWord = field(4 >> size);
  for (let s = field(0); s < count; s++) {
    for (let k = field(0); k < 2 * regs; k++) {
      let value = word(0);
      for (let j = field(0); j < perWord; j++)
        value = word(value | (cpu.loaded[field((k * perWord + j) * count + s)] << (j << (3 + size))));
      cpu.fp.w[2 * (d + s * inc) + k] = value;
    }
  }
}

/** Bytes and halfwords of one register after the other make whole words, if they lie so and are little-endian. */
export function loadStructures(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, regs: Field): void {
  if (size === DOUBLEWORD) loadDoublewords(cpu, address, d, field(2 * regs));
  else if (count === 1 && size === WORD) loadWords(cpu, address, d, field(2 * regs));
  else if (count === 1) {
    if ((address & 3) === 0 && !cpu.E) loadWords(cpu, address, d, field(2 * regs));
    else loadElements(cpu, address, count, size, d, inc, regs);
  } else loadElements(cpu, address, count, size, d, inc, regs);
}

function storeWords(cpu: Cpu, address: word, d: Field, words: Field): void {
  for (let i = field(0); i < words; i++) cpu.mem.writeU32(word(address + 4 * i), word(cpu.fp.w[2 * d + i]));
}

function storeDoublewords(cpu: Cpu, address: word, d: Field, words: Field): void {
  cpu.mem.checkDoubleword(address, true);
  for (let i = field(0); i < words; i++) {
    const value = word(cpu.E ? cpu.fp.w[2 * d + (i ^ 1)] : cpu.fp.w[2 * d + i]);
    cpu.mem.writeU32(word(address + 4 * i), value);
  }
}

/** The element `x` of the registers from D[d] on. */
function storeElement(cpu: Cpu, address: word, size: Field, d: Field, x: Field): void {
  const value = word(cpu.fp.w[2 * d + ((x << size) >> 2)] >>> (((x << size) & 3) << 3));
  writeElement(cpu, address, size, value);
}

function storeElements(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, regs: Field): void {
  const perRegister = field((8 * regs) >> size);
  for (let x = field(0); x < perRegister; x++) {
    for (let s = field(0); s < count; s++)
      storeElement(cpu, word(address + ((x * count + s) << size)), size, field(d + s * inc), x);
  }
}

export function storeStructures(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, regs: Field): void {
  if (size === DOUBLEWORD) storeDoublewords(cpu, address, d, field(2 * regs));
  else if (count === 1 && size === WORD) storeWords(cpu, address, d, field(2 * regs));
  else if (count === 1) {
    if ((address & 3) === 0 && !cpu.E) storeWords(cpu, address, d, field(2 * regs));
    else storeElements(cpu, address, count, size, d, inc, regs);
  } else storeElements(cpu, address, count, size, d, inc, regs);
}

/** One structure to or from the lane `x`. */
export function loadLane(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, x: Field): void {
  for (let s = field(0); s < count; s++) cpu.loaded[s] = readElement(cpu, word(address + (s << size)), size);
  const lsb = field(((x << size) & 3) << 3);
  const mask = field(size === WORD ? -1 : (1 << (8 << size)) - 1);
  for (let s = field(0); s < count; s++) {
    const at = field(2 * (d + s * inc) + ((x << size) >> 2));
    cpu.fp.w[at] = word((cpu.fp.w[at] & ~(mask << lsb)) | (cpu.loaded[s] << lsb));
  }
}

export function storeLane(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, x: Field): void {
  for (let s = field(0); s < count; s++) storeElement(cpu, word(address + (s << size)), size, field(d + s * inc), x);
}

/** One structure to all lanes; of a single element, to all lanes of `regs` registers. */
export function loadAllLanes(cpu: Cpu, address: word, count: Field, size: Field, d: Field, inc: Field, regs: Field): void {
  for (let s = field(0); s < count; s++) cpu.loaded[s] = readElement(cpu, word(address + (s << size)), size);
  const copies = field(size === 0 ? 0x01010101 : size === 1 ? 0x00010001 : 1);
  for (let s = field(0); s < count; s++) {
    const value = multiply(cpu.loaded[s], word(copies));
    for (let i = field(0); i < 2 * regs; i++) cpu.fp.w[2 * (d + s * inc) + i] = value;
  }
}

type Base = With<'D' | 'Rn' | 'Vd' | 'Rm'>;
interface Shape {
  readonly inc: number;
  readonly regs: number;
  readonly alignment: number;
}

/** What all have in common. R15 as the base and registers beyond D31 are UNPREDICTABLE. */
const common = <F extends Base & With<'size'>>(count: number, shape: (f: F) => Shape | undefined) => ({
  when: (f: F) => shape(f) !== undefined,
  unpredictable: (f: F) => {
    const { inc, regs } = shape(f) as Shape;
    return f.Rn === 15 || doubleword(f.D, f.Vd) + (count - 1) * inc + regs > 32;
  },
});
const shaped = <F extends Base>({ D, Vd, Rn, Rm }: F, { inc, regs, alignment }: Shape) => ({
  ...{ Rn, Rm, d: doubleword(D, Vd), inc: field(inc), regs: field(regs), alignment: field(alignment) },
});

type Multiple = Base & With<'type' | 'size' | 'align'>;
/** By `type`: the elements of a structure, their distance, how many structures side by side, and the greatest `align`. */
const TYPES: Readonly<Record<number, readonly [count: number, inc: number, regs: number, align: number]>> = {
  7: [1, 1, 1, 1],
  10: [1, 1, 2, 2],
  6: [1, 1, 3, 1],
  2: [1, 1, 4, 3],
  8: [2, 1, 1, 2],
  9: [2, 2, 1, 2],
  3: [2, 2, 2, 3],
  4: [3, 1, 1, 1],
  5: [3, 2, 1, 1],
  0: [4, 1, 1, 3],
  1: [4, 2, 1, 3],
};

function multipleShape(count: number, { type, size, align }: Multiple): Shape | undefined {
  const [elements, inc, regs, most] = TYPES[type] ?? [0, 0, 0, 0];
  if (elements !== count || align > most || (size === 3 && count > 1)) return undefined;
  return { inc, regs, alignment: align === 0 ? 1 : 4 << align };
}

/** Multiple structures. */
export const multiple = (count: 1 | 2 | 3 | 4) => ({
  ...common(count, (f: Multiple) => multipleShape(count, f)),
  operands: (f: Multiple) => {
    const shape = multipleShape(count, f) ?? { inc: 1, regs: 1, alignment: 1 };
    return { size: f.size, ...shaped(f, shape), bytes: field(8 * count * shape.regs) };
  },
});

type Lane = Base & With<'size' | 'index_align'>;

/** `a` are the bits of index_align that do not count the lane; those that name neither distance nor alignment must be 0. */
function laneShape(count: number, { size, index_align }: Lane): Shape | undefined {
  const a = index_align & ((2 << size) - 1);
  const inc = size > 0 && count > 1 && ((a >> size) & 1) === 1 ? 2 : 1;
  const rest = count > 1 && size > 0 ? a & ((1 << size) - 1) : a;
  const shape = (alignment: number): Shape => ({ inc, regs: 1, alignment });
  if (rest === 0) return shape(1);
  if (count === 1) return size === 1 && rest === 1 ? shape(2) : size === 2 && rest === 3 ? shape(4) : undefined;
  if (count === 2) return rest === 1 ? shape(2 << size) : undefined;
  if (count === 3 || rest === 3) return undefined;
  return shape(size === 2 ? 4 << rest : 4 << size);
}

/** One structure and one lane. */
export const lane = (count: 1 | 2 | 3 | 4) => ({
  ...common(count, (f: Lane) => (f.size === 3 ? undefined : laneShape(count, f))),
  operands: (f: Lane) => {
    const shape = laneShape(count, f) ?? { inc: 1, regs: 1, alignment: 1 };
    return { size: f.size, x: field(f.index_align >> (f.size + 1)), ...shaped(f, shape), bytes: field(count << f.size) };
  },
});

type AllLanes = Base & With<'size' | 'T' | 'a'>;

/** Four words have a size of their own if they are aligned to 16 bytes. */
function allLanesShape(count: number, { size, T, a }: AllLanes): Shape | undefined {
  const [inc, regs] = count === 1 ? [1, T + 1] : [T + 1, 1];
  if (size === 3) return count === 4 && a === 1 ? { inc, regs, alignment: 16 } : undefined;
  if (a === 0) return { inc, regs, alignment: 1 };
  if (count === 3 || (count === 1 && size === 0)) return undefined;
  return { inc, regs, alignment: count === 4 && size === 2 ? 8 : count << size };
}

/** One structure to all lanes. */
export const allLanes = (count: 1 | 2 | 3 | 4) => ({
  ...common(count, (f: AllLanes) => allLanesShape(count, f)),
  operands: (f: AllLanes) => {
    const size = f.size === 3 ? WORD : f.size;
    const shape = allLanesShape(count, f) ?? { inc: 1, regs: 1, alignment: 1 };
    return { size, ...shaped(f, shape), bytes: field(count << size) };
  },
});
