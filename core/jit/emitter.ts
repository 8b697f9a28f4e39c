/**
 * What the staged instructions write with: registers and flags in locals, accesses through the fast tables, and exits. One emitter writes
 * one function, the translation of a region. Its parameters are the places in the arena of the processor and of the fast tables in use.
 *
 * An exit comes before the instruction that causes it has changed anything, so that the interpreter can execute that instruction instead.
 */
import { FastTable } from '../cpu/fast-table.ts';
import { LEN, STRIDE } from '../cpu/fp/fpscr.ts';
import * as S from '../cpu/scalars.ts';
import { SCALARS_OFFSET, SCRATCH_OFFSET } from '../cpu/state.ts';
import { CPU, TABLES } from './code.ts';
import { Flags } from './flags.ts';
import { LOADS, type Place, STORES } from './frame.ts';
import { LEAVE, Leaving, OUTERMOST, WHY } from './leaving.ts';
import type { Compared } from './lowering/vfp-comparison.ts';
import { STATUS_OFFSET } from './lowering/vfp-format.ts';
import { NOTE } from './targets.ts';
import { binary, constant, inLocal, type Value } from './value.ts';
import { type F32, type F64, I32, OP, type ValueType, Writer } from './wasm.ts';

export { EXIT, exitOf, LEAVE, WHY } from './leaving.ts';

const READ = 0;
const WRITE = FastTable.BYTES;
export const EXECUTE = 2 * FastTable.BYTES;
/** Place in `Cpu.scratch` of whether VFP is enabled. */
export const VFP_OPEN = 8;
/** From an address to the byte offset of its pair; the same as `slot` of the fast table. */
const SLOT_SHIFT = 9;
const SLOT_MASK = FastTable.BYTES - 8;

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

const BODY = new Writer();

/** The place of an address's pair, without the table's own offset. */
const pairOf = (va: Value): Value =>
  binary(
    OP.i32_add,
    inLocal(I32, TABLES),
    binary(OP.i32_and, binary(OP.i32_shr_u, va, constant(SLOT_SHIFT)), constant(SLOT_MASK)),
  );

export class Emitter extends Leaving {
  /** Where the instruction in hand branches to, once it has. */
  target: Target | undefined;
  /** What LDM has loaded, for its own use. */
  readonly loaded: Value[] = [];
  /** Reads a word of the page of the code, which is as constant as the code. */
  literal: (address: number) => number | undefined = () => undefined;
  /** Leaves the instruction in hand to the interpreter and goes on after it; of those that change nothing but what they name. */
  fallback: () => void = () => this.interpret();
  /** The same for one that reads and changes extension registers and FPSCR alone, which must be in memory. */
  fallbackFloat: () => void = () => this.interpret();
  readonly #thumb: number;
  /** The locals of which FPSCR's flags are the comparison. */
  compared: Compared | undefined;
  #vfpChecked = false;
  readonly #comparisons: Compared[] = [];
  /** Whether the code calls functions that its module must have (lowering/vfp-functions.ts). */
  callsFunctions = false;
  /** Choices at run time around the code in hand. */
  #choices = 0;

  constructor() {
    super();
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

  /** Whether a load of a byte would find its page at once. */
  isReadable(address: Value): Value {
    const va = this.hold(address);
    return binary(OP.i32_eq, this.loadAt(I32, pairOf(va), READ), binary(OP.i32_and, va, constant(0xffff_f000)));
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
    const pair = this.hold(pairOf(va));
    this.leaveWhere(WHY.interpret, () => {
      this.put(pair);
      this.memory(OP.i32_load, 2, table);
      this.put(va);
      this.code.byte(OP.i32_xor);
      this.put(constant(0xffff_f000 | low));
      this.code.byte(OP.i32_and);
      if (last > 0) {
        // The last part is on the same page if its page bits are those of the first.
        this.put(binary(OP.i32_and, binary(OP.i32_xor, va, binary(OP.i32_add, va, constant(last))), constant(0xffff_f000)));
        this.code.byte(OP.i32_or);
      }
    });
    return pair;
  }

  /** Place of the pair of an address to execute, without the table's own offset. */
  executePair(address: number): Value {
    return pairOf(constant(address));
  }

  #place(va: Value, pair: Value, table: number): void {
    this.put(pair);
    this.memory(OP.i32_load, 2, table + 4);
    this.put(va);
    this.code.byte(OP.i32_add);
  }

  /** Begins a block. */
  beginBlock(vfpChecked: boolean): void {
    this.#vfpChecked = vfpChecked;
    this.compared = undefined;
    this.fp.clear();
  }

  /** Whether it is known that VFP is enabled. */
  get vfpChecked(): boolean {
    return this.#vfpChecked;
  }

  /** Leaves unless VFP is enabled in every way, which within a region does not change. */
  checkVfp(): void {
    if (this.#vfpChecked) return;
    this.leaveIf(binary(OP.i32_eq, this.stateAt(I32, SCRATCH_OFFSET + 4 * VFP_OPEN), constant(0)));
    this.#vfpChecked = this.#choices === 0;
  }

  /** Locals for a comparison. */
  comparison(type: typeof F32 | typeof F64): Compared {
    const known = this.#comparisons.find((comparison) => comparison.type === type);
    if (known !== undefined) return known;
    const made = { type, x: this.newLocal(type), y: this.newLocal(type) };
    this.#comparisons.push(made);
    return made;
  }

  // Control

  /** A choice between what usually is to be done, and what calls somebody. */
  usually(condition: Value, then: () => void, otherwise: () => void): void {
    this.when(condition, then, otherwise, true);
  }

  /** A choice at run time; `usual`: whether its condition usually holds. */
  when(condition: Value, then: () => void, otherwise?: () => void, usual?: boolean): void {
    if (condition.isConstant) return condition.constant !== 0 ? then() : otherwise?.();
    this.secure();
    this.put(condition);
    if (usual !== undefined) this.expect(usual);
    this.open(OP.if);
    this.#choices++;
    const before = this.flags.held;
    const { known } = this.fp;
    const { compared } = this;
    then();
    const afterwards = this.fp.known;
    const changed = !this.flags.isHeld(before);
    if (changed) this.flags.settle();
    const after = this.flags.state;
    this.flags.held = before;
    this.fp.known = known;
    const comparedThere = this.compared;
    this.compared = compared;
    if (otherwise !== undefined || changed) {
      this.code.byte(OP.else);
      otherwise?.();
      if (!changed && !this.flags.isHeld(before)) throw new Error('only one way changes the flags');
      if (changed) this.flags.settle();
    }
    this.close();
    this.#choices--;
    this.fp.meet(afterwards);
    if (this.compared !== comparedThere || this.compared !== compared) this.compared = undefined;
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

  /** Writes down that a branch led to the address in the local `pc`. */
  note(place: number, branch: number): void {
    for (const [offset, value] of [
      [NOTE.branch, constant(branch)],
      [NOTE.target, inLocal(I32, this.pc)],
    ] as const) {
      this.put(constant(place));
      this.put(value);
      this.memory(OP.i32_store, 2, offset);
    }
  }

  /** Pushes whether a branch in the local `pc` goes to an address in this instruction set. */
  isTarget(address: number, interworks: boolean): void {
    this.put(binary(OP.i32_eq, inLocal(I32, this.pc), constant(address)));
    if (!interworks) return;
    this.put(binary(OP.i32_eq, inLocal(I32, this.#thumb), constant(this.place.thumb ? 1 : 0)));
    this.code.byte(OP.i32_and);
  }

  #storeIT(it: number): void {
    this.#storeScalar(S.IT, constant(it));
  }

  /**
   * Has the interpreter execute the instruction in hand. `registers` are all that the region uses, `changed` those that the instruction may
   * change. Returns with the budget counted up to and including it.
   */
  outside(registers: readonly number[], changed: readonly number[], changesFlags: boolean): void {
    const { pc, size, count, it } = this.place;
    this.fp.clear();
    this.compared = undefined;
    this.spend(count);
    if (it !== 0) this.#storeIT(it);
    this.flags.store();
    for (const register of registers) this.spill(this.register(register), 4 * register);
    this.homes.store();
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

  /** The same for what has nothing to do with core registers, nor with flags unless it is conditional. */
  outsideFloat(conditional: boolean): void {
    const { pc, size, count, it } = this.place;
    // Then it is UNDEFINED, which has to do with all the state.
    this.leaveIf(binary(OP.i32_and, this.stateAt(I32, STATUS_OFFSET), constant(LEN | STRIDE)));
    if (it !== 0) this.#storeIT(it);
    if (conditional) this.flags.store();
    this.#storeScalar(S.NEXT, constant(pc));
    this.#storeScalar(S.REMAINING, binary(OP.i32_sub, inLocal(I32, this.budget), constant(count)));
    this.put(constant(pc + size));
    this.code.byte(OP.call);
    this.code.unsigned(0);
    this.open(OP.if);
    this.spend(count + 1);
    this.flags.store();
    this.put(constant(LEAVE.attend));
    this.br(OUTERMOST);
    this.close();
    if (it !== 0) this.#storeIT(0);
  }

  #storeScalar(index: number, value: Value): void {
    this.getLocal(CPU);
    this.put(value);
    this.memory(OP.i32_store, 2, SCALARS_OFFSET + 4 * index);
  }

  /** Pushes what a function returns that each batch has, of the processor and a number. */
  callFunction(index: number, operand: number): void {
    this.getLocal(CPU);
    this.put(constant(operand));
    this.code.byte(OP.call);
    this.code.unsigned(1 + index);
    this.callsFunctions = true;
  }

  // The function

  /** The whole function: locals, what loads them, the code, what stores them. Returns the hints, by places in the function. */
  finish(out: Writer): Int32Array {
    const code = this.#taken();
    this.fillRegisters();
    this.homes.fill();
    this.fill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    const prologue = this.#taken();
    this.#epilogue();
    const body = BODY;
    body.clear();
    this.putLocals(body);
    body.append(prologue);
    body.byte(OP.block);
    body.byte(I32);
    const { length } = body;
    body.append(code);
    body.byte(OP.end);
    body.append(this.code.bytes);
    out.unsigned(body.length);
    out.append(body.bytes);
    return Int32Array.from(this.hints, (hint) => hint + 2 * length);
  }

  /** What is written so far, which then is no more. */
  #taken(): Uint8Array {
    const bytes = this.code.bytes.slice();
    this.code.clear();
    return bytes;
  }

  #epilogue(): void {
    this.spillRegisters();
    this.homes.storeWritten();
    this.spill(this.budget, SCALARS_OFFSET + 4 * S.REMAINING);
    this.code.byte(OP.end);
  }
}
