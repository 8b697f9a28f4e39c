/** Processor models: what identifies them and what they have. References: Cortex-A15 TRM DDI 0438, Cortex-A7 TRM DDI 0464. */

/** The identification registers, by their names; VFP's among them. */
export interface Identification {
  readonly MIDR: number;
  readonly CTR: number;
  readonly TCMTR: number;
  readonly TLBTR: number;
  readonly REVIDR: number;
  readonly AIDR: number;
  readonly ID_PFR0: number;
  readonly ID_PFR1: number;
  readonly ID_DFR0: number;
  readonly ID_AFR0: number;
  readonly ID_MMFR0: number;
  readonly ID_MMFR1: number;
  readonly ID_MMFR2: number;
  readonly ID_MMFR3: number;
  readonly ID_ISAR0: number;
  readonly ID_ISAR1: number;
  readonly ID_ISAR2: number;
  readonly ID_ISAR3: number;
  readonly ID_ISAR4: number;
  readonly ID_ISAR5: number;
  readonly CLIDR: number;
  /** By CSSELR: level 1 data, level 1 instruction, level 2. */
  readonly CCSIDR: readonly number[];
  readonly DBGDIDR: number;
  readonly DBGDEVID: number;
  readonly DBGDEVID1: number;
  /** PMCR, its counters in N, and the events that PMCEID0 names. */
  readonly PMCR: number;
  readonly PMCEID0: number;
  /** ACTLR after reset. */
  readonly ACTLR: number;
  readonly FPSID: number;
  readonly MVFR0: number;
  readonly MVFR1: number;
}

export interface CpuModel {
  readonly name: 'cortex-a15' | 'cortex-a7';
  /** Whether Monitor mode and Hyp mode exist on this board's processors. */
  readonly security: boolean;
  readonly virtualization: boolean;
  readonly cores: number;
  readonly periphbase: number;
  readonly id: Identification;
}

/** SCTLR after reset: the bits that read as one, and CP15 barriers enabled. */
export const SCTLR_RESET = 0x00c50078;

const COMMON = {
  TCMTR: 0,
  TLBTR: 0,
  REVIDR: 0,
  AIDR: 0,
  ID_PFR0: 0x00001131,
  ID_PFR1: 0x00011011,
  ID_DFR0: 0x02010555,
  ID_AFR0: 0,
  ID_MMFR2: 0x01240000,
  ID_MMFR3: 0x02102211,
  ID_ISAR0: 0x02101110,
  ID_ISAR1: 0x13112111,
  ID_ISAR2: 0x21232041,
  ID_ISAR3: 0x11112131,
  ID_ISAR4: 0x10011142,
  ID_ISAR5: 0,
  CLIDR: 0x0a200023,
  CCSIDR: [0x701fe00a, 0x201fe00a, 0x711fe07a],
  // What performance.ts counts: software increment, instructions, exceptions and returns, CONTEXTIDR writes, cycles, TTBR writes.
  PMCEID0: (1 << 0x00) | (0xf << 0x08) | (1 << 0x11) | (1 << 0x1c),
  MVFR0: 0x10110222,
  MVFR1: 0x11111111,
} as const;

const MODELS = {
  'cortex-a15': {
    ...COMMON,
    MIDR: 0x414fc0f0,
    CTR: 0x8444c004,
    ID_MMFR0: 0x10201105,
    ID_MMFR1: 0x20000000,
    DBGDIDR: 0x3515f021,
    DBGDEVID: 0x01110f13,
    DBGDEVID1: 0,
    PMCR: 0x410f3000,
    ACTLR: 0,
    FPSID: 0x410430f0,
  },
  'cortex-a7': {
    ...COMMON,
    MIDR: 0x410fc075,
    CTR: 0x84448003,
    ID_MMFR0: 0x10101105,
    ID_MMFR1: 0x40000000,
    DBGDIDR: 0x3515f005,
    DBGDEVID: 0x01110f13,
    DBGDEVID1: 1,
    PMCR: 0x41072000,
    // L1PCTL: three outstanding prefetches.
    ACTLR: 0x00006000,
    FPSID: 0x41023075,
  },
} as const satisfies Record<CpuModel['name'], Identification>;

export interface ModelOptions {
  readonly security: boolean;
  readonly virtualization: boolean;
  /** Cores in the cluster, for L2CTLR. */
  readonly cores?: number;
  /** Physical base of the private peripherals (the GIC), for CBAR. */
  readonly periphbase?: number;
}

/** A processor with or without the extensions; ID_PFR1 says which it has. */
export function makeModel(name: CpuModel['name'], options: ModelOptions): CpuModel {
  const { security, virtualization, cores = 1, periphbase = 0 } = options;
  const id: Identification = MODELS[name];
  const absent = (security ? 0 : 0xf0) | (virtualization ? 0 : 0xf000);
  // Secure debug goes with the Security Extensions.
  const ID_DFR0 = id.ID_DFR0 & ~(security ? 0 : 0xf0);
  return { name, security, virtualization, cores, periphbase, id: { ...id, ID_PFR1: id.ID_PFR1 & ~absent, ID_DFR0 } };
}
