/** Going down a long-descriptor table, the same for both stages. Reference: DDI 0406C B3.6. */
import { Fault, type FaultType, type WalkStep } from './fault.ts';
import type { Level } from './walk.ts';

/** Log2 of what one entry of a level maps. */
export const LEVEL_BITS = { 1: 30, 2: 21, 3: 12 } as const;
const LEVEL_SIZE = { 1: 2 ** 30, 2: 2 ** 21, 3: 2 ** 12 } as const;

const ACCESS_FLAG = 1 << 10;

/** How a stage reads its descriptors and reports its faults. `tables` holds the attributes of the tables above (bits 63:59). */
export interface TableReader {
  read(level: Level, at: number, tables: number): WalkStep | Fault;
  fault(type: FaultType, level: Level): Fault;
}

export interface Leaf {
  readonly step: WalkStep;
  readonly level: Level;
  /** NSTable, APTable[1:0], XNTable, PXNTable of all tables on the way, ored together. */
  readonly tables: number;
  /** Output address for the address asked for. */
  readonly output: number;
}

/** The 40-bit address in the two words of a register or descriptor, with its low `clear` (at most 30) bits cleared. */
export const tableBase = (low: number, high: number, clear: number): number =>
  (high & 0xff) * 0x1_0000_0000 + ((low & (-1 << clear)) >>> 0);

/** Where a table of `inputBits` starting at `start` must be aligned: log2 of its size. */
export const tableBits = (inputBits: number, start: Level): number => inputBits - LEVEL_BITS[start] + 3;

/** Finds the block or page that maps `address`; the caller has checked that it lies in the table's range. */
export function descend(reader: TableReader, base: number, start: Level, address: number): Leaf | Fault {
  let at = base + 8 * Math.floor(address / LEVEL_SIZE[start]);
  let tables = 0;
  for (let level = start; ; level = (level + 1) as Level) {
    const step = reader.read(level, at, tables);
    if (step instanceof Fault) return step;
    const table = (step.low & 3) === 3;
    if (!table || level === 3) return leaf(reader, step, level, tables, address);
    tables |= step.high >>> 27;
    const below = LEVEL_SIZE[(level + 1) as Level];
    at = tableBase(step.low, step.high, 12) + 8 * (Math.floor(address / below) & 511);
  }
}

function leaf(reader: TableReader, step: WalkStep, level: Level, tables: number, address: number): Leaf | Fault {
  const valid = (step.low & 3) === (level === 3 ? 3 : 1);
  if (!valid) return reader.fault('translation', level);
  if ((step.low & ACCESS_FLAG) === 0) return reader.fault('access flag', level);
  const offset = address & (LEVEL_SIZE[level] - 1);
  return { step, level, tables, output: tableBase(step.low, step.high, LEVEL_BITS[level]) + offset };
}
