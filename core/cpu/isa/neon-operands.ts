/**
 * How the fields of Advanced SIMD instructions become operands, and which of their values are UNDEFINED.
 * Reference: Arm DDI 0406C, A7.3 (register encoding), A7.4, A7.7, and A8.8, the "encoding-specific operations" of each instruction.
 *
 * `d`, `n` and `m` are numbers of D registers, also where `Q` or the instruction says that two of them are meant, an even one first.
 */
import { type Encoding, enc, type Field, type Fields, field, type Operands } from '../insn.ts';
import type { With } from './operands.ts';
import { register } from './vfp-operands.ts';

/** What `enc` gives; named here because two of them stand in a record. */
type Encoded<O extends Operands> = Encoding & { readonly operandType?: O };
type Number = 1 | 2 | 3 | 4;

interface More<P, O extends Operands> {
  when?: (fields: Fields<P>) => boolean;
  unpredictable?: (fields: Fields<P>) => boolean;
  operands?: (fields: Fields<P>) => O;
}

const encodings = <N extends Number, O extends Operands>(
  number: N,
  [a, t]: readonly [string, string],
  more: object,
): Readonly<Record<`A${N}` | `T${N}`, Encoded<O>>> =>
  ({ [`A${number}`]: enc<string, O>(a, more), [`T${number}`]: enc<string, O>(t, more) }) as never;

/** Data processing: A32 and T32 share all but where U stands, which the pattern begins with. */
export function dataProcessing<const P extends string, N extends Number, O extends Operands = Fields<P>>(
  number: N,
  pattern: P,
  more: More<P, O> = {},
): Readonly<Record<`A${N}` | `T${N}`, Encoded<O>>> {
  const [, U, rest] = /^(\S+) (.*)$/.exec(pattern) as unknown as [string, string, string];
  return encodings(number, [`1111001 ${U} ${rest}`, `111 ${U} 1111 ${rest}`], more);
}

/** Element and structure loads and stores. */
export function elementAccess<const P extends string, N extends Number, O extends Operands = Fields<P>>(
  number: N,
  pattern: P,
  more: More<P, O> = {},
): Readonly<Record<`A${N}` | `T${N}`, Encoded<O>>> {
  return encodings(number, [`11110100 ${pattern}`, `11111001 ${pattern}`], more);
}

export const doubleword = (bit: Field, four: Field): Field => register(1, bit, four);
const d = ({ D, Vd }: With<'D' | 'Vd'>) => doubleword(D, Vd);
const n = ({ N, Vn }: With<'N' | 'Vn'>) => doubleword(N, Vn);
const m = ({ M, Vm }: With<'M' | 'Vm'>) => doubleword(M, Vm);

/** A quadword is named by an even number. */
export const even = (...registers: readonly Field[]): boolean => registers.every((four) => (four & 1) === 0);
export const whole = (Q: Field, ...registers: readonly Field[]): boolean => Q === 0 || even(...registers);

/** An instruction whose pattern has no size has that of its operation; without U, elements have no sign. */
type Typed = Partial<With<'U' | 'size'>>;
const hasSize = (sizes: readonly number[], size: number | undefined): boolean => size === undefined || sizes.includes(size);
const typed = ({ U = field(0), size = field(0) }: Typed) => ({ U, size });

type D = With<'D' | 'Vd'>;
type N = With<'N' | 'Vn'>;
type M = With<'M' | 'Vm'>;

/** Three registers of the same length. */
export const three = (...sizes: readonly number[]) => ({
  when: (f: D & N & M & With<'Q'> & Typed) => hasSize(sizes, f.size) && whole(f.Q, f.Vd, f.Vn, f.Vm),
  operands: (f: D & N & M & With<'Q'> & Typed) => ({ ...typed(f), Q: f.Q, d: d(f), n: n(f), m: m(f) }),
});

/** Three doublewords. */
export const threeDoublewords = (...sizes: readonly number[]) => ({
  when: (f: D & N & M & Typed) => hasSize(sizes, f.size),
  operands: (f: D & N & M & Typed) => ({ ...typed(f), Q: field(0), d: d(f), n: n(f), m: m(f) }),
});

/** Three registers of different lengths: `quadwords` tells which of them must be even. */
const different = (quadwords: (f: D & N & M) => boolean) => (sizes: readonly number[]) => ({
  when: (f: D & N & M & Typed) => hasSize(sizes, f.size) && quadwords(f),
  operands: (f: D & N & M & Typed) => ({ ...typed(f), d: d(f), n: n(f), m: m(f) }),
});
export const long = different(({ Vd }) => even(Vd));
export const wide = different(({ Vd, Vn }) => even(Vd, Vn));
export const narrow = different(({ Vn, Vm }) => even(Vn, Vm));

/** The second operand is an element: of halfwords in D0 to D7, of words in D0 to D15. */
const element = ({ size, M, Vm }: M & With<'size'>) =>
  size === 1 ? { m: field(Vm & 7), x: field((M << 1) | (Vm >> 3)) } : { m: Vm, x: M };

export const scalar = (...sizes: readonly number[]) => ({
  when: (f: D & N & M & With<'Q' | 'size'>) => sizes.includes(f.size) && whole(f.Q, f.Vd, f.Vn),
  operands: (f: D & N & M & With<'Q' | 'size'>) => ({ size: f.size, Q: f.Q, d: d(f), n: n(f), ...element(f) }),
});

export const scalarLong = {
  when: (f: D & N & M & With<'size'> & Typed) => [1, 2].includes(f.size) && even(f.Vd),
  operands: (f: D & N & M & With<'size'> & Typed) => ({ ...typed(f), d: d(f), n: n(f), ...element(f) }),
};

/** Two registers of the same length. */
export const two = (...sizes: readonly number[]) => ({
  when: (f: D & M & With<'Q'> & Typed) => hasSize(sizes, f.size) && whole(f.Q, f.Vd, f.Vm),
  operands: (f: D & M & With<'Q'> & Typed) => ({ ...typed(f), Q: f.Q, d: d(f), m: m(f) }),
});

/** From quadword to doubleword, and the other way round. */
export const twoNarrow = (...sizes: readonly number[]) => ({
  when: (f: D & M & Typed) => hasSize(sizes, f.size) && even(f.Vm),
  operands: (f: D & M & Typed) => ({ ...typed(f), d: d(f), m: m(f) }),
});
export const twoLong = (...sizes: readonly number[]) => ({
  when: (f: D & M & Typed) => hasSize(sizes, f.size) && even(f.Vd),
  operands: (f: D & M & Typed) => ({ ...typed(f), d: d(f), m: m(f) }),
});

type Immediate = With<'imm6'> & Partial<With<'L'>>;
/** The leading one of L:imm6 gives the size; the seven bits without it, or 128 less them, the amount. */
const leading = ({ L = field(0), imm6 }: Immediate): number => 31 - Math.clz32((L << 6) | imm6);
const sizeOf = (f: Immediate): Field => field(leading(f) - 3);
const toRight = (f: Immediate): Field => field(2 ** (leading(f) + 1) - (((f.L ?? 0) << 6) | f.imm6));
const toLeft = (f: Immediate): Field => field((((f.L ?? 0) << 6) | f.imm6) - 2 ** leading(f));

type ShiftFields = D & M & Immediate & With<'Q'> & Partial<With<'U'>>;
/** With neither L nor an upper bit of imm6 the encoding belongs to the modified immediates. */
const shift = (amount: (f: Immediate) => Field) => ({
  when: (f: ShiftFields) => leading(f) >= 3 && whole(f.Q, f.Vd, f.Vm),
  operands: (f: ShiftFields) => ({ U: f.U ?? field(0), size: sizeOf(f), Q: f.Q, d: d(f), m: m(f), amount: amount(f) }),
});
export const shiftRight = shift(toRight);
export const shiftLeft = shift(toLeft);

type NarrowingFields = D & M & Immediate & Partial<With<'U'>>;
/** The size is that of the narrow elements. */
export const shiftNarrow = {
  when: (f: NarrowingFields) => leading(f) >= 3 && even(f.Vm),
  operands: (f: NarrowingFields) => ({ U: f.U ?? field(0), size: sizeOf(f), d: d(f), m: m(f), amount: toRight(f) }),
};
export const shiftLong = {
  when: (f: NarrowingFields) => leading(f) >= 3 && toLeft(f) !== 0 && even(f.Vd),
  operands: (f: NarrowingFields) => ({ U: f.U ?? field(0), size: sizeOf(f), d: d(f), m: m(f), amount: toLeft(f) }),
};
/** VMOVL is the shift by zero, for which the long shift would do too but for its name. */
export const lengthen = {
  when: (f: NarrowingFields) => leading(f) >= 3 && toLeft(f) === 0 && even(f.Vd),
  operands: (f: NarrowingFields) => ({ U: f.U ?? field(0), size: sizeOf(f), d: d(f), m: m(f) }),
};

/** 64 less imm6 bits of fraction; fewer than 33. */
export const fixedPoint = {
  when: (f: D & M & With<'Q' | 'U' | 'imm6'>) => f.imm6 >= 32 && whole(f.Q, f.Vd, f.Vm),
  operands: (f: D & M & With<'Q' | 'U' | 'imm6'>) => ({ U: f.U, Q: f.Q, d: d(f), m: m(f), fbits: field(64 - f.imm6) }),
};
