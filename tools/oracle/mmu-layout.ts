/** What the test image and the generator agree on: addresses, operations, the order of registers. */

export const RAM = 0x40000000;
export const RAM_SIZE = 128 * 1024 * 1024;
export const POOL = 0x44000000;
export const POOL_END = 0x46000000;
/** No memory and no device of the machine answers here. */
export const NOWHERE = 0x60000000;

/** Each kind of table has its own place, so that every descriptor that is read is one of its format. */
export const T = {
  shortFirst: 0x42000000,
  shortFirst1: 0x42004000,
  shortSecond: 0x42010000,
  longFirst: 0x42020000,
  longFirst1: 0x42021000,
  hypFirst: 0x42022000,
  /** Level 2, first entry maps the image's page flat. */
  flatSecond: 0x42023000,
  longSecond: 0x42030000,
  longThird: 0x42040000,
  stage2First: 0x42050000,
  /** Level 2, first entry flat as above. */
  stage2FlatSecond: 0x42054000,
  /** Level 2 for the GiB of RAM, with a level 3 for the 2 MiB of these very tables. */
  stage2RamSecond: 0x42055000,
  stage2TablesThird: 0x42056000,
  stage2Start2: 0x42060000,
  stage2Second: 0x42080000,
  stage2Third: 0x42090000,
} as const;

/** Address translation operations of Hyp mode. */
export const TRANSLATIONS = [
  'ATS1CPR',
  'ATS1CPW',
  'ATS1CUR',
  'ATS1CUW',
  'ATS12NSOPR',
  'ATS12NSOPW',
  'ATS12NSOUR',
  'ATS12NSOUW',
  'ATS1HR',
  'ATS1HW',
] as const;

export type Level = 'PL1' | 'PL0' | 'Hyp';
const LEVELS: readonly Level[] = ['PL1', 'PL0', 'Hyp'];

/** A kind of instruction: how it accesses memory, and from which levels it is tried. */
export interface Kind {
  readonly name: string;
  /** Bytes from its address on, and the alignment that it insists on (or SCTLR.A does). */
  readonly bytes: number;
  readonly insists?: number;
  readonly aligned?: number;
  /** The second access of a pair has the same address. */
  readonly does: 'read' | 'write' | 'read and write' | 'execute' | 'nothing' | 'maintenance' | 'translation';
  readonly levels: readonly Level[];
  readonly unprivileged?: true;
}

/** In the order of the stubs in mmu-image.S; fetches have none. */
export const KINDS: readonly Kind[] = [
  { name: 'LDR', bytes: 4, aligned: 4, does: 'read', levels: LEVELS },
  { name: 'STR', bytes: 4, aligned: 4, does: 'write', levels: LEVELS },
  { name: 'LDRT', bytes: 4, aligned: 4, does: 'read', levels: ['PL1', 'PL0'], unprivileged: true },
  { name: 'STRT', bytes: 4, aligned: 4, does: 'write', levels: ['PL1', 'PL0'], unprivileged: true },
  { name: 'LDRB', bytes: 1, does: 'read', levels: LEVELS },
  { name: 'STRB', bytes: 1, does: 'write', levels: LEVELS },
  { name: 'LDRH', bytes: 2, aligned: 2, does: 'read', levels: LEVELS },
  { name: 'STRH', bytes: 2, aligned: 2, does: 'write', levels: LEVELS },
  { name: 'LDRD', bytes: 8, insists: 4, does: 'read', levels: LEVELS },
  { name: 'STRD', bytes: 8, insists: 4, does: 'write', levels: LEVELS },
  { name: 'LDM', bytes: 16, insists: 4, does: 'read', levels: LEVELS },
  { name: 'STM', bytes: 16, insists: 4, does: 'write', levels: LEVELS },
  { name: 'LDREX', bytes: 4, insists: 4, does: 'read', levels: LEVELS },
  { name: 'LDREX, STREX', bytes: 4, insists: 4, does: 'read and write', levels: LEVELS },
  { name: 'LDREXD', bytes: 8, insists: 8, does: 'read', levels: LEVELS },
  { name: 'PLD', bytes: 1, does: 'nothing', levels: LEVELS },
  { name: 'DCCMVAC', bytes: 1, does: 'maintenance', levels: ['PL1', 'Hyp'] },
  { name: 'DCIMVAC', bytes: 1, does: 'maintenance', levels: ['PL1', 'Hyp'] },
  { name: 'ICIMVAU', bytes: 1, does: 'maintenance', levels: ['PL1', 'Hyp'] },
  ...(['ATS1CPR', 'ATS1CPW', 'ATS1CUR', 'ATS1CUW'] as const).map(
    (name): Kind => ({ name, bytes: 1, does: 'translation', levels: ['PL1'] }),
  ),
  { name: 'fetch', bytes: 4, does: 'execute', levels: LEVELS },
  // A 32-bit Thumb instruction, the first halfword of which is the last of a page.
  { name: 'fetch across pages', bytes: 4, does: 'execute', levels: LEVELS },
];

export interface Operation {
  readonly name: string;
  readonly kind: Kind | undefined;
  readonly level: Level;
  /** As the image reads it. */
  readonly code: number;
}

const [TRANSLATION, EXECUTE, THUMB] = [0x1000, 0x400, 0x800] as const;

const stubOf = (kind: Kind, index: number): number =>
  kind.does !== 'execute' ? index : EXECUTE | (kind.name === 'fetch' ? 0 : THUMB);

export const HYP_TRANSLATIONS: readonly Operation[] = TRANSLATIONS.map((name, i) => ({
  name,
  kind: undefined,
  level: 'Hyp',
  code: TRANSLATION | i,
}));
export const STUB_OPERATIONS: readonly Operation[] = KINDS.flatMap((kind, i) =>
  kind.levels.map((level) => ({
    name: `${kind.name} at ${level}`,
    kind,
    level,
    code: stubOf(kind, i) | (LEVELS.indexOf(level) << 8),
  })),
);
export const OPERATIONS: readonly Operation[] = [...HYP_TRANSLATIONS, ...STUB_OPERATIONS];

export const REGISTERS = [
  'HCR',
  'VTTBR',
  'VTTBRhigh',
  'VTCR',
  'SCTLR',
  'TTBCR',
  'TTBR0',
  'TTBR0high',
  'TTBR1',
  'TTBR1high',
  'DACR',
  'MAIR0',
  'MAIR1',
  'HSCTLR',
  'HTTBR',
  'HTTBRhigh',
  'HTCR',
  'HMAIR0',
  'HMAIR1',
] as const;

export type Registers = Record<(typeof REGISTERS)[number], number>;

export interface Case {
  readonly operation: Operation;
  readonly va: number;
}

export interface Scenario {
  /** Address and value of words. */
  readonly writes: readonly (readonly [number, number])[];
  readonly registers: Registers;
  readonly cases: readonly Case[];
}

/** The scenarios as the image reads them. */
export function encode(scenarios: readonly Scenario[]): Uint32Array {
  const words: number[] = [];
  for (const { writes, registers, cases } of scenarios) {
    words.push(writes.length);
    for (const [at, value] of writes) words.push(at, value);
    for (const name of REGISTERS) words.push(registers[name]);
    words.push(cases.length);
    for (const { operation, va } of cases) words.push(operation.code, va);
  }
  words.push(0xffffffff);
  return Uint32Array.from(words);
}
