/**
 * What the staged instructions write with: registers and flags in locals, accesses through the fast tables, and exits. One emitter writes
 * one function, the translation of a region. Its parameters are the places in the arena of the processor and of the fast tables in use.
 *
 * An exit comes before the instruction that causes it has changed anything, so that the interpreter can execute that instruction instead.
 */
import { FastTable } from '../cpu/fast-table.ts';
import type { Field } from '../cpu/insn.ts';
import * as S from '../cpu/scalars.ts';
import { FP_OFFSET, SCALARS_OFFSET, SCRATCH_OFFSET } from '../cpu/state.ts';
import { FLAG_LOCALS, Flags, PACKED, UNKNOWN } from './flags.ts';
import { binary, constant, inLocal, type Value } from './value.ts';
import { F32, F64, I32, I64, NOTHING, OP, SIMD, V128, type ValueType, Writer } from './wasm.ts';

/** Parameters of a translated function. */
const CPU = 0;
const TABLES = 1;
const PARAMETERS = 2;

/** Why translated code returns: to go on at NEXT, to have one instruction interpreted, or because time is short. The dispatcher returns when it has no code. */
export const LEAVE = { chain: 0, interpret: 1, budget: 2, miss: 3, attend: 4 } as const;

const READ = 0;
const WRITE = FastTable.BYTES;
export const EXECUTE = 2 * FastTable.BYTES;
/** Place in `Cpu.scratch` of whether VFP is enabled. */
export const VFP_OPEN = 8;
/** From an address to the byte offset of its pair; the same as `slot` of the fast table. */
const SLOT_SHIFT = 9;
const SLOT_MASK = FastTable.BYTES - 8;

/** The level of the block around all code, whose end is the exit. */
const OUTERMOST = 0;

export type Width = 8 | 16 | 32;
const LOAD = { 8: OP.i32_load8_u, 16: OP.i32_load16_u, 32: OP.i32_load } as const;
const STORE = { 8: OP.i32_store8, 16: OP.i32_store16, 32: OP.i32_store } as const;
const ALIGNMENT = { 8: 0, 16: 1, 32: 2 } as const;

const LOADS: { readonly [type: number]: number } = {
  [I32]: OP.i32_load,
  [I64]: OP.i64_load,
  [F32]: OP.f32_load,
  [F64]: OP.f64_load,
  [V128]: SIMD.load,
};
const STORES: { readonly [type: number]: number } = {
  [I32]: OP.i32_store,
  [I64]: OP.i64_store,
  [F32]: OP.f32_store,
  [F64]: OP.f64_store,
  [V128]: SIMD.store,
};

/** Where the instruction in hand stands. */
export interface Place {
  readonly pc: number;
  /** Bytes of the instruction. */
  readonly size: number;
  readonly thumb: boolean;
  /** ITSTATE before the instruction. */
  readonly it: number;
  /** Instructions of its block before it. */
  readonly count: number;
}

/** Where an instruction leads that branches: to a known address, or to what is in the local `pc`. */
export interface Target {
  readonly address: number | undefined;
  /** Changes the instruction set: what it will be is in the local `thumb`. */
  readonly interworks: boolean;
}

export class Emitter {
  readonly code = new Writer();
  readonly flags = new Flags(this);
  /** Types of the locals, after the parameters. */
  readonly types: ValueType[] = [];
  /** Blocks that are open. */
  depth = 0;
  place: Place = { pc: 0, size: 4, thumb: false, it: 0, count: 0 };
  /** Where the instruction in hand branches to, once it has. */
  target: Target | undefined;
  /** If it is set, registers change only where it holds. */
  predicate: Value | undefined;
  /** What LDM has loaded, for its own use. */
  readonly loaded: Value[] = [];
  /** Reads a word of the page of the code, which is as constant as the code. */
  literal: (address: number) => number | undefined = () => undefined;
  /** Leaves the instruction in hand to the interpreter and goes on after it; of those that change nothing but what they name. */
  fallback: () => void = () => this.interpret();
  readonly pc: number;
  readonly budget: number;
  readonly why: number;
  readonly #thumb: number;
  readonly #registers = new Int16Array(16).fill(-1);
  #changed = 0;
  #vfpChecked = false;
  /** Choices at run time around the code in hand. */
  #choices = 0;
  /** Free locals by type, and those that the instruction in hand took. */
  readonly #free: { readonly [type: number]: number[] } = { [I32]: [], [I64]: [], [F32]: [], [F64]: [], [V128]: [] };
  readonly #taken: { readonly type: ValueType; readonly local: number }[] = [];
  /** Values that are a register, made by the instruction in hand. */
  readonly #leaves: { readonly register: number; readonly value: Value }[] = [];
  /** Kept values that are not written yet. */
  readonly #waiting: Value[] = [];

  constructor() {
    this.pc = this.newLocal(I32);
    this.budget = this.newLocal(I32);
    this.why = this.newLocal(I32);
    this.#thumb = this.newLocal(I32);
  }

  // Locals

  newLocal(type: ValueType): number {
    this.types.push(type);
    return PARAMETERS + this.types.length - 1;
  }

  /** A local for the instruction in hand. */
  temporary(type: ValueType): number {
    const local = this.#free[type]?.pop() ?? this.newLocal(type);
    this.#taken.push({ type, local });
    return local;
  }

  getLocal(local: number): void {
    this.code.byte(OP.local_get);
    this.code.unsigned(local);
  }

  setLocal(local: number): void {
    this.code.byte(OP.local_set);
    this.code.unsigned(local);
  }

  /** Begins an instruction. */
  begin(place: Place): void {
    this.place = place;
    this.target = undefined;
    this.#leaves.length = 0;
    this.#waiting.length = 0;
    for (const { type, local } of this.#taken) this.#free[type]?.push(local);
    this.#taken.length = 0;
  }

  // Writing values

  /** Writes what pushes a value. */
  put(value: Value): void {
    const { code } = this;
    value.spent = true;
    if (value.local >= 0) {
      this.getLocal(value.local);
      return;
    }
    this.#operation(value);
    if (!value.kept) return;
    value.local = this.temporary(value.type);
    code.byte(OP.local_tee);
    code.unsigned(value.local);
  }

  /** Writes what puts a value into a local, which then holds it for later uses in this instruction. */
  putInto(value: Value, local: number): void {
    value.spent = true;
    if (value.local >= 0) this.getLocal(value.local);
    else {
      this.#operation(value);
      if (!value.isConstant) value.local = local;
    }
    this.setLocal(local);
  }

  #operation({ op, a, b, c, constant: number, immediate }: Value): void {
    const { code } = this;
    if (a !== undefined) this.put(a);
    if (b !== undefined) this.put(b);
    if (c !== undefined) this.put(c);
    this.opcode(op);
    if (op === OP.i32_const) code.signed(number);
    else if (op === OP.i64_const) code.signed64(number);
    else if (op === OP.f32_const) code.append(new Uint8Array(Float32Array.of(number).buffer));
    else if (op === OP.f64_const) code.append(new Uint8Array(Float64Array.of(number).buffer));
    else if (immediate !== undefined) for (const byte of immediate) code.byte(byte);
  }

  /** An opcode, with its prefix in bits 31:16 if it has one. */
  opcode(op: number): void {
    if (op <= 0xff) return this.code.byte(op);
    this.code.byte(op >>> 16);
    this.code.unsigned(op & 0xffff);
  }

  /** Marks a value as used more than once. */
  keep<T extends Value>(value: T): T {
    if (value.kept || value.isConstant) return value;
    value.kept = true;
    if (value.local < 0) this.#waiting.push(value);
    return value;
  }

  /** The value as it is now, in a local. */
  hold(value: Value): Value {
    if (value.isConstant) return value;
    const local = this.temporary(value.type);
    this.put(value);
    this.setLocal(local);
    return inLocal(value.type, local);
  }

  /** Puts what is made but not yet written into locals, because code follows that may be passed over. */
  #secure(): void {
    for (const value of this.#waiting) if (value.local < 0) this.#toTemporary(value);
    this.#waiting.length = 0;
    for (const { register } of [...this.#leaves]) this.#saveLeaves(register);
  }

  #toTemporary(value: Value): void {
    this.putInto(value, this.temporary(value.type));
    value.spent = false;
  }

  // Registers

  /** R15 is a constant: the instruction's address plus 8 or 4. */
  r(register: Field): Value {
    if ((register as number) === 15) return constant(this.place.pc + (this.place.thumb ? 4 : 8));
    const value = inLocal(I32, this.register(register));
    this.#leaves.push({ register, value });
    return value;
  }

  setR(register: Field, value: Value): void {
    const local = this.register(register);
    this.put(value);
    if (this.predicate !== undefined) {
      this.getLocal(local);
      this.put(this.predicate);
      this.code.byte(OP.select);
    }
    this.#saveLeaves(register);
    this.setLocal(local);
    this.#changed |= 1 << register;
  }

  /** The local of a register. */
  register(register: number): number {
    if (register === 15) throw new Error('R15 has no local');
    const known = this.#registers[register] as number;
    if (known >= 0) return known;
    const local = this.newLocal(I32);
    this.#registers[register] = local;
    return local;
  }

  /** A register is about to change: values that are its old content, and are still needed, get a local of their own. */
  #saveLeaves(register: number): void {
    let copy = -1;
    for (const leaf of this.#leaves) {
      if (leaf.register !== register || (leaf.value.spent && !leaf.value.kept)) continue;
      if (leaf.value.local !== this.#registers[register]) continue;
      if (copy < 0) {
        copy = this.temporary(I32);
        this.getLocal(leaf.value.local);
        this.setLocal(copy);
      }
      leaf.value.local = copy;
    }
  }

  // The rest of the state, which stays in memory

  /** A scalar of `core/cpu/scalars.ts`. */
  scalar(index: number): Value {
    return this.hold(this.stateAt(I32, SCALARS_OFFSET + 4 * index));
  }

  setScalar(index: number, value: Value): void {
    this.setStateAt(I32, SCALARS_OFFSET + 4 * index, value);
  }

  /** A word of the extension registers. */
  fpWord(index: Field): Value {
    return this.hold(this.stateAt(I32, FP_OFFSET + 4 * index));
  }

  setFpWord(index: Field, value: Value): void {
    this.setStateAt(I32, FP_OFFSET + 4 * index, value);
  }

  /** What lies at an offset from the processor's place; to be written at once. */
  stateAt(type: ValueType, offset: number): Value {
    const local = this.temporary(type);
    this.getLocal(CPU);
    this.memory(LOADS[type] as number, type === I64 || type === F64 ? 3 : 2, offset);
    this.setLocal(local);
    return inLocal(type, local);
  }

  setStateAt(type: ValueType, offset: number, value: Value): void {
    if (this.predicate !== undefined) throw new Error('only registers change under a predicate');
    this.getLocal(CPU);
    this.put(value);
    this.memory(STORES[type] as number, type === I64 || type === F64 ? 3 : 2, offset);
  }

  /** The same by any opcode that loads. */
  stateBy(op: number, type: ValueType, offset: number): Value {
    const local = this.temporary(type);
    this.getLocal(CPU);
    this.memory(op, 0, offset);
    this.setLocal(local);
    return inLocal(type, local);
  }

  /** A load or store: opcode, alignment as a power of two, constant offset. */
  memory(op: number, alignment: number, offset: number): void {
    this.opcode(op);
    this.code.unsigned(alignment);
    this.code.unsigned(offset);
  }

  // Accesses

  load(width: Width, address: Value): Value {
    // Another page might not be in the TLB, and then the access would put it there.
    if (width === 32 && address.isConstant && (address.constant ^ this.place.pc) >>> 12 === 0) {
      const literal = this.literal(address.constant);
      if (literal !== undefined) return constant(literal);
    }
    const va = this.hold(address);
    const pair = this.#find(READ, va, (width >> 3) - 1, 0);
    const local = this.temporary(I32);
    this.#place(va, pair, READ);
    this.memory(LOAD[width], ALIGNMENT[width], 0);
    this.setLocal(local);
    return inLocal(I32, local);
  }

  store(width: Width, address: Value, value: Value): void {
    const va = this.hold(address);
    const pair = this.#find(WRITE, va, (width >> 3) - 1, 0);
    this.#place(va, pair, WRITE);
    this.put(value);
    this.memory(STORE[width], ALIGNMENT[width], 0);
  }

  /**
   * One look at the tables for a transfer of several words that begins at an aligned address and stays within a page; else the interpreter
   * does it. Returns the place in the arena.
   */
  window(address: Value, bytes: number, write: boolean, alignment = 4): Value {
    const va = this.hold(address);
    const table = write ? WRITE : READ;
    const pair = this.#find(table, va, alignment - 1, bytes - alignment);
    const local = this.temporary(I32);
    this.#place(va, pair, table);
    this.setLocal(local);
    return inLocal(I32, local);
  }

  /** A value of a window. */
  loadAt(type: ValueType, window: Value, offset: number): Value {
    const local = this.temporary(type);
    this.put(window);
    this.memory(LOADS[type] as number, 2, offset);
    this.setLocal(local);
    return inLocal(type, local);
  }

  storeAt(type: ValueType, window: Value, offset: number, value: Value): void {
    this.put(window);
    this.put(value);
    this.memory(STORES[type] as number, 2, offset);
  }

  /** Leaves unless the pair of an address is there; returns the place of the pair. `last`: offset of the last part of the access. */
  #find(table: number, va: Value, low: number, last: number): Value {
    const index = binary(OP.i32_and, binary(OP.i32_shr_u, va, constant(SLOT_SHIFT)), constant(SLOT_MASK));
    const pair = this.hold(binary(OP.i32_add, index, inLocal(I32, TABLES)));
    this.put(pair);
    this.memory(OP.i32_load, 2, table);
    this.put(binary(OP.i32_and, va, constant(0xffff_f000 | low)));
    if (last > 0) {
      this.code.byte(OP.i32_xor);
      // The last part is on the same page if its page bits are those of the first.
      this.put(binary(OP.i32_and, binary(OP.i32_xor, va, binary(OP.i32_add, va, constant(last))), constant(0xffff_f000)));
      this.code.byte(OP.i32_or);
    } else this.code.byte(OP.i32_ne);
    this.#leaveIf(LEAVE.interpret);
    return pair;
  }

  /** Place of the pair of an address to execute, without the table's own offset. */
  executePair(address: number): Value {
    return binary(OP.i32_add, inLocal(I32, TABLES), constant((address >>> SLOT_SHIFT) & SLOT_MASK));
  }

  #place(va: Value, pair: Value, table: number): void {
    this.put(pair);
    this.memory(OP.i32_load, 2, table + 4);
    this.put(va);
    this.code.byte(OP.i32_add);
  }

  /** Begins a block. */
  beginBlock(): void {
    this.#vfpChecked = false;
  }

  /** Leaves unless VFP is enabled in every way, which within a region does not change. */
  checkVfp(): void {
    if (this.#vfpChecked) return;
    this.leaveIf(binary(OP.i32_eq, this.stateAt(I32, SCRATCH_OFFSET + 4 * VFP_OPEN), constant(0)));
    this.#vfpChecked = this.#choices === 0;
  }

  // Control

  /** A choice at run time. */
  when(condition: Value, then: () => void, otherwise?: () => void): void {
    if (condition.isConstant) return condition.constant !== 0 ? then() : otherwise?.();
    this.#secure();
    this.put(condition);
    this.open(OP.if);
    this.#choices++;
    const before = this.flags.state;
    then();
    const after = this.flags.state;
    this.flags.state = before;
    if (otherwise !== undefined || after !== before) {
      if (after !== before) this.#settleAs(after);
      this.code.byte(OP.else);
      otherwise?.();
      if (this.flags.state !== after) this.flags.settle();
    }
    this.close();
    this.#choices--;
    if (this.flags.state !== after) this.flags.state = UNKNOWN;
  }

  #settleAs(state: number): void {
    const now = this.flags.state;
    this.flags.state = state;
    this.flags.settle();
    this.flags.state = now;
  }

  open(kind: number): void {
    this.code.byte(kind);
    this.code.byte(NOTHING);
    this.depth++;
  }

  close(): void {
    this.code.byte(OP.end);
    this.depth--;
  }

  /** Branches to a label, named by the depth at which its block was opened. */
  br(level: number): void {
    this.code.byte(OP.br);
    this.code.unsigned(this.depth - level);
  }

  /** The same if what is pushed is not 0. */
  brIf(level: number): void {
    this.code.byte(OP.br_if);
    this.code.unsigned(this.depth - level);
  }

  branch(address: Value): void {
    const interworks = this.target?.interworks ?? false;
    if (address.isConstant) this.target = { address: address.constant, interworks };
    else {
      this.putInto(address, this.pc);
      this.target = { address: undefined, interworks };
    }
  }

  /** Which instruction set follows; the last effect but the branch. */
  setThumb(thumb: Value): void {
    if (thumb.isConstant && (thumb.constant !== 0) === this.place.thumb) return;
    this.putInto(this.keep(thumb), this.#thumb);
    this.target = { address: undefined, interworks: true };
  }

  /** Stores the instruction set that a branch chose. */
  storeThumb(): void {
    this.setScalar(S.T, inLocal(I32, this.#thumb));
  }

  /** Pushes whether a branch in the local `pc` goes to an address in this instruction set. */
  isTarget(address: number, interworks: boolean): void {
    this.put(binary(OP.i32_eq, inLocal(I32, this.pc), constant(address)));
    if (!interworks) return;
    this.put(binary(OP.i32_eq, inLocal(I32, this.#thumb), constant(this.place.thumb ? 1 : 0)));
    this.code.byte(OP.i32_and);
  }

  /** Leaves before the instruction in hand, if what is pushed is not 0. */
  #leaveIf(why: number): void {
    this.open(OP.if);
    this.leave(this.place.pc, why, this.place.count);
    this.close();
  }

  /** Leaves the instruction in hand to the interpreter. */
  interpret(): void {
    this.leave(this.place.pc, LEAVE.interpret, this.place.count);
  }

  /** Leaves before the instruction in hand, if a condition holds. */
  leaveIf(condition: Value): void {
    this.put(condition);
    this.#leaveIf(LEAVE.interpret);
  }

  /** Takes instructions from the budget. */
  spend(count: number): void {
    if (count === 0) return;
    this.getLocal(this.budget);
    this.code.byte(OP.i32_const);
    this.code.signed(count);
    this.code.byte(OP.i32_sub);
    this.setLocal(this.budget);
  }

  /** Returns to the dispatcher, to go on at an address, or where the local `pc` says; `count`: instructions since the budget was last counted. */
  leave(address: number | undefined, why: number, count: number): void {
    if (address !== undefined) {
      this.put(constant(address));
      this.setLocal(this.pc);
    }
    this.spend(count);
    this.flags.settle();
    if (this.place.it !== 0 && why === LEAVE.interpret) this.#storeIT(this.place.it);
    this.put(constant(why));
    this.setLocal(this.why);
    this.br(OUTERMOST);
  }

  #storeIT(it: number): void {
    this.getLocal(CPU);
    this.put(constant(it));
    this.memory(OP.i32_store, 2, SCALARS_OFFSET + 4 * S.IT);
  }

  /**
   * Has the interpreter execute the instruction in hand. `registers` are all that the region uses, `changed` those that the instruction may
   * change. Returns with the budget counted up to and including it.
   */
  outside(registers: readonly number[], changed: readonly number[], changesFlags: boolean): void {
    const { pc, size, count, it } = this.place;
    this.spend(count);
    if (it !== 0) this.#storeIT(it);
    this.flags.local('kind');
    this.flags.settle();
    for (const register of registers) this.#spill(this.register(register), 4 * register);
    for (const i of FLAG_LOCALS.keys()) this.#spill(this.flags.first + i, SCRATCH_OFFSET + 4 * i);
    this.put(constant(pc));
    this.setLocal(this.pc);
    this.#spill(this.pc, SCALARS_OFFSET + 4 * S.NEXT);
    this.#spill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    this.put(constant(pc + size));
    this.code.byte(OP.call);
    this.code.unsigned(0);
    this.code.byte(OP.local_tee);
    this.code.unsigned(this.why);
    this.open(OP.if);
    this.getLocal(this.why);
    this.code.byte(OP.return);
    this.close();
    if (it !== 0) this.#storeIT(0);
    this.#fill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    for (const register of changed) this.#fill(this.register(register), 4 * register);
    if (!changesFlags) return;
    for (const i of FLAG_LOCALS.keys()) this.#fill(this.flags.first + i, SCRATCH_OFFSET + 4 * i);
    this.flags.state = PACKED;
  }

  /** Pushes what a function returns that each batch has, of the processor and a number. */
  callFunction(index: number, operand: number): void {
    this.getLocal(CPU);
    this.put(constant(operand));
    this.code.byte(OP.call);
    this.code.unsigned(1 + index);
  }

  // The function

  /** The whole function: locals, what loads them, the code, what stores them. */
  finish(out: Writer): void {
    const body = new Writer();
    this.#locals(body);
    const code = this.code.bytes.slice();
    this.code.clear();
    for (const [register, local] of this.#registers.entries()) if (local >= 0) this.#fill(local, 4 * register);
    this.#fill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    if (this.flags.first >= 0) for (const i of FLAG_LOCALS.keys()) this.#fill(this.flags.first + i, SCRATCH_OFFSET + 4 * i);
    body.append(this.code.bytes);
    body.byte(OP.block);
    body.byte(NOTHING);
    body.append(code);
    body.byte(OP.end);
    this.code.clear();
    this.#epilogue();
    body.append(this.code.bytes);
    out.unsigned(body.length);
    out.append(body.bytes);
  }

  #locals(body: Writer): void {
    const runs: [ValueType, number][] = [];
    for (const type of this.types) {
      const last = runs.at(-1);
      if (last?.[0] === type) last[1]++;
      else runs.push([type, 1]);
    }
    body.unsigned(runs.length);
    for (const [type, count] of runs) {
      body.unsigned(count);
      body.byte(type);
    }
  }

  #fill(local: number, offset: number): void {
    this.getLocal(CPU);
    this.memory(OP.i32_load, 2, offset);
    this.setLocal(local);
  }

  #spill(local: number, offset: number): void {
    this.getLocal(CPU);
    this.getLocal(local);
    this.memory(OP.i32_store, 2, offset);
  }

  #epilogue(): void {
    for (const [register, local] of this.#registers.entries()) {
      if (local >= 0 && (this.#changed & (1 << register)) !== 0) this.#spill(local, 4 * register);
    }
    if (this.flags.written) for (const i of FLAG_LOCALS.keys()) this.#spill(this.flags.first + i, SCRATCH_OFFSET + 4 * i);
    this.#spill(this.pc, SCALARS_OFFSET + 4 * S.NEXT);
    this.#spill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    this.getLocal(this.why);
    this.code.byte(OP.end);
  }
}
