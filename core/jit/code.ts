/**
 * WebAssembly code in the making: locals, values that become code when they are needed, blocks. What is written is one function.
 */
import { inLocal, type Value } from './value.ts';
import { I32, NOTHING, OP, type ValueType, Writer } from './wasm.ts';

/** Parameters of a translated function. */
export const CPU = 0;
export const TABLES = 1;
const PARAMETERS = 2;

/** One function is written at a time, all in the same place: a new one for each would be garbage outside the heap. */
const CODE = new Writer();

export class Code {
  readonly code = CODE;
  /** Types of the locals, after the parameters. */
  readonly types: ValueType[] = [];
  /** Blocks that are open. */
  depth = 0;
  /** Branches of which it is known how they go: the place of each in the code, doubled, and 1 if its condition usually holds. */
  readonly hints: number[] = [];
  /** Free locals by type, of which I32 is the highest, and those that the instruction in hand took. */
  readonly #free: readonly number[][] = [[], [], [], [], []];
  readonly #taken: { readonly type: ValueType; readonly local: number }[] = [];
  /** Kept values that are not written yet. */
  readonly #waiting: Value[] = [];

  constructor() {
    CODE.clear();
  }

  // Locals

  /** Parameters of the function. */
  get parameters(): number {
    return PARAMETERS;
  }

  newLocal(type: ValueType): number {
    this.types.push(type);
    return this.parameters + this.types.length - 1;
  }

  /** A local for the instruction in hand. */
  temporary(type: ValueType): number {
    const local = this.#free[I32 - type]?.pop() ?? this.newLocal(type);
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

  /** Begins an instruction: what the last one needed is free again. */
  release(): void {
    this.#waiting.length = 0;
    for (const { type, local } of this.#taken) this.#free[I32 - type]?.push(local);
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

  /** Writes what pushes a word that is known. */
  putNumber(number: number): void {
    this.code.byte(OP.i32_const);
    this.code.signed(number);
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
    if (op === OP.i32_const) return this.putNumber(number);
    this.opcode(op);
    if (op === OP.i64_const) code.signed64(number);
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

  /** A load or store: opcode, alignment as a power of two, constant offset. */
  memory(op: number, alignment: number, offset: number): void {
    this.opcode(op);
    this.code.unsigned(alignment);
    this.code.unsigned(offset);
  }

  /** Puts what is made but not yet written into locals, because code follows that may be passed over. */
  secure(): void {
    for (const value of this.#waiting) if (value.local < 0) this.#toTemporary(value);
    this.#waiting.length = 0;
  }

  #toTemporary(value: Value): void {
    this.putInto(value, this.temporary(value.type));
    value.spent = false;
  }

  // Blocks

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

  /** The next instruction is a branch whose condition usually holds, or usually does not. */
  expect(holds: boolean): void {
    this.hints.push(2 * this.code.length + (holds ? 1 : 0));
  }

  /** Writes the types of the locals. */
  putLocals(body: Writer): void {
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
}
