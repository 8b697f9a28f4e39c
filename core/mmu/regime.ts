/** A translation regime as plain values: the processor makes one from its system registers, the walks read nothing else. DDI 0406C B3.1. */

/** Stage 2, in effect for Non-secure PL1&0 while HCR.VM (or HCR.DC) is set. */
export interface Stage2 {
  /** VTTBR's base address, and its VMID. */
  readonly vttbr: number;
  readonly vmid: number;
  readonly vtcr: number;
  /** HCR.PTW: a stage-1 walk that reads Device or Strongly-ordered memory faults. */
  readonly protectedWalk: boolean;
  /** HSCTLR.EE: the stage-2 tables are big-endian. */
  readonly bigEndian?: boolean;
}

export interface Regime {
  readonly kind: 'PL1&0' | 'Hyp';
  readonly secure: boolean;
  /** SCTLR, or HSCTLR in the Hyp regime. */
  readonly sctlr: number;
  /** SCTLR.M, with HCR.TGE and HCR.DC taken into account. */
  readonly enabled: boolean;
  /** HCR.DC: default cacheable memory while stage 1 is off. */
  readonly defaultCacheable: boolean;
  /** Long descriptors: TTBCR.EAE, or always for Hyp. */
  readonly long: boolean;
  /** TTBCR or HTCR. */
  readonly ttbcr: number;
  /** Table bases with ASID bits, as [low, high] words. TTBR0 is HTTBR in the Hyp regime. */
  readonly ttbr0: readonly [number, number];
  readonly ttbr1: readonly [number, number];
  readonly asid: number;
  readonly dacr: number;
  /** PRRR and NMRR, or MAIR0 and MAIR1 (HMAIR in Hyp). */
  readonly mair0: number;
  readonly mair1: number;
  /** SCR.SIF. */
  readonly secureInstructionFetch: boolean;
  readonly stage2: Stage2 | undefined;
}

export type AccessKind = 'read' | 'write' | 'execute';

/** SCTLR bits that translation depends on (B4.1.130), the same in HSCTLR where it has them. */
export const SCTLR = { wxn: 1 << 19, uwxn: 1 << 20, ee: 1 << 25, tre: 1 << 28, afe: 1 << 29 } as const;
