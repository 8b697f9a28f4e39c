import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { CaseGenerator, WordReader } from '../../../tools/oracle/cases.ts';
import { exclusions, nameOf, ruleOf } from '../../../tools/oracle/exclusions.ts';
import { Predictor } from '../../../tools/oracle/predict.ts';
import { Random } from '../../../tools/oracle/random.ts';

const decoder = new Decoder(INSTRUCTIONS);
const reader = new WordReader(decoder);
const rule = (set: 'A32' | 'T32', bits: number, narrow = false, inIT = false) =>
  ruleOf(reader.read({ set, bits, narrow }, inIT))?.id;

describe('what is left out', () => {
  it.each([
    ['SDIV with the PC', 'A32', 0xe71ff111, false, 'encoding'],
    ['B of T32 with a condition in an IT block', 'T32', 0xd000, true, 'encoding'],
    ['MUL with a bit that should be zero', 'A32', 0xe0010392, false, undefined],
    ['CMP with a bit that should be zero', 'A32', 0xe3501001, false, 'should-be'],
    ['VTRN of D0 with itself', 'A32', 0xf3b20080, false, 'same-registers'],
    ['VTRN of D0 with D1', 'A32', 0xf3b20081, false, undefined],
    ['WFI', 'T32', 0xbf30, false, 'wait'],
    ['an undefined word', 'A32', 0xe7f000f0, false, undefined],
  ] as const)('%s: %s %x', (_, set, bits, inIT, id) => {
    expect(rule(set, bits, set === 'T32', inIT)).toBe(id);
  });

  it('is listed: every encoding with a condition, and every one with bits that should be something', () => {
    const [left, right] = exclusions(decoder).split('should-be: ', 3).slice(1) as [string, string];
    const listed = (text: string) => [...text.matchAll(/^ {2}(\w+ [AT]\d): /gm)].map(([, name]) => name);
    const conditional = decoder.rows.filter(({ encoding }) => encoding.unpredictable !== undefined);
    expect(listed(left)).toEqual(conditional.map(nameOf));
    expect(listed(right)).toEqual(decoder.rows.filter((row) => row.should !== 0).map(nameOf));
    expect(left).toContain("ADC_imm T1: isPC(Rd, Rn) (DDI 0406C A8.8 'ADC (immediate)')");
  });

  it('is counted by its name while cases are made', () => {
    const generator = new CaseGenerator(reader, 'a32', new Predictor(decoder), new Random(1));
    for (let i = 0; i < 5000; i++) generator.next();
    expect([...generator.leftOut.keys()].sort()).toEqual(['closed-monitor', 'encoding', 'should-be', 'values', 'window']);
  });
});
