/**
 * What the staged instructions write with: registers and flags in locals, accesses through the fast tables, and exits. One emitter writes
 * one function, the translation of a region. Its parameters are the places in the arena of the processor and of the fast tables in use.
 *
 * An exit comes before the instruction that causes it has changed anything, so that the interpreter can execute that instruction instead.
 */
import { FastTable } from '../cpu/fast-table.ts';
import * as S from '../cpu/scalars.ts';
import { SCALARS_OFFSET, SCRATCH_OFFSET } from '../cpu/state.ts';
import { CPU, TABLES } from './code.ts';
import { Flags } from './flags.ts';
import { Frame, LOADS, type Place, STORES } from './frame.ts';
import { binary, constant, inLocal, type Value } from './value.ts';
import { I32, OP, type ValueType, Writer } from './wasm.ts';

/**
 * What the dispatcher returns: that it has no code at NEXT; that the engine has to look up; that a region was entered so often that a larger one
 * is due; or else, odd, the number of an exit. A region returns the same odd numbers, or the even address where to go on.
 */
export const LEAVE = { miss: 0, attend: 1, warm: 2 } as const;
/** Why a region is left by one of its exits: to have one instruction interpreted, or because time is short. */
export const WHY = { interpret: 0, budget: 1 } as const;
/** Numbers of an exit: where it is, the reason and ITSTATE, instructions that are not counted yet, what changes of how the flags are held. */
export const EXIT = { pc: 0, why: 1, count: 2, kept: 3, kinds: 4, numbers: 5 } as const;
export const exitOf = (left: number): number => ((left >>> 1) - 1) * EXIT.numbers;

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

/** Where an instruction leads that branches: to a known address, or to what is in the local `pc`. */
export interface Target {
  readonly address: number | undefined;
  /** Changes the instruction set: what it will be is in the local `thumb`. */
  readonly interworks: boolean;
}

export class Emitter extends Frame {
  readonly flags = new Flags(this);
  /** Where the instruction in hand branches to, once it has. */
  target: Target | undefined;
  /** What LDM has loaded, for its own use. */
  readonly loaded: Value[] = [];
  /** Reads a word of the page of the code, which is as constant as the code. */
  literal: (address: number) => number | undefined = () => undefined;
  /** Leaves the instruction in hand to the interpreter and goes on after it; of those that change nothing but what they name. */
  fallback: () => void = () => this.interpret();
  readonly pc: number;
  readonly budget: number;
  /** Instructions that ran before the block in hand and are not taken from the budget yet. */
  owed = 0;
  /** The exits of the function, `EXIT.numbers` each. */
  readonly exits: number[] = [];
  readonly #thumb: number;
  #vfpChecked = false;
  #callsFunctions = false;
  /** Choices at run time around the code in hand. */
  #choices = 0;

  constructor() {
    super();
    this.pc = this.newLocal(I32);
    this.budget = this.newLocal(I32);
    this.#thumb = this.newLocal(I32);
  }

  /** Begins an instruction. */
  override begin(place: Place): void {
    super.begin(place);
    this.target = undefined;
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
    this.#leaveIf(WHY.interpret, () => {
      this.put(pair);
      this.memory(OP.i32_load, 2, table);
      this.put(binary(OP.i32_and, va, constant(0xffff_f000 | low)));
      if (last > 0) {
        this.code.byte(OP.i32_xor);
        // The last part is on the same page if its page bits are those of the first.
        this.put(binary(OP.i32_and, binary(OP.i32_xor, va, binary(OP.i32_add, va, constant(last))), constant(0xffff_f000)));
        this.code.byte(OP.i32_or);
      } else this.code.byte(OP.i32_ne);
    });
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
    this.fp.clear();
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
    this.secure();
    this.put(condition);
    this.open(OP.if);
    this.#choices++;
    const before = this.flags.held;
    const known = this.fp.known;
    then();
    const afterwards = this.fp.known;
    const changed = !this.flags.isHeld(before);
    if (changed) this.flags.settle();
    const after = this.flags.state;
    this.flags.held = before;
    this.fp.known = known;
    if (otherwise !== undefined || changed) {
      this.code.byte(OP.else);
      otherwise?.();
      if (!changed && !this.flags.isHeld(before)) throw new Error('only one way changes the flags');
      if (changed) this.flags.settle();
    }
    this.close();
    this.#choices--;
    this.fp.meet(afterwards);
    if (changed) this.flags.inMemory(Flags.meet(after, this.flags.state));
    else this.flags.held = before;
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

  /** Pushes the number of an exit before the instruction in hand. */
  #putExit(why: number): void {
    const { pc, it, count } = this.place;
    const { exits } = this;
    const { kept, kinds } = this.flags.atExit;
    const exit = [pc, why | (it << 8), count, kept, kinds];
    const last = exits.length - EXIT.numbers;
    if (last < 0 || exit.some((number, i) => exits[last + i] !== number)) exits.push(...exit);
    this.put(constant((exits.length / EXIT.numbers) * 2 + 1));
  }

  /** Leaves before the instruction in hand, if what is pushed is not 0. */
  #leaveIf(why: number, push: () => void): void {
    if (this.flags.areStored) {
      this.#putExit(why);
      push();
      this.brIf(OUTERMOST);
      this.code.byte(OP.drop);
      return;
    }
    push();
    this.open(OP.if);
    this.#leave(why);
    this.close();
  }

  #leave(why: number): void {
    this.flags.storeWords();
    this.#putExit(why);
    this.br(OUTERMOST);
  }

  /** Leaves the instruction in hand to the interpreter. */
  interpret(): void {
    this.#leave(WHY.interpret);
  }

  /** Leaves before the instruction in hand, if a condition holds. */
  leaveIf(condition: Value, why: number = WHY.interpret): void {
    this.#leaveIf(why, () => this.put(condition));
  }

  /** Goes on elsewhere: at an address, or where the local `pc` says. */
  goTo(address: number | undefined): void {
    this.pay();
    this.flags.store();
    this.put(address === undefined ? inLocal(I32, this.pc) : constant(address));
    this.br(OUTERMOST);
  }

  /** The same if a condition holds. */
  goToIf(condition: Value, address: number): void {
    this.pay();
    this.flags.settle();
    this.put(constant(address));
    this.put(condition);
    this.brIf(OUTERMOST);
    this.code.byte(OP.drop);
  }

  /** Takes what is owed from the budget. */
  pay(): void {
    this.spend(this.owed);
    this.owed = 0;
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
    this.fp.clear();
    this.spend(count);
    if (it !== 0) this.#storeIT(it);
    this.flags.store();
    for (const register of registers) this.spill(this.register(register), 4 * register);
    this.put(constant(pc));
    this.setLocal(this.pc);
    this.spill(this.pc, SCALARS_OFFSET + 4 * S.NEXT);
    this.spill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    this.put(constant(pc + size));
    this.code.byte(OP.call);
    this.code.unsigned(0);
    this.open(OP.if);
    this.put(constant(LEAVE.attend));
    this.code.byte(OP.return);
    this.close();
    if (it !== 0) this.#storeIT(0);
    this.fill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    for (const register of changed) this.fill(this.register(register), 4 * register);
    if (changesFlags) this.flags.inMemory();
  }

  /** Pushes what a function returns that each batch has, of the processor and a number. */
  callFunction(index: number, operand: number): void {
    this.getLocal(CPU);
    this.put(constant(operand));
    this.code.byte(OP.call);
    this.code.unsigned(1 + index);
    this.#callsFunctions = true;
  }

  // The function

  /** The whole function: locals, what loads them, the code, what stores them. */
  finish(out: Writer): void {
    const body = new Writer();
    this.putLocals(body);
    const code = this.code.bytes.slice();
    this.code.clear();
    this.fillRegisters();
    this.fill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    body.append(this.code.bytes);
    body.byte(OP.block);
    body.byte(I32);
    body.append(code);
    body.byte(OP.end);
    this.code.clear();
    this.#epilogue();
    body.append(this.code.bytes);
    out.callsFunctions ||= this.#callsFunctions;
    out.unsigned(body.length);
    out.append(body.bytes);
  }

  #epilogue(): void {
    this.spillRegisters();
    this.spill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    this.code.byte(OP.end);
  }
}
