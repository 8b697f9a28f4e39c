import { describe, expect, it } from 'vitest';
import { disassemble } from '../../../core/cpu/disassemble.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { decoder, differences, randomWords } from '../../support/disassembly.ts';
import { have } from '../../support/oracles.ts';

const PER_ENCODING = 40;

describe('the disassembler', () => {
  for (const set of ['A32', 'T32'] as const) {
    it.skipIf(!have('arm-none-eabi-objdump'))(`says what objdump says of ${set} instructions`, () => {
      const texts = differences(set, randomWords(set, PER_ENCODING, new Random(7))).map(({ text }) => text);
      expect(texts).toEqual([]);
    });
  }

  const text = (set: 'A32' | 'T32', bits: number, width = 32, condition?: number): string => {
    const op = decoder.decode(set, bits, width === 16, condition !== undefined);
    return disassemble(op, 0x8000, condition ?? op.cond);
  };

  it('names the target of a branch by its address', () => {
    expect(text('A32', 0xeb000002)).toBe('bl 0x00008010');
    expect(text('T32', 0xd0fe, 16)).toBe('beq 0x00008000');
  });

  it('gives instructions in an IT block the condition of the block', () => {
    expect(text('T32', 0x1888, 16)).toBe('adds r0, r1, r2');
    expect(text('T32', 0x1888, 16, 1)).toBe('addne r0, r1, r2');
    expect(text('T32', 0xbf14, 16)).toBe('ite ne');
  });

  it('has the names of UAL for shifts, PUSH and POP', () => {
    expect(text('A32', 0xe1a00101)).toBe('lsl r0, r1, #2');
    expect(text('A32', 0xe92d4010)).toBe('push {r4, lr}');
    expect(text('A32', 0xe8bd8010)).toBe('pop {r4, pc}');
  });

  it('shows what is no instruction as such', () => {
    expect(text('A32', 0xf8000000)).toBe('.inst 0xf8000000');
  });
});
