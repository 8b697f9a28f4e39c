import { describe, expect, it } from 'vitest';
import { Arena } from '../../../core/bus/memory.ts';
import {
  addWithCarry,
  armExpandImm,
  bxWritePC,
  carryByRegister,
  conditionPassed,
  decodeImmShift,
  PC,
  saturate,
  shiftByRegister,
  shiftCarry,
  shiftValue,
  thumbExpandImm,
  writeRegister,
} from '../../../core/cpu/alu.ts';
import { type Field, field, type word } from '../../../core/cpu/insn.ts';
import { makeModel } from '../../../core/cpu/models.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { Cpu } from '../../../core/cpu/state.ts';
import { Random } from '../../../tools/oracle/random.ts';

const model = makeModel('cortex-a15', { security: false, virtualization: false });
const make = (): Cpu => new Cpu(0, model, new Arena(new ArrayBuffer(0x10000)));
const w = (x: number): word => (x | 0) as word;
const random = new Random(3);
const values = Array.from({ length: 400 }, () => w(random.value()));

/** Bits of a word as the manual writes them, most significant first. */
const bitsOf = (x: number): string => (x >>> 0).toString(2).padStart(32, '0');

describe('addWithCarry', () => {
  it('has the sum, carry and overflow of exact arithmetic', () => {
    for (const [i, x] of values.entries()) {
      const y = values[(7 * i + 1) % values.length] as word;
      const c = i % 2 === 1;
      const unsigned = (x >>> 0) + (y >>> 0) + (c ? 1 : 0);
      const signed = x + y + (c ? 1 : 0);
      const result = unsigned | 0;
      expect(addWithCarry(x, y, c)).toEqual({ result, carry: result >>> 0 !== unsigned, overflow: result !== signed });
    }
  });
});

/** Shifts of bit strings, one place at a time: the value and the last bit that fell out. */
function shifted(x: number, type: number, amount: number, carry: boolean): { value: number; carry: boolean } {
  let bits = bitsOf(x);
  let out = carry;
  for (let i = 0; i < amount; i++) {
    const last = type === 0 ? bits[0] : bits[31];
    out = last === '1';
    if (type === 0) bits = `${bits.slice(1)}0`;
    else if (type === 4) bits = `${carry ? 1 : 0}${bits.slice(0, 31)}`;
    else bits = `${type === 1 ? '0' : type === 2 ? bits[0] : last}${bits.slice(0, 31)}`;
  }
  return { value: Number.parseInt(bits, 2) | 0, carry: out };
}

describe('shifts', () => {
  it('by an immediate move bits one place after another', () => {
    const cpu = make();
    for (const [i, x] of values.entries()) {
      cpu.C = i % 3 === 0;
      for (const type of [0, 1, 2, 3]) {
        const { shift, amount } = decodeImmShift(field(type), field(i % 32));
        const expected = shifted(x, shift, amount, cpu.C);
        expect(shiftValue(cpu, x, shift, amount)).toBe(expected.value);
        expect(shiftCarry(cpu, x, shift, amount)).toBe(expected.carry);
      }
    }
  });

  it('by a register use its bottom byte, up to 255 places', () => {
    const cpu = make();
    for (const [i, x] of values.entries()) {
      cpu.C = i % 3 === 0;
      const amount = w((random.word() & ~0xff) | (i % 4 === 0 ? random.below(256) : random.below(70)));
      for (const type of [0, 1, 2, 3]) {
        const expected = shifted(x, type, amount & 0xff, cpu.C);
        expect(shiftByRegister(x, field(type), amount)).toBe(expected.value);
        expect(carryByRegister(cpu, x, field(type), amount)).toBe(expected.carry);
      }
    }
  });

  it('of amount 0 mean 32 for LSR and ASR, and RRX for ROR', () => {
    expect([1, 2, 3].map((type) => decodeImmShift(field(type), field(0)))).toEqual([
      { shift: 1, amount: 32 },
      { shift: 2, amount: 32 },
      { shift: 4, amount: 1 },
    ]);
  });
});

describe('modified immediates', () => {
  it('of A32 are a byte rotated right by twice the field', () => {
    expect(armExpandImm(field(0x0ff))).toEqual({ imm32: 0xff, rotated: 0 });
    expect(armExpandImm(field(0x4ff))).toEqual({ imm32: 0xff000000 | 0, rotated: 1 });
    expect(armExpandImm(field(0xf01))).toEqual({ imm32: 4, rotated: 1 });
  });

  it('of T32 repeat a byte or rotate one with its top bit set (A6.3.2)', () => {
    expect(thumbExpandImm(field(0x0ab))).toEqual({ imm32: 0xab, rotated: 0 });
    expect(thumbExpandImm(field(0x1ab))).toEqual({ imm32: 0x00ab00ab, rotated: 0 });
    expect(thumbExpandImm(field(0x2ab))).toEqual({ imm32: 0xab00ab00 | 0, rotated: 0 });
    expect(thumbExpandImm(field(0x3ab))).toEqual({ imm32: 0xabababab | 0, rotated: 0 });
    expect(thumbExpandImm(field(0x400))).toEqual({ imm32: 0x80000000 | 0, rotated: 1 });
    expect(thumbExpandImm(field(0xfff))).toEqual({ imm32: 0x1fe, rotated: 1 });
  });
});

describe('conditions', () => {
  it.each([
    ['EQ', 0, 'Z'],
    ['CS', 2, 'C'],
    ['MI', 4, 'N'],
    ['VS', 6, 'V'],
  ] as const)('%s follows its flag, and the next condition is its opposite', (_, cond, flag) => {
    const cpu = make();
    for (const set of [false, true]) {
      cpu[flag] = set;
      expect(conditionPassed(cpu, field(cond))).toBe(set);
      expect(conditionPassed(cpu, field(cond + 1))).toBe(!set);
    }
  });

  it('after a comparison order signed and unsigned numbers', () => {
    const cpu = make();
    for (const [i, x] of values.entries()) {
      const y = i % 5 === 0 ? x : (values[(3 * i + 2) % values.length] as word);
      const { result, carry, overflow } = addWithCarry(x, w(~y), true);
      cpu.setNZ(result);
      cpu.C = carry;
      cpu.V = overflow;
      const passed = Array.from({ length: 15 }, (_, cond) => conditionPassed(cpu, cond as Field));
      const [a, b] = [x >>> 0, y >>> 0];
      expect(passed.slice(8)).toEqual([a > b, a <= b, x >= y, x < y, x > y, x <= y, true]);
      expect([passed[0], passed[2]]).toEqual([x === y, a >= b]);
    }
  });
});

describe('writing the PC', () => {
  it('interworks by bit 0 and aligns the target', () => {
    const cpu = make();
    bxWritePC(cpu, w(0x8001));
    expect([cpu.T, cpu.s[S.NEXT]]).toEqual([true, 0x8000]);
    bxWritePC(cpu, w(0x9002));
    expect([cpu.T, cpu.s[S.NEXT]]).toEqual([false, 0x9000]);
  });

  it('with the result of a data-processing instruction interworks in A32 only (A2.3.1)', () => {
    const cpu = make();
    writeRegister(cpu, PC, w(0x8001));
    expect(cpu.T).toBe(true);
    writeRegister(cpu, PC, w(0x9000));
    expect([cpu.T, cpu.s[S.NEXT]]).toEqual([true, 0x9000]);
  });
});

describe('saturate', () => {
  it('keeps numbers between the bounds and tells when it changed one', () => {
    expect(saturate(0x80000000, field(-0x80000000), field(0x7fffffff))).toEqual({ value: 0x7fffffff, saturated: true });
    expect(saturate(-1, field(0), field(255))).toEqual({ value: 0, saturated: true });
    expect(saturate(255, field(0), field(255))).toEqual({ value: 255, saturated: false });
  });
});
