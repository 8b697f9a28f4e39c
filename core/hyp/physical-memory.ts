/** RAM as the hypervisor sees it, with Hyp mode's MMU off: physical addresses, through the bus. Tables, images and hypercall buffers pass here. */
import type { AddressMap } from '../bus/address-map.ts';
import type { Initiator } from '../bus/registers.ts';
import { type Piece, restoreMemory } from './power-on-memory.ts';

const FROM: Initiator = { core: 0, secure: false };

export class PhysicalMemory {
  readonly #map: AddressMap;

  constructor(map: AddressMap) {
    this.#map = map;
  }

  readWord(address: number): number {
    return (this.#map.read(address, 4, FROM) ?? 0) | 0;
  }

  writeWord(address: number, value: number): void {
    this.#map.write(address, 4, value >>> 0, FROM);
  }

  copyOut(address: number, length: number): Uint8Array | undefined {
    return this.#map.dump(address, length);
  }

  /** Fills `into`; false if some address is no memory. */
  readInto(address: number, into: Uint8Array): boolean {
    const region = this.#map.find(address);
    if (region === undefined || region.kind !== 'memory' || address + into.length > region.base + region.size) {
      const bytes = this.#map.dump(address, into.length);
      if (bytes !== undefined) into.set(bytes);
      return bytes !== undefined;
    }
    const at = region.offset + (address - region.base);
    into.set(this.#map.arena.u8.subarray(at, at + into.length));
    return true;
  }

  copyIn(address: number, bytes: Uint8Array): boolean {
    return this.#map.load(address, bytes);
  }

  /** Fills whole pages with zeros, as `Arena.clear` does: the TLBs must be invalidated before a guest that may write there goes on. */
  clear(address: number, size: number): void {
    const region = this.#map.find(address);
    if (region === undefined || region.kind !== 'memory') return;
    this.#map.arena.clear(region.offset + (address - region.base), size);
  }

  /** Whole pages as at power-on: `restoreMemory` has the conditions. */
  restore(address: number, size: number, pieces: readonly Piece[]): void {
    restoreMemory(this.#map, address, size, pieces);
  }
}
