/** Where the harness keeps things, shared by the image, the prediction and the generator of cases. Addresses are physical and virtual alike. */

/** One megabyte in 4 KiB pages, near the end of the RAM that QEMU's virt has with 128 MiB. RAM below is for PL1 only, the rest is not mapped. */
export const PAGES = 0x47e0_0000;
/** One page that User mode may execute and read. */
export const CODE_PAGE = PAGES + 0x1_0000;
/** One page that User mode may read and write but not execute. */
export const DATA_PAGE = PAGES + 0x4_0000;
export const RAM = 0x4000_0000;
export const PAGES_END = PAGES + 0x10_0000;

/** A case's instructions, at most four words, surrounded by traps. */
export const SLOT = CODE_PAGE + 0x800;
export const SLOT_WORDS = 4;
/** What is filled before each sequence and recorded after it. */
export const WINDOW = DATA_PAGE + 0x800;
export const WINDOW_WORDS = 64;
/** The same for single instructions: at the end of the page, so that accesses can cross into what is not mapped. */
export const EDGE = DATA_PAGE + 0x1000 - 4 * WINDOW_WORDS;

/** UDF in A32 and in both halves read as T32: the upper half branches to the lower one, which is UDF. */
export const TRAP = 0xe7fddef0;

/**
 * A case in the image: code, what memory holds (an offset into the harness's patterns), address of the first instruction, CPSR, R0 to R14;
 * with VFP also FPSCR and D0 to D31.
 */
export const CASE_WORDS = SLOT_WORDS + 3 + 15;
export const VFP_WORDS = 1 + 64;

/** A result: kind of exception, LR, SPSR, fault status, fault address, R0 to R14, TPIDRURW, the window; with VFP also FPSCR and D0 to D31. */
export const RESULT = { kind: 0, lr: 1, spsr: 2, status: 3, address: 4, registers: 5, thread: 20, window: 21 } as const;
export const RESULT_WORDS = RESULT.window + WINDOW_WORDS;

/** TPIDRURW before each case, and TPIDRURO, which User mode only reads. */
export const THREAD = 0x7e57_da7a;
export const THREAD_READ_ONLY = 0x0ff5_e77e;

/** A case that has not ended after so many ticks of the timer, of 16 instructions each, is ended by its interrupt. */
export const LIMIT_TICKS = 64;

export const KIND = { undefined: 1, supervisorCall: 2, prefetchAbort: 3, dataAbort: 4, limit: 5 } as const;

/** Numbers, of which every fourth is an address in the window, so that a load of the PC or a second load has somewhere to go. */
const pattern = (window: number): readonly number[] =>
  Array.from({ length: WINDOW_WORDS }, (_, i) => {
    const mixed = Math.imul(i + 1, 0x9e3779b1);
    return (i % 4 === 3 ? window + ((mixed >>> 8) & 0xfc) : mixed) >>> 0;
  });

/** What the window holds before a sequence. */
export const WINDOW_PATTERN = pattern(WINDOW);
/** What it may hold before a single instruction: the simplest last. */
export const MEMORIES: readonly (readonly number[])[] = [pattern(EDGE), WINDOW_PATTERN.map(() => 0)];
