/** The disassembler held against binutils' objdump: where the texts differ, and for which of the known reasons they may. */
import { Decoder, type Op, type Row } from '../../core/cpu/decode.ts';
import { disassemble } from '../../core/cpu/disassemble.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import type { Random } from '../../tools/oracle/random.ts';
import { normal, objdump } from './objdump.ts';

export interface Word {
  readonly bits: number;
  readonly width: number;
}

export const decoder = new Decoder(INSTRUCTIONS);

/** The second register of a pair, which objdump leaves out in A32. */
const firstOfPair = (text: string): string => text.replace(/, \w+, \[/, ', [');

/** An address relative to the PC, as the addition it is. */
function addition({ operands, encoding }: Op): string {
  return `${encoding === 'T2' ? 'sub' : 'add'} r${operands['Rd']}, pc, ${Math.abs(operands['imm32'] as number)}`;
}

/** Writeback of what does not change is not shown. */
function withoutZero(text: string, { name, operands: { imm, P, U, W } }: Op): string {
  if (imm !== 0 || W !== 1) return text;
  if (P === 1) return U === 1 || !name.endsWith('_imm') ? text.replace(/\]!$/, ']') : text;
  return U === 1 && !name.endsWith('_imm') ? text.replace(/\], 0$/, ']') : text;
}

/** Where objdump has another name for the same. */
const ALIASES: readonly (readonly [RegExp, (text: string, op: Op) => string])[] = [
  [/^(LDRD|STRD)_.* A/, firstOfPair],
  [/^LDREXD A/, firstOfPair],
  [/^STREXD A/, firstOfPair],
  [/^ADR /, (_, op) => normal(addition(op))],
  [/^ERET T/, () => 'subs pc, lr, 0'],
  [/^[SU]SAT /, (text) => text.replace(/asr 32$/, 'asr 0')],
  [/^NOP A1/, (text) => (text.includes('{') ? text : `${text} {0}`)],
  [/^(LDC|STC)(2|_DBGDTR[RT]Xint)? |^(LDRD|STRD)_imm T/, withoutZero],
  [/^MRC2 /, (text) => text.replace('apsr_nzcv', 'pc')],
];

const COPROCESSOR = /^(CDP|LDC|STC|MCRR?|MRRC|MRC)2? /;

/** Where objdump's text is another on purpose or by mistake: instruction and encoding, what its text matches, why. */
const REASONS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/_lit /, /^ldr(b|h|sb|sh)?t/, 'literal loads are taken for unprivileged ones'],
  [/^UNALLOCATED_HINT /, /^$|^ldrsht? pc|^nop|^pli?d?w?/, 'hints that are not allocated'],
  [/^MOV_reg /, /^nop$/, 'mov r8, r8 is NOP by its other name'],
  [/^D[SM]B /, /ld$|^p?ssbb$|^dfb$/, 'barriers of ARMv8'],
  [/^NOP /, /^(aut|bti|pac|pacbti|esb|csdb|psb|tsb|clrbhb|sevl)/, 'hints of ARMv8'],
  [/^(ENTERX|LEAVEX) /, /^undefined/, 'ThumbEE, which binutils have given up'],
  [/^HLT /, /^/, 'semihosting only: not an instruction of ARMv7'],
  [/^SUBS_PC_LR_/, /^$/, 'moves with a register that should be R0'],
  [/^VLDM |^VSTM /, /^f/, 'FLDMX, FSTMX'],
  [/^VMOV_scalar_to_core /, /\.32/, 'a word has no sign'],
  [/^VM(RS|SR) /, /fpcxt|fpscr_|vpr|p0|mvfr2|[ ,]$|^vmsr\w* ,/, 'registers of ARMv8 and unknown ones'],
  [/^VSHL_imm /, /^vshl\w*\.s/, 'signed elements, where the manual has integers'],
  [/^VORR_reg /, /^vorr/, 'VMOV is not always recognized'],
  [/^UNDEFINED /, /^(tst|teq|cmp|cmn)/, 'comparisons that do not set flags are other instructions, or none'],
  [/^UNDEFINED /, /^(ldc|stc)\w* \d+, c\d+, \[\w+\], /, 'neither P, U nor W'],
  [/^UNDEFINED /, /^(bf|bfcsel|bfl|bfx|bflx) /, 'ARMv8.1-M'],
  [/^UNDEFINED /, /^(ldr|str)(\?\?|.*, \]$)|^undefined/, 'there is no such form'],
  [/^UNDEFINED /, /^str[bh]? .*\[pc, /, 'stores relative to the PC'],
  [/^UNDEFINED /, /^(cf|ldf|stf|lfm|sfm)/, 'coprocessors of old'],
  [
    /^UNDEFINED /,
    /^(aes|sha|crc|lda|stl|setpan)|^v(qrdml|cmla|cadd|fma[bt]|fmal|fmsl|mmla|u?s?dot|rint|maxnm|minnm|sel|cvt[apmn])|\.(f16|bf16|p64)/,
    'ARMv8',
  ],
  [/^UNDEFINED /, /^pl[di]w? .*\[\w+, -?\w+|^pl[di]w? .*\], /, 'a shift by a register'],
  [/^UNDEFINED /, /^(msr|setend)|^(ldr|str)\w* \w+, \[\w+, \w+\]$/, 'bits that tell instructions apart are not looked at'],
  [/^UNDEFINED /, /^v(ld|st)[1-4]/, 'sizes and alignments that there are not'],
  [/^UNDEFINED /, /^v\w+\.[isuf]?( |$)|^vpadd.* q|^vmull?.p(8|16|32)?|^vext/, 'sizes and elements that there are not'],
  [/^UNDEFINED /, / ,|, ,|,$/, 'odd numbers of quadword registers'],
  [
    COPROCESSOR,
    /^(?!cdp|ldc|stc|mcr|mrc)/,
    'coprocessors of old (FPA, Maverick, iWMMXt), ARMv8 in 8, 9, 13, and what VFP leaves UNDEFINED',
  ],
  [COPROCESSOR, /^(ldc|stc)2l? 9, /, 'offsets are taken for those of half-precision numbers'],
];

/** The number that a constant stands for, which objdump has in its comment. */
const constant = (theirs: string): string => theirs.replace(/#\d+\s+@ 0x[0-9a-f]+\s+(\S+)$/, (_, number) => `#${Number(number)}`);

function ours(op: Op, address: number): string {
  const text = normal(disassemble(op, address));
  const name = `${op.name} ${op.encoding}`;
  return ALIASES.reduce((sofar, [names, alias]) => (names.test(name) ? alias(sofar, op) : sofar), text);
}

const rows = new Map(decoder.rows.map((row) => [`${row.name} ${row.encodingName}`, row]));

/** Whether the form is UNPREDICTABLE, be it by bits that are not what they should be. */
function isUnpredictable(op: Op): boolean {
  const row = rows.get(`${op.name} ${op.encoding}`);
  return op.unpredictable || (row !== undefined && ((op.bits ^ row.shouldBe) & row.should) !== 0);
}

export interface Difference {
  readonly name: string;
  readonly text: string;
}

/** The words whose text is neither the same nor different for a reason. */
export function differences(set: 'A32' | 'T32', words: readonly Word[]): Difference[] {
  const theirs = objdump(set, words);
  return words.flatMap(({ bits, width }, i) => {
    const op = decoder.decode(set, bits | 0, width === 16, false);
    if (isUnpredictable(op)) return [];
    const name = `${op.name} ${op.encoding}`;
    const mine = op.name === 'UNDEFINED' ? '' : ours(op, 4 * i);
    const text = theirs[i] as string;
    const their = normal(op.name === 'VMOV_imm' ? constant(text) : text);
    if (mine === their || REASONS.some(([names, texts]) => names.test(name) && texts.test(their))) return [];
    return [{ name, text: `${bits.toString(16).padStart(width / 4, '0')} ${name}: ours ${mine} | theirs ${their}` }];
  });
}

/** Random words of an encoding that are defined, with the bits that should be as they should. */
function wordsOf(row: Row, count: number, random: Random): Word[] {
  const found: Word[] = [];
  for (let attempt = 0; attempt < 20 * count && found.length < count; attempt++) {
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

/** Random words of every encoding, `each` of them. IT changes what comes after it, so it comes last. */
export function randomWords(set: 'A32' | 'T32', each: number, random: Random): Word[] {
  const chosen = decoder.rows.filter((row) => row.set === set);
  const ordered = [...chosen.filter(({ name }) => name !== 'IT'), ...chosen.filter(({ name }) => name === 'IT')];
  return ordered.flatMap((row) => wordsOf(row, each, random));
}
