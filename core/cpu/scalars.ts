/**
 * Scalar state of a processor, as indices into `Cpu.s`; flags are 0 or 1. Reference: DDI 0406C B1.3.3 (program status registers).
 * Constants of their own, imported as a namespace: the bundler then puts the numbers in place, which the interpreter's speed needs.
 */

export const N = 0;
export const Z = 1;
export const C = 2;
export const V = 3;
export const Q = 4;
export const GE = 5;
export const J = 6;
export const E = 7;
export const A = 8;
export const I = 9;
export const F = 10;
export const T = 11;
export const M = 12;
/** ITSTATE<7:0>. */
export const IT = 13;
/** Address of the next instruction: set before each one executes, changed by branches and exceptions. */
export const NEXT = 14;
/** Instructions left before the run loop must look up; time follows from it. */
export const REMAINING = 15;
/** Not 0: the engine must look at what changed (instruction set, mode, regime, interrupts) before the next instruction. */
export const ATTENTION = 16;
/** 0 running, 1 WFI, 2 WFE, 3 powered off. */
export const WAIT = 17;
/** The event register of WFE and SEV. */
export const EVENT = 18;
/** The exclusive monitor: open or not, the physical address marked (low, high) and its size. */
export const EXCLUSIVE = 19;
export const EXCLUSIVE_LOW = 20;
export const EXCLUSIVE_HIGH = 21;
export const EXCLUSIVE_SIZE = 22;
/** Interrupt inputs: physical and virtual lines, and asynchronous aborts. */
export const IRQ = 23;
export const FIQ = 24;
export const VIRQ = 25;
export const VFIQ = 26;
export const ASYNC_ABORT = 27;
export const COUNT = 32;
