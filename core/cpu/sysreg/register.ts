/** System registers as rows of a table: where they are, who may touch them, who traps them. Reference: Arm DDI 0406C, B3.15 to B3.17. */
import type { CpuModel } from '../models.ts';
import type { SlotName } from '../slots.ts';
import type { System } from '../system.ts';

export type Rights = 'none' | 'ro' | 'wo' | 'rw';
export type Bank = 0 | 1;
/** Low and high word of a 64-bit register. */
export type Wide = readonly [number, number];

/** Bits of Hyp mode's configuration registers that trap an access from Non-secure PL1 (or PL0, where that has access). */
export interface Trap {
  readonly hcr?: number;
  readonly hdcr?: number;
  readonly hcptr?: number;
  readonly hstr?: number;
  /** Only accesses in this direction; both without. */
  readonly on?: 'read' | 'write';
}

export interface SystemRegister {
  readonly name: string;
  /** `p15 0 c1 c0 0`: coprocessor, opc1, CRn, CRm, opc2. `p15 0 c2`: coprocessor, opc1, CRm of a 64-bit access. */
  readonly at: string;
  /** From PL1 and PL2. */
  readonly rights: Rights;
  /** From User mode. Default none. */
  readonly user?: Rights;
  /** `PL2`: Hyp mode, and Monitor mode with SCR.NS = 1. `secure`: Secure PL1 only. */
  readonly level?: 'PL2' | 'secure';
  /** The extension without which the register does not exist. */
  readonly needs?: 'security' | 'virtualization';
  /** The one processor that has the register. */
  readonly only?: CpuModel['name'];
  /** Where its value stands. Registers with effects have none, or one of their own. */
  readonly slot?: SlotName;
  /** Word within the slot. */
  readonly index?: number;
  /** Value after reset, of both copies; 0 without. */
  readonly reset?: number | ((model: CpuModel) => number);
  /** Bits that a write changes. Default: all. */
  readonly mask?: number;
  readonly trap?: Trap;
  /** The performance monitor event that a write is. */
  readonly event?: number;
  /** A write changes what addresses mean. */
  readonly regime?: true;
  /** Further conditions: raises what the manual says where they do not hold. */
  readonly permit?: (system: System, write: boolean) => void;
  /** What takes the place of reading and writing the slot. */
  readonly read?: (system: System, bank: Bank) => number;
  readonly write?: (system: System, value: number, bank: Bank) => void;
  readonly readWide?: (system: System, bank: Bank) => Wide;
  readonly writeWide?: (system: System, low: number, high: number, bank: Bank) => void;
}

/** Keeps a table's rows checked against the type. */
export const registers = (...rows: readonly SystemRegister[]): readonly SystemRegister[] => rows;

/** An encoding as numbers; CRn and opc2 are 0 for 64-bit accesses. */
export interface Encoding {
  readonly coproc: number;
  readonly opc1: number;
  readonly CRn: number;
  readonly CRm: number;
  readonly opc2: number;
  readonly wide: boolean;
}

export function parseEncoding(at: string): Encoding {
  const [coproc, opc1, ...rest] = at.split(' ').map((part) => Number(part.replace(/^[pc]/, ''))) as [number, number, ...number[]];
  const [CRn = 0, CRm = 0, opc2 = 0] = rest;
  return rest.length === 1
    ? { coproc, opc1, CRn: 0, CRm: CRn, opc2: 0, wide: true }
    : { coproc, opc1, CRn, CRm, opc2, wide: false };
}

const key = (coproc: number, opc1: number, CRn: number, CRm: number, opc2: number): number =>
  (coproc << 14) | (opc1 << 11) | (CRn << 7) | (CRm << 3) | opc2;
const wideKey = (coproc: number, opc1: number, CRm: number): number => (coproc << 8) | (opc1 << 4) | CRm;

/** The registers that a model has, by encoding. */
export class RegisterFile {
  readonly rows: readonly SystemRegister[];
  readonly #narrow = new Map<number, SystemRegister>();
  readonly #wide = new Map<number, SystemRegister>();

  constructor(rows: readonly SystemRegister[], model: CpuModel) {
    this.rows = rows.filter(({ needs, only = model.name }) => (needs === undefined || model[needs]) && only === model.name);
    for (const row of this.rows) {
      const { coproc, opc1, CRn, CRm, opc2, wide } = parseEncoding(row.at);
      const table = wide ? this.#wide : this.#narrow;
      const at = wide ? wideKey(coproc, opc1, CRm) : key(coproc, opc1, CRn, CRm, opc2);
      const other = table.get(at);
      if (other !== undefined) throw new Error(`${row.name} and ${other.name} share ${row.at}`);
      table.set(at, row);
    }
  }

  find(coproc: number, opc1: number, CRn: number, CRm: number, opc2: number): SystemRegister | undefined {
    return this.#narrow.get(key(coproc, opc1, CRn, CRm, opc2));
  }

  findWide(coproc: number, opc1: number, CRm: number): SystemRegister | undefined {
    return this.#wide.get(wideKey(coproc, opc1, CRm));
  }
}
