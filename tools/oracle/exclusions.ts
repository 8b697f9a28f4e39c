/** What is not compared, and why: all that the architecture leaves open, and nothing else. `npm run oracle -- --exclusions` prints it. */
import type { Decoder, Op, Row } from '../../core/cpu/decode.ts';
import type { Operands } from '../../core/cpu/insn.ts';
import { KIND, RESULT } from './layout.ts';
import type { Word } from './sets.ts';

/** A word as it was decoded; UNDEFINED ones have no row. */
export interface Decoded extends Word {
  readonly op: Op;
  readonly row: Row | undefined;
}

interface Rule {
  readonly id: string;
  readonly reason: string;
  readonly applies: (decoded: Decoded) => boolean;
}

/** An encoding whose bits in parentheses are not as the manual has them. */
const isOther = ({ row, bits }: Decoded): boolean => row !== undefined && ((bits ^ row.shouldBe) & row.should) !== 0;

const registersOf = ({ operands }: Op): Operands => operands;

/** By the word alone. */
export const RULES: readonly Rule[] = [
  {
    id: 'encoding',
    reason: 'UNPREDICTABLE as the pseudocode of the encoding says (listed below)',
    applies: ({ op }) => op.unpredictable,
  },
  {
    id: 'should-be',
    reason: 'UNPREDICTABLE since a bit in parentheses is not as it should be (DDI 0406C A5.1.2, A6.1.1; encodings listed below)',
    applies: isOther,
  },
  {
    id: 'same-registers',
    reason: 'VTRN, VUZP and VZIP of one register with itself: the result is UNKNOWN',
    applies: ({ op }) => /^V(TRN|UZP|ZIP)$/.test(op.name) && registersOf(op)['d'] === registersOf(op)['m'],
  },
  {
    id: 'wait',
    reason: 'WFI and WFE may end at once, later or by any event, as the implementation chooses',
    applies: ({ op }) => /^WF[IE]$/.test(op.name),
  },
];

/** Encodings of which User mode has no case: all are left out. SRS of T32 has cases in IT blocks whose condition fails. */
export const NEVER = /^(WF[IE] |SRS A1$|ENTERX |LEAVEX )/;

/** By what happens: thrown while a case is predicted. */
export const OUTCOMES = {
  values: 'UNPREDICTABLE in User mode: ERET, SRS, SUBS PC, LR and its kin, MRS and MSR of SPSR or of a banked register',
  'closed-monitor':
    'IMPLEMENTATION DEFINED whether STREX aborts where it would, if it does not store since the monitor is closed (A3.4.5)',
  window: 'no form is left out: operands that reach the part of a page that is not recorded are drawn again',
} as const;
export type OutcomeReason = keyof typeof OUTCOMES;

/** Words of a result that are UNKNOWN, so that they alone are not compared. */
export const UNKNOWN_WORDS = [
  'registers but for the base that a load of several was to load, if it aborts after its first access',
  'IFAR of a debug event (BKPT)',
  'the eight bytes before the address where a VFP or Advanced SIMD store aborts, of which some may be stored and some not',
] as const;

/** Where QEMU is not as the manual has it, or as free as we are: we are compared with our definitions alone. */
export interface Deviation {
  readonly id: string;
  readonly reason: string;
  readonly explains: (decoded: Decoded, ours: Uint32Array, theirs: Uint32Array) => boolean;
}

const ALIGNMENT = 1;
const THUMB = 0x20;

export const DEVIATIONS: readonly Deviation[] = [
  {
    id: 'misaligned-branch',
    reason: 'UNPREDICTABLE: a branch in A32 to an address that is not a multiple of 4; QEMU fails to fetch there, we align',
    explains: (_, __, [kind, , spsr = 0, , address = 0]) =>
      kind === KIND.prefetchAbort && (spsr & THUMB) === 0 && (address & 2) !== 0,
  },
  {
    id: 'align-256',
    reason:
      'VLD1-4 and VST1-4 with :256 must take an Alignment fault at an address that is a multiple of 16 but not of 32; QEMU takes none',
    explains: ({ op }, ours) =>
      /^V(LD|ST)[1-4]$/.test(op.name) &&
      registersOf(op)['alignment'] === 32 &&
      ours[RESULT.kind] === KIND.dataAbort &&
      ((ours[RESULT.status] as number) & 0x40f) === ALIGNMENT &&
      ((ours[RESULT.address] as number) & 31) === 16,
  },
  {
    id: 'debug-channel',
    reason: 'LDC and STC of CP14 c5 are the debug communications channel, open to User mode after reset; QEMU has them UNDEFINED',
    explains: ({ op }, _, theirs) => /^(LDC|STC)_DBG/.test(op.name) && theirs[RESULT.kind] === KIND.undefined,
  },
];

/** Why a word is left out, if it is. */
export const ruleOf = (decoded: Decoded): Rule | undefined => RULES.find(({ applies }) => applies(decoded));

const wrap = (text: string): string => text.replace(/\s+/g, ' ');

/** The listing. */
export function exclusions(decoder: Decoder): string {
  const lines = ['Left out, by the word alone:', ...RULES.map(({ id, reason }) => `  ${id}: ${reason}`), ''];
  lines.push('Left out, by what happens:', ...Object.entries(OUTCOMES).map(([id, reason]) => `  ${id}: ${reason}`), '');
  lines.push('Compared, but for these words of the result, which are UNKNOWN:', ...UNKNOWN_WORDS.map((text) => `  ${text}`), '');
  lines.push(
    'Differences that are explained, and counted as such:',
    ...DEVIATIONS.map(({ id, reason }) => `  ${id}: ${reason}`),
    '',
  );
  const conditional = decoder.rows.filter(({ encoding }) => encoding.unpredictable !== undefined);
  lines.push(`encoding: ${conditional.length} encodings are UNPREDICTABLE if`);
  for (const row of conditional) lines.push(`  ${nameOf(row)}: ${condition(row)} (${row.definition.ref})`);
  const should = decoder.rows.filter((row) => row.should !== 0);
  lines.push('', `should-be: ${should.length} encodings have bits that should be zero or one`);
  for (const row of should) lines.push(`  ${nameOf(row)}: ${row.encoding.pattern}`);
  return `${lines.join('\n')}\n`;
}

export const nameOf = ({ name, encodingName }: Row): string => `${name} ${encodingName}`;

/** The predicate's text without its parameters. */
const condition = ({ encoding }: Row): string => wrap(String(encoding.unpredictable)).replace(/^.*?=> /, '');
