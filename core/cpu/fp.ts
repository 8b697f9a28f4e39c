/**
 * The floating-point arithmetic of VFPv4, on registers and on bit patterns. Reference: Arm DDI 0406C, A2.7.
 *
 * Functions named `fp…32` and `fp…64` take register numbers of an `FpRegisters`; they set its cumulative exceptions. Functions that bear
 * the manual's names (`FPAdd`) are the exact arithmetic on bit patterns.
 */
export * from './fp/arithmetic.ts';
export * from './fp/chained.ts';
export * from './fp/compare.ts';
export * from './fp/convert.ts';
export { DOUBLE, HALF, SINGLE, VFPExpandImm } from './fp/exact/format.ts';
export * from './fp/fpscr.ts';
export * from './fp/fused.ts';
export { FLAGS, FpRegisters, STATUS } from './fp/registers.ts';
