/**
 * Threaded code: a block as a list of records, one for each instruction, that name a function for its form and what it works on. It is quick to
 * make, and executed several times as fast as by the interpreter; regions are made of what is executed often even so.
 */

/**
 * A record: its function; instructions of the block from it to the end, for which time was taken when the block began; ITSTATE; the immediate; up
 * to four registers, as offsets from the processor's place; the address.
 */
export const RECORD = { function: 0, left: 2, it: 3, immediate: 4, registers: 8, pc: 12, bytes: 16 } as const;

/**
 * What the function of a record returns besides the even address where to go on: go on with the next record, or with the one after it; or that the
 * instruction is for the interpreter.
 */
export const STEP = { next: -5, skip: -9, leave: 1 } as const;

/** Registers that a record names are numbered from here on in the code of its form. */
export const NAMED = 16;
/** At most. */
export const NAMES = 4;
