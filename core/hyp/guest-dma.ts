/**
 * A partition's memory as its emulated devices reach it: by the guest's own physical addresses, through its stage-2 tables, as behind an SMMU.
 * Only RAM, with the rights that the tables give; whatever else a driver names is out of reach. Reference: Arm DDI 0406C, B3.6.
 */
import type { RegionConfig } from './config.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Stage2Tables } from './stage2-tables.ts';

/** A range that the tables map to one range of physical memory. */
interface Extent {
  readonly ipa: number;
  readonly end: number;
  readonly pa: number;
  readonly writable: boolean;
}

export class GuestDma {
  readonly #tables: Stage2Tables;
  readonly #memory: PhysicalMemory;
  readonly #regions: readonly RegionConfig[];
  /** What the tables said when they last changed, like the TLB of an SMMU. */
  #extents: readonly Extent[] = [];
  #generation = -1;

  constructor(tables: Stage2Tables, memory: PhysicalMemory, regions: readonly RegionConfig[]) {
    this.#tables = tables;
    this.#memory = memory;
    this.#regions = regions.filter(({ kind }) => kind === 'ram');
  }

  /** Whether the whole range is RAM of the guest that may be read, or written. */
  reaches(address: number, length: number, write: boolean): boolean {
    const end = address + length;
    if (!Number.isSafeInteger(end) || length < 0) return false; // where adding could do nothing
    for (let at = address; at < end; ) {
      const extent = this.#extent(at, write);
      if (extent === undefined) return false;
      at = extent.end;
    }
    return true;
  }

  read(address: number, into: Uint8Array): boolean {
    if (!this.reaches(address, into.length, false)) return false;
    return this.#each(address, into, false, (pa, part) => this.#memory.readInto(pa, part));
  }

  write(address: number, bytes: Uint8Array): boolean {
    if (!this.reaches(address, bytes.length, true)) return false;
    return this.#each(address, bytes, true, (pa, part) => this.#memory.copyIn(pa, part));
  }

  /** The tables are another's, as after loading a saved state. */
  forget(): void {
    this.#generation = -1;
  }

  #each(address: number, bytes: Uint8Array, write: boolean, move: (pa: number, part: Uint8Array) => boolean): boolean {
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const extent = this.#extent(at, write) as Extent;
      const count = Math.min(bytes.length - done, extent.end - at);
      if (!move(extent.pa + (at - extent.ipa), bytes.subarray(done, done + count))) return false;
      done += count;
    }
    return true;
  }

  #extent(ipa: number, write: boolean): Extent | undefined {
    if (this.#generation !== this.#tables.generation) this.#walk();
    return this.#extents.find((extent) => ipa >= extent.ipa && ipa < extent.end && (extent.writable || !write));
  }

  /** Reads the tables for all RAM; neighbours that lie side by side in both become one. */
  #walk(): void {
    const extents: Extent[] = [];
    for (const { ipa, size } of this.#regions) {
      for (let at = ipa; at < ipa + size; ) {
        const found = this.#tables.leaf(at);
        const access = found?.access;
        const end = Math.min(ipa + size, at + (found?.size ?? PAGE));
        if (access?.memory === true && access.readable)
          append(extents, { ipa: at, end, pa: access.pa, writable: access.writable });
        at = end;
      }
    }
    this.#extents = extents;
    this.#generation = this.#tables.generation;
  }
}

const PAGE = 0x1000;

function append(extents: Extent[], next: Extent): void {
  const last = extents.at(-1);
  const follows =
    last !== undefined && last.end === next.ipa && last.pa + (last.end - last.ipa) === next.pa && last.writable === next.writable;
  if (follows) extents[extents.length - 1] = { ...last, end: next.end };
  else extents.push(next);
}
