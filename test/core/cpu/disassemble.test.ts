import { describe, expect, it } from 'vitest';
import { Decoder, type Row } from '../../../core/cpu/decode.ts';
import { disassemble } from '../../../core/cpu/disassemble.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { normal, objdump } from '../../support/objdump.ts';
import { have } from '../../support/oracles.ts';

const decoder = new Decoder(INSTRUCTIONS);
const PER_ENCODING = 40;

/** Random words of an encoding that are defined, with the bits that should be as they should. */
function words(row: Row, random: Random): { bits: number; width: number }[] {
  const found: { bits: number; width: number }[] = [];
  for (let attempt = 0; attempt < 20 * PER_ENCODING && found.length < PER_ENCODING; attempt++) {
    let bits = row.value | row.shouldBe;
    for (const { name, low, width } of row.fields) {
      const value = name === 'cond' && random.once(2) ? 14 : random.word();
      bits |= (width === 32 ? value : value & (2 ** width - 1)) << low;
    }
    const op = decoder.decode(row.set, bits, row.width === 16, false);
    if (op.name === row.name && op.encoding === row.encodingName && !op.unpredictable)
      found.push({ bits: bits >>> 0, width: row.width });
  }
  return found;
}

/** Where objdump's text is another on purpose or by mistake: instruction, what its text matches, why. */
const DIFFERENT: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^(LDRD|STRD)_|^(LDR|STR)EXD/, /^/, 'A32 forms: the second register is not shown'],
  [/^ADR$/, /^(add|sub) /, 'the addition to the PC is shown'],
  [/_lit$/, /^ldr(b|h|sb|sh)?t/, 'literal loads are taken for unprivileged ones'],
  [/^PLI$|^PLD$/, /^ldr/, 'hints that are not allocated are shown as the loads they resemble'],
  [/^UNALLOCATED_HINT$|^NOP$/, /^/, 'hints that are not allocated'],
  [/^SSAT$|^USAT$/, /asr 0$/, 'asr #32'],
  [/^MOV_reg$/, /^nop$/, 'mov r8, r8'],
  [/^(D[SM]B|ISB)$/, /^/, 'barrier options of ARMv8'],
  [/^(MCR|MRC|MCRR|MRRC|COPROCESSOR_OTHER)$/, /^/, 'c4 is cr4, and other coprocessors of old'],
  [/^HLT$/, /^/, 'not an instruction of ARMv7'],
  [/^ERET$/, /^subs pc, lr, 0$/, 'the same bits'],
  [/^SUBS_PC_LR/, /^$/, 'moves with a register that should be R0'],
  [/^(MRS|MSR)_banked$/, /undef/, 'registers that do not exist'],
  [/^VLDM$|^VSTM$/, /^f/, 'FLDMX, FSTMX'],
  [/^VMOV_imm$/, /\d$/, 'the constant is shown as it is encoded'],
  [/^VMOV_scalar_to_core$/, /\.32/, 'a word has no sign'],
  [/^VSHL_imm$/, /^vshl\w*\.s/, 'signed elements, where the manual has integers'],
  [/^VORR_reg$/, /^vorr/, 'VMOV is not always recognized'],
  [/^VM(RS|SR)$/, /^/, 'system registers of ARMv8'],
];
const expected = (name: string, theirs: string): boolean =>
  DIFFERENT.some(([names, texts]) => names.test(name) && texts.test(theirs));

function compare(set: 'A32' | 'T32'): string[] {
  const random = new Random(7);
  const rows = decoder.rows.filter((row) => row.set === set);
  // IT changes what comes after it, so it comes last.
  const all = [...rows.filter(({ name }) => name !== 'IT'), ...rows.filter(({ name }) => name === 'IT')].flatMap((row) =>
    words(row, random),
  );
  const theirs = objdump(set, all);
  return all.flatMap(({ bits, width }, i) => {
    const op = decoder.decode(set, bits | 0, width === 16, false);
    const ours = normal(disassemble(op, 4 * i));
    const their = normal(theirs[i] as string);
    const hexadecimal = bits.toString(16).padStart(width / 4, '0');
    return ours === their || expected(op.name, their)
      ? []
      : [`${op.name} ${op.encoding} ${hexadecimal}: ours ${ours} | theirs ${their}`];
  });
}

describe('the disassembler', () => {
  for (const set of ['A32', 'T32'] as const) {
    it.skipIf(!have('arm-none-eabi-objdump'))(`says what objdump says of ${set} instructions`, () => {
      expect(compare(set)).toEqual([]);
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
