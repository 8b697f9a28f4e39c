/** Random instructions of a kind, straight from the definitions' patterns: defined, predictable, and leaving certain registers alone. */
import type { Decoder, Op, Row } from '../../core/cpu/decode.ts';
import { GROUPS } from '../../core/cpu/isa/all.ts';
import type { Random } from './random.ts';

type Group = keyof typeof GROUPS;
export type Fields = Readonly<Record<string, number>>;

const FLOAT_MEMORY: readonly Group[] = ['vfpLoadStore', 'neonLoad', 'neonStore'];
/** WFI waits for good, HVC is a call of the board, HLT semihosting; returns and what needs a stack have places of their own. */
const NOT_RANDOM = /^(WFI|WFE|HVC|HLT|ERET|SUBS_PC_LR.*|RFE|SRS|LDM_exception_return)$/;

/** What a body is made of, by kind; the rest comes in forms of its own. */
const KINDS = {
  data: [
    ...(['arithmeticImmediate', 'arithmeticRegister', 'arithmeticShifted', 'bitField', 'divide', 'extend'] as const),
    ...(['logicalImmediate', 'logicalRegister', 'logicalShifted', 'move', 'multiply', 'multiplyHalfword'] as const),
    ...(['pack', 'parallel', 'saturating'] as const),
  ],
  memory: [
    ...(['loadLiteral', 'loadStoreDual', 'loadStoreImmediate', 'loadStoreMultiple', 'loadStoreRegister'] as const),
    ...(['loadStoreUnprivileged', 'preload'] as const),
  ],
  /** What acts on more than registers and memory, and ends in what follows or in an exception. */
  system: ['hints', 'coprocessor', 'statusRegisters', 'calls', 'exceptionReturn'],
  exclusive: ['exclusive'],
  vfp: ['vfpArithmetic', 'vfpCompare', 'vfpConvert', 'vfpMove', 'vfpMultiply', 'vfpScalar', 'vfpSystem'],
  neon: (Object.keys(GROUPS) as Group[]).filter((group) => group.startsWith('neon') && !FLOAT_MEMORY.includes(group)),
  floatMemory: FLOAT_MEMORY,
} as const satisfies Readonly<Record<string, readonly Group[]>>;
export type Kind = keyof typeof KINDS;

/** SWP and SWPB are accesses like any other. */
const isSwap = (name: string): boolean => /^SWPB?$/.test(name);

function belongs(kind: Kind): (name: string) => boolean {
  const names = new Set(KINDS[kind].flatMap((group) => Object.keys(GROUPS[group])));
  if (kind === 'memory') return (name) => names.has(name) || isSwap(name);
  if (kind === 'exclusive') return (name) => /^(LD|ST)REX/.test(name);
  return (name) => names.has(name) && !NOT_RANDOM.test(name);
}

/** Whether the PC is written by it, which only the forms that place their target may do. */
function writesPC({ operands, name }: Op): boolean {
  const { Rd, Rt, Rt2, RdLo, RdHi, list = 0 } = operands as Fields;
  if (name === 'VMRS') return false;
  return [Rd, Rt, Rt2, RdLo, RdHi].includes(15) || (name === 'LDM' && (list & 0x8000) !== 0);
}

/** Whether it names one of the registers, be it to read or to write. */
function touches({ operands }: Op, registers: readonly number[]): boolean {
  for (const register of registers) {
    for (const [name, value] of Object.entries(operands)) {
      if (name === 'list' && ((value >>> register) & 1) === 1) return true;
      if (name.startsWith('R') && name !== 'R' && value === register) return true;
    }
  }
  return false;
}

/** The elements of one register exchanged with each other: the result is UNKNOWN. */
const isUnknown = ({ name, operands }: Op): boolean => /^V(TRN|UZP|ZIP)$/.test(name) && operands['d'] === operands['m'];

const ones = (width: number): number => (width === 32 ? 0xffffffff : 2 ** width - 1);

export interface Wish {
  /** In an IT block. */
  readonly inIT?: boolean;
  /** Registers that it must leave alone. */
  readonly kept?: readonly number[];
  /** Values of fields. */
  readonly fields?: Fields;
  readonly name?: (name: string) => boolean;
}

type Rows = Readonly<Record<Kind, Readonly<Record<'A32' | 'T32', readonly Row[]>>>>;

export class Picker {
  readonly decoder: Decoder;
  readonly #rows: Rows;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
    const rows = (kind: Kind) => {
      const all = decoder.rows.filter(({ name }) => belongs(kind)(name));
      return { A32: all.filter(({ set }) => set === 'A32'), T32: all.filter(({ set }) => set === 'T32') };
    };
    const kinds = Object.keys(KINDS) as Kind[];
    this.#rows = Object.fromEntries(kinds.map((kind) => [kind, rows(kind)])) as unknown as Rows;
  }

  /** An instruction of the kind. */
  pick(random: Random, kind: Kind, set: 'A32' | 'T32', { inIT = false, kept = [], fields = {}, name }: Wish = {}): Op {
    const rows = this.#rows[kind][set];
    for (;;) {
      const row = random.pick(rows);
      if (name !== undefined && !name(row.name)) continue;
      const bits = fill(row, random, fields);
      const op = this.decoder.decode(set, bits, row.width === 16, inIT);
      const same = op.name === row.name && op.encoding === row.encodingName;
      if (same && !op.unpredictable && !writesPC(op) && !isUnknown(op) && !touches(op, kept)) return op;
    }
  }
}

function fill(row: Row, random: Random, fields: Fields): number {
  let bits = row.value | row.shouldBe;
  for (const { name, low, width } of row.fields) {
    const value = fields[name] ?? (name === 'cond' ? (random.once(3) ? random.below(15) : 14) : random.word() & ones(width));
    bits |= value << low;
  }
  return bits;
}
