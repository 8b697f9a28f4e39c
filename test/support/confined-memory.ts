/**
 * The memory of the virtio tests as a partition has it: behind stage-2 tables, between a neighbour before and one behind it. A third neighbour
 * lies where the guest's own addresses would lead if nobody translated them. Nothing of theirs may ever change.
 */
import { AddressMap } from '../../core/bus/address-map.ts';
import { Arena } from '../../core/bus/memory.ts';
import type { RegionConfig } from '../../core/hyp/config.ts';
import { GuestDma } from '../../core/hyp/guest-dma.ts';
import { PageHeap } from '../../core/hyp/page-heap.ts';
import { PhysicalMemory } from '../../core/hyp/physical-memory.ts';
import { Stage2Tables } from '../../core/hyp/stage2-tables.ts';
import { RAM, RAM_SIZE, TestMemory } from './virtio-rings.ts';

/** Physical: the guest's RAM is in the middle of the second range, in pages since it is at no multiple of 2 MiB. */
const BELOW = RAM;
const BASE = 0x8000_0000;
const BEFORE = 0x10_0000;
const SIZE = 0x80_0000;
const HEAP = BASE + SIZE - 0x10_0000;
const NEIGHBOUR = 0x5a;

export class ConfinedMemory extends TestMemory {
  readonly map: AddressMap;
  readonly tables: Stage2Tables;
  readonly dma: GuestDma;
  override readonly bytes: Uint8Array;
  readonly #neighbours: readonly Uint8Array[];

  constructor() {
    super();
    this.map = new AddressMap(new Arena(new ArrayBuffer(RAM_SIZE + SIZE)));
    const below = this.map.addMemory('below', BELOW, RAM_SIZE);
    const ram = this.map.addMemory('ram', BASE, SIZE);
    const { u8 } = this.map.arena;
    const at = ram.offset + BEFORE;
    this.#neighbours = [
      u8.subarray(below.offset, below.offset + RAM_SIZE),
      u8.subarray(ram.offset, at),
      u8.subarray(at + RAM_SIZE, ram.offset + (HEAP - BASE)),
    ];
    for (const memory of this.#neighbours) memory.fill(NEIGHBOUR);
    this.bytes = u8.subarray(at, at + RAM_SIZE);
    const memory = new PhysicalMemory(this.map);
    this.tables = new Stage2Tables(memory, new PageHeap(HEAP, 0x10_0000), 1, RAM + RAM_SIZE);
    const region = { kind: 'ram', name: 'RAM', ipa: RAM, pa: BASE + BEFORE, size: RAM_SIZE, writable: true, executable: true };
    this.tables.map(region as RegionConfig);
    this.dma = new GuestDma(this.tables, memory, [region as RegionConfig]);
  }

  override reaches(address: number, length: number, write = false): boolean {
    return this.dma.reaches(address, length, write);
  }

  override read(address: number, into: Uint8Array): boolean {
    const done = this.dma.read(address, into);
    if (done) this.reads += into.length;
    return done;
  }

  override write(address: number, bytes: Uint8Array): boolean {
    const done = this.dma.write(address, bytes);
    if (done) this.writes += bytes.length;
    return done;
  }

  /** Whether every byte of the neighbours is as it was. */
  get intact(): boolean {
    return this.#neighbours.every((memory) => memory.every((byte) => byte === NEIGHBOUR));
  }
}
