/**
 * Loads and stores of elements and structures, with one look at the fast tables for each. What crosses a page is the interpreter's.
 * Reference: Arm DDI 0406C, A7.7, A3.2.1 (alignment).
 */
import { FastTable } from '../../cpu/fast-table.ts';
import type { Operands } from '../../cpu/insn.ts';
import type { Emitter } from '../emitter.ts';
import { add, and, constant, ne, shr } from '../ops.ts';
import type { Staged } from '../translate.ts';
import { inLocal, type Value } from '../value.ts';
import { I32, SIMD, V128 } from '../wasm.ts';
import { number, readD, readQ, shuffle, splatAt, writeHalf, writeV } from './neon-vector.ts';

/** Tags of pages in which unaligned accesses are allowed. */
const UNALIGNED = 3 * FastTable.BYTES;

/** The place of so many bytes at the address in Rn. An address that is no multiple of the element's size is left to the table of its page. */
function place(e: Emitter, operands: Operands, bytes: number, write: boolean): Value {
  const va = e.hold(e.r(operands['Rn'] as never));
  const [alignment, size] = [number(operands, 'alignment'), number(operands, 'size')];
  if (alignment < 1 << size) {
    e.when(and(va, constant((1 << size) - 1)), () => {
      const pair = add(and(shr(va, constant(9)), constant(FastTable.BYTES - 8)), inLocal(I32, 1));
      e.leaveIf(ne(e.loadAt(I32, pair, UNALIGNED), and(va, constant(~0xfff))));
    });
  }
  const window = e.window(va, bytes, write, 1);
  if (alignment > 1) e.leaveIf(and(va, constant(alignment - 1)));
  return window;
}

/** R13 stands for the number of bytes, R15 for no writeback. */
function writeBack(e: Emitter, { Rn, Rm, bytes }: Operands): void {
  if (Rm === 15) return;
  const base = e.r(Rn as never);
  e.setR(Rn as never, add(base, Rm === 13 ? constant(bytes as number) : e.r(Rm as never)));
}

/** The D registers in the order of a structure's elements, those of one element side by side. */
const registersOf = ({ d, inc, regs }: Operands, count: number): number[] =>
  Array.from({ length: count * (regs as number) }, (_, i) => {
    const perElement = regs as number;
    return (d as number) + Math.floor(i / perElement) * (inc as number) + (i % perElement);
  });

/** A value of a window by an opcode that loads. */
function loadBy(e: Emitter, op: number, window: Value, offset: number): Value {
  const local = e.temporary(V128);
  e.put(window);
  e.memory(op, 0, offset);
  e.setLocal(local);
  return inLocal(V128, local);
}

function storeHalf(e: Emitter, window: Value, offset: number, value: Value): void {
  e.put(window);
  e.put(value);
  e.memory(SIMD.store64_lane, 0, offset);
  e.code.byte(0);
}

/** Up to 32 bytes in two vectors. */
function loadAll(e: Emitter, window: Value, bytes: number): readonly [Value, Value] {
  const first = bytes > 8 ? e.loadAt(V128, window, 0) : loadBy(e, SIMD.load64_zero, window, 0);
  if (bytes <= 16) return [first, first];
  return [first, bytes > 24 ? e.loadAt(V128, window, 16) : loadBy(e, SIMD.load64_zero, window, 16)];
}

/** Where in memory a byte of the registers, counted through all of them, comes from. */
function sourceOf(byte: number, count: number, size: number, perElement: number): number {
  const element = Math.floor(byte / perElement);
  const x = (byte % perElement) >> size;
  return ((x * count + element) << size) + (byte & ((1 << size) - 1));
}

/** Puts the halves of vectors into registers, two at once where they are neighbours. */
function writeRegisters(e: Emitter, registers: readonly number[], values: readonly Value[]): void {
  for (let i = 0; i < registers.length; i += 2) {
    const [first, second] = [registers[i] as number, registers[i + 1]];
    const value = values[i >> 1] as Value;
    if (second === first + 1) writeV(e, 1, first, value);
    else {
      writeHalf(e, first, value, 0);
      if (second !== undefined) writeHalf(e, second, value, 1);
    }
  }
}

const loading =
  (count: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const registers = registersOf(operands, count);
    const size = number(operands, 'size');
    const [a, b] = loadAll(e, place(e, operands, 8 * registers.length, false), 8 * registers.length);
    const perElement = 8 * number(operands, 'regs');
    const part = (from: number) => e.hold(shuffle(a, b, (i) => sourceOf(from + i, count, size, perElement)));
    const values = count === 1 ? [a, b] : registers.flatMap((_, i) => (i % 2 === 0 ? [part(8 * i)] : []));
    writeRegisters(e, registers, values);
    writeBack(e, operands);
  };

/** Two D registers as one vector, or one with anything above it. */
function readPair(e: Emitter, first: number, second: number | undefined): Value {
  if (second === undefined) return readD(e, first);
  if (second === first + 1) return readQ(e, first);
  const [low, high] = [readD(e, first), readD(e, second)];
  return e.hold(shuffle(low, high, (i) => (i < 8 ? i : 8 + i)));
}

/** Where in the registers, counted through all of them, a byte of memory comes from. */
function originOf(byte: number, count: number, size: number, perElement: number): number {
  const element = byte >> size;
  return (element % count) * perElement + (Math.floor(element / count) << size) + (byte & ((1 << size) - 1));
}

const storing =
  (count: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const registers = registersOf(operands, count);
    const size = number(operands, 'size');
    const bytes = 8 * registers.length;
    const window = place(e, operands, bytes, true);
    const a = readPair(e, registers[0] as number, registers[1]);
    const b = registers.length > 2 ? readPair(e, registers[2] as number, registers[3]) : a;
    const perElement = 8 * number(operands, 'regs');
    for (let from = 0; from < bytes; from += 16) {
      const value =
        count === 1 ? (from === 0 ? a : b) : e.hold(shuffle(a, b, (i) => originOf(from + i, count, size, perElement)));
      if (bytes - from >= 16) e.storeAt(V128, window, from, value);
      else storeHalf(e, window, from, value);
    }
    writeBack(e, operands);
  };

const LANE_LOADS = [SIMD.load8_lane, SIMD.load16_lane, SIMD.load32_lane] as const;
const LANE_STORES = [SIMD.store8_lane, SIMD.store16_lane, SIMD.store32_lane] as const;

const loadingLane =
  (count: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [size, x] = [number(operands, 'size'), number(operands, 'x')];
    const window = place(e, operands, count << size, false);
    const registers = registersOf({ ...operands, regs: 1 as never }, count);
    const values = registers.map((register, s) => {
      const before = readD(e, register);
      const local = e.temporary(V128);
      e.put(window);
      e.put(before);
      e.memory(LANE_LOADS[size] as number, 0, s << size);
      e.code.byte(x);
      e.setLocal(local);
      return inLocal(V128, local);
    });
    for (const [s, register] of registers.entries()) writeHalf(e, register, values[s] as Value, 0);
    writeBack(e, operands);
  };

const storingLane =
  (count: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [size, x] = [number(operands, 'size'), number(operands, 'x')];
    const window = place(e, operands, count << size, true);
    for (const [s, register] of registersOf({ ...operands, regs: 1 as never }, count).entries()) {
      const value = readD(e, register);
      e.put(window);
      e.put(value);
      e.memory(LANE_STORES[size] as number, 0, s << size);
      e.code.byte(x);
    }
    writeBack(e, operands);
  };

const loadingAllLanes =
  (count: number): Staged =>
  (e, operands) => {
    e.checkVfp();
    const [size, d, inc, regs] = ['size', 'd', 'inc', 'regs'].map((name) => number(operands, name)) as [
      number,
      number,
      number,
      number,
    ];
    const window = place(e, operands, count << size, false);
    const values = Array.from({ length: count }, (_, s) => loadBy(e, splatAt(size), window, s << size));
    for (const [s, value] of values.entries()) {
      for (let i = 0; i < regs; i++) writeHalf(e, d + s * inc + i, value, 0);
    }
    writeBack(e, operands);
  };

const named = (prefix: string, suffix: string, staged: (count: number) => Staged): Record<string, Staged> =>
  Object.fromEntries([1, 2, 3, 4].map((count) => [`${prefix}${count}${suffix}`, staged(count)]));

export const STRUCTURES: Readonly<Record<string, Staged>> = {
  ...named('VLD', '', loading),
  ...named('VST', '', storing),
  ...named('VLD', '_lane', loadingLane),
  ...named('VST', '_lane', storingLane),
  ...named('VLD', '_all', loadingAllLanes),
};
