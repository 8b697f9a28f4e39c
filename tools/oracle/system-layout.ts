/**
 * Where the image for system cases keeps things, and the registers that a case sets and a record shows. Addresses are physical, and virtual
 * alike but for the regions at SPECIAL and for the high vectors.
 */

export const RAM = 0x4000_0000;
export const TEXT = 0x46e0_0000;
export const DATA = 0x4020_0000;
/** Vector blocks, and the instructions of the cases: 2 MiB that are read-only once a table says so. */
export const VECTORS = 0x4700_0000;
export const SLOTS = 0x4718_0000;
export const HIGH = 0x4720_0000;
/** What the regions at SPECIAL lead to: A32 calls to Monitor mode in the first MiB, Thumb ones in the second. */
export const WINDOWS = 0x4740_0000;
export const TABLES = 0x4760_0000;
export const BIG_ENDIAN_TABLES = 0x2_0000;
/** Neither memory nor a device: external aborts. */
export const NOWHERE = 0x4800_0000;
/** Where virtual (and intermediate) addresses mean something peculiar, each for 2 MiB. */
export const SPECIAL = 0x5000_0000;
export const SPECIAL_SIZE = 0x20_0000;
/** Intermediate addresses to which stage 2 does something. */
export const STAGE2_SPECIAL = 0x4900_0000;

/** Offsets of the tables. */
export const TABLE = {
  short: 0,
  shortPages: 0x4000,
  first: 0x5000,
  second0: 0x6000,
  second1: 0x7000,
  second3: 0x8000,
  third: 0x9000,
  stage2First: 0xa000,
  stage2Second0: 0xb000,
  stage2Second1: 0xc000,
  end: 0xd000,
} as const;

/** Eight blocks for VBAR and HVBAR; the last two get to Monitor mode by an FIQ that they unmask, since SCR.SCD forbids a call. Then two for MVBAR. */
export const BLOCKS = Array.from({ length: 10 }, (_, i) => VECTORS + 0x1_0000 + 0x100 * i);
export const [MONITOR_BLOCK, OTHER_MONITOR_BLOCK] = BLOCKS.slice(8) as [number, number];
export const UNMASKING_BLOCKS = BLOCKS.slice(6, 8);
export const CALLING_BLOCKS = BLOCKS.slice(0, 6);
/** VA of the block at the high vectors is its address less HIGH plus this. */
export const HIGH_VA = 0xffe0_0000;

/** Calls to Monitor mode, to return to: a run of them in A32, another in Thumb. */
export const LANDING = { arm: SLOTS + 0x7_0100, thumb: SLOTS + 0x7_0200 } as const;

/** A case's instructions with what follows them. */
export const SLOT_BYTES = 32;
/** Words that are filled anew for each case: at the start, in the middle and at the end of WINDOWS. */
export const WINDOW = WINDOWS + 0xf000;
export const WINDOW_WORDS = 16;

/** A register by its name and the operands of its MCR and MRC, with R for the core register. */
export type Row = readonly [name: string, operands: string];

/** Those with a Secure and a Non-secure copy; SCTLR comes last, as it may turn the MMU on. */
export const BANKED: readonly Row[] = [
  ['TTBR0', 'p15, 0, R, c2, c0, 0'],
  ['TTBR1', 'p15, 0, R, c2, c0, 1'],
  ['TTBCR', 'p15, 0, R, c2, c0, 2'],
  ['DACR', 'p15, 0, R, c3, c0, 0'],
  ['DFSR', 'p15, 0, R, c5, c0, 0'],
  ['IFSR', 'p15, 0, R, c5, c0, 1'],
  ['DFAR', 'p15, 0, R, c6, c0, 0'],
  ['IFAR', 'p15, 0, R, c6, c0, 2'],
  ['MAIR0', 'p15, 0, R, c10, c2, 0'],
  ['MAIR1', 'p15, 0, R, c10, c2, 1'],
  ['VBAR', 'p15, 0, R, c12, c0, 0'],
  ['CONTEXTIDR', 'p15, 0, R, c13, c0, 1'],
  ['SCTLR', 'p15, 0, R, c1, c0, 0'],
];
/** Those that there is one of. */
export const SINGLE: readonly Row[] = [
  ['CPACR', 'p15, 0, R, c1, c0, 2'],
  ['NSACR', 'p15, 0, R, c1, c1, 2'],
  ['MVBAR', 'p15, 0, R, c12, c0, 1'],
  ['HCR', 'p15, 4, R, c1, c1, 0'],
  ['HDCR', 'p15, 4, R, c1, c1, 1'],
  ['HCPTR', 'p15, 4, R, c1, c1, 2'],
  ['HTCR', 'p15, 4, R, c2, c0, 2'],
  ['VTCR', 'p15, 4, R, c2, c1, 2'],
  ['HSR', 'p15, 4, R, c5, c2, 0'],
  ['HPFAR', 'p15, 4, R, c6, c0, 4'],
  ['HMAIR0', 'p15, 4, R, c10, c2, 0'],
  ['HMAIR1', 'p15, 4, R, c10, c2, 1'],
  ['HVBAR', 'p15, 4, R, c12, c0, 0'],
  ['HSCTLR', 'p15, 4, R, c1, c0, 0'],
];
/** 64-bit ones, of which the low word is set. */
export const WIDE: readonly Row[] = [
  ['HTTBR', 'p15, 4, R, Q, c2'],
  ['VTTBR', 'p15, 6, R, Q, c2'],
];
/** By MSR and MRS (Banked register). */
export const BANKED_CORE: readonly string[] = [
  ...['SP_usr', 'LR_usr', 'SP_hyp', 'ELR_hyp', 'SPSR_hyp'],
  ...['irq', 'svc', 'abt', 'und', 'fiq'].flatMap((mode) => [`SP_${mode}`, `LR_${mode}`, `SPSR_${mode}`]),
  ...['r8_fiq', 'r9_fiq', 'r10_fiq', 'r11_fiq', 'r12_fiq'],
];

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const copies = (suffix: string): string[] => BANKED.map(([name]) => `${name}${suffix}`);

/** Words of a case. `lines`: software-generated interrupts to have pending, bit 0 an FIQ, bit 1 an IRQ. */
export const INPUT = [
  'lines',
  'window0',
  'window1',
  ...copies('_s'),
  ...copies('_ns'),
  ...SINGLE.map(([name]) => name),
  ...WIDE.map(([name]) => name),
  ...BANKED_CORE,
  'SCR',
  'CPSR',
  'pc',
  ...numbered('r', 13),
] as const;
export type Input = Record<string, number>;

/** Words of a record. PAR has both copies, each of two words. */
export const RECORD = [
  ...numbered('r', 13),
  'Monitor vector',
  'CPSR in Monitor mode',
  'LR_mon',
  'SPSR_mon',
  'SCR',
  ...copies('_s'),
  'PAR_s',
  'PAR_s high',
  ...copies('_ns'),
  'PAR_ns',
  'PAR_ns high',
  ...SINGLE.map(([name]) => name),
  ...BANKED_CORE,
  ...numbered('window ', WINDOW_WORDS),
  'digest of the first window',
  'digest of the last window',
] as const;

export const MODES = {
  usr: 0x10,
  fiq: 0x11,
  irq: 0x12,
  svc: 0x13,
  mon: 0x16,
  abt: 0x17,
  hyp: 0x1a,
  und: 0x1b,
  sys: 0x1f,
} as const;
export const SCR = { NS: 1, IRQ: 2, FIQ: 4, FW: 1 << 4, SCD: 1 << 7, HCE: 1 << 8, SIF: 1 << 9 } as const;
export const TGE = 1 << 27;
/** FMO, IMO, AMO, VF, VI, VA, and the traps that QEMU 7.2 has too: TWI, TWE, TID0, TID2, TSC, TAC, TTLB, TVM. */
export const HCR_EVENTS = 0x1f8 | (3 << 13) | (1 << 15) | (1 << 17) | (1 << 19) | (1 << 21) | (1 << 25) | (1 << 26);
