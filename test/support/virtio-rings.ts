/** Memory, and the driver's side of split and packed rings, for tests of virtio devices. */
import { type DmaPort, get16, get32, put16, put32, put64 } from '../../core/devices/virtio/dma.ts';

export const RAM = 0x4000_0000;
export const RAM_SIZE = 0x40_0000;

/** RAM of 4 MiB that notes whether anything outside of it, or around it, was asked for. */
export class TestMemory implements DmaPort {
  readonly bytes: Uint8Array = new Uint8Array(RAM_SIZE);
  reads = 0;
  writes = 0;

  reaches(address: number, length: number): boolean {
    return address >= RAM && address + length <= RAM + RAM_SIZE;
  }

  read(address: number, into: Uint8Array): boolean {
    if (!this.reaches(address, into.length)) return false;
    this.reads += into.length;
    into.set(this.bytes.subarray(address - RAM, address - RAM + into.length));
    return true;
  }

  write(address: number, bytes: Uint8Array): boolean {
    if (!this.reaches(address, bytes.length)) return false;
    this.writes += bytes.length;
    this.bytes.set(bytes, address - RAM);
    return true;
  }

  at(address: number, length: number): Uint8Array {
    return this.bytes.subarray(address - RAM, address - RAM + length);
  }
}

export interface Buffer {
  readonly address: number;
  readonly length: number;
  readonly write: boolean;
}

export interface Used {
  readonly id: number;
  readonly length: number;
}

/** The driver's side of a ring. */
export interface DriverRing {
  readonly base: number;
  add(buffers: readonly Buffer[], indirect: boolean): number;
  /** Whether the device wants to hear of what was added since the last call. */
  mustNotify(): boolean;
  used(): Used[];
  /** Whether interrupts are wanted; with the event index from the next used buffer on. */
  interrupts(on: boolean): void;
}

const INDIRECT_AT = 0x8_0000;

/** Where a ring puts the indirect table of a buffer. */
export const tableOf = (ring: DriverRing, id: number): number => RAM + INDIRECT_AT + 0x400 * id + (ring.base - RAM) * 8;

/** Writes an indirect table for the buffers, packed or split, and returns its length. */
function table(memory: TestMemory, at: number, buffers: readonly Buffer[], packed: boolean): number {
  for (const [i, { address, length, write }] of buffers.entries()) {
    const bytes = memory.at(at + 16 * i, 16);
    put64(bytes, 0, address);
    put32(bytes, 8, length);
    const last = i === buffers.length - 1;
    put16(bytes, packed ? 14 : 12, (write ? 2 : 0) | (last || packed ? 0 : 1));
    put16(bytes, packed ? 12 : 14, packed || last ? 0 : i + 1);
  }
  return 16 * buffers.length;
}

const need = (event: number, now: number, before: number): boolean => ((now - event - 1) & 0xffff) < ((now - before) & 0xffff);

export class SplitDriver implements DriverRing {
  readonly base: number;
  readonly avail: number;
  readonly usedAt: number;
  readonly #memory: TestMemory;
  readonly #size: number;
  readonly #eventIndex: boolean;
  #free: number[];
  #held = new Map<number, number[]>();
  #available = 0;
  #noticed = 0;
  #seen = 0;
  #wants = true;

  constructor(memory: TestMemory, base: number, size: number, eventIndex: boolean) {
    this.#memory = memory;
    this.base = base;
    this.#size = size;
    this.#eventIndex = eventIndex;
    this.avail = base + 16 * size;
    this.usedAt = Math.ceil((this.avail + 6 + 2 * size) / 4096) * 4096;
    this.#free = Array.from({ length: size }, (_, i) => i);
  }

  add(buffers: readonly Buffer[], indirect: boolean): number {
    const taken = this.#free.splice(0, indirect ? 1 : buffers.length);
    const head = taken[0] as number;
    this.#held.set(head, taken);
    if (indirect) {
      const at = tableOf(this, head);
      const length = table(this.#memory, at, buffers, false);
      this.#describe(head, { address: at, length, write: false }, 4, 0);
    } else
      buffers.forEach((buffer, i) => {
        this.#describe(taken[i] as number, buffer, taken[i + 1] === undefined ? 0 : 1, taken[i + 1] ?? 0);
      });
    put16(this.#memory.at(this.avail + 4 + 2 * (this.#available % this.#size), 2), 0, head);
    this.#available = (this.#available + 1) & 0xffff;
    put16(this.#memory.at(this.avail + 2, 2), 0, this.#available);
    return head;
  }

  mustNotify(): boolean {
    const before = this.#noticed;
    this.#noticed = this.#available;
    if (!this.#eventIndex) return (get16(this.#memory.at(this.usedAt, 2), 0) & 1) === 0;
    return need(get16(this.#memory.at(this.usedAt + 4 + 8 * this.#size, 2), 0), this.#available, before);
  }

  used(): Used[] {
    const found: Used[] = [];
    const end = get16(this.#memory.at(this.usedAt + 2, 2), 0);
    for (; this.#seen !== end; this.#seen = (this.#seen + 1) & 0xffff) {
      const element = this.#memory.at(this.usedAt + 4 + 8 * (this.#seen % this.#size), 8);
      const id = get32(element, 0);
      this.#free.push(...(this.#held.get(id) ?? []));
      this.#held.delete(id);
      found.push({ id, length: get32(element, 4) });
    }
    this.interrupts(this.#wants);
    return found;
  }

  interrupts(on: boolean): void {
    this.#wants = on;
    if (!this.#eventIndex) put16(this.#memory.at(this.avail, 2), 0, on ? 0 : 1);
    else put16(this.#memory.at(this.avail + 4 + 2 * this.#size, 2), 0, on ? this.#seen : this.#seen - 1); // the one before: passed
  }

  #describe(index: number, { address, length, write }: Buffer, flags: number, next: number): void {
    const bytes = this.#memory.at(this.base + 16 * index, 16);
    put64(bytes, 0, address);
    put32(bytes, 8, length);
    put16(bytes, 12, flags | (write ? 2 : 0));
    put16(bytes, 14, next);
  }
}

export class PackedDriver implements DriverRing {
  readonly base: number;
  /** Event suppression: the driver's, then the device's. */
  readonly driverEvents: number;
  readonly deviceEvents: number;
  readonly #memory: TestMemory;
  readonly #size: number;
  readonly #eventIndex: boolean;
  readonly #slots = new Map<number, number>();
  #next = 0;
  #wrap = true;
  #noticed = 0;
  #added = 0;
  #seen = 0;
  #seenWrap = true;
  #wants = true;
  #id = 0;

  constructor(memory: TestMemory, base: number, size: number, eventIndex: boolean) {
    this.#memory = memory;
    this.base = base;
    this.#size = size;
    this.#eventIndex = eventIndex;
    this.driverEvents = base + 16 * size;
    this.deviceEvents = this.driverEvents + 4;
    this.interrupts(true);
  }

  add(buffers: readonly Buffer[], indirect: boolean): number {
    const id = this.#id++ % this.#size;
    const at = tableOf(this, id);
    const list = indirect ? [{ address: at, length: table(this.#memory, at, buffers, true), write: false }] : buffers;
    this.#slots.set(id, list.length);
    list.forEach(({ address, length, write }, i) => {
      const bytes = this.#memory.at(this.base + 16 * this.#next, 16);
      put64(bytes, 0, address);
      put32(bytes, 8, length);
      put16(bytes, 12, id);
      const flags = (indirect ? 4 : 0) | (write ? 2 : 0) | (i < list.length - 1 ? 1 : 0);
      put16(bytes, 14, flags | (this.#wrap ? 0x80 : 0x8000));
      this.#next++;
      if (this.#next === this.#size) {
        this.#next = 0;
        this.#wrap = !this.#wrap;
      }
    });
    this.#added += list.length;
    return id;
  }

  mustNotify(): boolean {
    const since = this.#added - this.#noticed;
    this.#noticed = this.#added;
    const [at, flags] = [get16(this.#memory.at(this.deviceEvents, 2), 0), get16(this.#memory.at(this.deviceEvents + 2, 2), 0)];
    if (flags !== 2) return flags === 0;
    const round = 2 * this.#size;
    const event = (at & 0x7fff) + (at & 0x8000 ? 0 : this.#size);
    const now = this.#next + (this.#wrap ? 0 : this.#size);
    return (now - 1 - event + 2 * round) % round < since;
  }

  used(): Used[] {
    const found: Used[] = [];
    for (;;) {
      const bytes = this.#memory.at(this.base + 16 * this.#seen, 16);
      const flags = get16(bytes, 14);
      if (((flags & 0x80) !== 0) !== this.#seenWrap || ((flags & 0x8000) !== 0) !== this.#seenWrap) break;
      const id = get16(bytes, 12);
      found.push({ id, length: get32(bytes, 8) });
      this.#seen += this.#slots.get(id) ?? 1;
      if (this.#seen >= this.#size) {
        this.#seen -= this.#size;
        this.#seenWrap = !this.#seenWrap;
      }
    }
    this.interrupts(this.#wants);
    return found;
  }

  interrupts(on: boolean): void {
    this.#wants = on;
    const bytes = this.#memory.at(this.driverEvents, 4);
    put16(bytes, 0, this.#seen | (this.#seenWrap ? 0x8000 : 0));
    put16(bytes, 2, on ? (this.#eventIndex ? 2 : 0) : 1);
  }
}
