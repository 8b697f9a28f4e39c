/** What the parts of a sequence are made with, and the plain parts: data, IT blocks, flags, system instructions, exceptions. */
import type { Op } from '../../core/cpu/decode.ts';
import { WINDOW } from './layout.ts';
import type { Random } from './random.ts';
import type { SequenceCode } from './sequence-code.ts';
import type { Fields, Kind, Picker, Wish } from './sequence-pick.ts';

export const USER = 0x10;
export const MODES = [0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f];
export const MASKS = 0x1c0;

/** Numbers of SVC and BKPT that semihosting has. */
const SEMIHOSTING = [0xab, 0x123456];
/** Coprocessors that there are not; 10, 11, 14 and 15 have sets of their own. */
const ABSENT = [0, 2, 4, 7, 9, 12, 13];
/** Bits of an SPSR that are reserved: QEMU keeps one of them, which is ARMv8's PSTATE.IL. */
const RESERVED = 0xf00000;
/** MRS and MSR of banked registers by R and SYSm, as Supervisor mode reaches them. */
const BANKED = [0xb3_7f7f, 0x51_4000];

export interface Maker {
  readonly random: Random;
  readonly picker: Picker;
  readonly code: SequenceCode;
  readonly privileged: boolean;
  /** Registers that a loop or a call needs. */
  readonly kept: readonly number[];
  /** In how many loops, calls and skips it is. */
  readonly depth: number;
}

/** An instruction of a kind, for the present instruction set and with the kept registers left alone. */
export function pick({ picker, random, code, kept }: Maker, kind: Kind, wish: Wish = {}): Op {
  return picker.pick(random, kind, code.set, { ...wish, kept: [...kept, ...(wish.kept ?? [])] });
}

export function emitOp({ code }: Maker, op: Op, condition?: number): void {
  code.emit(op.bits, op.size === 2, { op, condition, role: 'free' });
}

/** The same, in which other operands would not do. */
export function emitExactly({ code }: Maker, op: Op): void {
  code.emit(op.bits, op.size === 2, { op });
}

/** A register that is free, of R0 to R12 or those below a limit. */
export function freeRegister({ random, kept }: Maker, limit = 13, not: readonly number[] = []): number {
  for (;;) {
    const register = random.below(limit);
    if (!kept.includes(register) && !not.includes(register)) return register;
  }
}

export function data(maker: Maker): void {
  emitOp(maker, pick(maker, 'data'));
}

/** IT and one to four instructions. */
export function block(maker: Maker): void {
  const { random, code } = maker;
  if (!code.thumb) return data(maker);
  const count = 1 + random.below(4);
  const cond = random.below(14);
  const pattern = random.below(8);
  // The letters after the first, then a one that ends them.
  const letters = Array.from({ length: count - 1 }, (_, i) => ((pattern >> i) & 1) ^ (cond & 1));
  const mask = [...letters, 1].reduce((sum, bit, i) => sum | (bit << (3 - i)), 0);
  code.emit(0xbf00 | (cond << 4) | mask, true);
  for (let i = 0; i < count; i++) {
    const condition = i === 0 ? cond : (cond & 14) | (letters[i - 1] as number);
    const access = !maker.privileged && random.once(4);
    const last = i === count - 1 ? random.below(12) : 12;
    if (last < 2) code.emit(0xdf00 | random.below(0xab), true, { condition });
    // B to what comes next.
    else if (last === 2) code.emit(0xe7ff, true, { condition });
    else
      emitOp(
        maker,
        pick(maker, random.once(3) ? (random.once(2) ? 'vfp' : 'neon') : access ? 'memory' : 'data', IN_IT),
        condition,
      );
  }
}
const IN_IT = { inIT: true, name: (name: string) => !/^VM(RS|SR)$/.test(name) };

export function supervisorCall({ random, code }: Maker): void {
  const number = random.below(0xab);
  if (code.thumb) code.emit(0xdf00 | number, true);
  else code.emit(0xef000000 | number);
}

export function undefinedInstruction({ random, code }: Maker): void {
  const number = random.below(16);
  if (!code.thumb) code.emit(0xe7f000f0 | number);
  else if (random.once(2)) code.emit(0xde00 | number, true);
  else code.emit(0xf7f0a000 | number);
}

/** MSR APSR_nzcvqg. */
export function flags(maker: Maker): void {
  const register = freeRegister(maker);
  if (maker.code.thumb) maker.code.emit(0xf3808c00 | (register << 16));
  else maker.code.emit(0xe12cf000 | register);
}

export function setEndianness({ random, code }: Maker): void {
  const big = random.below(2);
  if (code.thumb) code.emit(0xb650 | (big << 3), true);
  else code.emit(0xf1010000 | (big << 9));
}

/** CPS, or MRS of CPSR. */
export function changeMode(maker: Maker): void {
  const { random, code } = maker;
  const register = freeRegister(maker);
  if (random.once(2)) code.enterMode(random.pick(MODES));
  else if (code.thumb) code.emit(0xf3ef8000 | (register << 8));
  else code.emit(0xe10f0000 | (register << 12));
}

/** Hints, barriers, status registers, coprocessors that there are not. */
export function system(maker: Maker): void {
  const { random, code, privileged } = maker;
  for (;;) {
    const op = pick(maker, 'system');
    if (!isSuitable(op, privileged)) continue;
    const { R, mask, list, Rn = 0 } = op.operands as Fields;
    if (op.name === 'BKPT' && !random.once(4)) continue;
    const user = op.name.endsWith('_user');
    if (op.name.endsWith('_banked') || user || R === 1) code.enterMode(0x13);
    if (user) code.constant(Rn, WINDOW + 100);
    if (op.name === 'MSR_reg' && R === 1 && mask !== undefined) code.constant(Rn, random.word() & ~RESERVED);
    if (user && list === undefined) continue;
    return emitExactly(maker, op);
  }
}

function isSuitable({ name, operands }: Op, privileged: boolean): boolean {
  const { R, SYSm, mask = 0, coproc, mode = 0, M = 0, list = 0, imm = 0, imm32 = 0 } = operands as Fields;
  const banked = name.endsWith('_banked');
  const user = name.endsWith('_user');
  if (coproc !== undefined && !ABSENT.includes(coproc)) return false;
  // QEMU has ARMv8.2's VLDR and VSTR of half-precision numbers there on every processor.
  if (coproc === 9 && /^(LDC|STC)/.test(name)) return false;
  if (SEMIHOSTING.includes(imm)) return false;
  // What privileged code alone may do, or does with another effect.
  if (!privileged && (name === 'MRS' || banked || user || R === 1)) return false;
  if (name.startsWith('MSR') && !banked && R === 0 && (mask & 3) !== 0) return false;
  if (name === 'CPS' && privileged && M === 1 && !MODES.includes(mode)) return false;
  if (banked && (((BANKED[R as number] as number) >>> (SYSm as number)) & 1) === 0) return false;
  if (user && (list & 0x8000) !== 0) return false;
  return R !== 1 || (imm32 & RESERVED) === 0;
}

/** ISB, DSB and DMB of CP15 as CRn, CRm and opc2. */
const BARRIERS = [
  [7, 5, 4],
  [7, 10, 4],
  [7, 10, 5],
] as const;

/** TPIDRURW and TPIDRURO, which User mode may not write, and the barriers of CP15. */
export function threadRegister(maker: Maker): void {
  const { random, code } = maker;
  const register = freeRegister(maker);
  const [CRn, CRm, opc2] = random.once(3) ? random.pick(BARRIERS) : ([13, 0, 2 + random.below(2)] as const);
  const load = CRn === 13 && random.once(2) ? 1 << 20 : 0;
  code.emit(0xee000f10 | load | (CRn << 16) | (register << 12) | (opc2 << 5) | CRm);
}
