/** Tells what differs between two results of one case. */
import type { Case } from './cases.ts';
import { KIND, RESULT_WORDS } from './layout.ts';

const FIRST = ['exception', 'LR', 'SPSR', 'fault status', 'fault address'];

/** What a word of a result is. */
function nameOf(index: number): string {
  if (index < 5) return FIRST[index] as string;
  if (index < 20) return `R${index - 5}`;
  if (index < RESULT_WORDS) return `window+${4 * (index - 20)}`;
  if (index === RESULT_WORDS) return 'FPSCR';
  const word = index - RESULT_WORDS - 1;
  return `D${word >>> 1}<${word & 1 ? '63:32' : '31:0'}>`;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** One line for each word that differs; none if the results are the same. */
export function differences(ours: Uint32Array, theirs: Uint32Array): string[] {
  return Array.from(ours, (value, i) =>
    value === theirs[i] ? '' : `${nameOf(i)}: ours ${hex(value)}, theirs ${hex(theirs[i] as number)}`,
  ).filter((line) => line !== '');
}

/**
 * A branch in A32 to an address that is not a multiple of 4 is UNPREDICTABLE, which depends on values and so shows in the result only:
 * QEMU goes there and fails to fetch, we align.
 */
export function misalignedBranch(theirs: Uint32Array): boolean {
  const [kind, , spsr = 0, , address = 0] = theirs;
  return kind === KIND.prefetchAbort && (spsr & 0x20) === 0 && (address & 2) !== 0;
}

/** The case and what differs, with the registers that went in. */
export function describe(test: Case, text: string, lines: readonly string[]): string {
  const registers = test.registers.map((value, n) => `R${n}=${hex(value)}`).join(' ');
  const head = `${test.name}: ${hex(test.bits)} ${text} at ${hex(test.at)}, CPSR ${hex(test.cpsr)}`;
  return [head, `  ${registers}`, ...lines.map((line) => `  ${line}`)].join('\n');
}
