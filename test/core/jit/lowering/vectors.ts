/** One instruction at a time on random registers, interpreted and translated: both must leave the same bits. */
import { Decoder, type Op, type Row } from '../../../../core/cpu/decode.ts';
import { DN, FPSCR_MASK, FZ, IXC, LEN, QC, RMODE, STRIDE } from '../../../../core/cpu/fp/fpscr.ts';
import { INSTRUCTIONS } from '../../../../core/cpu/isa/all.ts';
import * as S from '../../../../core/cpu/scalars.ts';
import { SLOT } from '../../../../core/cpu/slots.ts';
import { Random } from '../../../../tools/oracle/random.ts';
import { difference, RAM, Side, words } from '../pair.ts';

const SECTIONS = RAM + 0x4000;
const CODE = RAM + 0x1_0000;
const DATA = RAM + 0x2_0000;
const DATA_WORDS = 512;
const SELF = 0xeafffffe;
const BUDGET = 40;

const decoder = new Decoder(INSTRUCTIONS);

/** What to fill registers with. */
export type Filling = 'integers' | 'singles' | 'doubles';

const SINGLES = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00000, 0x00000001, 0x007fffff, 0x00800000,
  0x80800000, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4f800000, 0x3f000000, 0x40490fdb, 0x34000000, 0x4b800000,
];
const DOUBLE_TOPS = [
  0, 0x80000000, 0x3ff00000, 0xbff00000, 0x7ff00000, 0x7ff80000, 0x7ff40000, 0x00100000, 0x000fffff, 0x7fefffff, 0x41e00000,
  0xc1e00000, 0x41f00000, 0x3fe00000, 0x40080000, 0x7f600000, 0x00a00000, 0x47efffff, 0x38100000, 0x43300000,
];

const float = new Float32Array(1);
const double = new Float64Array(1);
const bitsOf = (value: number): number => {
  float[0] = value;
  return new Uint32Array(float.buffer)[0] as number;
};

/** Mostly numbers of ordinary size, of which some make exact results. */
function single(random: Random): number {
  const kind = random.below(8);
  if (kind === 0) return random.pick(SINGLES);
  if (kind === 1) return random.word();
  if (kind < 4) return bitsOf(random.below(4096) - 2048);
  if (kind === 4) return bitsOf((random.below(256) - 128) / 64);
  return ((random.below(2) << 31) | ((110 + random.below(34)) << 23) | (random.word() & 0x7fffff)) >>> 0;
}

function putDouble(w: Int32Array, at: number, random: Random): void {
  const kind = random.below(8);
  if (kind < 5 && kind > 1) {
    double[0] = kind === 4 ? (random.below(4096) - 2048) / 64 : random.below(1 << 20) - (1 << 19);
    w.set(new Int32Array(double.buffer), at);
    return;
  }
  w[at] = kind === 0 && random.once(2) ? 0 : random.word();
  const ordinary = ((random.below(2) << 31) | ((1023 - 40 + random.below(80)) << 20) | (random.word() & 0xfffff)) >>> 0;
  w[at + 1] = kind === 0 ? random.pick(DOUBLE_TOPS) : kind === 1 ? random.word() : ordinary;
}

function fill(w: Int32Array, filling: Filling, random: Random): void {
  if (filling === 'doubles') for (let i = 0; i < 64; i += 2) putDouble(w, i, random);
  else for (let i = 0; i < 64; i++) w[i] = filling === 'singles' ? single(random) : random.value();
}

function fpscr(random: Random): number {
  if (random.once(16)) return random.word() & FPSCR_MASK & (random.once(2) ? ~(LEN | STRIDE) : -1);
  return random.pick([0, 0, IXC, IXC, FZ, FZ | IXC, DN | IXC, RMODE & random.word(), QC]);
}

/** Mostly multiples of eight, sometimes at the end of a page. */
function address(random: Random): number {
  const within = random.once(12) ? 0x1000 - random.below(48) : 32 * random.below(DATA_WORDS / 16);
  return DATA + within + (random.once(3) ? random.below(8) : 0);
}

export interface Outcome {
  readonly runs: number;
  /** Those that the interpreter did in the end. */
  readonly interpreted: number;
  readonly different: readonly string[];
}

export class Vectors {
  readonly #sides = [new Side(false, { memory: 0x10_0000 }), new Side(true, { memory: 0x10_0000 })] as const;
  readonly #random: Random;
  /** Its instructions are no other's. */
  readonly #counting = new Decoder(INSTRUCTIONS);
  #next = CODE;
  #interpreted = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    for (const side of this.#sides) open(side);
  }

  /** Runs `encodings` random words of an instruction, each on `states` states. */
  run(name: string, filling: Filling, encodings: number, states: number): Outcome {
    const different: string[] = [];
    this.#interpreted = 0;
    for (let i = 0; i < encodings; i++) {
      const op = this.#word(name);
      const at = this.#place(op.bits);
      for (let k = 0; k < states && different.length < 4; k++) {
        const found = this.#once(at, filling);
        if (found !== undefined)
          different.push(`${name} ${(op.bits >>> 0).toString(16)} ${JSON.stringify(op.operands)}: ${found}`);
      }
    }
    return { runs: encodings * states, interpreted: this.#interpreted, different };
  }

  /** Runs programs of `length` instructions, each on `states` states: what a block knows of registers is right. */
  mixed(names: readonly string[], length: number, programs: number, states: number): Outcome {
    const different: string[] = [];
    this.#interpreted = 0;
    for (let i = 0; i < programs; i++) {
      const ops = Array.from({ length }, () => this.#word(this.#random.pick(names), this.#random.once(4)));
      const at = this.#place(...ops.map(({ bits }) => bits));
      for (let k = 0; k < states && different.length < 4; k++) {
        const found = this.#once(at, this.#random.pick(['integers', 'singles', 'doubles'] as const));
        const text = () => ops.map(({ name, bits }) => `${name} ${(bits >>> 0).toString(16)}`).join(', ');
        if (found !== undefined) different.push(`${text()}: ${found}`);
      }
    }
    return { runs: programs * states * length, interpreted: this.#interpreted, different };
  }

  #word(name: string, anyCondition = false): Op {
    const rows = decoder.rows.filter((row: Row) => row.set === 'A32' && row.name === name);
    for (;;) {
      const row = this.#random.pick(rows);
      let bits = row.value | row.shouldBe;
      for (const { name: fieldName, low, width } of row.fields) {
        const value =
          fieldName === 'cond'
            ? anyCondition
              ? this.#random.below(14)
              : 14
            : this.#random.word() & (width === 32 ? -1 : 2 ** width - 1);
        bits |= value << low;
      }
      const op = decoder.decode('A32', bits, false, false);
      const { Rt, Rt2, Rn, Rm } = op.operands as Readonly<Record<string, number>>;
      if (op.name === name && !op.unpredictable && ![Rt, Rt2, Rn].includes(15) && (Rm === undefined || Rm !== Rn)) return op;
    }
  }

  /** Puts the instruction where it is new, and makes sure that both sides know it. */
  #place(...program: readonly number[]): number {
    const bytes = 4 * (program.length + 1);
    if (this.#next + bytes > CODE + 0xf000) this.#next = CODE;
    // Not across a page.
    if ((this.#next & 0xfff) + bytes > 0x1000) this.#next = (this.#next & ~0xfff) + 0x1000;
    const at = this.#next;
    this.#next += bytes;
    for (const side of this.#sides) side.poke(at, [...program, SELF]);
    for (let i = 0; i < 6; i++) this.#once(at, 'integers');
    const side = this.#sides[1];
    const { a32 } = side.cache.page(side.map.page(at, false));
    for (const [i, bits] of program.entries()) a32[((at & 0xfff) >>> 2) + i] = this.#counted(bits);
    return at;
  }

  /** An instruction whose executions by the interpreter are counted. */
  #counted(bits: number): Op {
    const op: { execute: Op['execute'] } & Op = this.#counting.decode('A32', bits, false, false);
    const { execute } = op.definition;
    op.execute = (cpu, operands) => {
      this.#interpreted++;
      execute(cpu, operands);
    };
    return op;
  }

  #once(at: number, filling: Filling): string | undefined {
    const random = this.#random;
    const [one, two] = this.#sides;
    fill(one.cpu.fp.w, filling, random);
    one.cpu.fp.FPSCR = fpscr(random);
    for (let i = 0; i < 15; i++) one.cpu.words[i] = random.once(12) ? random.word() : address(random);
    for (const side of this.#sides) {
      side.cpu.fp.w.set(one.cpu.fp.w);
      side.cpu.fp.FPSCR = one.cpu.fp.FPSCR;
      side.cpu.words.set(one.cpu.words);
      side.cpu.s[S.NEXT] = at;
    }
    for (const side of this.#sides) side.run(BUDGET);
    return difference(one, two) ?? this.#dataDifference();
  }

  #dataDifference(): string | undefined {
    const [a, b] = this.#sides.map((side) => {
      const from = side.map.page(DATA, true) >>> 2;
      return side.map.arena.i32.subarray(from, from + 0x440);
    }) as [Int32Array, Int32Array];
    return words('memory ', a, b);
  }
}

/** MCR to TTBR0, DACR, CPACR and SCTLR from R1 to R4; the last looks up what comes after it. */
const SETUP = [0xee021f10, 0xee032f10, 0xee013f50, 0xee014f10, SELF];
const SCTLR = 0xc5187d;

/** VFP is open to all, and RAM is mapped as Normal memory, so that unaligned accesses are allowed. */
function open(side: Side): void {
  const { cpu } = side;
  for (let i = 0; i < 4096; i++) side.poke(SECTIONS + 4 * i, [(i << 20) | 0x11c0e]);
  side.poke(RAM, SETUP);
  cpu.words.set([SECTIONS, 0xffffffff, 0xf00000, SCTLR], 1);
  cpu.s[S.NEXT] = RAM;
  side.run(BUDGET);
  cpu.system[SLOT.FPEXC] = 0x40000000;
}
