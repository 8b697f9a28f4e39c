/**
 * Random instructions with operands that matter: three of four from the definitions' own patterns, each encoding in turn, the fourth any word of
 * the set's space. None that is left out by exclusions.ts.
 */
import type { Decoder, Op, Row } from '../../core/cpu/decode.ts';
import { type Case, type Draft, place } from './case.ts';
import { Unsuitable } from './case-memory.ts';
import { type Decoded, NEVER, nameOf, ruleOf } from './exclusions.ts';
import { CODE_PAGE, DATA_PAGE, EDGE, MEMORIES, WINDOW_WORDS } from './layout.ts';
import type { Prediction, Predictor } from './predict.ts';
import type { Random } from './random.ts';
import { anyWord, hasVfp, rowsOf, type SetName, setOf, type Word, wordOf } from './sets.ts';
import { vfpState } from './vfp-state.ts';

export interface Predicted {
  readonly test: Case;
  readonly prediction: Prediction;
}

const USER = 0x10;
/** Asynchronous aborts and FIQs are masked; IRQs are not, since the timer's ends what does not end. */
const MASKS = 0x140;
const BIG_ENDIAN = 1 << 9;
/** One case in so many is any word. */
const UNIFORM = 4;
/** One access in so many that misses the window stays there. */
const MISSES = 12;

const below = (width: number): number => (width === 32 ? 0xffffffff : 2 ** width - 1);

/** What VMRS and VMSR reach in User mode. */
const FPSCR = 1;

/** A field's value: registers evenly, numbers with their ends more often. */
function fieldValue(name: string, width: number, random: Random): number {
  if (name === 'cond') return random.once(3) ? random.below(15) : 14;
  if (name === 'coproc') return random.once(2) ? 14 + random.below(2) : random.below(16);
  if (name === 'reg' && random.once(2)) return FPSCR;
  if (/^R/.test(name) || width <= 4) return random.below(2 ** width);
  return random.once(4)
    ? random.pick([0, 1, below(width), below(width) >>> 1, (below(width) >>> 1) + 1])
    : random.word() & below(width);
}

/** Where pages begin and end. */
const BORDERS = [CODE_PAGE, DATA_PAGE, DATA_PAGE + 0x1000];

/** A register's value: anything, a corner of arithmetic, or an address near the border of a page. */
const operand = (random: Random): number =>
  random.once(16) ? (random.pick(BORDERS) + random.below(17) - 8) >>> 0 : random.value();

/** The instruction as the bench knows it, decoded once. */
export class WordReader {
  readonly decoder: Decoder;
  readonly #rows: ReadonlyMap<string, Row>;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
    this.#rows = new Map(decoder.rows.map((row) => [nameOf(row), row]));
  }

  read(word: Word, inIT: boolean): Decoded {
    const op = this.decoder.decode(word.set, word.bits | 0, word.narrow, inIT);
    return { ...word, op, row: this.#rows.get(opName(op)) };
  }
}

/** Instruction and encoding; those that are no instruction are UNDEFINED. */
export const opName = ({ name, encoding }: Op): string => `${name} ${encoding}`.trimEnd();

export class CaseGenerator {
  readonly #reader: WordReader;
  readonly #set: SetName;
  readonly #rows: readonly Row[];
  readonly #predictor: Predictor;
  readonly #random: Random;
  #turn = 0;
  /** How many words or operands were left out, by the exclusion. */
  readonly leftOut = new Map<string, number>();

  constructor(reader: WordReader, set: SetName, predictor: Predictor, random: Random) {
    this.#reader = reader;
    this.#set = set;
    this.#rows = rowsOf(reader.decoder, set).filter((row) => !NEVER.test(nameOf(row)));
    this.#predictor = predictor;
    this.#random = random;
  }

  /** All encodings come in turn, but for every fourth case. */
  next(): Predicted {
    for (;;) {
      const uniform = this.#random.once(UNIFORM);
      const row = uniform ? undefined : (this.#rows[this.#turn++ % this.#rows.length] as Row);
      for (let attempt = 0; attempt < 40; attempt++) {
        const found = this.#attempt(row);
        if (found !== undefined) return found;
      }
    }
  }

  #attempt(row: Row | undefined): Predicted | undefined {
    const word = row === undefined ? anyWord(this.#set, this.#random) : this.#instance(row);
    if (word === undefined || setOf(word) !== this.#set) return undefined;
    const inIT = word.set === 'T32' && this.#random.once(4);
    const decoded = this.#reader.read(word, inIT);
    if (row !== undefined && decoded.row !== row) return undefined;
    const rule = ruleOf(decoded);
    if (rule === undefined) return this.#steer(this.#draft(decoded, inIT), decoded.op);
    this.#leaveOut(rule.id);
    return undefined;
  }

  #instance(row: Row): Word {
    let bits = row.value | row.shouldBe;
    for (const { name, low, width } of row.fields) bits |= fieldValue(name, width, this.#random) << low;
    return wordOf(row, bits);
  }

  #leaveOut(id: string): void {
    this.leftOut.set(id, (this.leftOut.get(id) ?? 0) + 1);
  }

  #draft({ set, bits, narrow, op }: Decoded, inIT: boolean): Draft {
    const random = this.#random;
    const registers = Array.from({ length: 15 }, () => operand(random));
    const draft = {
      ...{ set, bits, narrow, name: opName(op), registers },
      it: inIT ? random.below(15) : undefined,
      before: this.#before(set, op),
      skew: set === 'T32' && random.once(2),
      flags: ((random.word() & 0xf80f0000) | (random.once(8) ? BIG_ENDIAN : 0) | MASKS | USER) >>> 0,
      memory: random.once(8) ? MEMORIES.length - 1 : 0,
    };
    return hasVfp(this.#set) ? { ...draft, vfp: vfpState(random) } : draft;
  }

  /** An exclusive store comes after an exclusive load of the same address, most times. */
  #before(set: string, op: Op): readonly number[] {
    const match = /^STREX([BHD]?)$/.exec(op.name);
    if (match === null || this.#random.once(4)) return [];
    const { Rn, Rd = 0, Rt = 0, Rt2 = 0, imm = 0 } = op.operands as Readonly<Record<string, number>>;
    const free = [0, 2, 4, 6, 8, 10].find((n) => ![Rn, Rd, Rt, Rt2].some((used) => used === n || used === n + 1)) ?? 0;
    const kind = match[1] as string;
    if (set === 'A32') {
      const word = 0xe1900f9f | (({ '': 0, D: 2, B: 4, H: 6 }[kind] as number) << 20) | ((Rn as number) << 16) | (free << 12);
      return [word & 0xffff, word >>> 16];
    }
    if (kind === '') return [0xe850 | (Rn as number), (free << 12) | 0xf00 | (imm >>> 2)];
    const second = kind === 'D' ? free + 1 : 15;
    return [0xe8d0 | (Rn as number), (free << 12) | (second << 8) | ({ B: 0x4f, H: 0x5f, D: 0x7f }[kind] as number)];
  }

  /** Moves the base register so that the first access falls into the window or on its edge, most times. */
  #steer(draft: Draft, op: Op): Predicted | undefined {
    const random = this.#random;
    const base = (op.operands as Readonly<Record<string, number>>)['Rn'];
    let test = place(draft);
    for (let attempt = 0; attempt < 4; attempt++) {
      const prediction = this.#predict(test);
      const first = this.#predictor.first;
      if (prediction !== undefined && (first === undefined || inWindow(first) || random.once(MISSES)))
        return { test, prediction };
      if (first === undefined || base === undefined || base === 15) return undefined;
      const registers = test.registers.slice();
      registers[base] = ((registers[base] as number) + this.#target() - first) >>> 0;
      test = { ...test, registers };
    }
    return undefined;
  }

  #predict(test: Case): Prediction | undefined {
    try {
      return this.#predictor.run(test);
    } catch (thrown) {
      if (!(thrown instanceof Unsuitable)) throw thrown;
      this.#leaveOut(thrown.why);
      return undefined;
    }
  }

  #target(): number {
    const random = this.#random;
    if (random.once(16)) return EDGE + 4 * WINDOW_WORDS - 1 - random.below(32);
    return EDGE + (random.below(4 * WINDOW_WORDS - 8) & (random.once(4) ? ~0 : ~7));
  }
}

const inWindow = (address: number): boolean => address >= EDGE && address < EDGE + 4 * WINDOW_WORDS;
