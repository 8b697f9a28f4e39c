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
/** What is filled before each case and recorded after it. */
export const WINDOW = DATA_PAGE + 0x800;
export const WINDOW_WORDS = 64;

/** UDF in A32 and in both halves read as T32: the upper half branches to the lower one, which is UDF. */
export const TRAP = 0xe7fddef0;

/** A case in the image: code, address of its first instruction, CPSR, R0 to R14; with VFP also FPSCR and D0 to D31. */
export const CASE_WORDS = SLOT_WORDS + 2 + 15;
export const VFP_WORDS = 1 + 64;

/** A result: kind of exception, LR, SPSR, fault status, fault address, R0 to R14, the window; with VFP also FPSCR and D0 to D31. */
export const RESULT_WORDS = 5 + 15 + WINDOW_WORDS;

export const KIND = { undefined: 1, supervisorCall: 2, prefetchAbort: 3, dataAbort: 4 } as const;

/** What the window holds before a case. */
export const WINDOW_PATTERN: readonly number[] = Array.from({ length: WINDOW_WORDS }, (_, i) => {
  const mixed = Math.imul(i + 1, 0x9e3779b1);
  // Every fourth word is an address in the window, so that a load of the PC or a second load has somewhere to go.
  return (i % 4 === 3 ? WINDOW + ((mixed >>> 8) & 0xfc) : mixed) >>> 0;
});

// Sequences: a page's upper half has room for their instructions.

export const SEQUENCE_WORDS = 128;
/** After so many exceptions a sequence ends, whatever it does: that bounds its loops. */
export const LOG_ENTRIES = 20;
/** An entry: kind, where to go on, SPSR, fault status, fault address, digest of the registers. */
export const ENTRY_WORDS = 6;
/** R0 to R14 of User mode, the last stack pointer, SP, LR and SPSR of four modes, of FIQ mode SPSR and R8 to R14, the window. */
const FINAL_WORDS = 15 + 1 + 12 + 8 + WINDOW_WORDS;
export const SEQUENCE_RESULT_WORDS = 1 + LOG_ENTRIES * ENTRY_WORDS + FINAL_WORDS;
