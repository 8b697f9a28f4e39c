/**
 * Random sequences: blocks of instructions in A32 and T32 with conditions and IT blocks, memory, loops, exceptions that are taken and returned
 * from, changes of mode and of instruction set. Each block ends with SVC, where the harness logs a digest of the registers.
 */
import type { Decoder, Op, Row } from '../../core/cpu/decode.ts';
import { GROUPS } from '../../core/cpu/isa/all.ts';
import { SEQUENCE_WORDS, SLOT, TRAP, WINDOW } from './layout.ts';
import type { Random } from './random.ts';

/** An instruction as it was placed. */
export interface Placed {
  readonly address: number;
  readonly set: 'A32' | 'T32';
  readonly bits: number;
  readonly narrow: boolean;
}

export interface Sequence {
  readonly instructions: readonly Placed[];
  readonly code: readonly number[];
  readonly at: number;
  readonly cpsr: number;
  /** Where the instructions end and the sequence with them. */
  readonly end: number;
  readonly registers: readonly number[];
}

type Group = keyof typeof GROUPS;
/** What a body is made of; the rest comes in forms of its own. */
const DATA: readonly Group[] = [
  ...(['arithmeticImmediate', 'arithmeticRegister', 'arithmeticShifted', 'bitField', 'divide', 'extend'] as const),
  ...(['logicalImmediate', 'logicalRegister', 'logicalShifted', 'move', 'multiply', 'multiplyHalfword'] as const),
  ...(['pack', 'parallel', 'saturating'] as const),
];
const MEMORY: readonly Group[] = [
  ...(['loadLiteral', 'loadStoreDual', 'loadStoreImmediate', 'loadStoreMultiple', 'loadStoreRegister'] as const),
  ...(['loadStoreUnprivileged', 'preload'] as const),
];
const namesOf = (groups: readonly Group[]) => new Set(groups.flatMap((group) => Object.keys(GROUPS[group])));
const DATA_NAMES = namesOf(DATA);
const MEMORY_NAMES = namesOf(MEMORY);
const EXTRA = new Set(['SWP', 'SWPB']);

/** The number of SVC in T32 that is semihosting's; those below are not. */
const SEMIHOSTING = 0xab;
const USER = 0x10;
const MODES = [0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f];
const MASKS = 0x1c0;
/** Left free at the end, so that no item has to look how much room there is. */
const SPARE = 40;

type Fields = Readonly<Record<string, number>>;

/** Whether the PC is written by it, which only the forms that place their target may do. */
function writesPC({ operands, name }: Op): boolean {
  const { Rd, Rt, Rt2, RdLo, RdHi, list = 0 } = operands as Fields;
  return [Rd, Rt, Rt2, RdLo, RdHi].includes(15) || (name === 'LDM' && (list & 0x8000) !== 0);
}

export class SequenceGenerator {
  readonly #decoder: Decoder;
  readonly #random: Random;
  readonly #data: Readonly<Record<'A32' | 'T32', readonly Row[]>>;
  readonly #memory: Readonly<Record<'A32' | 'T32', readonly Row[]>>;
  /** How often an encoding has been used. */
  readonly used = new Map<string, number>();
  #halfwords: number[] = [];
  #placed: Placed[] = [];
  #thumb = false;
  #privileged = false;

  constructor(decoder: Decoder, random: Random) {
    this.#decoder = decoder;
    this.#random = random;
    const rows = (set: string, names: (name: string) => boolean) =>
      decoder.rows.filter((row) => row.set === set && names(row.name));
    const data = (name: string) => DATA_NAMES.has(name);
    const memory = (name: string) => MEMORY_NAMES.has(name) || EXTRA.has(name);
    this.#data = { A32: rows('A32', data), T32: rows('T32', data) };
    this.#memory = { A32: rows('A32', memory), T32: rows('T32', memory) };
  }

  next(): Sequence {
    const random = this.#random;
    this.#halfwords = [];
    this.#placed = [];
    this.#privileged = random.once(3);
    this.#thumb = random.once(2);
    const thumb = this.#thumb;
    const mode = this.#privileged ? random.pick(MODES) : USER;
    const blocks = 2 + random.below(4);
    for (let i = 0; i < blocks && this.#fits(); i++) this.#block();
    const end = this.#here;
    if (this.#halfwords.length % 2 === 1) this.#halfwords.push(TRAP & 0xffff);
    const code = Array.from(
      { length: this.#halfwords.length / 2 },
      (_, i) => ((this.#halfwords[2 * i] as number) | ((this.#halfwords[2 * i + 1] as number) << 16)) >>> 0,
    );
    const flags = (random.word() & 0xf80f0000) | MASKS;
    const registers = Array.from({ length: 15 }, () => random.value());
    return { instructions: this.#placed, code, at: SLOT, cpsr: (flags | mode | (thumb ? 0x20 : 0)) >>> 0, end, registers };
  }

  get #here(): number {
    return SLOT + 2 * this.#halfwords.length;
  }

  #fits(): boolean {
    return this.#halfwords.length < 2 * (SEQUENCE_WORDS - SPARE);
  }

  get #set(): 'A32' | 'T32' {
    return this.#thumb ? 'T32' : 'A32';
  }

  /** A32 words, T32 halfwords or words with the first halfword on top. */
  #emit(bits: number, narrow = false): void {
    this.#placed.push({ address: this.#here, set: this.#set, bits, narrow });
    if (narrow) this.#halfwords.push(bits);
    else if (this.#thumb) this.#halfwords.push(bits >>> 16, bits & 0xffff);
    else this.#halfwords.push(bits & 0xffff, bits >>> 16);
  }

  #block(): void {
    const random = this.#random;
    const start = this.#here;
    for (let items = 2 + random.below(6); items > 0 && this.#fits(); items--) this.#item();
    this.#supervisorCall();
    if (random.once(4)) this.#backTo(start);
    const next = random.below(9);
    if (next < 3) this.#interwork();
    else if (next < 5 && this.#privileged) this.#returnToNext();
  }

  #item(): void {
    const random = this.#random;
    const turn = random.below(16);
    if (turn === 0) this.#undefined();
    else if (turn === 1) this.#skip();
    else if (turn === 2) this.#exclusive();
    else if (turn === 3) this.#flags();
    else if (turn === 4 && random.once(2)) this.#setEndianness();
    else if (turn === 5 && this.#privileged) this.#changeMode();
    else if (turn < 9 && this.#thumb) this.#block4();
    else if (turn < 12) this.#memoryAccess();
    else this.#emitOp(this.#pick(this.#data[this.#set], false));
  }

  /** A defined word of one of the rows. */
  #pick(rows: readonly Row[], inIT: boolean): Op {
    const random = this.#random;
    for (;;) {
      const row = random.pick(rows);
      let bits = row.value | row.shouldBe;
      for (const { name, low, width } of row.fields) {
        const value = name === 'cond' ? (random.once(3) ? random.below(15) : 14) : random.word() & (2 ** width - 1);
        bits |= value << low;
      }
      const op = this.#decoder.decode(row.set, bits, row.width === 16, inIT);
      const same = op.name === row.name && op.encoding === row.encodingName;
      if (same && !op.unpredictable && !writesPC(op)) return op;
    }
  }

  #emitOp(op: Op): void {
    const name = `${op.name} ${op.encoding}`;
    this.used.set(name, (this.used.get(name) ?? 0) + 1);
    this.#emit(op.bits >>> 0, op.size === 2);
  }

  /** MOVW and MOVT. */
  #constant(register: number, value: number): void {
    for (const [half, top] of [
      [value & 0xffff, 0],
      [value >>> 16, 1],
    ] as const) {
      const [imm4, rest] = [half >>> 12, half & 0xfff];
      const t32 = (0xf2400000 | (top << 23) | (imm4 << 16) | ((rest >>> 11) << 26) | (((rest >>> 8) & 7) << 12)) >>> 0;
      if (this.#thumb) this.#emit((t32 | (register << 8) | (rest & 0xff)) >>> 0);
      else this.#emit((0xe3000000 | (top << 22) | (imm4 << 16) | (register << 12) | rest) >>> 0);
    }
  }

  /** An access, most times with its base register set so that it falls into the window. */
  #memoryAccess(): void {
    const random = this.#random;
    for (;;) {
      const op = this.#pick(this.#memory[this.#set], false);
      const { Rn, Rm, shift = 0 } = op.operands as Fields;
      const store = op.name.startsWith('ST') || op.name.startsWith('SWP');
      if ((Rn === 15 && store) || shift === 4 || Rn === Rm) continue;
      const steered = Rn !== undefined && Rn !== 15 && (this.#privileged || !random.once(8));
      if (steered) this.#steer(op, Rn);
      else if (this.#privileged && Rm !== undefined) continue;
      return this.#emitOp(op);
    }
  }

  #steer({ operands, name }: Op, base: number): void {
    const random = this.#random;
    const { Rm, P, U = 1, W, imm = 0, imm12 = imm, imm8 = imm12, amount = 0, shift = 0 } = operands as Fields;
    const target = WINDOW + 72 + (random.below(100) & (random.once(3) ? ~0 : ~3));
    let offset = name.startsWith('SWP') || name === 'LDM' || name === 'STM' ? 0 : imm8;
    if (Rm !== undefined && !name.startsWith('SWP')) {
      const value = random.below(32);
      if (Rm !== 15) this.#constant(Rm, value);
      const moved = shift === 0 ? value << amount : shift === 1 ? (amount === 32 ? 0 : value >>> amount) : 0;
      offset = shift === 3 ? (value >>> amount) | (value << (32 - amount)) : moved;
    }
    const unprivileged = /^(LDR|STR)(S?[BH])?T_/.test(name);
    const before = unprivileged ? W !== 1 && Rm === undefined : P !== 0;
    const delta = before ? (U === 1 ? offset : -offset) : 0;
    this.#constant(base, (target - delta) >>> 0);
  }

  /** IT and one to four instructions. */
  #block4(): void {
    const random = this.#random;
    const count = 1 + random.below(4);
    const cond = random.below(14);
    const pattern = random.below(8);
    // The letters after the first, then a one that ends them.
    const letters = Array.from({ length: count - 1 }, (_, i) => ((pattern >> i) & 1) ^ (cond & 1));
    const mask = [...letters, 1].reduce((sum, bit, i) => sum | (bit << (3 - i)), 0);
    this.#emit(0xbf00 | (cond << 4) | mask, true);
    for (let i = 0; i < count; i++) {
      const access = !this.#privileged && random.once(4);
      if (i === count - 1 && random.once(6)) this.#emit(0xdf00 | random.below(SEMIHOSTING), true);
      else this.#emitOp(this.#pick(access ? this.#memory.T32 : this.#data.T32, true));
    }
  }

  #supervisorCall(): void {
    const number = this.#random.below(SEMIHOSTING);
    if (this.#thumb) this.#emit(0xdf00 | number, true);
    else this.#emit((0xef000000 | number) >>> 0);
  }

  #undefined(): void {
    const number = this.#random.below(16);
    if (!this.#thumb) this.#emit((0xe7f000f0 | number) >>> 0);
    else if (this.#random.once(2)) this.#emit(0xde00 | number, true);
    else this.#emit((0xf7f0a000 | number) >>> 0);
  }

  /** A conditional branch over one instruction. */
  #skip(): void {
    const cond = this.#random.below(14);
    const op = this.#pick(this.#data[this.#set], false);
    if (this.#thumb) this.#emit(0xd000 | (cond << 8) | (op.size === 2 ? 0 : 1), true);
    else this.#emit((cond << 28) | 0x0a000000);
    this.#emitOp(op);
  }

  /** The harness ends a sequence after so many exceptions, and there is one in each turn. */
  #backTo(start: number): void {
    const cond = this.#random.below(14);
    const bytes = start - this.#here;
    if (!this.#thumb) this.#emit(((cond << 28) | 0x0a000000 | (((bytes - 8) >> 2) & 0xffffff)) >>> 0);
    else if (bytes - 4 >= -256) this.#emit(0xd000 | (cond << 8) | (((bytes - 4) >> 1) & 0xff), true);
  }

  #alignForArm(): void {
    if (this.#thumb && this.#halfwords.length % 2 === 1) this.#emit(0xbf00, true);
  }

  /** On to what follows, in the other instruction set: BX, BLX or a load of the PC. */
  #interwork(): void {
    const random = this.#random;
    this.#alignForArm();
    const kind = random.below(3);
    const register = random.below(13);
    if (kind === 0) {
      if (this.#thumb) this.#emit(0xf000e800);
      else this.#emit(0xfaffffff);
      this.#thumb = !this.#thumb;
      return;
    }
    // MOVW, MOVT, and the branch in four bytes.
    const target = this.#here + 12;
    this.#constant(register, target | (this.#thumb ? 0 : 1));
    if (this.#thumb) {
      this.#emit((kind === 1 ? 0x4700 : 0x4780) | (register << 3), true);
      this.#emit(0xbf00, true);
    } else this.#emit(((kind === 1 ? 0xe12fff10 : 0xe12fff30) | register) >>> 0);
    this.#thumb = !this.#thumb;
  }

  /** A load and a store exclusive of one address. */
  #exclusive(): void {
    const random = this.#random;
    const base = random.below(4);
    this.#constant(base, WINDOW + 72 + 4 * random.below(20));
    const [data, result] = [4 + random.below(4), 8 + random.below(5)];
    if (this.#thumb) {
      this.#emit((0xe8500f00 | (base << 16) | (data << 12)) >>> 0);
      this.#emit((0xe8400000 | (base << 16) | (data << 12) | (result << 8)) >>> 0);
    } else {
      this.#emit((0xe1900f9f | (base << 16) | (data << 12)) >>> 0);
      this.#emit((0xe1800f90 | (base << 16) | (result << 12) | data) >>> 0);
    }
  }

  /** MSR APSR_nzcvqg. */
  #flags(): void {
    const register = this.#random.below(13);
    if (this.#thumb) this.#emit((0xf3808c00 | (register << 16)) >>> 0);
    else this.#emit((0xe12cf000 | register) >>> 0);
  }

  #setEndianness(): void {
    const big = this.#random.below(2);
    if (this.#thumb) this.#emit(0xb650 | (big << 3), true);
    else this.#emit((0xf1010000 | (big << 9)) >>> 0);
  }

  /** CPS, MRS of CPSR or SPSR, or MSR of SPSR's flags: System mode has none of its own. */
  #changeMode(): void {
    const random = this.#random;
    const register = random.below(13);
    if (random.once(2)) {
      const mode = random.pick(MODES);
      this.#emit(this.#thumb ? (0xf3af8100 | mode) >>> 0 : (0xf1020000 | mode) >>> 0);
    } else if (this.#thumb) this.#emit((0xf3ef8000 | (register << 8)) >>> 0);
    else this.#emit((0xe10f0000 | (register << 12)) >>> 0);
  }

  /** An exception return to what follows, in any mode but User mode and either instruction set. */
  #returnToNext(): void {
    const random = this.#random;
    const mode = random.pick(MODES);
    const thumb = random.once(2);
    const from = random.pick(MODES.slice(0, -1));
    this.#alignForArm();
    this.#emit(this.#thumb ? (0xf3af8100 | from) >>> 0 : (0xf1020000 | from) >>> 0);
    const [value, register] = [((random.word() & 0xf80f0000) | MASKS | mode | (thumb ? 0x20 : 0)) >>> 0, random.below(8)];
    this.#constant(register, value);
    // MSR SPSR_fsxc; MOVW and MOVT of LR; the return.
    if (this.#thumb) this.#emit((0xf3908f00 | (register << 16)) >>> 0);
    else this.#emit((0xe16ff000 | register) >>> 0);
    this.#constant(14, this.#here + 12);
    if (this.#thumb) this.#emit(0xf3de8f00);
    else this.#emit(0xe1b0f00e);
    this.#thumb = thumb;
  }
}
