/** Random instructions from the definitions' own patterns, with operands that matter, that are neither UNPREDICTABLE nor out of reach. */
import { type Decoder, type Op, parsePattern, type Row } from '../../core/cpu/decode.ts';
import type { Instruction } from '../../core/cpu/insn.ts';
import { GROUPS } from '../../core/cpu/isa/all.ts';
import { SLOT, SLOT_WORDS, TRAP, WINDOW, WINDOW_WORDS } from './layout.ts';
import { type Prediction, type Predictor, Unsuitable } from './predict.ts';
import type { Random } from './random.ts';
import { vfpState } from './vfp-state.ts';

export type SetName = 'a32' | 't16' | 't32' | 'vfp' | 'neon';

export interface Case {
  /** Instruction and encoding, for reports. */
  readonly name: string;
  readonly bits: number;
  /** The words at the slot. */
  readonly code: readonly number[];
  /** Address of the first instruction. */
  readonly at: number;
  readonly cpsr: number;
  readonly registers: readonly number[];
  /** For the VFP set: FPSCR and D0 to D31 as 64 words. */
  readonly vfp?: readonly number[];
}

export interface Predicted {
  readonly test: Case;
  readonly prediction: Prediction;
}

const USER = 0x10;
const MASKS = 0x1c0;
const bigEndian = 1 << 9;

/** Groups outside this comparison: what they do depends on more than User mode's registers and memory. */
const SYSTEM: readonly (keyof typeof GROUPS)[] = ['calls', 'coprocessor', 'exceptionReturn', 'hints', 'statusRegisters'];
const SYSTEM_NAMES = new Set(SYSTEM.flatMap((group) => Object.keys(GROUPS[group])));

/** The encodings of a set. To VFP's belong those that any coprocessor may have: with CP10 or CP11 they must be UNDEFINED. */
export function rowsOf(decoder: Decoder, set: SetName): readonly Row[] {
  if (set === 'vfp') return decoder.rows.filter((row) => isVfp(row) && !isNeon(row));
  if (set === 'neon') return [...decoder.rows.filter(isNeon), ...UNDEFINED];
  const rows = decoder.rows.filter(({ name }) => !SYSTEM_NAMES.has(name) && !name.startsWith('V'));
  if (set === 'a32') return rows.filter((row) => row.set === 'A32');
  return rows.filter((row) => row.set === 'T32' && row.width === (set === 't16' ? 16 : 32));
}

/** Groups of Advanced SIMD. */
const NEON_NAMES = new Set(Object.entries(GROUPS).flatMap(([group, all]) => (group.startsWith('neon') ? Object.keys(all) : [])));
const isNeon = ({ name }: Row): boolean => NEON_NAMES.has(name);
/** What is UNDEFINED in the spaces of Advanced SIMD, as encodings of its own. */
const UNDEFINED: readonly Row[] = [
  ['A32', '1111001 bits:25'],
  ['A32', '11110100 high:3 0 bits:20'],
  ['T32', '111 U 1111 bits:24'],
  ['T32', '11111001 high:3 0 bits:20'],
].map(([set = '', pattern = '']) => {
  const definition: Instruction = { asm: '', ref: '', encodings: {}, execute: (cpu) => cpu.undefined() };
  return { ...parsePattern('UNDEFINED', set, definition, { pattern }), encodingName: '' };
});

const isVfp = ({ name }: Row): boolean => name.startsWith('V') || name in GROUPS.coprocessor;

/** The result is UNKNOWN: the elements of one register exchanged with each other. */
const isUnknown = ({ name, operands }: Op): boolean => /^V(TRN|UZP|ZIP)$/.test(name) && operands['d'] === operands['m'];

const below = (width: number): number => (width === 32 ? 0xffffffff : 2 ** width - 1);

/** What VMRS and VMSR reach in User mode. */
const FPSCR = 1;

/** A field's value: registers evenly, numbers with their ends more often. */
function fieldValue(name: string, width: number, random: Random): number {
  if (name === 'cond') return random.once(3) ? random.below(15) : 14;
  if (name === 'coproc') return 10 + random.below(2);
  if (name === 'reg' && random.once(2)) return FPSCR;
  if (/^R/.test(name) || width <= 4) return random.below(2 ** width);
  return random.once(4)
    ? random.pick([0, 1, below(width), below(width) >>> 1, (below(width) >>> 1) + 1])
    : random.word() & below(width);
}

export class CaseGenerator {
  readonly #decoder: Decoder;
  readonly #rows: readonly Row[];
  readonly #predictor: Predictor;
  readonly #random: Random;
  #turn = 0;
  /** How often a row was tried in vain, by reason. */
  readonly refused = new Map<string, number>();

  constructor(decoder: Decoder, rows: readonly Row[], predictor: Predictor, random: Random) {
    this.#decoder = decoder;
    this.#rows = rows;
    this.#predictor = predictor;
    this.#random = random;
  }

  /** All encodings come in turn. */
  next(): Predicted {
    for (;;) {
      const row = this.#rows[this.#turn++ % this.#rows.length] as Row;
      for (let attempt = 0; attempt < 40; attempt++) {
        const found = this.#attempt(row);
        if (found !== undefined) return found;
      }
    }
  }

  #attempt(row: Row): Predicted | undefined {
    const random = this.#random;
    let bits = row.value | row.shouldBe;
    for (const { name, low, width } of row.fields) bits |= fieldValue(name, width, random) << low;
    const inIT = row.set === 'T32' && random.once(4);
    const op = this.#decoder.decode(row.set, bits, row.width === 16, inIT);
    if (op.name !== row.name || op.encoding !== row.encodingName || op.unpredictable || isUnknown(op)) return undefined;
    const test = this.#place(row, op, bits >>> 0, inIT);
    return this.#steer(test, op);
  }

  #place(row: Row, op: Op, bits: number, inIT: boolean): Case {
    const random = this.#random;
    const registers = Array.from({ length: 15 }, () => random.value());
    const halfwords =
      row.set === 'T32' ? (row.width === 16 ? [bits] : [bits >>> 16, bits & 0xffff]) : [bits & 0xffff, bits >>> 16];
    halfwords.unshift(...this.#before(row, op));
    const skew = row.set === 'T32' && random.once(2) ? 1 : 0;
    // In Thumb, every halfword after the instructions is UDF, so that none has to branch back over them.
    const trap = (i: number): number => (i % 2 === 0 || row.set === 'T32' ? TRAP & 0xffff : TRAP >>> 16);
    const halves = Array.from({ length: 2 * SLOT_WORDS }, (_, i) => halfwords[i - skew] ?? trap(i));
    const code = Array.from(
      { length: SLOT_WORDS },
      (_, i) => ((halves[2 * i] as number) | ((halves[2 * i + 1] as number) << 16)) >>> 0,
    );
    const flags = (random.word() & 0xf80f0000) | (random.once(8) ? bigEndian : 0) | MASKS | USER;
    // A block of one; with an instruction before it that is inside too, of two.
    const cond = random.below(15);
    const mask = halfwords.length > 2 ? ((cond & 1) << 3) | 4 : 8;
    const it = inIT ? (cond << 4) | mask : 0;
    const state = row.set === 'T32' ? 0x20 | ((it & 0xfc) << 8) | ((it & 3) << 25) : 0;
    const test = {
      name: `${row.name} ${row.encodingName}`,
      bits,
      code,
      at: SLOT + 2 * skew,
      cpsr: (flags | state) >>> 0,
      registers,
    };
    return isVfp(row) || UNDEFINED.includes(row) ? { ...test, vfp: vfpState(random) } : test;
  }

  /** An exclusive store comes after an exclusive load of the same address, most times. */
  #before(row: Row, op: Op): readonly number[] {
    const match = /^STREX([BHD]?)$/.exec(row.name);
    if (match === null || this.#random.once(4)) return [];
    const { Rn, Rd = 0, Rt = 0, Rt2 = 0, imm = 0 } = op.operands as Readonly<Record<string, number>>;
    const free = [0, 2, 4, 6, 8, 10].find((n) => ![Rn, Rd, Rt, Rt2].some((used) => used === n || used === n + 1)) ?? 0;
    const kind = match[1] as string;
    if (row.set === 'A32') {
      const word = 0xe1900f9f | (({ '': 0, D: 2, B: 4, H: 6 }[kind] as number) << 20) | ((Rn as number) << 16) | (free << 12);
      return [word & 0xffff, word >>> 16];
    }
    if (kind === '') return [0xe850 | (Rn as number), (free << 12) | 0xf00 | (imm >>> 2)];
    const second = kind === 'D' ? free + 1 : 15;
    return [0xe8d0 | (Rn as number), (free << 12) | (second << 8) | ({ B: 0x4f, H: 0x5f, D: 0x7f }[kind] as number)];
  }

  /** Moves the base register so that the first access falls into the window, most times. */
  #steer(first: Case, op: Op): Predicted | undefined {
    const random = this.#random;
    const base = (op.operands as Readonly<Record<string, number>>)['Rn'];
    let test = first;
    for (let attempt = 0; attempt < 4; attempt++) {
      let address: number | undefined;
      try {
        const prediction = this.#predictor.run(test);
        address = prediction.first;
        if (address === undefined || inWindow(address) || random.once(40)) return { test, prediction };
      } catch (thrown) {
        if (!(thrown instanceof Unsuitable)) throw thrown;
        this.refused.set(thrown.why, (this.refused.get(thrown.why) ?? 0) + 1);
        address = this.#predictor.first;
      }
      if (address === undefined || base === undefined || base === 15) return undefined;
      const target = WINDOW + (random.below(4 * WINDOW_WORDS - 8) & (random.once(4) ? ~0 : ~7));
      const registers = test.registers.slice();
      registers[base] = ((registers[base] as number) + target - address) >>> 0;
      test = { ...test, registers };
    }
    return undefined;
  }
}

const inWindow = (address: number): boolean => address >= WINDOW && address < WINDOW + 4 * WINDOW_WORDS;
