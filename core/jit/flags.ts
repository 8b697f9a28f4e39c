/**
 * The condition flags within translated code. What set them is kept, and they are computed where they are used:
 *   N and Z  from `result`, from the operands of a subtraction (`FUSED`), or as bits 31 and 30 of `result` (`PACKED`)
 *   C and V  each from a word of its own (`DIRECT`), or from the operands `x` and `y` of an addition or subtraction
 * Where paths meet, the words are in `Cpu.scratch`, where a byte for each of these three tells how it is held. Between, those that are set
 * are in locals, and whoever leaves stores them: on the way out, not where the code runs on.
 */
import { CPU } from './code.ts';
import {
  ADDED,
  ADDITION,
  ALL_DIRECT,
  BITS,
  CARRY,
  COMPARED,
  DIRECT,
  FLOAT,
  FUSED,
  kindsOf,
  NZ,
  OVERFLOW,
  offsetOf,
  PACKED,
  type Part,
  RESULT,
  SCRATCH,
  SUBTRACTION,
  UNKNOWN,
  WORDS,
  type Word,
} from './flag-state.ts';
import { COMPARISON, carryOf, complemented, type FlagSource, negative, overflowOf, type Sum } from './flag-values.ts';
import type { Frame } from './frame.ts';
import { type Compared, floatCondition } from './lowering/vfp-comparison.ts';
import { FLAGS_OFFSET } from './lowering/vfp-format.ts';
import { binary, constant, inLocal, not, select, type Value } from './value.ts';
import { I32, OP } from './wasm.ts';

/** How the flags are held at a point of the code. */
export interface Held {
  /** How each part is held. */
  readonly state: number;
  /** Words that are in their locals, and those of them that memory does not have, as bits by `SCRATCH`; above them, bytes that it does not have. */
  readonly known: number;
  readonly dirty: number;
  /** What was compared, if that is how. */
  readonly compared: Compared | undefined;
}
const KINDS = 8;

export class Flags {
  readonly #e: Frame;
  readonly #locals = new Int16Array(5).fill(-1);
  #state = UNKNOWN;
  #known = 0;
  #dirty = 0;
  #compared: Compared | undefined;

  constructor(emitter: Frame) {
    this.#e = emitter;
  }

  get held(): Held {
    return { state: this.#state, known: this.#known, dirty: this.#dirty, compared: this.#compared };
  }
  set held({ state, known, dirty, compared }: Held) {
    this.#state = state;
    this.#known = known;
    this.#dirty = dirty;
    this.#compared = compared;
  }

  /** Whether they are held as they were. */
  isHeld({ state, known, dirty }: Held): boolean {
    return this.#state === state && this.#dirty === dirty && (known & ~this.#known) === 0;
  }

  /** Memory has them: in a way that is known, or not. */
  inMemory(state = UNKNOWN): void {
    this.#state = state;
    this.#known = 0;
    this.#dirty = 0;
  }

  #local(name: Word): number {
    const word = SCRATCH[name];
    if ((this.#locals[word] as number) < 0) this.#locals[word] = this.#e.newLocal(I32);
    return this.#locals[word] as number;
  }

  #get(name: Word): Value {
    const local = this.#local(name);
    const bit = 1 << SCRATCH[name];
    if ((this.#known & bit) === 0) this.#e.fill(local, offsetOf(name));
    this.#known |= bit;
    return inLocal(I32, local);
  }

  #set(name: Word, value: Value): void {
    this.keepCompared();
    const bit = 1 << SCRATCH[name];
    this.#e.putInto(value, this.#local(name));
    this.#known |= bit;
    this.#dirty |= bit;
  }

  /** A part is held in another way. */
  #become(part: Part, how: number): void {
    const shift = 8 * part;
    this.#state = (this.#state & ~(0xff << shift)) | ((how + 1) << shift);
    this.#dirty |= 1 << (KINDS + part);
  }

  #becomeAll(state: number): void {
    this.#state = state;
    this.#dirty |= 7 << KINDS;
  }

  /** Whether memory has all words. */
  get areStored(): boolean {
    return (this.#dirty & this.#needed) === 0 && this.#state !== FLOAT;
  }

  /** What changes at an exit of how the flags are held: the bits that stay, and the others. */
  get atExit(): { readonly kept: number; readonly kinds: number } {
    const parts = this.#dirty >>> KINDS;
    const changed = ((parts & 1) | ((parts & 2) << 7) | ((parts & 4) << 14)) * 0xff;
    const kinds = kindsOf(this.#state | (~changed & 0x10101));
    return { kept: ~changed, kinds: kinds & changed };
  }

  /** Writes what stores the words of which memory has others. */
  storeWords(): void {
    for (const name of WORDS)
      if ((this.#dirty & this.#needed & (1 << SCRATCH[name])) !== 0) this.#e.spill(this.#local(name), offsetOf(name));
  }

  /** Writes what stores the flags; for the translator nothing changes, since the code goes on elsewhere. */
  store(): void {
    if (this.#state === FLOAT) {
      const { held } = this;
      this.#unpack();
      this.store();
      this.held = held;
      return;
    }
    this.storeWords();
    const parts = this.#dirty >>> KINDS;
    if (parts === 7) return this.#storeKinds(OP.i32_store, NZ, kindsOf(this.#state));
    for (const part of [NZ, CARRY, OVERFLOW]) {
      if (((parts >> part) & 1) !== 0) this.#storeKinds(OP.i32_store8, part, ((this.#state >> (8 * part)) & 0xff) - 1);
    }
  }

  #storeKinds(op: number, part: number, kinds: number): void {
    const e = this.#e;
    e.getLocal(CPU);
    e.put(constant(kinds));
    e.memory(op, op === OP.i32_store ? 2 : 0, offsetOf('kind') + part);
  }

  /** The words that matter for how the parts are held. */
  get #needed(): number {
    const [nz, carry, overflow] = [this.#how(NZ), this.#how(CARRY), this.#how(OVERFLOW)];
    const operands = nz === FUSED || carry > DIRECT || overflow > DIRECT ? 6 : 0;
    const direct = (carry <= DIRECT ? 1 << SCRATCH.C : 0) | (overflow <= DIRECT ? 1 << SCRATCH.V : 0);
    return operands | direct | (nz === FUSED ? 0 : 1);
  }

  #how(part: Part): number {
    return ((this.#state >> (8 * part)) & 0xff) - 1;
  }

  /** Writes them to memory, where they are from now on: to be called before code goes where paths meet. */
  settle(): void {
    this.store();
    this.inMemory(this.#state === FLOAT ? BITS : this.#state);
  }

  /** All of them are FPSCR's, after a comparison. */
  setCompared(compared: Compared): void {
    this.#state = FLOAT;
    this.#compared = compared;
    this.#known = 0;
    this.#dirty = 1 << KINDS;
  }

  /** To be called before FPSCR's flags change. */
  keepCompared(): void {
    if (this.#state === FLOAT) this.#unpack();
  }

  /** All of them are about to be set. */
  #forget(): void {
    if (this.#state === FLOAT) this.inMemory();
  }

  #unpack(): void {
    this.inMemory();
    this.setPacked(this.#e.stateAt(I32, FLAGS_OFFSET));
  }

  /** How they are held in memory where two ways meet. */
  static meet(a: number | undefined, b: number): number {
    return a === undefined || a === b ? b : UNKNOWN;
  }
  get state(): number {
    return this.#state;
  }

  // Setting

  addWithCarry(x: Value, y: Value, carryIn: Value): Sum {
    const e = this.#e;
    if (carryIn.isConstant && carryIn.constant === 0) return this.#sum(ADDITION, binary(OP.i32_add, e.keep(x), e.keep(y)), x, y);
    if (carryIn.isConstant) {
      const [minuend, subtrahend] = complemented(y) !== undefined ? [x, complemented(y)] : [y, complemented(x)];
      if (subtrahend !== undefined)
        return this.#sum(SUBTRACTION, binary(OP.i32_sub, e.keep(minuend), e.keep(subtrahend)), minuend, subtrahend);
    }
    const [a, b] = [e.keep(x), e.keep(y)];
    const result = e.keep(binary(OP.i32_add, binary(OP.i32_add, a, b), e.keep(carryIn)));
    const all = binary(OP.i32_and, binary(OP.i32_or, a, b), binary(OP.i32_xor, result, constant(-1)));
    const carry = () => negative(binary(OP.i32_or, binary(OP.i32_and, a, b), all));
    const overflow = () => negative(binary(OP.i32_and, binary(OP.i32_xor, a, result), binary(OP.i32_xor, b, result)));
    return { result, carry: { kind: DIRECT, x, y, value: carry }, overflow: { kind: DIRECT, x, y, value: overflow } };
  }

  #sum(kind: typeof ADDITION | typeof SUBTRACTION, result: Value, x: Value, y: Value): Sum {
    const carry = () => carryOf(kind, x, y);
    const overflow = () => overflowOf(kind, x, y);
    return { result, carry: { kind, x, y, value: carry }, overflow: { kind, x, y, value: overflow } };
  }

  setNZ(result: Value): void {
    this.#set('result', result);
    this.#become(NZ, RESULT);
  }

  setN(value: Value): void {
    this.#setBit(31, value);
  }

  setZ(value: Value): void {
    this.#setBit(30, value);
  }

  #setBit(bit: number, value: Value): void {
    const held = this.#e.hold(value);
    const both = binary(OP.i32_or, binary(OP.i32_shl, this.N(), constant(31)), binary(OP.i32_shl, this.Z(), constant(30)));
    const others = binary(OP.i32_and, both, constant(~(1 << bit)));
    this.#set('result', binary(OP.i32_or, others, binary(OP.i32_shl, held, constant(bit))));
    this.#become(NZ, PACKED);
  }

  setC(value: Value): void {
    this.#set('C', value);
    this.#become(CARRY, DIRECT);
  }

  setV(value: Value): void {
    this.#set('V', value);
    this.#become(OVERFLOW, DIRECT);
  }

  setNZC(result: Value, carry: Value): void {
    // The carry may come from the operands of the result, which may be in the register that is written next.
    this.setC(carry);
    this.setNZ(result);
  }

  /** All flags, from AddWithCarry(). */
  setNZCV(result: Value, carry: FlagSource, overflow: FlagSource): void {
    const e = this.#e;
    this.#forget();
    if (carry.kind === DIRECT) {
      const [c, v] = [e.hold(carry.value()), e.hold(overflow.value())];
      this.#set('C', c);
      this.#set('V', v);
      this.#set('result', result);
      return this.#becomeAll(ALL_DIRECT);
    }
    this.#set('x', carry.x);
    this.#set('y', carry.y);
    if (carry.kind === SUBTRACTION) return this.#becomeAll(COMPARED);
    this.#set('result', result);
    this.#becomeAll(ADDED);
  }

  /** N, Z, C and V from bits 31 to 28 of a word. */
  setPacked(word: Value): void {
    const e = this.#e;
    const held = e.hold(word);
    this.#forget();
    this.#set('result', held);
    this.#set('C', binary(OP.i32_and, binary(OP.i32_shr_u, held, constant(29)), constant(1)));
    this.#set('V', binary(OP.i32_and, binary(OP.i32_shr_u, held, constant(28)), constant(1)));
    this.#becomeAll(BITS);
  }

  // Reading

  N(): Value {
    return this.#e.hold(this.#n());
  }
  Z(): Value {
    return this.#e.hold(this.#z());
  }
  C(): Value {
    return this.#e.hold(this.#c());
  }
  V(): Value {
    return this.#e.hold(this.#v());
  }

  /** Makes it known how a part is held. */
  #know(part: Part): void {
    this.keepCompared();
    if (this.#how(part) !== UNKNOWN - 1) return;
    const e = this.#e;
    const kind = e.hold(e.stateBy(OP.i32_load8_u, I32, offsetOf('kind') + part));
    const [x, y] = [this.#get('x'), this.#get('y')];
    const is = (what: number) => binary(OP.i32_eq, kind, constant(what));
    if (part === NZ) {
      const difference = select(is(FUSED), binary(OP.i32_sub, x, y), this.#get('result'));
      const result = e.hold(difference);
      const zero = binary(OP.i32_shl, not(result), constant(30));
      const packed = binary(OP.i32_or, binary(OP.i32_and, result, constant(0x8000_0000)), zero);
      this.#set('result', select(is(PACKED), result, packed));
      return this.#become(NZ, PACKED);
    }
    const name = part === CARRY ? 'C' : 'V';
    const of = part === CARRY ? carryOf : overflowOf;
    const direct = this.#get(name);
    this.#set(name, select(is(ADDITION), of(ADDITION, x, y), select(is(SUBTRACTION), of(SUBTRACTION, x, y), direct)));
    this.#become(part, DIRECT);
  }

  /** The difference or sum that N and Z are of. */
  #result(): Value {
    return this.#how(NZ) === FUSED ? binary(OP.i32_sub, this.#get('x'), this.#get('y')) : this.#get('result');
  }

  #n(): Value {
    this.#know(NZ);
    return negative(this.#result());
  }

  #z(): Value {
    this.#know(NZ);
    const result = this.#result();
    if (this.#how(NZ) !== PACKED) return not(result);
    return binary(OP.i32_and, binary(OP.i32_shr_u, result, constant(30)), constant(1));
  }

  #c(): Value {
    this.#know(CARRY);
    const kind = this.#how(CARRY);
    return kind === DIRECT ? this.#get('C') : carryOf(kind, this.#get('x'), this.#get('y'));
  }

  #v(): Value {
    this.#know(OVERFLOW);
    const kind = this.#how(OVERFLOW);
    return kind === DIRECT ? this.#get('V') : overflowOf(kind, this.#get('x'), this.#get('y'));
  }

  /** ConditionPassed(), for conditions that look at flags: to be written at once. */
  condition(cond: number): Value {
    if (cond >= 14) return constant(1);
    if (this.#state === FLOAT) return floatCondition(this.#compared as Compared, cond);
    if (this.#state === COMPARED) {
      const op = COMPARISON[cond];
      if (op !== undefined) return binary(op, this.#get('x'), this.#get('y'));
    }
    const holds = this.#tests[cond >> 1]?.() as Value;
    return (cond & 1) === 0 ? holds : not(holds);
  }

  /** EQ, CS, MI, VS, HI, GE, GT. */
  readonly #tests: readonly (() => Value)[] = [
    () => this.#z(),
    () => this.#c(),
    () => this.#n(),
    () => this.#v(),
    () => binary(OP.i32_and, this.#c(), not(this.#z())),
    () => binary(OP.i32_eq, this.#n(), this.#v()),
    () => binary(OP.i32_and, not(this.#z()), binary(OP.i32_eq, this.#n(), this.#v())),
  ];
}
