/** The physical address space: which memory or device answers at which address. Addresses are numbers up to 2^40 - 1. */
import type { Arena } from './memory.ts';
import { PAGE_BITS } from './memory.ts';
import type { Initiator } from './registers.ts';
import type { Width, Window } from './window.ts';

/** Memory that the processor may read, and write unless `readOnly`, without asking anyone. */
export interface MemoryRegion {
  readonly kind: 'memory';
  readonly name: string;
  readonly base: number;
  readonly size: number;
  /** Offset in the arena. */
  readonly offset: number;
  /** Reads come straight from memory, writes go to `window` (flash) or are ignored (ROM). */
  readonly readOnly: boolean;
  /** For a flash: who takes the writes, and the reads while `direct` is false. */
  readonly window?: Window;
  /** Whether reads come from memory at the moment (a flash in a command mode answers itself). */
  direct: boolean;
}

export interface WindowRegion {
  readonly kind: 'window';
  readonly name: string;
  readonly base: number;
  readonly size: number;
  readonly window: Window;
}

export type Region = MemoryRegion | WindowRegion;

/** An access that no region answers. Returns the value read, or undefined where the board answers with an external abort. */
export type Unmapped = (address: number, width: Width, write: boolean, from: Initiator) => number | undefined;

export type AccessWatcher = (
  region: Region,
  address: number,
  width: Width,
  write: boolean,
  value: number,
  from: Initiator,
) => void;

export class AddressMap {
  readonly arena: Arena;
  readonly #regions: Region[] = [];
  readonly #remapped: (() => void)[] = [];
  #last: Region | undefined;
  unmapped: Unmapped = () => undefined;
  /** Told of every access that a device answered; for tracing. */
  watcher: AccessWatcher | undefined;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** Adds a region; page-aligned memory only. An overlap is a fault of the description and is reported by name. */
  add<R extends Region>(region: R): R {
    const clash = this.#regions.find((other) => region.base < other.base + other.size && other.base < region.base + region.size);
    if (clash !== undefined) throw new RangeError(`${region.name} overlaps ${clash.name}`);
    this.#regions.push(region);
    this.#regions.sort((a, b) => a.base - b.base);
    this.#last = undefined;
    return region;
  }

  addMemory(name: string, base: number, size: number, options: { readOnly?: boolean; window?: Window } = {}): MemoryRegion {
    const offset = this.arena.reserve(size);
    const { readOnly = false, window } = options;
    const region = { kind: 'memory', name, base, size, offset, readOnly, direct: true } as const;
    return this.add<MemoryRegion>(window === undefined ? { ...region } : { ...region, window });
  }

  /** The largest memory below 4 GiB that may be read and written, and will stay so. */
  get ram(): MemoryRegion | undefined {
    const memories = this.#regions.filter((region) => region.kind === 'memory');
    const plain = memories.filter(
      ({ readOnly, window, base, size }) => !readOnly && window === undefined && base + size <= 2 ** 32,
    );
    return plain.sort((a, b) => b.size - a.size)[0];
  }

  addWindow(base: number, size: number, window: Window): WindowRegion {
    return this.add({ kind: 'window', name: window.name, base, size, window });
  }

  find(address: number): Region | undefined {
    const last = this.#last;
    if (last !== undefined && address >= last.base && address < last.base + last.size) return last;
    let low = 0;
    let high = this.#regions.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const region = this.#regions[middle] as Region;
      if (address < region.base) high = middle - 1;
      else if (address >= region.base + region.size) low = middle + 1;
      else {
        this.#last = region;
        return region;
      }
    }
    return undefined;
  }

  /** Reads `width` bytes at an aligned address; undefined is an external abort. */
  read(address: number, width: Width, from: Initiator): number | undefined {
    const region = this.find(address);
    if (region === undefined) return this.unmapped(address, width, false, from);
    if (region.kind === 'memory' && region.direct) return this.arena.read(region.offset + (address - region.base), width);
    const value = region.window?.read(address - region.base, width, from) ?? 0;
    this.watcher?.(region, address, width, false, value, from);
    return value;
  }

  /** Writes `width` bytes at an aligned address; false is an external abort. */
  write(address: number, width: Width, value: number, from: Initiator): boolean {
    const region = this.find(address);
    if (region === undefined) return this.unmapped(address, width, true, from) !== undefined;
    if (region.kind === 'memory' && !region.readOnly) this.arena.write(region.offset + (address - region.base), width, value);
    else {
      region.window?.write(address - region.base, width, value, from);
      this.watcher?.(region, address, width, true, value, from);
    }
    return true;
  }

  /** The arena offset of the page that holds `address`, if the processor may access it directly; else -1. */
  page(address: number, write: boolean): number {
    const region = this.find(address);
    if (region === undefined || region.kind !== 'memory' || (write ? region.readOnly : !region.direct)) return -1;
    return ((region.offset + (address - region.base)) >>> PAGE_BITS) * (1 << PAGE_BITS);
  }

  /** For a flash that leaves or enters its read-array mode: cached page addresses must be dropped. */
  setDirect(region: MemoryRegion, direct: boolean): void {
    if (region.direct === direct) return;
    region.direct = direct;
    for (const listener of this.#remapped) listener();
  }

  onRemapped(listener: () => void): void {
    this.#remapped.push(listener);
  }

  /** Copies bytes into memory, whatever its rights, as a loader does. Returns false if some address is no memory. */
  load(address: number, bytes: Uint8Array): boolean {
    for (let done = 0; done < bytes.length; ) {
      const region = this.find(address + done);
      if (region === undefined || region.kind !== 'memory') return false;
      const at = address + done - region.base;
      const count = Math.min(bytes.length - done, region.size - at);
      this.arena.copyIn(region.offset + at, bytes.subarray(done, done + count));
      done += count;
    }
    return true;
  }

  /** A copy of `length` bytes of memory, or undefined if some address is no memory. */
  dump(address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const region = this.find(address + done);
      if (region === undefined || region.kind !== 'memory') return undefined;
      const at = region.offset + (address + done - region.base);
      const count = Math.min(length - done, region.size - (address + done - region.base));
      bytes.set(this.arena.u8.subarray(at, at + count), done);
      done += count;
    }
    return bytes;
  }
}
