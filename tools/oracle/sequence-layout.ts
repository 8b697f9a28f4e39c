/** Where the harness for sequences keeps things, and what its results are made of. */
import { CODE_PAGE, DATA_PAGE, PAGES, WINDOW, WINDOW_WORDS } from './layout.ts';
import { Random } from './random.ts';
import { vfpState } from './vfp-state.ts';

/** A page's upper half has room for them. */
export const SEQUENCE_WORDS = 256;
/** After so many exceptions a sequence ends, whatever it does: that bounds its outer loops. */
export const LOG_ENTRIES = 20;
/** An entry: kind, where to go on, SPSR, fault status, fault address, digests of R0 to R12 and of the floating-point registers. */
export const ENTRY_WORDS = 7;
/** CPACR, FPEXC, FPSCR, D0 to D31. */
export const FLOAT_WORDS = 3 + 64;
/** FPSCR, D0 to D31. */
export const FLOAT_START_WORDS = 1 + 64;
/** R0 to R12, SP and LR of User mode, the last stack pointer, SP, LR and SPSR of four modes, of FIQ mode SPSR and R8 to R14. */
export const CORE_WORDS = 15 + 1 + 12 + 8;
/** SCTLR, TPIDRURW, TPIDRURO. */
export const SYSTEM_WORDS = 3;
/** The window is followed by a digest of its page. */
const FINAL_WORDS = CORE_WORDS + WINDOW_WORDS + 1 + FLOAT_WORDS + SYSTEM_WORDS;
export const SEQUENCE_RESULT_WORDS = 1 + LOG_ENTRIES * ENTRY_WORDS + FINAL_WORDS;

/** In the image, the code is followed by its start, CPSR, its end, R0 to R14, FPSCR and D0 to D31. */
export const SEQUENCE_CASE_WORDS = SEQUENCE_WORDS + 3 + 15 + FLOAT_START_WORDS;

/** A sequence that wants to go on after a prefetch abort has the address here, with bit 0 for T32. */
export const RESUME = 4;

/** Addresses in the pages that are not mapped, on a page that no one may execute, where nothing is, and where only PL1 may go. */
export const UNMAPPED = PAGES + 0x2_0800;
export const NEVER_EXECUTED = DATA_PAGE + 0x400;
export const NOWHERE = 0x1000_0000;
export const PRIVILEGED = PAGES - 0x10_0000;
export const READ_ONLY = CODE_PAGE + 0x400;

/** What the page of the window holds before a sequence: numbers with corners as VFP has them, and addresses in the window. */
export const PAGE_PATTERN: readonly number[] = pagePattern();

function pagePattern(): number[] {
  const random = new Random(0x5eed);
  const words: number[] = [];
  while (words.length < 1024) words.push(...vfpState(random).slice(1));
  // Every eighth word is an address in the window, so that a second load has somewhere to go.
  return words.map((word, i) => (i % 8 === 3 ? WINDOW + (word & 0xfc) : word) >>> 0);
}
