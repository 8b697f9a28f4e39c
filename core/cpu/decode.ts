/** The decoder, straight from the definitions: patterns are data, so nothing is generated and nothing can disagree with them. */
import { type Encoding, type Execute, field, type Instruction, type InstructionSet, type Operands } from './insn.ts';

/** A decoded instruction, kept in the decode cache. */
export class Op {
  // What the interpreter reads comes first, so that it is read together.
  readonly execute: Execute;
  readonly operands: Operands;
  /** Condition field, 14 (always) where the encoding has none. */
  readonly cond: number;
  /** Bytes: 2 or 4. */
  readonly size: number;
  readonly definition: Instruction;
  readonly name: string;
  readonly encoding: string;
  readonly bits: number;
  /** Whether the encoding is UNPREDICTABLE with these fields. */
  readonly unpredictable: boolean;
  #register: number | undefined;
  /** ISS[24:16] of a data abort, once it was asked for; `syndrome.ts` makes it. */
  iss: number | undefined;
  /** What the translator remembers of it. */
  form: unknown;

  constructor(
    row: Pick<Row, 'name' | 'encodingName' | 'definition' | 'width'>,
    operands: Operands,
    bits: number,
    unpredictable = false,
  ) {
    this.name = row.name;
    this.encoding = row.encodingName;
    this.definition = row.definition;
    this.operands = operands;
    this.execute = unpredictable ? UNPREDICTABLE : row.definition.execute;
    this.cond = operands['cond'] ?? 14;
    this.size = row.width / 8;
    this.bits = bits;
    this.unpredictable = unpredictable;
  }

  /** Rt of a load or store that a syndrome describes: of one register, without writeback. -1 for any other instruction. */
  get register(): number {
    this.#register ??= this.unpredictable ? -1 : (this.definition.syndrome?.(this.operands)?.Rt ?? -1);
    return this.#register;
  }
}

const UNPREDICTABLE: Execute = (cpu) => cpu.unpredictable();

interface FieldPosition {
  readonly name: string;
  readonly low: number;
  readonly width: number;
}

/** One encoding of one instruction, ready to match. */
export interface Row {
  readonly name: string;
  readonly encodingName: string;
  readonly set: InstructionSet;
  readonly definition: Instruction;
  readonly encoding: Encoding;
  readonly width: 16 | 32;
  /** Fixed bits and their values; `should` marks the (0) and (1) bits, `shouldBe` has their values. */
  readonly mask: number;
  readonly value: number;
  readonly should: number;
  readonly shouldBe: number;
  readonly fields: readonly FieldPosition[];
  /** Has a condition field at the top, in which 1111 belongs to other encodings. */
  readonly conditional: boolean;
  /** Where the fields are put while a word is decoded, always the same place since making one costs more than all the rest. */
  readonly values: Record<string, number>;
  /** The names of the operands except `cond`, in the order that all encodings have, once a word was decoded. */
  layout: readonly string[] | undefined;
}

/** Bits that no definition claims: UNDEFINED if the condition passes. */
const unallocated: Instruction = {
  asm: '.inst {bits}',
  ref: 'DDI 0406C A5.1.1',
  encodings: {},
  execute: (cpu) => cpu.undefined(),
};
const UNALLOCATED = { name: 'UNDEFINED', encodingName: '', definition: unallocated, width: 32 } as const;
const UNALLOCATED_16 = { ...UNALLOCATED, width: 16 } as const;

const ones = (x: number): number => {
  let count = 0;
  for (let rest = x; rest !== 0; rest &= rest - 1) count++;
  return count;
};

const below = (width: number): number => (width === 32 ? -1 : (1 << width) - 1);

/** Reads a pattern into a row. */
export function parsePattern(name: string, encodingName: string, definition: Instruction, encoding: Encoding): Row {
  const fields: FieldPosition[] = [];
  let mask = 0;
  let value = 0;
  let should = 0;
  let shouldBe = 0;
  let width = 0;
  const parts = encoding.pattern.split(' ').map((part) => ({ part, bits: patternWidth(part) }));
  const total = parts.reduce((sum, { bits }) => sum + bits, 0);
  if (total !== 16 && total !== 32) throw new Error(`${name} ${encodingName}: the pattern has ${total} bits`);
  for (const { part, bits } of parts) {
    width += bits;
    const low = total - width;
    if (part.startsWith('(')) {
      should |= 1 << low;
      if (part === '(1)') shouldBe |= 1 << low;
    } else if (/^[01]/.test(part)) {
      mask |= below(bits) << low;
      value |= Number.parseInt(part, 2) << low;
    } else fields.push({ name: part.split(':')[0] as string, low, width: bits });
  }
  const set = encodingName.startsWith('A') ? 'A32' : 'T32';
  const conditional = set === 'A32' && fields[0]?.name === 'cond' && fields[0].low === 28;
  const values = noValues(fields);
  const fixed = { mask, value, should, shouldBe };
  return {
    name,
    encodingName,
    set,
    definition,
    encoding,
    width: total,
    ...fixed,
    fields,
    conditional,
    values,
    layout: undefined,
  };
}

const noValues = (fields: readonly FieldPosition[]): Record<string, number> =>
  Object.fromEntries(fields.map(({ name }) => [name, 0]));

function layoutOf({ encoding, fields }: Row): readonly string[] {
  const values = noValues(fields);
  const names = Object.keys(encoding.operands?.(values as never, false) ?? values);
  return names.filter((name) => name !== 'cond').sort();
}

function patternWidth(part: string): number {
  if (part.startsWith('(')) return 1;
  return /^[01]/.test(part) ? part.length : Number(part.split(':')[1] ?? 1);
}

export class Decoder {
  readonly rows: readonly Row[];
  /** What was decoded of late, for wide and narrow instructions outside and inside an IT block: a program is made of few words. */
  readonly #a32Recent = new Recent();
  readonly #wideRecent = [new Recent(), new Recent()] as const;
  readonly #narrowRecent = [new Recent(), new Recent()] as const;
  readonly #a32: Buckets;
  /** With 1111 where others have the condition. */
  readonly #a32Always: Buckets;
  readonly #t32: Buckets;
  readonly #t16: Buckets;

  constructor(instructions: Readonly<Record<string, Instruction>>) {
    this.rows = Object.entries(instructions).flatMap(([name, definition]) =>
      Object.entries(definition.encodings).map(([encodingName, encoding]) =>
        parsePattern(name, encodingName, definition, encoding),
      ),
    );
    // More fixed bits first, so that a special case goes before the general one.
    const sorted = [...this.rows].sort((a, b) => ones(b.mask) - ones(a.mask));
    const of = (set: InstructionSet, width: number) => sorted.filter((row) => row.set === set && row.width === width);
    const a32 = of('A32', 32);
    const spreadA32 = (i: number) => ((i >> 4) << 20) | ((i & 15) << 4);
    const conditional = a32.filter((row) => (row.value & row.mask) >>> 28 !== 15);
    const unconditional = a32.filter((row) => !row.conditional);
    this.#a32 = new Buckets(conditional, 0x0ff000f0, spreadA32);
    this.#a32Always = new Buckets(unconditional, 0x0ff000f0, spreadA32);
    this.#t32 = new Buckets(of('T32', 32), 0x1ff00000 | 0x8000, (i) => ((i >> 1) << 20) | ((i & 1) << 15));
    this.#t16 = new Buckets(of('T32', 16), 0xff00, (i) => i << 8);
  }

  /** Decodes an A32 word, a wide Thumb instruction (first halfword on top), or with `narrow` a 16-bit Thumb one. Any bits give an answer. */
  decode(set: InstructionSet, bits: number, narrow: boolean, inIT: boolean): Op {
    const recent = set === 'A32' ? this.#a32Recent : (narrow ? this.#narrowRecent : this.#wideRecent)[inIT ? 1 : 0];
    return recent.get(bits) ?? recent.keep(this.#decode(set, bits, narrow, inIT));
  }

  #decode(set: InstructionSet, bits: number, narrow: boolean, inIT: boolean): Op {
    for (const row of this.#candidates(set, bits, narrow)) {
      if ((bits & row.mask) !== row.value) continue;
      const { encoding, values } = row;
      for (const { name, low, width } of row.fields) values[name] = (bits >>> low) & below(width);
      if (encoding.when !== undefined && !encoding.when(values as never, inIT)) continue;
      const unpredictable = encoding.unpredictable?.(values as never, inIT) ?? false;
      const operands = encoding.operands?.(values as never, inIT) ?? (values as unknown as Operands);
      return new Op(row, sameLayout(row, operands), bits, unpredictable);
    }
    const cond = set === 'A32' && bits >>> 28 !== 15 ? bits >>> 28 : 14;
    return new Op(narrow ? UNALLOCATED_16 : UNALLOCATED, { cond: field(cond) }, bits);
  }

  #candidates(set: InstructionSet, bits: number, narrow: boolean): readonly Row[] {
    if (set === 'A32') {
      const rows = bits >>> 28 === 15 ? this.#a32Always : this.#a32;
      return rows.at(((bits >>> 16) & 0xff0) | ((bits >>> 4) & 15));
    }
    if (narrow) return this.#t16.at((bits >>> 8) & 0xff);
    return this.#t32.at((((bits >>> 20) & 0x1ff) << 1) | ((bits >>> 15) & 1));
  }
}

/** The operands with their keys always in one order and `cond` among them, so that `execute` meets one record layout from all encodings. */
function sameLayout(row: Row, operands: Operands): Operands {
  const result: Record<string, number> = { cond: operands['cond'] ?? row.values['cond'] ?? 14 };
  row.layout ??= layoutOf(row);
  for (const key of row.layout) result[key] = operands[key] as number;
  return result as unknown as Operands;
}

/** The instruction that was decoded last of all whose words have the same hash. */
class Recent {
  static readonly BITS = 15;
  #ops: (Op | undefined)[] | undefined;

  get(bits: number): Op | undefined {
    const op = this.#ops?.[hash(bits)];
    return op?.bits === bits ? op : undefined;
  }

  keep(op: Op): Op {
    this.#ops ??= new Array<Op | undefined>(1 << Recent.BITS).fill(undefined);
    this.#ops[hash(op.bits)] = op;
    return op;
  }
}

const hash = (bits: number): number => Math.imul(bits, 0x9e37_79b1) >>> (32 - Recent.BITS);

/** Rows by the bits that tell most encodings apart. A bucket is filled when it is first asked for: most never are. */
class Buckets {
  readonly #rows: readonly Row[];
  readonly #bits: number;
  readonly #spread: (i: number) => number;
  readonly #buckets: (readonly Row[] | undefined)[] = [];

  constructor(rows: readonly Row[], bits: number, spread: (i: number) => number) {
    this.#rows = rows;
    this.#bits = bits;
    this.#spread = spread;
  }

  at(i: number): readonly Row[] {
    const known = this.#buckets[i];
    if (known !== undefined) return known;
    const word = this.#spread(i);
    const rows = this.#rows.filter((row) => ((row.value ^ word) & row.mask & this.#bits) === 0);
    this.#buckets[i] = rows;
    return rows;
  }
}

/** Whether a halfword starts a wide (32-bit) Thumb instruction. DDI 0406C A6.1. */
export const isWide = (halfword: number): boolean => halfword >>> 11 >= 0x1d;
