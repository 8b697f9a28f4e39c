/**
 * Extension registers in locals: where all of a region's floating point is VFP's, each register that it names has a home there as the core
 * registers have, filled on entry and stored on the way out. A D register's home is one double or two singles, as most of the region's
 * instructions see it; the others convert, bit by bit. Reference: Arm DDI 0406C, A2.6.2.
 */
import type { Op } from '../../cpu/decode.ts';
import { FP_OFFSET } from '../../cpu/state.ts';
import type { Code } from '../code.ts';
import { inLocal, Value } from '../value.ts';
import { F32, F64, I32, I64, OP } from '../wasm.ts';

/** An operand's name, and whether it is a single, a double, what `sz` says, or what it does not. */
type Use = readonly [name: string, format: 'single' | 'double' | 'sz' | 'other'];
const THREE: readonly Use[] = [
  ['d', 'sz'],
  ['n', 'sz'],
  ['m', 'sz'],
];
const TWO: readonly Use[] = [
  ['d', 'sz'],
  ['m', 'sz'],
];
const ONE: readonly Use[] = [['d', 'sz']];

/** The instructions that read and write registers through their homes. */
const USES: Readonly<Record<string, readonly Use[]>> = {
  ...Object.fromEntries(
    ['ADD', 'SUB', 'MUL', 'NMUL', 'DIV', 'MLA', 'MLS', 'NMLA', 'NMLS', 'FMA', 'FMS', 'FNMA', 'FNMS'].map((name) => [
      `V${name}`,
      THREE,
    ]),
  ),
  VSQRT: TWO,
  VABS: TWO,
  VNEG: TWO,
  VMOV_reg: TWO,
  VCMP: TWO,
  VCMP_zero: ONE,
  VMOV_imm: ONE,
  VLDR: ONE,
  VSTR: ONE,
  VLDM: ONE,
  VSTM: ONE,
  VCVT_from_fixed: ONE,
  VCVT_to_fixed: ONE,
  VCVT_from_integer: [
    ['d', 'sz'],
    ['m', 'single'],
  ],
  VCVT_to_integer: [
    ['d', 'single'],
    ['m', 'sz'],
  ],
  VCVT_precision: [
    ['d', 'other'],
    ['m', 'sz'],
  ],
  VMOV_core_to_single: [['n', 'single']],
  VMOV_single_to_core: [['n', 'single']],
  VMOV_core_to_double: [['m', 'double']],
  VMOV_double_to_core: [['m', 'double']],
  VMOV_core_to_singles: [['m', 'single']],
  VMOV_singles_to_core: [['m', 'single']],
  VMRS: [],
  VMSR: [],
};
const isFloat = ({ name }: Op): boolean => name[0] === 'V';
/** Transfers say less about how a register is best kept than arithmetic. */
const ARITHMETIC = 3;

const DOUBLES = 1;
const SINGLES = 2;

const unary = (type: typeof F32 | typeof F64 | typeof I32 | typeof I64, op: number, a: Value): Value => new Value(type, op, a);
const long = (op: number, a: Value, b: Value): Value => new Value(I64, op, a, b);
const wide = (value: number): Value => new Value(I64, OP.i64_const, undefined, undefined, undefined, value);
const bitsOf = (value: Value): Value =>
  value.type === F64 ? unary(I64, OP.i64_reinterpret_f64, value) : unary(I32, OP.i32_reinterpret_f32, value);
const asDouble = (bits: Value): Value => unary(F64, OP.f64_reinterpret_i64, bits);
const extended = (word: Value): Value => unary(I64, OP.i64_extend_i32_u, word);

/** Most regions have none: it stays as it is. */
const NONE = new Uint8Array(32);

export class Homes {
  readonly #code: Code;
  /** By D register, how it is kept; 0: in memory. */
  #kinds = NONE;
  /** By word: the local of a single, or of the double that begins there. */
  readonly #locals: number[] = [];
  #written = NONE;
  #used = false;

  constructor(code: Code) {
    this.#code = code;
  }

  /** Gives homes to the registers of instructions, if all those of floating point use them. */
  plan(ops: readonly Op[]): void {
    if (!ops.some(isFloat)) return;
    const scores = new Int16Array(32);
    const seen = new Uint8Array(32);
    for (const op of ops) {
      if (!isFloat(op)) continue;
      const uses = USES[op.name];
      if (uses === undefined) return;
      for (const use of uses) count(op, use, uses === THREE || uses === TWO ? ARITHMETIC : 1, seen, scores);
    }
    this.#kinds = new Uint8Array(32);
    this.#written = new Uint8Array(32);
    for (let d = 0; d < 32; d++) if (seen[d] !== 0) this.#settle(d, (scores[d] as number) >= 0 || d > 15);
  }

  #settle(d: number, double: boolean): void {
    this.#used = true;
    this.#kinds[d] = double ? DOUBLES : SINGLES;
    this.#locals[2 * d] = this.#code.newLocal(double ? F64 : F32);
    if (!double) this.#locals[2 * d + 1] = this.#code.newLocal(F32);
  }

  hasDouble(d: number): boolean {
    return this.#kinds[d] !== 0;
  }
  hasSingle(s: number): boolean {
    return this.#kinds[s >> 1] !== 0;
  }

  #single(s: number): Value {
    return inLocal(F32, this.#locals[s] as number);
  }

  double(d: number): Value {
    if (this.#kinds[d] === DOUBLES) return inLocal(F64, this.#locals[2 * d] as number);
    const [low, high] = [extended(bitsOf(this.#single(2 * d))), extended(bitsOf(this.#single(2 * d + 1)))];
    return this.#code.hold(asDouble(long(OP.i64_or, low, long(OP.i64_shl, high, wide(32)))));
  }

  /** A single's bits. */
  word(s: number): Value {
    if (this.#kinds[s >> 1] === SINGLES) return this.#code.hold(bitsOf(this.#single(s)));
    const bits = bitsOf(this.double(s >> 1));
    return this.#code.hold(unary(I32, OP.i32_wrap_i64, (s & 1) === 0 ? bits : long(OP.i64_shr_u, bits, wide(32))));
  }

  single(s: number): Value {
    if (this.#kinds[s >> 1] === SINGLES) return this.#single(s);
    return this.#code.hold(unary(F32, OP.f32_reinterpret_i32, this.word(s)));
  }

  setDouble(d: number, value: Value): void {
    this.#written[d] = 1;
    if (this.#kinds[d] === DOUBLES) return this.#set(2 * d, value);
    const bits = this.#code.hold(bitsOf(value));
    this.#set(2 * d, unary(F32, OP.f32_reinterpret_i32, unary(I32, OP.i32_wrap_i64, bits)));
    this.#set(2 * d + 1, unary(F32, OP.f32_reinterpret_i32, unary(I32, OP.i32_wrap_i64, long(OP.i64_shr_u, bits, wide(32)))));
  }

  setSingle(s: number, value: Value): void {
    if (this.#kinds[s >> 1] !== SINGLES) return this.setWord(s, bitsOf(value));
    this.#written[s >> 1] = 1;
    this.#set(s, value);
  }

  setWord(s: number, word: Value): void {
    this.#written[s >> 1] = 1;
    if (this.#kinds[s >> 1] === SINGLES) return this.#set(s, unary(F32, OP.f32_reinterpret_i32, word));
    const other = long(OP.i64_and, bitsOf(this.double(s >> 1)), wide((s & 1) === 0 ? -(2 ** 32) : 2 ** 32 - 1));
    const bits = extended(word);
    this.#set(s & ~1, asDouble(long(OP.i64_or, other, (s & 1) === 0 ? bits : long(OP.i64_shl, bits, wide(32)))));
  }

  #set(at: number, value: Value): void {
    this.#code.put(value);
    this.#code.setLocal(this.#locals[at] as number);
  }

  // To memory and back: on entry and on the way out, and around what works on memory.

  /** Reads the homes of the registers from an offset on. */
  fill(offset = FP_OFFSET, bytes = 256): void {
    this.#each(offset, bytes, (code, local, type, at) => {
      code.getLocal(0);
      code.memory(type === F64 ? OP.f64_load : OP.f32_load, 2, at);
      code.setLocal(local);
    });
  }

  store(offset = FP_OFFSET, bytes = 256): void {
    this.#each(offset, bytes, (code, local, type, at) => {
      code.getLocal(0);
      code.getLocal(local);
      code.memory(type === F64 ? OP.f64_store : OP.f32_store, 2, at);
    });
  }

  /** What the region changes: to be called at its end. */
  storeWritten(): void {
    for (let d = 0; this.#used && d < 32; d++) if (this.#written[d] !== 0) this.store(FP_OFFSET + 8 * d, 8);
  }

  /** Reads what an instruction has changed in memory. */
  refill(offset: number, bytes: number): void {
    if (!this.#used) return;
    for (let d = (offset - FP_OFFSET) >> 3; 8 * d < offset - FP_OFFSET + bytes; d++) this.#written[d] = 1;
    this.fill(offset, bytes);
  }

  #each(
    offset: number,
    bytes: number,
    write: (code: Code, local: number, type: typeof F32 | typeof F64, at: number) => void,
  ): void {
    if (!this.#used) return;
    const [first, last] = [(offset - FP_OFFSET) >> 3, (offset - FP_OFFSET + bytes - 1) >> 3];
    for (let d = first; d <= last; d++) {
      const at = FP_OFFSET + 8 * d;
      const [low, high] = [this.#locals[2 * d] as number, this.#locals[2 * d + 1] as number];
      if (this.#kinds[d] === DOUBLES) write(this.#code, low, F64, at);
      else if (this.#kinds[d] === SINGLES) {
        write(this.#code, low, F32, at);
        write(this.#code, high, F32, at + 4);
      }
    }
  }
}

/** Counts a use of registers: up if they are doubles, down if they are singles. */
function count({ operands }: Op, [name, format]: Use, weight: number, seen: Uint8Array, scores: Int16Array): void {
  const double = format === 'double' || (format !== 'single' && operands['sz'] === (format === 'sz' ? 1 : 0));
  const first = operands[name] as number;
  const registers = operands['regs'] ?? (format === 'single' && operands['Rt2'] !== undefined ? 2 : 1);
  for (let i = first; i < first + registers; i++) {
    const d = double ? i : i >> 1;
    seen[d & 31] = 1;
    scores[d & 31] = (scores[d & 31] as number) + (double ? weight : -weight);
  }
}
