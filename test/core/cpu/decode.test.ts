import { describe, expect, it } from 'vitest';
import { Decoder, isWide, parsePattern, type Row } from '../../../core/cpu/decode.ts';
import { enc, field, type Instruction, instruction } from '../../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { defined, matches, nameOf, rivals } from '../../support/encodings.ts';

const decoder = new Decoder(INSTRUCTIONS);
const random = new Random(5);

const fixed = (row: Row): number => [...Array(32).keys()].filter((n) => ((row.mask >>> n) & 1) === 1).length;

describe('the decoder', () => {
  it('gives any bits the encoding with the most fixed bits, and no other has as many', () => {
    for (const row of decoder.rows) {
      for (let i = 0; i < 30; i++) {
        const bits = (random.word() & ~row.mask) | row.value;
        if (row.width === 16 ? isWide(bits) : row.set === 'T32' && !isWide(bits >>> 16)) continue;
        const all = decoder.rows.filter((r) => r.set === row.set && r.width === row.width && matches(r, bits));
        const most = Math.max(...all.map(fixed));
        const best = all.filter((r) => fixed(r) === most).map((r) => `${r.name} ${r.encodingName}`);
        const op = decoder.decode(row.set, bits, row.width === 16, false);
        if (best.length === 0) expect(op.name).toBe('UNDEFINED');
        else expect([`${op.name} ${op.encoding}`]).toEqual(best);
      }
    }
  });

  it('meets no word that two encodings claim, unless one of them is a special case of the other', () => {
    const shared = rivals(decoder.rows).filter(([a, b]) =>
      Array.from({ length: 200 }, () => (random.word() & ~(a.mask | b.mask)) | a.value | b.value).some(
        (bits) => matches(a, bits) && matches(b, bits),
      ),
    );
    expect(shared.map(([a, b]) => `${nameOf(a)} and ${nameOf(b)}`)).toEqual([]);
  });

  it('has an answer to every halfword and to any word', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      for (const inIT of [false, true]) {
        if (!isWide(bits) && !defined(decoder.decode('T32', bits, true, inIT))) throw new Error(`${bits} in T32`);
      }
    }
    for (let i = 0; i < 100_000; i++) {
      for (const set of ['A32', 'T32'] as const) {
        const bits = random.word() | (set === 'T32' ? 0xe8000000 : 0);
        if (!defined(decoder.decode(set, bits, false, i % 2 === 0))) throw new Error(`${bits} in ${set}`);
      }
    }
  });

  it('knows the operands of an encoding from its fields being zero', () => {
    for (const { encoding, fields, layout, encodingName, name } of decoder.rows) {
      for (let i = 0; i < 20; i++) {
        const values = Object.fromEntries(
          fields.map((field) => [field.name, random.word() & (2 ** Math.min(field.width, 31) - 1)]),
        );
        const operands = encoding.operands?.(values as never, i % 2 === 0) ?? values;
        const names = Object.keys(operands).filter((key) => key !== 'cond');
        expect([`${name} ${encodingName}`, names.sort()]).toEqual([`${name} ${encodingName}`, layout]);
      }
    }
  });

  it('keeps 32-bit Thumb encodings where 32-bit instructions are, and 16-bit ones where they are not', () => {
    const wrong = decoder.rows.filter((row) => {
      if (row.set === 'A32') return false;
      const first = row.width === 16 ? row.value : row.value >>> 16;
      return isWide(first | (row.width === 16 ? 0xffff & ~row.mask & 0x7ff : 0)) !== (row.width === 32);
    });
    expect(wrong.map(({ name, encodingName }) => `${name} ${encodingName}`)).toEqual([]);
  });

  it('hands operands of an instruction out in one layout, whatever the encoding', () => {
    const layout = (set: 'A32' | 'T32', bits: number, narrow = false): string =>
      Object.keys(decoder.decode(set, bits, narrow, false).operands).join();
    expect(layout('T32', 0x1888, true)).toBe(layout('A32', 0xe0810002 | 0));
    expect(layout('T32', 0xeb010002 | 0)).toBe(layout('A32', 0xe0810002 | 0));
    expect(layout('T32', 0x6808, true)).toBe(layout('A32', 0xe5910000 | 0));
  });

  it('takes the condition from the encoding, and always where it has none', () => {
    expect(decoder.decode('A32', 0x00810002, false, false).cond).toBe(0);
    expect(decoder.decode('T32', 0xd1fe, true, false).cond).toBe(1);
    expect(decoder.decode('T32', 0x1888, true, true).cond).toBe(14);
  });

  it('sets flags in 16-bit data instructions outside IT blocks only', () => {
    expect(decoder.decode('T32', 0x1888, true, false).operands['S']).toBe(1);
    expect(decoder.decode('T32', 0x1888, true, true).operands['S']).toBe(0);
  });

  it('makes one instruction of all words that are equal and mean the same, and of no others', () => {
    const wide = decoder.decode('T32', 0xeb010002 | 0, false, false);
    expect(decoder.decode('T32', 0xeb010002 | 0, false, false)).toBe(wide);
    expect(decoder.decode('T32', 0xeb010002 | 0, false, true)).not.toBe(wide);
    expect(decoder.decode('A32', 0xeb010002 | 0, false, false).name).toBe('BL');
    // More words than are remembered, so that many share a place.
    const words = Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 0x0101_4001) | 0);
    expect(words.filter((bits) => decoder.decode('A32', bits, false, false).bits !== bits)).toEqual([]);
  });

  it.each([
    ['MUL with the PC', 'A32', 0xe00f0291],
    ['LDR with writeback to the register loaded', 'A32', 0xe5b11004],
    ['LDRD of an odd register', 'A32', 0xe1c010d0],
    ['STREX whose result is its base', 'A32', 0xe1811f90],
    ['LDM without registers', 'A32', 0xe8900000],
    ['ADD.W to the PC', 'T32', 0xeb010f02],
    ['a conditional branch in an IT block', 'T32', 0xf0008000],
  ] as const)('knows %s as UNPREDICTABLE', (_, set, bits) => {
    const op = decoder.decode(set, bits | 0, false, set === 'T32');
    expect(op.unpredictable).toBe(true);
    const cpu = {
      unpredictable() {
        throw new Error('UNPREDICTABLE');
      },
    };
    expect(() => op.execute(cpu as never, op.operands)).toThrow('UNPREDICTABLE');
  });

  it('refuses patterns that have not 16 or 32 bits', () => {
    const definition: Instruction = instruction({ asm: '', ref: '', encodings: {}, execute() {} });
    expect(() => parsePattern('X', 'A1', definition, enc('cond:4 0000'))).toThrow('X A1: the pattern has 8 bits');
  });

  it('reads fields, fixed bits and bits that should be as they are', () => {
    const definition: Instruction = instruction({ asm: '', ref: '', encodings: {}, execute() {} });
    const row = parsePattern('X', 'T1', definition, enc('1010 n:3 (1) (0) Rm:4 S 01'));
    expect(row).toMatchObject({ set: 'T32', width: 16, mask: 0xf003, value: 0xa001, should: 0x0180, shouldBe: 0x0100 });
    expect(row.fields).toEqual([
      { name: 'n', low: 9, width: 3 },
      { name: 'Rm', low: 3, width: 4 },
      { name: 'S', low: 2, width: 1 },
    ]);
    expect(field(3)).toBe(3);
  });
});
