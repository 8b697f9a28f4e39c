/** Tells what differs between two results of one case, in words that someone can act on. */
import { disassemble } from '../../core/cpu/disassemble.ts';
import { addressOf, type Case, halfwordsOf } from './case.ts';
import type { WordReader } from './cases.ts';
import { KIND, MEMORIES, RESULT, RESULT_WORDS } from './layout.ts';

export interface Difference {
  readonly index: number;
  readonly ours: number;
  readonly theirs: number;
}

/** What each holds that differs; nothing if the results are the same. Words that are UNKNOWN do not count. */
export function differences(ours: Uint32Array, theirs: Uint32Array, unknown: readonly number[]): readonly Difference[] {
  const found: Difference[] = [];
  for (let i = 0; i < theirs.length; i++) {
    if (ours[i] !== theirs[i] && !unknown.includes(i))
      found.push({ index: i, ours: ours[i] as number, theirs: theirs[i] as number });
  }
  return found;
}

const FIRST = ['exception', 'LR', 'SPSR', 'fault status', 'fault address'];

/** What a word of a result is. */
function nameOf(index: number): string {
  if (index < RESULT.registers) return FIRST[index] as string;
  if (index < RESULT.thread) return `R${index - RESULT.registers}`;
  if (index === RESULT.thread) return 'TPIDRURW';
  if (index < RESULT_WORDS) return `window+${4 * (index - RESULT.window)}`;
  if (index === RESULT_WORDS) return 'FPSCR';
  return vfpName(index - RESULT_WORDS);
}

/** Of FPSCR and D0 to D31 as words. */
const vfpName = (index: number): string => {
  const word = index - 1;
  return index === 0 ? 'FPSCR' : `D${word >>> 1}<${word & 1 ? '63:32' : '31:0'}>`;
};

const hex = (value: number, digits = 8): string => (value >>> 0).toString(16).padStart(digits, '0');

const KINDS: Readonly<Record<number, string>> = {
  [KIND.undefined]: 'Undefined Instruction',
  [KIND.supervisorCall]: 'Supervisor Call',
  [KIND.prefetchAbort]: 'Prefetch Abort',
  [KIND.dataAbort]: 'Data Abort',
  [KIND.limit]: 'does not end',
};

const valueText = (index: number, value: number): string => (index === RESULT.kind ? (KINDS[value] ?? hex(value)) : hex(value));

/** One line for each word that differs. */
const table = (rows: readonly Difference[], [ours, theirs]: readonly [string, string]): string[] => [
  `  ${''.padEnd(14)}${ours.padEnd(22)} ${theirs}`,
  ...rows.map(
    ({ index, ours: a, theirs: b }) => `  ${nameOf(index).padEnd(14)}${valueText(index, a).padEnd(22)} ${valueText(index, b)}`,
  ),
];

const FLAGS = [
  [31, 'N'],
  [30, 'Z'],
  [29, 'C'],
  [28, 'V'],
  [27, 'Q'],
  [9, 'E'],
] as const;

const flagText = (cpsr: number): string => {
  const set = FLAGS.filter(([bit]) => (cpsr >>> bit) & 1).map(([, name]) => name);
  const GE = (cpsr >>> 16) & 15;
  return [...set, ...(GE === 0 ? [] : [`GE=${GE}`])].join(' ') || 'no flags';
};

const CONDITIONS = 'eq ne cs cc mi pl vs vc hi ls ge lt gt le al'.split(' ');

/** Words that are not zero, by name. */
const given = (values: readonly number[], name: (i: number) => string): string[] =>
  values.flatMap((value, i) => (value === 0 ? [] : [`${name(i)}=${hex(value)}`]));

function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 8) lines.push(`  ${words.slice(i, i + 8).join(' ')}`);
  return lines;
}

/** Bytes as they lie in memory. */
const bytesText = (halfwords: readonly number[]): string =>
  halfwords.map((half) => `${hex(half & 0xff, 2)} ${hex(half >>> 8, 2)}`).join(' ');

export interface Finding {
  readonly test: Case;
  readonly rows: readonly Difference[];
  /** Both machines agree, but not with the definition that was executed on its own. */
  readonly alone: boolean;
  /** Where to find it again. */
  readonly from: string;
}

/** The case and what differs, with what went in. */
export function describe(reader: WordReader, { test, rows, alone, from }: Finding): string {
  const { op } = reader.read(test, test.it !== undefined);
  const block = test.it === undefined ? '' : `, in IT ${CONDITIONS[test.it]}`;
  const before = test.before.length === 0 ? '' : `, after ${bytesText(test.before)}`;
  const where = `at ${hex(addressOf(test))} in ${test.set}${block}${before}`;
  const memory = test.memory === MEMORIES.length - 1 ? 'zero' : `pattern ${test.memory}`;
  return [
    `${test.name}: ${hex(test.bits, test.narrow ? 4 : 8)}  ${disassemble(op, addressOf(test))}`,
    `  bytes ${bytesText(halfwordsOf(test))}, ${where}; memory ${memory}; ${flagText(test.cpsr)}; registers that are not zero:`,
    ...wrapped([...given(test.registers, (n) => `R${n}`), ...given(test.vfp ?? [], vfpName)]),
    ...table(rows, alone ? ['definition', 'both machines'] : ['Partita', 'QEMU']),
    `  ${from}`,
  ].join('\n');
}
