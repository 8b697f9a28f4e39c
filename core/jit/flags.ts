/**
 * The condition flags within translated code. What set them is kept in locals, and they are computed where they are used:
 *   N and Z  from `result`, or as its bits 31 and 30 (`PACKED`)
 *   C and V  each from a local of its own (`DIRECT`), or from the operands `x` and `y` of an addition or subtraction
 * Where paths meet that set them in different ways, a local tells which (`UNKNOWN`).
 */
import type { Emitter } from './emitter.ts';
import { binary, constant, inLocal, not, select, type Value } from './value.ts';
import { I32, OP } from './wasm.ts';

/** How the flags are held, as bits of one number. */
export const PACKED = 1;
const C_SHIFT = 1;
const V_SHIFT = 3;
const DIRECT = 0;
const ADDITION = 1;
const SUBTRACTION = 2;
const BOTH_ADDITION = (ADDITION << C_SHIFT) | (ADDITION << V_SHIFT);
const BOTH_SUBTRACTION = (SUBTRACTION << C_SHIFT) | (SUBTRACTION << V_SHIFT);
/** The result is that of the subtraction, so that conditions compare its operands. For the translator alone; the engine ignores it. */
const FUSED = 32;
export const UNKNOWN = -1;

/** Places in `Cpu.scratch`. */
export const SCRATCH = { result: 0, x: 1, y: 2, C: 3, V: 4, kind: 5 } as const;
export const FLAG_LOCALS = ['result', 'x', 'y', 'C', 'V', 'kind'] as const;

/** What AddWithCarry() gives; carry and overflow are made if they are asked for. */
export interface Sum {
  readonly result: Value;
  readonly carry: FlagSource;
  readonly overflow: FlagSource;
}
/** A flag of an addition: which, and of what. */
export interface FlagSource {
  readonly kind: typeof ADDITION | typeof SUBTRACTION | typeof DIRECT;
  readonly x: Value;
  readonly y: Value;
  /** The flag itself. */
  readonly value: () => Value;
}

const negative = (x: Value): Value => binary(OP.i32_lt_s, x, constant(0));

export class Flags {
  readonly #e: Emitter;
  /** How the flags are held at this point. */
  state: number = UNKNOWN;
  /** The locals, numbered as in `SCRATCH`; -1 as long as the region has nothing to do with flags. */
  first = -1;
  /** Whether the region sets any. */
  written = false;

  constructor(emitter: Emitter) {
    this.#e = emitter;
  }

  local(name: keyof typeof SCRATCH): number {
    if (this.first < 0) {
      this.first = this.#e.newLocal(I32);
      for (let i = 1; i < FLAG_LOCALS.length; i++) this.#e.newLocal(I32);
    }
    return this.first + SCRATCH[name];
  }

  #get(name: keyof typeof SCRATCH): Value {
    return inLocal(I32, this.local(name));
  }

  #set(name: keyof typeof SCRATCH, value: Value): void {
    this.written = true;
    this.#e.putInto(value, this.local(name));
  }

  /** Writes how the flags are held to the local that tells it. To be called before code goes where paths meet, or out. */
  settle(): void {
    if (this.first >= 0 && this.state !== UNKNOWN) this.#set('kind', constant(this.state & 31));
  }

  /** Which part of `state` changes; if it is not known, the local that tells it changes. */
  #become(mask: number, kind: number): void {
    if (this.state !== UNKNOWN) this.state = (this.state & ~(mask | FUSED)) | kind;
    else this.#set('kind', binary(OP.i32_or, binary(OP.i32_and, this.#get('kind'), constant(~mask)), constant(kind)));
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
    this.#become(PACKED, 0);
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
    this.#become(PACKED, PACKED);
  }

  setC(value: Value): void {
    this.#set('C', value);
    this.#become(3 << C_SHIFT, DIRECT);
  }

  setV(value: Value): void {
    this.#set('V', value);
    this.#become(3 << V_SHIFT, DIRECT);
  }

  setNZC(result: Value, carry: Value): void {
    // The carry may come from the operands of the result, which may be in the register that is written next.
    this.setC(carry);
    this.setNZ(result);
  }

  /** All flags, from AddWithCarry(). */
  setNZCV(result: Value, carry: FlagSource, overflow: FlagSource): void {
    const e = this.#e;
    if (carry.kind === DIRECT) {
      const [c, v] = [e.hold(carry.value()), e.hold(overflow.value())];
      this.#set('C', c);
      this.#set('V', v);
      this.#set('result', result);
      this.state = 0;
      return;
    }
    this.#set('x', carry.x);
    this.#set('y', carry.y);
    this.#set('result', result);
    this.state = carry.kind === ADDITION ? BOTH_ADDITION : BOTH_SUBTRACTION | FUSED;
  }

  /** N, Z, C and V from bits 31 to 28 of a word. */
  setPacked(word: Value): void {
    const e = this.#e;
    const held = e.hold(word);
    this.#set('result', held);
    this.#set('C', binary(OP.i32_and, binary(OP.i32_shr_u, held, constant(29)), constant(1)));
    this.#set('V', binary(OP.i32_and, binary(OP.i32_shr_u, held, constant(28)), constant(1)));
    this.state = PACKED;
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

  /** Makes it known how the flags are held. */
  #know(): void {
    if (this.state !== UNKNOWN) return;
    const kind = this.#get('kind');
    const [x, y, result] = [this.#get('x'), this.#get('y'), this.#get('result')];
    const bits = (shift: number) => binary(OP.i32_and, binary(OP.i32_shr_u, kind, constant(shift)), constant(3));
    const is = (shift: number, what: number) => binary(OP.i32_eq, bits(shift), constant(what));
    const pick = (shift: number, of: typeof carryOf, direct: Value) =>
      select(is(shift, ADDITION), of(ADDITION, x, y), select(is(shift, SUBTRACTION), of(SUBTRACTION, x, y), direct));
    this.#set('C', pick(C_SHIFT, carryOf, this.#get('C')));
    this.#set('V', pick(V_SHIFT, overflowOf, this.#get('V')));
    const zero = binary(OP.i32_shl, not(result), constant(30));
    const packed = binary(OP.i32_or, binary(OP.i32_and, result, constant(0x8000_0000)), zero);
    this.#set('result', select(binary(OP.i32_and, kind, constant(PACKED)), result, packed));
    this.state = PACKED;
  }

  #n(): Value {
    this.#know();
    return negative(this.#get('result'));
  }

  #z(): Value {
    this.#know();
    const result = this.#get('result');
    if ((this.state & PACKED) === 0) return not(result);
    return binary(OP.i32_and, binary(OP.i32_shr_u, result, constant(30)), constant(1));
  }

  #c(): Value {
    this.#know();
    const kind = (this.state >> C_SHIFT) & 3;
    return kind === DIRECT ? this.#get('C') : carryOf(kind, this.#get('x'), this.#get('y'));
  }

  #v(): Value {
    this.#know();
    const kind = (this.state >> V_SHIFT) & 3;
    return kind === DIRECT ? this.#get('V') : overflowOf(kind, this.#get('x'), this.#get('y'));
  }

  /** ConditionPassed(), for conditions that look at flags: to be written at once. */
  condition(cond: number): Value {
    if (cond >= 14) return constant(1);
    this.#know();
    if ((this.state & FUSED) !== 0) {
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

/** The conditions after a comparison, as comparisons of its operands. */
const COMPARISON: { readonly [cond: number]: number } = {
  0: OP.i32_eq,
  1: OP.i32_ne,
  2: OP.i32_ge_u,
  3: OP.i32_lt_u,
  8: OP.i32_gt_u,
  9: OP.i32_le_u,
  10: OP.i32_ge_s,
  11: OP.i32_lt_s,
  12: OP.i32_gt_s,
  13: OP.i32_le_s,
};

/** What `word(~x)` was made of. */
function complemented(value: Value): Value | undefined {
  if (value.isConstant) return constant(~value.constant);
  return value.op === OP.i32_xor && value.b?.isConstant && value.b.constant === -1 ? value.a : undefined;
}

function carryOf(kind: number, x: Value, y: Value): Value {
  if (kind === SUBTRACTION) return binary(OP.i32_ge_u, x, y);
  return binary(OP.i32_lt_u, binary(OP.i32_add, x, y), x);
}

function overflowOf(kind: number, x: Value, y: Value): Value {
  const result = binary(kind === SUBTRACTION ? OP.i32_sub : OP.i32_add, x, y);
  const other = kind === SUBTRACTION ? binary(OP.i32_xor, x, y) : binary(OP.i32_xor, y, result);
  return negative(binary(OP.i32_and, binary(OP.i32_xor, x, result), other));
}

/** The same rules for the engine: N, Z, C and V, as it keeps them, from what translated code has left. */
export function readFlags(scratch: Int32Array, s: Int32Array, N: number, Z: number, C: number, V: number): void {
  const [result, x, y, c, v, kind] = scratch as unknown as readonly [number, number, number, number, number, number];
  s[N] = result >>> 31;
  s[Z] = (kind & PACKED) !== 0 ? (result >>> 30) & 1 : result === 0 ? 1 : 0;
  s[C] = flagOf((kind >> C_SHIFT) & 3, x, y, c, carries);
  s[V] = flagOf((kind >> V_SHIFT) & 3, x, y, v, overflows);
}

const flagOf = (kind: number, x: number, y: number, direct: number, of: typeof carries): number =>
  kind === DIRECT ? direct : of(kind, x, y) ? 1 : 0;
const carries = (kind: number, x: number, y: number): boolean =>
  kind === SUBTRACTION ? x >>> 0 >= y >>> 0 : (x + y) >>> 0 < x >>> 0;
function overflows(kind: number, x: number, y: number): boolean {
  const result = kind === SUBTRACTION ? (x - y) | 0 : (x + y) | 0;
  return ((x ^ result) & (kind === SUBTRACTION ? x ^ y : y ^ result)) < 0;
}

/** N, Z, C and V as the engine keeps them, for translated code. */
export function leaveFlags(scratch: Int32Array, s: Int32Array, N: number, Z: number, C: number, V: number): void {
  scratch[SCRATCH.result] = ((s[N] as number) << 31) | ((s[Z] as number) << 30);
  scratch[SCRATCH.C] = s[C] as number;
  scratch[SCRATCH.V] = s[V] as number;
  scratch[SCRATCH.kind] = PACKED;
}
