/**
 * Functions that the manual's pseudocode shares among instructions, in the same restricted subset as the instructions.
 * Reference: Arm DDI 0406C, A2.2.1 (arithmetic), A2.3.1 (writing the PC), A5.2.4 and A6.3.2 (modified immediates), A8.4 (shifts).
 */
import { type Field, field, word as toWord, type word } from './insn.ts';
import type { Cpu } from './state.ts';

export const SP = field(13);
export const LR = field(14);
export const PC = field(15);

/** Shift types after decoding; RRX is ROR #0 of the immediate form. */
export const SHIFT = { LSL: field(0), LSR: field(1), ASR: field(2), ROR: field(3), RRX: field(4) } as const;

/** AddWithCarry(): carry and overflow from the sign bits, as the sum itself has no room for them. */
export function addWithCarry(x: word, y: word, carryIn: boolean): { result: word; carry: boolean; overflow: boolean } {
  const result = toWord(x + y + (carryIn ? 1 : 0));
  return { result, carry: ((x & y) | ((x | y) & ~result)) < 0, overflow: ((x ^ result) & (y ^ result)) < 0 };
}

/** Shift() by an amount in the instruction, after DecodeImmShift(): LSR and ASR have amounts 1 to 32, RRX has 1. */
export function shiftValue(cpu: Cpu, x: word, shift: Field, amount: Field): word {
  if (amount === 0) return x;
  if (shift === 0) return toWord(x << amount);
  if (shift === 1) return amount === 32 ? toWord(0) : toWord(x >>> amount);
  if (shift === 2) return toWord(x >> (amount === 32 ? 31 : amount));
  if (shift === 3) return toWord((x >>> amount) | (x << (32 - amount)));
  return toWord((x >>> 1) | (cpu.C ? 0x80000000 : 0));
}

/** The carry out of the same shift; Shift_C() gives both. They are apart because most instructions need the value only. */
export function shiftCarry(cpu: Cpu, x: word, shift: Field, amount: Field): boolean {
  if (amount === 0) return cpu.C;
  if (shift === 0) return ((x >>> (32 - amount)) & 1) !== 0;
  return ((x >>> (amount - 1)) & 1) !== 0;
}

/** Shift() by the bottom byte of a register. */
export function shiftByRegister(x: word, type: Field, amount: word): word {
  const n = toWord(amount & 0xff);
  if (type === 0) return n > 31 ? toWord(0) : toWord(x << n);
  if (type === 1) return n > 31 ? toWord(0) : toWord(x >>> n);
  if (type === 2) return n > 31 ? toWord(x >> 31) : toWord(x >> n);
  return toWord((x >>> n) | (x << (32 - n)));
}

/** The carry out of the same shift. */
export function carryByRegister(cpu: Cpu, x: word, type: Field, amount: word): boolean {
  const n = toWord(amount & 0xff);
  const last = type === 0 ? toWord(x >>> (32 - n)) : toWord(x >>> (n - 1));
  const beyond = type === 2 ? toWord(x >>> 31) : toWord(0);
  const out = type !== 3 && n > 32 ? beyond : last;
  return n === 0 ? cpu.C : (out & 1) !== 0;
}

/** DecodeImmShift(). */
export function decodeImmShift(type: Field, imm5: Field): { shift: Field; amount: Field } {
  if (type === 3 && imm5 === 0) return { shift: SHIFT.RRX, amount: field(1) };
  return { shift: type, amount: field((type === 1 || type === 2) && imm5 === 0 ? 32 : imm5) };
}

/** ARMExpandImm_C(): `rotated` if the carry out is bit 31 of the value, else the carry stays. */
export function armExpandImm(imm12: Field): { imm32: Field; rotated: Field } {
  const imm8 = imm12 & 0xff;
  const amount = (imm12 >>> 8) * 2;
  return { imm32: field((imm8 >>> amount) | (imm8 << (32 - amount))), rotated: field(amount === 0 ? 0 : 1) };
}

/** ThumbExpandImm_C(). A zero byte to repeat is UNPREDICTABLE: we choose 0, as every implementation known to us gives. */
export function thumbExpandImm(imm12: Field): { imm32: Field; rotated: Field } {
  const imm8 = imm12 & 0xff;
  const form = imm12 >>> 8;
  if (form === 0) return { imm32: field(imm8), rotated: field(0) };
  if (form === 1) return { imm32: field(imm8 | (imm8 << 16)), rotated: field(0) };
  if (form === 2) return { imm32: field((imm8 << 8) | (imm8 << 24)), rotated: field(0) };
  if (form === 3) return { imm32: field(imm8 | (imm8 << 8) | (imm8 << 16) | (imm8 << 24)), rotated: field(0) };
  const unrotated = 0x80 | (imm12 & 0x7f);
  const amount = imm12 >>> 7;
  return { imm32: field((unrotated >>> amount) | (unrotated << (32 - amount))), rotated: field(1) };
}

export function setNZ(cpu: Cpu, result: word): void {
  cpu.setNZ(result);
}

export function setNZC(cpu: Cpu, result: word, carry: boolean): void {
  cpu.setNZ(result);
  cpu.C = carry;
}

export function setNZCV(cpu: Cpu, result: word, carry: boolean, overflow: boolean): void {
  cpu.setNZ(result);
  cpu.C = carry;
  cpu.V = overflow;
}

/** Flags of a logical instruction with a modified immediate, whose carry out is known when it is decoded. */
export function setNZAndImmediateCarry(cpu: Cpu, result: word, imm32: Field, rotated: Field): void {
  cpu.setNZ(result);
  if (rotated) cpu.C = imm32 < 0;
}

/** ConditionPassed() for a condition of the instruction. 15 counts as always. */
export function conditionPassed(cpu: Cpu, cond: Field): boolean {
  if (cond === 0) return cpu.Z;
  if (cond === 1) return !cpu.Z;
  if (cond === 2) return cpu.C;
  if (cond === 3) return !cpu.C;
  if (cond === 4) return cpu.N;
  if (cond === 5) return !cpu.N;
  if (cond === 6) return cpu.V;
  if (cond === 7) return !cpu.V;
  if (cond === 8) return cpu.C && !cpu.Z;
  if (cond === 9) return !cpu.C || cpu.Z;
  if (cond === 10) return cpu.N === cpu.V;
  if (cond === 11) return cpu.N !== cpu.V;
  if (cond === 12) return !cpu.Z && cpu.N === cpu.V;
  if (cond === 13) return cpu.Z || cpu.N !== cpu.V;
  return true;
}

/** BXWritePC(): bit 0 selects the instruction set. An A32 target that is not aligned is UNPREDICTABLE: we choose to align it. */
export function bxWritePC(cpu: Cpu, target: word): void {
  const thumb = (target & 1) !== 0;
  cpu.T = thumb;
  cpu.branch(toWord(target & (thumb ? ~1 : ~3)));
}

/** BranchWritePC(): stays in the instruction set. */
export function branchWritePC(cpu: Cpu, target: word): void {
  cpu.branch(toWord(target & (cpu.T ? ~1 : ~3)));
}

/** Writes the result of a data-processing instruction; R15 is ALUWritePC(), which interworks in A32 only. */
export function writeRegister(cpu: Cpu, Rd: Field, value: word): void {
  if (Rd !== 15) cpu.r[Rd] = value;
  else if (cpu.T) branchWritePC(cpu, value);
  else bxWritePC(cpu, value);
}

/** Writes what was loaded; R15 is LoadWritePC(), which interworks. */
export function writeLoaded(cpu: Cpu, Rt: Field, value: word): void {
  if (Rt === 15) bxWritePC(cpu, value);
  else cpu.r[Rt] = value;
}

/** Sign extension of the low 8 or 16 bits. */
export function signExtend8(x: word): word {
  return toWord((x << 24) >> 24);
}
export function signExtend16(x: word): word {
  return toWord((x << 16) >> 16);
}

/** SignedSatQ() and UnsignedSatQ() between two bounds. */
export function saturate(x: number, low: Field, high: Field): { value: word; saturated: boolean } {
  const over = x > high;
  const under = x < low;
  return { value: toWord(over ? high : under ? low : x), saturated: over || under };
}
