/**
 * The language that instructions are written in: plain TypeScript with exactly JavaScript's meaning, so that a definition runs as it stands,
 * and restricted so that the translator's emitter can be generated from the same text (docs/architecture.md lists the rules).
 *
 * Binding times and widths are types:
 *   Field    known when the instruction is decoded        word     32 bits held as a signed integer, known at run time
 *   uint     the same 32 bits read as 0 .. 2^32-1         boolean  a condition known at run time
 *   number   an exact integer below 2^53: only + - and comparisons, back through word()
 */
import type { Cpu } from './state.ts';

declare const kind: unique symbol;
export type Field = number & { readonly [kind]: 'field' };
export type word = number & { readonly [kind]: 'word' };
export type uint = number & { readonly [kind]: 'uint' };
export type u64 = bigint & { readonly [kind]: 'u64' };

/** Takes the low 32 bits. */
export const word = (x: number): word => (x | 0) as word;
export const UInt = (x: word): uint => (x >>> 0) as uint;
/** Marks arithmetic on fields as still known at decoding. */
export const field = (x: number): Field => x as Field;
export const u64 = (x: bigint): u64 => BigInt.asUintN(64, x) as u64;

/** The instruction sets; `inIT` matters to 16-bit Thumb, whose data instructions set flags only outside an IT block. */
export type InstructionSet = 'A32' | 'T32';

/** Operands after decoding: `cond` is 14 where the encoding has none (Thumb takes it from ITSTATE). */
export type Operands = Readonly<Record<string, Field>>;

export interface Encoding {
  readonly pattern: string;
  /** Narrows the encoding beyond its fixed bits: the manual's "if … then SEE …". */
  readonly when?: (fields: never, inIT: boolean) => boolean;
  /** The manual's "if … then UNPREDICTABLE" of this encoding: the decoder then hands out `cpu.unpredictable()` instead of `execute`. */
  readonly unpredictable?: (fields: never, inIT: boolean) => boolean;
  /** Turns the fields into operands where they differ from those of the definition. */
  readonly operands?: (fields: never, inIT: boolean) => Operands;
}

type FieldName<T> = T extends `${'0' | '1' | '('}${string}` ? never : T extends `${infer N}:${string}` ? N : T;
type FieldNames<P> = P extends `${infer T} ${infer Rest}` ? FieldName<T> | FieldNames<Rest> : FieldName<P>;
/** The fields that a pattern names. */
export type Fields<P> = { readonly [K in FieldNames<P> & string]: Field };

interface Typed<O> {
  /** Only for the types: what the encoding hands to `execute`. */
  readonly operandType?: O;
}

/**
 * One encoding. A pattern reads from the most significant bit: `0110` fixed bits, `Rn:4` a field, `S` a field of one bit, `(0)` a bit that
 * should be zero (UNPREDICTABLE otherwise: we choose to ignore it). 16-bit Thumb has 16 bits, wide Thumb 32 with the first halfword on top.
 */
export function enc<const P extends string, O extends Operands = Fields<P>>(
  pattern: P,
  more: {
    when?(fields: Fields<P>, inIT: boolean): boolean;
    unpredictable?(fields: Fields<P>, inIT: boolean): boolean;
    operands?(fields: Fields<P>, inIT: boolean): O;
  } = {},
): Encoding & Typed<O> {
  return { pattern, ...more } as Encoding & Typed<O>;
}

type OperandsOf<E> = E extends Typed<infer O> ? O : never;
/** E is the manual's letter for ThumbEE. */
type EncodingName = `${'A' | 'T' | 'E'}${number}${string}`;

/** What the syndrome of a trapped load or store says of the instruction (HSR.ISS, DDI 0406C B3.13.6); valid for simple forms only. */
export interface AccessSyndrome {
  readonly bytes: 1 | 2 | 4;
  readonly signed: boolean;
  readonly Rt: number;
}

export interface Instruction {
  /** Name in UAL, with `{…}` for what the operands fill in. */
  readonly asm: string;
  readonly ref: string;
  readonly encodings: Readonly<Record<EncodingName, Encoding>>;
  /** For a load or store of one register without writeback: what a trap to Hyp mode reports. */
  readonly syndrome?: (operands: Operands) => AccessSyndrome | undefined;
  /** Executes whatever the condition of the IT block around it. */
  readonly unconditional?: true;
  readonly execute: Execute;
}
export type Execute = (cpu: Cpu, operands: Operands) => void;

/** Declares an instruction. `execute` keeps to the restricted subset. */
export function instruction<const E extends Readonly<Record<EncodingName, Encoding & Typed<Operands>>>>(definition: {
  readonly asm: string;
  readonly ref: string;
  readonly encodings: E;
  syndrome?(operands: OperandsOf<E[keyof E]>): AccessSyndrome | undefined;
  readonly unconditional?: true;
  execute(cpu: Cpu, operands: OperandsOf<E[keyof E]>): void;
}): Instruction {
  return definition as unknown as Instruction;
}
