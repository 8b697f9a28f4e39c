/** What the test image and the generator agree on: addresses, operations, the order of registers. */

export const RAM = 0x40000000;
export const RAM_SIZE = 96 * 1024 * 1024;
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

export const OPERATIONS = [
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
  'LDR',
  'STR',
  'LDRT',
  'STRT',
  'fetch at PL1',
  'fetch at PL0',
  'ATS1CPR at PL1',
  'ATS1CPW at PL1',
  'ATS1CUR at PL1',
  'ATS1CUW at PL1',
] as const;

export type Operation = (typeof OPERATIONS)[number];

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
    for (const { operation, va } of cases) words.push(OPERATIONS.indexOf(operation), va);
  }
  words.push(0xffffffff);
  return Uint32Array.from(words);
}
