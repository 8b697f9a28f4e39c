/** The accesses that an instruction makes, with both addresses. */
import type { word } from '../../core/cpu/insn.ts';
import type { CpuMemory } from '../../core/cpu/memory.ts';
import type { Cpu } from '../../core/cpu/state.ts';

export interface MemoryAccess {
  readonly va: number;
  /** Undefined where it aborted. */
  readonly pa: number | undefined;
  readonly size: number;
  readonly write: boolean;
  readonly value: number;
}

const READS = {
  readU8: 1,
  readU16: 2,
  readU32: 4,
  readA16: 2,
  readA32: 4,
  readUnprivileged8: 1,
  readUnprivileged16: 2,
  readUnprivileged32: 4,
} as const;

const WRITES = {
  writeU8: 1,
  writeU16: 2,
  writeU32: 4,
  writeA16: 2,
  writeA32: 4,
  writeUnprivileged8: 1,
  writeUnprivileged16: 2,
  writeUnprivileged32: 4,
} as const;

const PAGE = 0xfff;

/** Sees each access of a processor's instructions from now on. Nothing is kept in the fast tables, so that none goes by unseen. */
export class AccessLog {
  #seen: MemoryAccess[] = [];
  readonly #pages = new Map<number, number>();
  #depth = 0;

  constructor(cpu: Cpu) {
    cpu.sys.debug.onlooker = {
      breaksIn: () => false,
      fetch: () => {},
      watchesIn: () => true,
      access: (page) => this.#pages.set(page.va >>> 0, page.pa),
    };
    for (const [name, size] of Object.entries(READS)) this.#reads(cpu.mem, name as keyof typeof READS, size);
    for (const [name, size] of Object.entries(WRITES)) this.#writes(cpu.mem, name as keyof typeof WRITES, size);
    cpu.mem.regimeChanged();
  }

  /** Those since it was last asked. */
  take(): readonly MemoryAccess[] {
    const seen = this.#seen;
    if (seen.length > 0) this.#seen = [];
    this.#pages.clear();
    return seen;
  }

  #reads(memory: CpuMemory, name: keyof typeof READS, size: number): void {
    const read = memory[name].bind(memory);
    memory[name] = (va: word) =>
      this.#outermost(
        () => read(va),
        (value) => this.#note(va, size, false, value),
      );
  }

  #writes(memory: CpuMemory, name: keyof typeof WRITES, size: number): void {
    const write = memory[name].bind(memory);
    memory[name] = (va: word, value: word) =>
      this.#outermost(
        () => write(va, value),
        () => this.#note(va, size, true, value),
      );
  }

  /** One form of access is made of another: the one that the instruction asked for counts. */
  #outermost<T>(access: () => T, note: (result: T) => void): T {
    this.#depth++;
    try {
      const result = access();
      if (this.#depth === 1) note(result);
      return result;
    } finally {
      this.#depth--;
    }
  }

  #note(va: number, size: number, write: boolean, value: number): void {
    const page = this.#pages.get((va & ~PAGE) >>> 0);
    const pa = page === undefined ? undefined : page + (va & PAGE);
    this.#seen.push({ va: va >>> 0, pa, size, write, value: size === 4 ? value >>> 0 : value & (256 ** size - 1) });
  }
}
