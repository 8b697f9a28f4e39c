/**
 * A partition's stage-2 tables, in simulated RAM, where the processor walks them. Long descriptors, blocks of 2 MiB and pages of 4 KiB.
 * What no region maps has no descriptor: every region is surrounded by pages that fault. Reference: Arm DDI 0406C, B3.6.
 */
import { PAGE } from '../bus/memory.ts';
import type { Cpu } from '../cpu/state.ts';
import type { RegionConfig } from './config.ts';
import { readWide, writeSystem, writeWide } from './machine-registers.ts';
import type { PageHeap } from './page-heap.ts';
import type { PhysicalMemory } from './physical-memory.ts';

const WORD = 0x1_0000_0000;
const BLOCK = 0x20_0000;
const GIB = 0x4000_0000;

const VALID = 1;
/** A table at level 1 or 2, a page at level 3. */
const TABLE_OR_PAGE = 3;
const ACCESS_FLAG = 1 << 10;
const INNER_SHAREABLE = 3 << 8;
const READ = 1 << 6;
const WRITE = 2 << 6;
/** MemAttr[3:0]: Normal write-back at both levels, and Device. */
const NORMAL = 0xf << 2;
const DEVICE = 0x1 << 2;
/** XN, in the high word. */
const EXECUTE_NEVER = 1 << 22;

/** What stage 2 grants for a page. */
export interface Stage2Access {
  readonly pa: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly memory: boolean;
}

export class Stage2Tables {
  readonly vmid: number;
  /** Log2 of the size of the guest's physical address space. */
  readonly ipaBits: number;
  readonly #memory: PhysicalMemory;
  readonly #heap: PageHeap;
  readonly #root: number;
  /** Counts changes to the tables. */
  generation = 0;

  /** `top` is the end of the highest region. */
  constructor(memory: PhysicalMemory, heap: PageHeap, vmid: number, top: number) {
    this.vmid = vmid;
    this.ipaBits = Math.max(32, Math.ceil(Math.log2(top)));
    this.#memory = memory;
    this.#heap = heap;
    const entries = 2 ** (this.ipaBits - 30);
    const pages = Math.max(1, (entries * 8) / PAGE);
    this.#root = this.#table(pages);
  }

  /** VTCR: T0SZ for the size, SL0 for a walk that starts at level 1, write-back tables. */
  get vtcr(): number {
    const t0sz = 32 - this.ipaBits;
    const writeBackShareable = (3 << 12) | (1 << 10) | (1 << 8);
    return (1 << 31) | writeBackShareable | (1 << 6) | (t0sz < 0 ? 1 << 4 : 0) | (t0sz & 0xf);
  }

  /** VTTBR, low and high word. */
  get vttbr(): readonly [number, number] {
    return [this.#root | 0, (this.vmid << 16) | Math.floor(this.#root / WORD)];
  }

  map(region: RegionConfig): void {
    const { ipa, pa, size } = region;
    if ([ipa, pa, size].some((value) => value % PAGE !== 0))
      throw new RangeError(`region ${region.name} is not made of whole pages`);
    const low =
      ACCESS_FLAG | INNER_SHAREABLE | READ | (region.writable ? WRITE : 0) | (region.kind === 'device' ? DEVICE : NORMAL);
    const high = region.executable ? 0 : EXECUTE_NEVER;
    for (let done = 0; done < size; ) {
      const whole = (ipa + done) % BLOCK === 0 && (pa + done) % BLOCK === 0 && size - done >= BLOCK;
      const at = whole ? this.#level2(ipa + done) : this.#level3(ipa + done);
      this.#write(at, pa + done, low | (whole ? VALID : TABLE_OR_PAGE), high);
      done += whole ? BLOCK : PAGE;
    }
  }

  /** Takes pages away. They must have been mapped as pages or as whole blocks; the caller invalidates the TLBs. */
  unmap(ipa: number, size: number): void {
    for (let done = 0; done < size; ) {
      const entry = this.#level2(ipa + done);
      const table = (this.#memory.readWord(entry) & 3) === TABLE_OR_PAGE;
      this.#write(table ? this.#level3(ipa + done) : entry, 0, 0, 0);
      done += table ? PAGE : BLOCK;
    }
  }

  /** What the tables say about an address, as the processor would find it; undefined if they map nothing there. */
  lookup(ipa: number): Stage2Access | undefined {
    return this.leaf(ipa)?.access;
  }

  /** The same, and how many bytes from there on the descriptor maps. */
  leaf(ipa: number): { readonly access: Stage2Access; readonly size: number } | undefined {
    if (ipa < 0 || ipa >= 2 ** this.ipaBits) return undefined;
    let at = this.#root + 8 * Math.floor(ipa / GIB);
    for (const size of [GIB, BLOCK, PAGE]) {
      const [low, high] = [this.#memory.readWord(at), this.#memory.readWord(at + 4)];
      const type = low & 3;
      const base = (high & 0xff) * WORD + ((low & ~0xfff) >>> 0);
      const leaf = size === PAGE ? type === TABLE_OR_PAGE : type === VALID;
      if (leaf) return { access: access(low, base + (ipa % size)), size: size - (ipa % size) };
      if (type !== TABLE_OR_PAGE || size === PAGE) return undefined;
      const below = size === GIB ? BLOCK : PAGE;
      at = base + 8 * (Math.floor(ipa / below) % 512);
    }
    return undefined;
  }

  /** Removes all that any TLB keeps of this partition: TLBIALLIS reaches the machine that VTTBR names. */
  invalidate(cpu: Cpu): void {
    const before = readWide(cpu, 'VTTBR');
    writeWide(cpu, 'VTTBR', ...this.vttbr);
    writeSystem(cpu, 'TLBIALLIS', 0);
    writeWide(cpu, 'VTTBR', ...before);
  }

  #level2(ipa: number): number {
    const table = this.#below(this.#root + 8 * Math.floor(ipa / GIB));
    return table + 8 * (Math.floor(ipa / BLOCK) % 512);
  }

  #level3(ipa: number): number {
    return this.#below(this.#level2(ipa)) + 8 * (Math.floor(ipa / PAGE) % 512);
  }

  /** The table that the entry at `at` names, made if there is none yet. */
  #below(at: number): number {
    const low = this.#memory.readWord(at);
    if ((low & VALID) !== 0) return (this.#memory.readWord(at + 4) & 0xff) * WORD + ((low & ~0xfff) >>> 0);
    const table = this.#table(1);
    this.#write(at, table, TABLE_OR_PAGE, 0);
    return table;
  }

  #table(pages: number): number {
    const at = this.#heap.allocate(pages);
    this.#memory.clear(at, pages * PAGE);
    return at;
  }

  #write(at: number, address: number, low: number, high: number): void {
    this.generation++;
    this.#memory.writeWord(at + 4, high | Math.floor(address / WORD));
    this.#memory.writeWord(at, (address % WORD) | low);
  }
}

const access = (low: number, pa: number): Stage2Access => ({
  pa,
  readable: (low & READ) !== 0,
  writable: (low & WRITE) !== 0,
  memory: (low & (0x3 << 4)) !== 0,
});
