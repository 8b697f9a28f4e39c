/** Bits of the control registers, by the manual's names. Reference: Arm DDI 0406C, B4.1. */

export const SCTLR = {
  M: 1 << 0,
  A: 1 << 1,
  C: 1 << 2,
  CP15BEN: 1 << 5,
  SW: 1 << 10,
  Z: 1 << 11,
  I: 1 << 12,
  V: 1 << 13,
  WXN: 1 << 19,
  UWXN: 1 << 20,
  FI: 1 << 21,
  EE: 1 << 25,
  NMFI: 1 << 27,
  TRE: 1 << 28,
  AFE: 1 << 29,
  TE: 1 << 30,
} as const;

export const SCR = {
  NS: 1 << 0,
  IRQ: 1 << 1,
  FIQ: 1 << 2,
  EA: 1 << 3,
  FW: 1 << 4,
  AW: 1 << 5,
  nET: 1 << 6,
  SCD: 1 << 7,
  HCE: 1 << 8,
  SIF: 1 << 9,
} as const;

export const HCR = {
  VM: 1 << 0,
  SWIO: 1 << 1,
  PTW: 1 << 2,
  FMO: 1 << 3,
  IMO: 1 << 4,
  AMO: 1 << 5,
  VF: 1 << 6,
  VI: 1 << 7,
  VA: 1 << 8,
  FB: 1 << 9,
  DC: 1 << 12,
  TWI: 1 << 13,
  TWE: 1 << 14,
  TID0: 1 << 15,
  TID1: 1 << 16,
  TID2: 1 << 17,
  TID3: 1 << 18,
  TSC: 1 << 19,
  TIDCP: 1 << 20,
  TAC: 1 << 21,
  TSW: 1 << 22,
  TPC: 1 << 23,
  TPU: 1 << 24,
  TTLB: 1 << 25,
  TVM: 1 << 26,
  TGE: 1 << 27,
} as const;

export const HDCR = {
  HPMN: 0x1f,
  TPMCR: 1 << 5,
  TPM: 1 << 6,
  HPME: 1 << 7,
  TDE: 1 << 8,
  TDA: 1 << 9,
  TDOSA: 1 << 10,
  TDRA: 1 << 11,
} as const;

export const HCPTR = { TCP10: 1 << 10, TCP11: 1 << 11, TASE: 1 << 15, TTA: 1 << 20, TCPAC: (1 << 31) | 0 } as const;

export const HSTR = { TTEE: 1 << 16, TJDBX: 1 << 17 } as const;

export const TTBCR = { A1: 1 << 22, EAE: (1 << 31) | 0 } as const;

export const CPACR = { cp10: 20, cp11: 22, D32DIS: 1 << 30, ASEDIS: (1 << 31) | 0 } as const;

export const NSACR = { cp10: 1 << 10, cp11: 1 << 11, NSASEDIS: 1 << 15, NS_SMP: 1 << 18, RFR: 1 << 19 } as const;

export const FPEXC = { EX: (1 << 31) | 0, EN: 1 << 30 } as const;

export const CNTHCTL = { PL1PCTEN: 1 << 0, PL1PCEN: 1 << 1 } as const;

export const CNTKCTL = { PL0PCTEN: 1 << 0, PL0VCTEN: 1 << 1, PL0VTEN: 1 << 8, PL0PTEN: 1 << 9 } as const;
