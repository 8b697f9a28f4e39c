/** Integer arithmetic, comparisons and bitwise operations on vectors of one kind of elements. Reference: Arm DDI 0406C, A7.4.1, A7.4.3, A7.4.5. */
import type { Emitter } from '../emitter.ts';
import type { Staged } from '../translate.ts';
import type { Value } from '../value.ts';
import { SIMD } from '../wasm.ts';
import {
  and,
  andNot,
  binary,
  bitsOf,
  byScalar,
  compares,
  each,
  elements,
  type Given,
  not,
  type Operation,
  or128,
  pairs,
  recordSaturation,
  same,
  select,
  shift,
  single,
  unary,
  v1,
  v2,
  xor,
  ZERO,
} from './neon-vector.ts';

const signed = (U: number) => (U ? 'u' : 's');
const right = (U: number): 'shr_u' | 'shr_s' => `shr_${signed(U)}`;
/** Ones where the sign is set. */
export const signs = (size: number, a: Value): Value => shift('shr_s', size, a, bitsOf(size) - 1);
export const least = (size: number): Value => each(size, 1n << BigInt(bitsOf(size) - 1));
export const most = (size: number): Value => each(size, (1n << BigInt(bitsOf(size) - 1)) - 1n);

/** Products of bytes are made of those of halfwords, the even ones and the odd ones. */
export function multiply(e: Emitter, size: number, a: Value, b: Value): Value {
  if (size > 0) return binary('mul', size, a, b);
  const [x, y] = [e.hold(a), e.hold(b)];
  const even = and(binary('mul', 1, x, y), each(1, 0xff));
  return or128(even, binary('mul', 1, shift('shr_u', 1, x, 8), and(y, each(1, 0xff00))));
}

export interface Saturated {
  readonly value: Value;
  /** Bits where it is another value than the exact one. */
  readonly saturated: Value;
}

/** Of bytes and halfwords WebAssembly has it; else the sign of the sum tells. */
export function saturatingSum(e: Emitter, name: 'add' | 'sub', U: number, size: number, x: Value, y: Value): Saturated {
  const [a, b] = [e.hold(x), e.hold(y)];
  const wrapped = e.hold(binary(name, size, a, b));
  if (size < 2) {
    const value = e.hold(binary(`${name}_sat_${signed(U)}`, size, a, b));
    return { value, saturated: xor(value, wrapped) };
  }
  if (U) {
    const carries = or128(and(a, b), andNot(or128(a, b), wrapped));
    const borrows = or128(andNot(b, a), andNot(wrapped, xor(a, b)));
    const mask = e.hold(signs(size, name === 'add' ? carries : borrows));
    return { value: name === 'add' ? or128(wrapped, mask) : andNot(wrapped, mask), saturated: mask };
  }
  const differs = name === 'add' ? and(xor(a, wrapped), xor(b, wrapped)) : and(xor(a, b), xor(a, wrapped));
  const mask = e.hold(signs(size, differs));
  return { value: select(mask, xor(signs(size, a), most(size)), wrapped), saturated: mask };
}

const saturating =
  (name: 'add' | 'sub'): Operation =>
  ({ e, U, size, a, b }) => {
    const { value, saturated } = saturatingSum(e, name, U, size, a, b);
    const held = e.hold(value);
    recordSaturation(e, saturated);
    return held;
  };

/** The least number has no opposite: where it is the result, the greatest takes its place. */
function withoutLeast(e: Emitter, size: number, a: Value): Value {
  const value = e.hold(a);
  const mask = e.hold(compares('eq', size, value, least(size)));
  const result = e.hold(xor(value, mask));
  recordSaturation(e, mask);
  return result;
}

/** The upper halves of products twice as long, doubled. Only the least number times itself does not fit. */
const doublingHigh =
  (round: boolean): Operation =>
  ({ e, size, a, b }) => {
    const products = (op: 'extmul_low_s' | 'extmul_high_s') => {
      const doubled = shift('shl', size + 1, binary(op, size + 1, a, b), 1);
      return round ? binary('add', size + 1, doubled, each(size + 1, 1n << BigInt(bitsOf(size) - 1))) : doubled;
    };
    const high = () => elements(1, size, products('extmul_low_s'), products('extmul_high_s'));
    const mask = e.hold(and(compares('eq', size, a, least(size)), compares('eq', size, b, least(size))));
    const result = e.hold(size === 1 && round ? v2(SIMD.i16x8_q15mulr_sat_s, a, b) : xor(high(), mask));
    recordSaturation(e, mask);
    return result;
  };

export const distance = ({ U, size, a, b }: Pick<Given, 'U' | 'size' | 'a' | 'b'>): Value =>
  binary('sub', size, binary(`max_${signed(U)}`, size, a, b), binary(`min_${signed(U)}`, size, a, b));

const sum: Operation = ({ size, a, b }) => binary('add', size, a, b);
const chosen =
  (name: 'max' | 'min'): Operation =>
  ({ U, size, a, b }) =>
    binary(`${name}_${signed(U)}`, size, a, b);
const accumulated =
  (name: 'add' | 'sub'): Operation =>
  ({ e, size, a, b, c }) =>
    binary(name, size, c(), multiply(e, size, a, b));
const product: Operation = ({ e, size, a, b }) => multiply(e, size, a, b);

const bitwise = (operation: (a: Value, b: Value, c: () => Value) => Value): Staged => same(({ a, b, c }) => operation(a, b, c));
const compared = (name: 'ge' | 'gt'): Staged => same(({ U, size, a, b }) => compares(`${name}_${signed(U)}`, size, a, b));
const withZero = (name: 'gt_s' | 'ge_s' | 'eq' | 'le_s' | 'lt_s'): Staged =>
  single(({ size, a }) => compares(name, size, a, ZERO()));

/** Ones from the first one of an element on, counted by bytes, then by halfwords. */
function leadingZeros(e: Emitter, size: number, a: Value): Value {
  let smeared = a;
  for (let by = 1; by < bitsOf(size); by *= 2) {
    const held = e.hold(smeared);
    smeared = or128(held, shift('shr_u', size, held, by));
  }
  let count = v1(SIMD.i8x16_popcnt, not(smeared));
  if (size > 0) count = v1(SIMD.i16x8_extadd_pairwise_i8x16_u, count);
  if (size > 1) count = v1(SIMD.i32x4_extadd_pairwise_i16x8_u, count);
  return count;
}

const PAIRWISE = {
  s: [SIMD.i16x8_extadd_pairwise_i8x16_s, SIMD.i32x4_extadd_pairwise_i16x8_s],
  u: [SIMD.i16x8_extadd_pairwise_i8x16_u, SIMD.i32x4_extadd_pairwise_i16x8_u],
} as const;

function longPairs(U: number, size: number, a: Value): Value {
  if (size < 2) return v1(PAIRWISE[signed(U)][size as 0 | 1], a);
  return binary('add', 3, shift(right(U), 3, shift('shl', 3, a, 32), 32), shift(right(U), 3, a, 32));
}

/** Products without carries: as many additions of bits as there are bits. */
const polynomial: Operation = ({ e, a, b }) => {
  let result = ZERO();
  for (let bit = 0; bit < 8; bit++) {
    const mask = signs(0, shift('shl', 0, a, 7 - bit));
    result = e.hold(xor(result, and(mask, shift('shl', 0, b, bit))));
  }
  return result;
};

/** An immediate's two words with each D register. */
const immediate =
  (operation: (c: () => Value, value: Value) => Value): Staged =>
  (e, operands) => {
    const pattern = (BigInt((operands['high'] as number) >>> 0) << 32n) | BigInt((operands['low'] as number) >>> 0);
    single(({ c }) => operation(c, each(3, pattern)))(e, { ...operands, m: operands['d'] as never });
  };

export const INTEGER: Readonly<Record<string, Staged>> = {
  VADD_int: same(sum),
  VSUB_int: same(({ size, a, b }) => binary('sub', size, a, b)),
  VHADD: same(({ U, size, a, b }) => binary('add', size, and(a, b), shift(right(U), size, xor(a, b), 1))),
  VRHADD: same(({ U, size, a, b }) =>
    U && size < 2 ? binary('avgr_u', size, a, b) : binary('sub', size, or128(a, b), shift(right(U), size, xor(a, b), 1)),
  ),
  VHSUB: same(({ U, size, a, b }) => binary('sub', size, shift(right(U), size, xor(a, b), 1), andNot(b, a))),
  VQADD: same(saturating('add')),
  VQSUB: same(saturating('sub')),
  VMAX_int: same(chosen('max')),
  VMIN_int: same(chosen('min')),
  VABD_int: same(distance),
  VABA: same((given) => binary('add', given.size, given.c(), distance(given))),
  VMUL_int: same(product),
  VMUL_poly: same(polynomial),
  VMLA_int: same(accumulated('add')),
  VMLS_int: same(accumulated('sub')),
  VQDMULH: same(doublingHigh(false)),
  VQRDMULH: same(doublingHigh(true)),
  VPADD_int: pairs(sum),
  VPMAX_int: pairs(chosen('max')),
  VPMIN_int: pairs(chosen('min')),

  VMUL_scalar_int: byScalar(product),
  VMLA_scalar_int: byScalar(accumulated('add')),
  VMLS_scalar_int: byScalar(accumulated('sub')),
  VQDMULH_scalar: byScalar(doublingHigh(false)),
  VQRDMULH_scalar: byScalar(doublingHigh(true)),

  VTST: same(({ size, a, b }) => compares('ne', size, and(a, b), ZERO())),
  VCEQ_int: same(({ size, a, b }) => compares('eq', size, a, b)),
  VCGE_int: compared('ge'),
  VCGT_int: compared('gt'),
  VCGT_zero_int: withZero('gt_s'),
  VCGE_zero_int: withZero('ge_s'),
  VCEQ_zero_int: withZero('eq'),
  VCLE_zero_int: withZero('le_s'),
  VCLT_zero_int: withZero('lt_s'),

  VABS_int: single(({ size, a }) => unary('abs', size, a)),
  VNEG_int: single(({ size, a }) => unary('neg', size, a)),
  VQABS: single(({ e, size, a }) => withoutLeast(e, size, unary('abs', size, a))),
  VQNEG: single(({ e, size, a }) => withoutLeast(e, size, unary('neg', size, a))),
  VCNT: single(({ a }) => v1(SIMD.i8x16_popcnt, a)),
  VCLZ: single(({ e, size, a }) => leadingZeros(e, size, a)),
  VCLS: single(({ e, size, a }) => binary('sub', size, leadingZeros(e, size, e.hold(xor(a, signs(size, a)))), each(size, 1))),
  VPADDL: single(({ U, size, a }) => longPairs(U, size, a)),
  VPADAL: single(({ U, size, a, c }) => binary('add', size + 1, c(), longPairs(U, size, a))),

  VAND_reg: bitwise((a, b) => and(a, b)),
  VBIC_reg: bitwise((a, b) => andNot(a, b)),
  VORR_reg: bitwise((a, b) => or128(a, b)),
  VORN_reg: bitwise((a, b) => or128(a, not(b))),
  VEOR: bitwise((a, b) => xor(a, b)),
  VBSL: bitwise((a, b, c) => select(c(), a, b)),
  VBIT: bitwise((a, b, c) => select(b, a, c())),
  VBIF: bitwise((a, b, c) => select(b, c(), a)),
  VMVN_reg: single(({ a }) => not(a)),
  VMOV_vector_imm: immediate((_, value) => value),
  VMVN_imm: immediate((_, value) => not(value)),
  VORR_imm: immediate((c, value) => or128(c(), value)),
  VBIC_imm: immediate((c, value) => andNot(c(), value)),
};
