/**
 * Random sequences: blocks of instructions in A32 and T32 with conditions and IT blocks, memory, loops, exceptions that are taken and returned
 * from, changes of mode and of instruction set. Each block ends with SVC, where the harness logs a digest of the registers.
 */
import type { Decoder, Op, Row } from '../../core/cpu/decode.ts';
import { GROUPS } from '../../core/cpu/isa/all.ts';
import { SEQUENCE_WORDS, SLOT, WINDOW } from './layout.ts';
import type { Random } from './random.ts';
import { type Placed, SequenceCode } from './sequence-code.ts';

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
/** What acts on more than registers and memory, and ends in what follows or in an exception. */
const SYSTEM: readonly Group[] = ['hints', 'coprocessor', 'statusRegisters', 'calls', 'exceptionReturn'];
/** WFI waits for good, HVC is a call of the board, HLT semihosting; returns and what needs a stack have places of their own. */
const NOT_RANDOM = /^(WFI|WFE|HVC|HLT|ERET|SUBS_PC_LR.*|RFE|SRS|LDM_exception_return)$/;
const namesOf = (groups: readonly Group[]) => new Set(groups.flatMap((group) => Object.keys(GROUPS[group])));
const DATA_NAMES = namesOf(DATA);
const MEMORY_NAMES = namesOf(MEMORY);
const SYSTEM_NAMES = new Set([...namesOf(SYSTEM)].filter((name) => !NOT_RANDOM.test(name)));
const EXTRA = new Set(['SWP', 'SWPB']);

/** Numbers of SVC and BKPT that semihosting has. */
const SEMIHOSTING = [0xab, 0x123456];
const USER = 0x10;
const MODES = [0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f];
const MASKS = 0x1c0;
/** Left free at the end, so that no item has to look how much room there is. */
const SPARE = 40;

/** Coprocessors that there are not; 10, 11, 14 and 15 have sets of their own. */
const ABSENT = [0, 2, 4, 7, 9, 12, 13];
/** Bits of an SPSR that are reserved: QEMU keeps one of them, which is ARMv8's PSTATE.IL. */
const RESERVED = 0xf00000;
/** MRS and MSR of banked registers by R and SYSm, as Supervisor mode reaches them. */
const BANKED = [0xb3_7f7f, 0x51_4000];

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
  readonly #system: Readonly<Record<'A32' | 'T32', readonly Row[]>>;
  /** How often an encoding has been used. */
  readonly used = new Map<string, number>();
  #code: SequenceCode;
  #privileged = false;

  constructor(decoder: Decoder, random: Random) {
    this.#decoder = decoder;
    this.#random = random;
    this.#code = new SequenceCode(decoder, this.used, false);
    const rows = (set: string, names: (name: string) => boolean) =>
      decoder.rows.filter((row) => row.set === set && names(row.name));
    const data = (name: string) => DATA_NAMES.has(name);
    const memory = (name: string) => MEMORY_NAMES.has(name) || EXTRA.has(name);
    this.#data = { A32: rows('A32', data), T32: rows('T32', data) };
    this.#memory = { A32: rows('A32', memory), T32: rows('T32', memory) };
    const system = (name: string) => SYSTEM_NAMES.has(name);
    this.#system = { A32: rows('A32', system), T32: rows('T32', system) };
  }

  next(): Sequence {
    const random = this.#random;
    this.#privileged = random.once(3);
    const thumb = random.once(2);
    this.#code = new SequenceCode(this.#decoder, this.used, thumb);
    const mode = this.#privileged ? random.pick(MODES) : USER;
    const blocks = 2 + random.below(4);
    for (let i = 0; i < blocks && this.#fits(); i++) this.#block();
    const { placed, here } = this.#code;
    const flags = (random.word() & 0xf80f0000) | MASKS;
    const registers = Array.from({ length: 15 }, () => random.value());
    return {
      instructions: placed,
      code: this.#code.words(),
      at: SLOT,
      cpsr: (flags | mode | (thumb ? 0x20 : 0)) >>> 0,
      end: here,
      registers,
    };
  }

  #fits(): boolean {
    return this.#code.here < SLOT + 4 * (SEQUENCE_WORDS - SPARE);
  }

  #block(): void {
    const random = this.#random;
    const start = this.#code.here;
    for (let items = 2 + random.below(6); items > 0 && this.#fits(); items--) this.#item();
    this.#supervisorCall();
    if (random.once(4)) this.#backTo(start);
    const next = random.below(9);
    if (next < 3) this.#interwork();
    else if (next < 5 && this.#privileged) this.#returnToNext();
  }

  #item(): void {
    const random = this.#random;
    const turn = random.below(18);
    if (turn === 0) this.#undefined();
    else if (turn === 1) this.#skip();
    else if (turn === 2) this.#exclusive();
    else if (turn === 3) this.#flags();
    else if (turn === 4 && random.once(2)) this.#setEndianness();
    else if (turn === 5 && this.#privileged) this.#changeMode();
    else if (turn >= 16) this.#systemItem();
    else if (turn < 9 && this.#code.thumb) this.#block4();
    else if (turn < 12) this.#memoryAccess();
    else this.#emitOp(this.#pick(this.#data[this.#code.set], false));
  }

  /** Hints, barriers, status registers, coprocessors that there are not. */
  #systemItem(): void {
    const random = this.#random;
    for (;;) {
      const op = this.#pick(this.#system[this.#code.set], false);
      const { R, SYSm, mask = 0, coproc, mode = 0, M = 0, list = 0, imm = 0, imm32 = 0, Rn } = op.operands as Fields;
      const banked = op.name.endsWith('_banked');
      const user = op.name.endsWith('_user');
      if (coproc !== undefined && !ABSENT.includes(coproc)) continue;
      if ((op.name === 'BKPT' && !random.once(8)) || SEMIHOSTING.includes(imm)) continue;
      // What privileged code alone may do, or does with another effect.
      if (!this.#privileged && (op.name === 'MRS' || banked || user || R === 1)) continue;
      if (op.name.startsWith('MSR') && !banked && R === 0 && (mask & 3) !== 0) continue;
      if (op.name === 'CPS' && this.#privileged && M === 1 && !MODES.includes(mode)) continue;
      if (banked && (((BANKED[R as number] as number) >>> (SYSm as number)) & 1) === 0) continue;
      if (user && (list & 0x8000) !== 0) continue;
      if (R === 1 && (imm32 & RESERVED) !== 0) continue;
      if (banked || user || R === 1) this.#code.enterMode(0x13);
      if (user) this.#code.constant(Rn as number, WINDOW + 100);
      if (op.name === 'MSR_reg' && R === 1) this.#code.constant(Rn as number, random.word() & ~RESERVED);
      return this.#emitOp(op);
    }
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
    this.#code.emit(op.bits >>> 0, op.size === 2);
  }

  /** An access, most times with its base register set so that it falls into the window. */
  #memoryAccess(): void {
    const random = this.#random;
    for (;;) {
      const op = this.#pick(this.#memory[this.#code.set], false);
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
      if (Rm !== 15) this.#code.constant(Rm, value);
      const moved = shift === 0 ? value << amount : shift === 1 ? (amount === 32 ? 0 : value >>> amount) : 0;
      offset = shift === 3 ? (value >>> amount) | (value << (32 - amount)) : moved;
    }
    const unprivileged = /^(LDR|STR)(S?[BH])?T_/.test(name);
    const before = unprivileged ? W !== 1 && Rm === undefined : P !== 0;
    const delta = before ? (U === 1 ? offset : -offset) : 0;
    this.#code.constant(base, (target - delta) >>> 0);
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
    this.#code.emit(0xbf00 | (cond << 4) | mask, true);
    for (let i = 0; i < count; i++) {
      const access = !this.#privileged && random.once(4);
      if (i === count - 1 && random.once(6)) this.#code.emit(0xdf00 | random.below(0xab), true);
      else this.#emitOp(this.#pick(access ? this.#memory.T32 : this.#data.T32, true));
    }
  }

  #supervisorCall(): void {
    const number = this.#random.below(0xab);
    if (this.#code.thumb) this.#code.emit(0xdf00 | number, true);
    else this.#code.emit((0xef000000 | number) >>> 0);
  }

  #undefined(): void {
    const number = this.#random.below(16);
    if (!this.#code.thumb) this.#code.emit((0xe7f000f0 | number) >>> 0);
    else if (this.#random.once(2)) this.#code.emit(0xde00 | number, true);
    else this.#code.emit((0xf7f0a000 | number) >>> 0);
  }

  /** A conditional branch over one instruction. */
  #skip(): void {
    const cond = this.#random.below(14);
    const op = this.#pick(this.#data[this.#code.set], false);
    if (this.#code.thumb) this.#code.emit(0xd000 | (cond << 8) | (op.size === 2 ? 0 : 1), true);
    else this.#code.emit((cond << 28) | 0x0a000000);
    this.#emitOp(op);
  }

  /** The harness ends a sequence after so many exceptions, and there is one in each turn. */
  #backTo(start: number): void {
    const cond = this.#random.below(14);
    const bytes = start - this.#code.here;
    if (!this.#code.thumb) this.#code.emit(((cond << 28) | 0x0a000000 | (((bytes - 8) >> 2) & 0xffffff)) >>> 0);
    else if (bytes - 4 >= -256) this.#code.emit(0xd000 | (cond << 8) | (((bytes - 4) >> 1) & 0xff), true);
  }

  /** On to what follows, in the other instruction set: BX, BLX or a load of the PC. */
  #interwork(): void {
    const random = this.#random;
    this.#code.alignForArm();
    const kind = random.below(3);
    const register = random.below(13);
    if (kind === 0) {
      if (this.#code.thumb) this.#code.emit(0xf000e800);
      else this.#code.emit(0xfaffffff);
      this.#code.thumb = !this.#code.thumb;
      return;
    }
    // MOVW, MOVT, and the branch in four bytes.
    const target = this.#code.here + 12;
    this.#code.constant(register, target | (this.#code.thumb ? 0 : 1));
    if (this.#code.thumb) {
      this.#code.emit((kind === 1 ? 0x4700 : 0x4780) | (register << 3), true);
      this.#code.emit(0xbf00, true);
    } else this.#code.emit(((kind === 1 ? 0xe12fff10 : 0xe12fff30) | register) >>> 0);
    this.#code.thumb = !this.#code.thumb;
  }

  /** A load and a store exclusive of one address. */
  #exclusive(): void {
    const random = this.#random;
    const base = random.below(4);
    this.#code.constant(base, WINDOW + 72 + 4 * random.below(20));
    const [data, result] = [4 + random.below(4), 8 + random.below(5)];
    if (this.#code.thumb) {
      this.#code.emit((0xe8500f00 | (base << 16) | (data << 12)) >>> 0);
      this.#code.emit((0xe8400000 | (base << 16) | (data << 12) | (result << 8)) >>> 0);
    } else {
      this.#code.emit((0xe1900f9f | (base << 16) | (data << 12)) >>> 0);
      this.#code.emit((0xe1800f90 | (base << 16) | (result << 12) | data) >>> 0);
    }
  }

  /** MSR APSR_nzcvqg. */
  #flags(): void {
    const register = this.#random.below(13);
    if (this.#code.thumb) this.#code.emit((0xf3808c00 | (register << 16)) >>> 0);
    else this.#code.emit((0xe12cf000 | register) >>> 0);
  }

  #setEndianness(): void {
    const big = this.#random.below(2);
    if (this.#code.thumb) this.#code.emit(0xb650 | (big << 3), true);
    else this.#code.emit((0xf1010000 | (big << 9)) >>> 0);
  }

  /** CPS, MRS of CPSR or SPSR, or MSR of SPSR's flags: System mode has none of its own. */
  #changeMode(): void {
    const random = this.#random;
    const register = random.below(13);
    if (random.once(2)) this.#code.enterMode(random.pick(MODES));
    else if (this.#code.thumb) this.#code.emit((0xf3ef8000 | (register << 8)) >>> 0);
    else this.#code.emit((0xe10f0000 | (register << 12)) >>> 0);
  }

  /** An exception return to what follows, in any mode but User mode and either instruction set. */
  #returnToNext(): void {
    const random = this.#random;
    const mode = random.pick(MODES);
    const thumb = random.once(2);
    const from = random.pick(MODES.slice(0, -1));
    this.#code.alignForArm();
    this.#code.enterMode(from);
    const value = ((random.word() & 0xf80f0000) | MASKS | mode | (thumb ? 0x20 : 0)) >>> 0;
    const [first, second] = [random.below(4), 4 + random.below(4)];
    if (random.once(3)) this.#storeReturnState(random.pick(MODES.slice(0, -1)), from);
    if (random.once(3)) this.#returnFromMemory(first, second, value);
    else this.#returnByRegister(first, second, value);
    this.#code.thumb = thumb;
  }

  /** RFE, of two words that are stored first. */
  #returnFromMemory(base: number, register: number, spsr: number): void {
    const down = this.#random.once(2);
    const place = WINDOW + 100 - (down ? 0 : 8);
    this.#code.constant(base, place);
    this.#code.constant(register, spsr);
    this.#code.store(register, base, down ? -4 : 4);
    // MOVW, MOVT, the store and the return.
    this.#code.constant(register, this.#code.here + 16);
    this.#code.store(register, base, down ? -8 : 0);
    const writeback = this.#random.below(2) << 21;
    if (this.#code.thumb) this.#code.emit(((down ? 0xe810c000 : 0xe990c000) | writeback | (base << 16)) >>> 0);
    else this.#code.emit(((down ? 0xf9100a00 : 0xf8900a00) | writeback | (base << 16)) >>> 0);
  }

  /** MSR of SPSR, then one of the returns that take their target from LR or from memory. */
  #returnByRegister(base: number, register: number, spsr: number): void {
    this.#code.constant(register, spsr);
    if (this.#code.thumb) this.#code.emit((0xf3908f00 | (register << 16)) >>> 0);
    else this.#code.emit((0xe16ff000 | register) >>> 0);
    const kind = this.#random.below(4);
    if (kind === 0 && !this.#code.thumb) {
      this.#code.constant(base, WINDOW + 100);
      this.#code.constant(register, this.#code.here + 16);
      this.#code.store(register, base, 0);
      return this.#code.emit((0xe8d08000 | (base << 16)) >>> 0);
    }
    // MOVS PC, LR, SUBS PC, LR, #4, ERET.
    const less = kind === 1 ? 4 : 0;
    this.#code.constant(14, this.#code.here + 12 + less);
    if (this.#code.thumb) this.#code.emit((0xf3de8f00 | less) >>> 0);
    else this.#code.emit(kind === 1 ? 0xe25ef004 : kind === 2 ? 0xe160006e : 0xe1b0f00e);
  }

  /** SRS to the stack of a mode. */
  #storeReturnState(mode: number, from: number): void {
    this.#code.enterMode(mode);
    this.#code.constant(13, WINDOW + 100);
    this.#code.enterMode(from);
    const down = this.#random.once(2);
    if (this.#code.thumb) this.#code.emit(((down ? 0xe82dc000 : 0xe9adc000) | mode) >>> 0);
    else this.#code.emit(((down ? 0xf96d0500 : 0xf8ed0500) | mode) >>> 0);
  }
}
