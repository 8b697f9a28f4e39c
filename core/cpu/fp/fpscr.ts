/**
 * The bits of FPSCR, the Floating-Point Status and Control Register. Reference: Arm DDI 0406C, B4.1.58, and the Cortex-A15 TRM.
 *
 * Trapped exception handling is absent on Cortex-A15: the trap enables IDE, IXE, UFE, OFE, DZE and IOE are RAZ/WI.
 * Short vectors are absent too (MVFR0), but LEN and STRIDE keep what is written, as QEMU's Cortex-A15 does: software that restores a
 * saved FPSCR reads back what it wrote, and a VFP data-processing instruction with either field nonzero is UNDEFINED (see
 * `FpRegisters.shortVectors`).
 */

/** Condition flags N, Z, C and V. */
export const NZCV = 0xf0000000 | 0;
/** NEON cumulative saturation. */
export const QC = 1 << 27;
/** Alternative half-precision format. */
export const AHP = 1 << 26;
/** Default NaN mode. */
export const DN = 1 << 25;
/** Flush-to-zero mode. */
export const FZ = 1 << 24;
/** Rounding mode, two bits. */
export const RMODE = 3 << 22;
export const STRIDE = 3 << 20;
export const LEN = 7 << 16;
/** Cumulative exceptions: input denormal, inexact, underflow, overflow, division by zero, invalid operation. */
export const IDC = 1 << 7;
export const IXC = 1 << 4;
export const UFC = 1 << 3;
export const OFC = 1 << 2;
export const DZC = 1 << 1;
export const IOC = 1 << 0;

/** Values of RMode: to nearest (ties to even), towards plus infinity, towards minus infinity, towards zero. */
export const RN = 0 << 22;
export const RP = 1 << 22;
export const RM = 2 << 22;
export const RZ = 3 << 22;

/** The bits that a Cortex-A15 stores. */
export const FPSCR_MASK = NZCV | QC | AHP | DN | FZ | RMODE | STRIDE | LEN | IDC | IXC | UFC | OFC | DZC | IOC;

/**
 * Native arithmetic rounds to nearest and keeps subnormals, and its only common exception is Inexact. When
 * `(fpscr & FAST_MASK) === IXC`, the mode is the native one and Inexact is already recorded.
 */
export const FAST_MASK = FZ | RMODE | IXC;

/** StandardFPSCRValue(): what Advanced SIMD arithmetic uses in place of the control bits. */
export function standardFPSCRValue(fpscr: number): number {
  return (fpscr & AHP) | DN | FZ;
}
