/** The processor's state within translated code: core registers in locals, all else in memory, at an offset from the processor's place. */
import type { Field } from '../cpu/insn.ts';
import { FP_OFFSET, SCALARS_OFFSET } from '../cpu/state.ts';
import { Code, CPU } from './code.ts';
import { FpCache } from './lowering/vfp-cache.ts';
import { Homes } from './lowering/vfp-homes.ts';
import { constant, inLocal, type Value } from './value.ts';
import { F32, F64, I32, I64, OP, SIMD, V128, type ValueType } from './wasm.ts';

export const LOADS: { readonly [type: number]: number } = {
  [I32]: OP.i32_load,
  [I64]: OP.i64_load,
  [F32]: OP.f32_load,
  [F64]: OP.f64_load,
  [V128]: SIMD.load,
};
export const STORES: { readonly [type: number]: number } = {
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

export class Frame extends Code {
  /** What is known of the extension registers and of FPSCR. */
  readonly fp = new FpCache(this);
  /** Extension registers that are in locals. */
  readonly homes = new Homes(this);
  place: Place = { pc: 0, size: 4, thumb: false, it: 0, count: 0 };
  /** If it is set, registers change only where it holds. */
  predicate: Value | undefined;
  readonly #registers = new Int16Array(16).fill(-1);
  #changed = 0;
  /** Values that are a register, made by the instruction in hand. */
  readonly #leaves: { readonly register: number; readonly value: Value }[] = [];

  /** Begins an instruction. */
  begin(place: Place): void {
    this.place = place;
    this.#leaves.length = 0;
    this.release();
  }

  override secure(): void {
    super.secure();
    for (const { register } of [...this.#leaves]) this.#saveLeaves(register);
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
    if (this.homes.hasSingle(index)) return this.homes.word(index);
    return this.hold(this.stateAt(I32, FP_OFFSET + 4 * index));
  }

  setFpWord(index: Field, value: Value): void {
    if (this.homes.hasSingle(index)) this.homes.setWord(index, value);
    else this.setStateAt(I32, FP_OFFSET + 4 * index, value);
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
    this.fp.forget(offset, type === V128 ? 16 : type === I64 || type === F64 ? 8 : 4);
  }

  /** The same by any opcode that loads. */
  stateBy(op: number, type: ValueType, offset: number): Value {
    const local = this.temporary(type);
    this.getLocal(CPU);
    this.memory(op, 0, offset);
    this.setLocal(local);
    return inLocal(type, local);
  }

  /** Loads all registers that have locals; stores those that changed. */
  fillRegisters(): void {
    for (const [register, local] of this.#registers.entries()) if (local >= 0) this.fill(local, 4 * register);
  }

  spillRegisters(): void {
    for (const [register, local] of this.#registers.entries()) {
      if (local >= 0 && (this.#changed & (1 << register)) !== 0) this.spill(local, 4 * register);
    }
  }

  /** Loads a local from an offset, or stores it there. */
  fill(local: number, offset: number): void {
    this.getLocal(CPU);
    this.memory(OP.i32_load, 2, offset);
    this.setLocal(local);
  }

  spill(local: number, offset: number): void {
    this.getLocal(CPU);
    this.getLocal(local);
    this.memory(OP.i32_store, 2, offset);
  }
}
