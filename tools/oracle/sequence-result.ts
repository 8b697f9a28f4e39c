/** What the words are that the harness leaves for a sequence, and how two such results differ. */
import { WINDOW_WORDS } from './layout.ts';
import { CORE_WORDS, ENTRY_WORDS, FLOAT_WORDS, LOG_ENTRIES, SYSTEM_WORDS } from './sequence-layout.ts';

const ENTRY = [
  ...['kind', 'goes on at', 'SPSR', 'fault status', 'fault address', 'digest of R0 to R12'],
  'digest of FPSCR and D0 to D31',
];
const numbered = (letter: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);
const CORE = [
  ...numbered('R', 0, 12),
  ...['SP_usr', 'LR_usr', 'SP'],
  ...['irq', 'svc', 'abt', 'und'].flatMap((mode) => [`SP_${mode}`, `LR_${mode}`, `SPSR_${mode}`]),
  'SPSR_fiq',
  ...numbered('R', 8, 12).map((name) => `${name}_fiq`),
  ...['SP_fiq', 'LR_fiq'],
];
const FLOAT = ['CPACR', 'FPEXC', 'FPSCR', ...numbered('D', 0, 31).flatMap((name) => [`${name}<31:0>`, `${name}<63:32>`])];
const SYSTEM = ['SCTLR', 'TPIDRURW', 'TPIDRURO'];

/** The parts of the final state, by name and number of words. */
const FINAL: readonly (readonly [count: number, name: (index: number) => string])[] = [
  [CORE_WORDS, (i) => CORE[i] as string],
  [WINDOW_WORDS, (i) => `memory at window+${4 * i}`],
  [1, () => 'digest of the memory around the window'],
  [FLOAT_WORDS, (i) => FLOAT[i] as string],
  [SYSTEM_WORDS, (i) => SYSTEM[i] as string],
];
const LOG = 1 + LOG_ENTRIES * ENTRY_WORDS;

function nameOf(index: number): string {
  if (index === 0) return 'number of exceptions';
  if (index < LOG) return `exception ${Math.floor((index - 1) / ENTRY_WORDS)}: ${ENTRY[(index - 1) % ENTRY_WORDS]}`;
  let rest = index - LOG;
  for (const [count, name] of FINAL) {
    if (rest < count) return name(rest);
    rest -= count;
  }
  return `word ${index}`;
}

export const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** A line for each word that differs: first the log of exceptions, then what is left at the end. Entries beyond the number are not compared. */
export function differences(ours: Uint32Array, theirs: Uint32Array): string[] {
  return Array.from(theirs, (value, i) =>
    value === ours[i] ? '' : `${nameOf(i)}: ours ${hex(ours[i] as number)}, theirs ${hex(value)}`,
  ).filter((line) => line !== '');
}

/** Those of the final state only, which name registers. */
export function finalDifferences(ours: Uint32Array, theirs: Uint32Array): string[] {
  const state = differences(ours, theirs).filter((line) => !/^(number of )?exception/.test(line));
  return state.filter((line, i) => i === 0 || !line.startsWith('digest'));
}

export function differ(ours: Uint32Array, theirs: Uint32Array): boolean {
  return theirs.some((value, i) => value !== ours[i]);
}
