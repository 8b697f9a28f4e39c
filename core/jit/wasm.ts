/**
 * WebAssembly's binary format, as far as the translator writes it: opcodes, a byte writer, and modules.
 * Reference: WebAssembly Core Specification 2.0, chapter 5 (binary format).
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
/** The type of a block without a result. */
export const NOTHING = 0x40;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  br_if: 0x0d,
  return: 0x0f,
  call: 0x10,
  call_indirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  local_get: 0x20,
  local_set: 0x21,
  local_tee: 0x22,
  i32_load: 0x28,
  i64_load: 0x29,
  f32_load: 0x2a,
  f64_load: 0x2b,
  i32_load8_s: 0x2c,
  i32_load8_u: 0x2d,
  i32_load16_s: 0x2e,
  i32_load16_u: 0x2f,
  i32_store: 0x36,
  i64_store: 0x37,
  f32_store: 0x38,
  f64_store: 0x39,
  i32_store8: 0x3a,
  i32_store16: 0x3b,
  i32_const: 0x41,
  i64_const: 0x42,
  f32_const: 0x43,
  f64_const: 0x44,
  i32_eqz: 0x45,
  i32_eq: 0x46,
  i32_ne: 0x47,
  i32_lt_s: 0x48,
  i32_lt_u: 0x49,
  i32_gt_s: 0x4a,
  i32_gt_u: 0x4b,
  i32_le_s: 0x4c,
  i32_le_u: 0x4d,
  i32_ge_s: 0x4e,
  i32_ge_u: 0x4f,
  i64_eqz: 0x50,
  i64_eq: 0x51,
  i64_ne: 0x52,
  i64_lt_s: 0x53,
  i64_lt_u: 0x54,
  i64_gt_s: 0x55,
  i64_gt_u: 0x56,
  i64_le_s: 0x57,
  i64_le_u: 0x58,
  i64_ge_s: 0x59,
  i64_ge_u: 0x5a,
  f32_eq: 0x5b,
  f32_ne: 0x5c,
  f32_lt: 0x5d,
  f32_gt: 0x5e,
  f32_le: 0x5f,
  f32_ge: 0x60,
  f64_eq: 0x61,
  f64_ne: 0x62,
  f64_lt: 0x63,
  f64_gt: 0x64,
  f64_le: 0x65,
  f64_ge: 0x66,
  i32_clz: 0x67,
  i32_add: 0x6a,
  i32_sub: 0x6b,
  i32_mul: 0x6c,
  i32_div_s: 0x6d,
  i32_div_u: 0x6e,
  i32_and: 0x71,
  i32_or: 0x72,
  i32_xor: 0x73,
  i32_shl: 0x74,
  i32_shr_s: 0x75,
  i32_shr_u: 0x76,
  i32_rotl: 0x77,
  i32_rotr: 0x78,
  i64_add: 0x7c,
  i64_sub: 0x7d,
  i64_mul: 0x7e,
  i64_div_s: 0x7f,
  i64_div_u: 0x80,
  i64_and: 0x83,
  i64_or: 0x84,
  i64_xor: 0x85,
  i64_shl: 0x86,
  i64_shr_s: 0x87,
  i64_shr_u: 0x88,
  f32_abs: 0x8b,
  f32_neg: 0x8c,
  f32_sqrt: 0x91,
  f32_add: 0x92,
  f32_sub: 0x93,
  f32_mul: 0x94,
  f32_div: 0x95,
  f64_abs: 0x99,
  f64_neg: 0x9a,
  f64_trunc: 0x9d,
  f64_nearest: 0x9e,
  f64_sqrt: 0x9f,
  f64_add: 0xa0,
  f64_sub: 0xa1,
  f64_mul: 0xa2,
  f64_div: 0xa3,
  i32_wrap_i64: 0xa7,
  i32_trunc_f64_s: 0xaa,
  i32_trunc_f64_u: 0xab,
  i64_extend_i32_s: 0xac,
  i64_extend_i32_u: 0xad,
  f32_convert_i32_s: 0xb2,
  f32_convert_i32_u: 0xb3,
  f32_demote_f64: 0xb6,
  f64_convert_i32_s: 0xb7,
  f64_convert_i32_u: 0xb8,
  f64_promote_f32: 0xbb,
  i32_reinterpret_f32: 0xbc,
  i64_reinterpret_f64: 0xbd,
  f32_reinterpret_i32: 0xbe,
  f64_reinterpret_i64: 0xbf,
  i32_extend8_s: 0xc0,
  i32_extend16_s: 0xc1,
} as const;

/** Prefixes of longer opcodes. */
export const PREFIX_MISC = 0xfc;
export const PREFIX_SIMD = 0xfd;

const simd = (op: number): number => (PREFIX_SIMD << 16) | op;

/** Operations on vectors. Those on integers stand once, for bytes; `lanes` gives them for other elements. */
export const SIMD = {
  load: simd(0x00),
  load8_splat: simd(0x07),
  load16_splat: simd(0x08),
  load32_splat: simd(0x09),
  load64_splat: simd(0x0a),
  store: simd(0x0b),
  const: simd(0x0c),
  shuffle: simd(0x0d),
  swizzle: simd(0x0e),
  i8x16_splat: simd(0x0f),
  i16x8_splat: simd(0x10),
  i32x4_splat: simd(0x11),
  i64x2_splat: simd(0x12),
  i32x4_extract_lane: simd(0x1b),
  i32x4_replace_lane: simd(0x1c),
  i64x2_extract_lane: simd(0x1d),
  i64x2_replace_lane: simd(0x1e),
  f32x4_eq: simd(0x41),
  f32x4_ne: simd(0x42),
  f32x4_lt: simd(0x43),
  f32x4_gt: simd(0x44),
  f32x4_le: simd(0x45),
  f32x4_ge: simd(0x46),
  f64x2_eq: simd(0x47),
  f64x2_ne: simd(0x48),
  not: simd(0x4d),
  and: simd(0x4e),
  andnot: simd(0x4f),
  or: simd(0x50),
  xor: simd(0x51),
  bitselect: simd(0x52),
  any_true: simd(0x53),
  load8_lane: simd(0x54),
  load16_lane: simd(0x55),
  load32_lane: simd(0x56),
  load64_lane: simd(0x57),
  store8_lane: simd(0x58),
  store16_lane: simd(0x59),
  store32_lane: simd(0x5a),
  store64_lane: simd(0x5b),
  load32_zero: simd(0x5c),
  load64_zero: simd(0x5d),
  f32x4_demote_f64x2_zero: simd(0x5e),
  f64x2_promote_low_f32x4: simd(0x5f),
  i8x16_popcnt: simd(0x62),
  f32x4_trunc: simd(0x69),
  f64x2_relaxed_madd: simd(0x107),
  i16x8_extadd_pairwise_i8x16_s: simd(0x7c),
  i16x8_extadd_pairwise_i8x16_u: simd(0x7d),
  i32x4_extadd_pairwise_i16x8_s: simd(0x7e),
  i32x4_extadd_pairwise_i16x8_u: simd(0x7f),
  i16x8_q15mulr_sat_s: simd(0x82),
  f32x4_abs: simd(0xe0),
  f32x4_neg: simd(0xe1),
  f32x4_sqrt: simd(0xe3),
  f32x4_add: simd(0xe4),
  f32x4_sub: simd(0xe5),
  f32x4_mul: simd(0xe6),
  f32x4_div: simd(0xe7),
  f32x4_min: simd(0xe8),
  f32x4_max: simd(0xe9),
  f64x2_add: simd(0xf0),
  f64x2_sub: simd(0xf1),
  f64x2_mul: simd(0xf2),
  i32x4_trunc_sat_f32x4_s: simd(0xf8),
  i32x4_trunc_sat_f32x4_u: simd(0xf9),
  f32x4_convert_i32x4_s: simd(0xfa),
  f32x4_convert_i32x4_u: simd(0xfb),
  f64x2_convert_low_i32x4_s: simd(0xfe),
  f64x2_convert_low_i32x4_u: simd(0xff),
} as const;

/** Operations on integers of any size, as those of bytes; the others follow at a constant distance. */
const LANES = {
  abs: 0x60,
  neg: 0x61,
  all_true: 0x63,
  narrow_s: 0x65,
  narrow_u: 0x66,
  extend_low_s: 0x67,
  extend_high_s: 0x68,
  extend_low_u: 0x69,
  extend_high_u: 0x6a,
  shl: 0x6b,
  shr_s: 0x6c,
  shr_u: 0x6d,
  add: 0x6e,
  add_sat_s: 0x6f,
  add_sat_u: 0x70,
  sub: 0x71,
  sub_sat_s: 0x72,
  sub_sat_u: 0x73,
  mul: 0x75,
  min_s: 0x76,
  min_u: 0x77,
  max_s: 0x78,
  max_u: 0x79,
  avgr_u: 0x7b,
  extmul_low_s: 0x7c,
  extmul_high_s: 0x7d,
  extmul_low_u: 0x7e,
  extmul_high_u: 0x7f,
} as const;
/** `size` is the logarithm of an element's bytes; of what narrows, lengthens or multiplies, an element of the result. */
export const lanes = (op: keyof typeof LANES, size: number): number => simd(LANES[op] + 0x20 * size);

const COMPARISONS = { eq: 0, ne: 1, lt_s: 2, lt_u: 3, gt_s: 4, gt_u: 5, le_s: 6, le_u: 7, ge_s: 8, ge_u: 9 } as const;
/** Those of 64 bits have no unsigned order. */
const COMPARISONS_64 = { eq: 0xd6, ne: 0xd7, lt_s: 0xd8, gt_s: 0xd9, le_s: 0xda, ge_s: 0xdb } as const;
export const comparison = (op: keyof typeof COMPARISONS, size: number): number =>
  simd(size === 3 ? COMPARISONS_64[op as keyof typeof COMPARISONS_64] : 0x23 + 10 * size + COMPARISONS[op]);

/** Bytes in the making; the buffer grows as needed and is used again. */
export class Writer {
  #bytes = new Uint8Array(1 << 12);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  /** Unsigned LEB128, of up to 32 bits. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of 32 bits. */
  signed(value: number): void {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of a safe integer. */
  signed64(value: number): void {
    let rest = value;
    while (rest < -0x40 || rest > 0x3f) {
      const low = ((rest % 0x80) + 0x80) % 0x80;
      this.byte(low | 0x80);
      rest = (rest - low) / 0x80;
    }
    this.byte(((rest % 0x80) + 0x80) % 0x80);
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** A list with its length in front. */
export function vector(out: Writer, count: number, put: (i: number) => void): void {
  out.unsigned(count);
  for (let i = 0; i < count; i++) put(i);
}

/** A section: its number, its length in bytes, its content. */
export function section(out: Writer, id: number, put: (content: Writer) => void): void {
  const content = new Writer();
  put(content);
  out.byte(id);
  out.unsigned(content.length);
  out.append(content.bytes);
}

/** A name, of ASCII. */
export function name(out: Writer, text: string): void {
  vector(out, text.length, (i) => out.byte(text.charCodeAt(i)));
}

export const MAGIC = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
export const SECTION = { custom: 0, types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;
/** Of a function type; of a table's elements; of exports and imports. */
export const FUNCTION_TYPE = 0x60;
export const FUNCREF = 0x70;
export const KIND = { function: 0, table: 1, memory: 2 } as const;
