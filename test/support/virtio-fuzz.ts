/**
 * Drivers that break every rule, against every virtio device over every kind of ring. Data to be read comes from one region, data to be written
 * goes to another at the end of memory, so that whatever a device writes beyond its buffers, or to what it may only read, shows.
 */

import { VirtioBalloon } from '../../core/devices/virtio/balloon.ts';
import type { Disk } from '../../core/devices/virtio/block.ts';
import { VirtioBlock } from '../../core/devices/virtio/block.ts';
import { VirtioConsole } from '../../core/devices/virtio/console.ts';
import type { VirtioDevice } from '../../core/devices/virtio/device.ts';
import { get16, put16, put32, put64 } from '../../core/devices/virtio/dma.ts';
import { VirtioEntropy } from '../../core/devices/virtio/entropy.ts';
import { VirtioNet } from '../../core/devices/virtio/net.ts';
import { VirtioP9 } from '../../core/devices/virtio/p9.ts';
import { VirtioVsock } from '../../core/devices/virtio/vsock.ts';
import { VsockSwitch } from '../../core/devices/virtio/vsock-switch.ts';
import { randoms } from './device-contract.ts';
import { MemoryTree } from './file-tree.ts';
import { Bench, type RingOptions, WAYS } from './virtio-driver.ts';
import { type Buffer, type DriverRing, PackedDriver, RAM, RAM_SIZE, SplitDriver, TestMemory, tableOf } from './virtio-rings.ts';

type Random = () => number;

const READ_FROM = RAM + 0x10_0000;
const WRITE_TO = RAM + 0x30_0000;
const REGION = 0x1_0000;
const TABLES = RAM + 0x8_0000;
const SIZE = 64;
/** Bytes that a device may move in a nanosecond of virtual time, and at once. */
const BYTES_PER_NS = 16;
const AT_ONCE = 0x10_0000;

function checkedDisk(): Disk {
  const bytes = new Uint8Array(0x1_0000);
  const within = (offset: number, length: number) => {
    if (!(offset >= 0 && offset + length <= bytes.length)) throw new Error(`beyond the disk: ${offset}, ${length}`);
    return { ok: true };
  };
  return {
    size: bytes.length,
    readOnly: false,
    identity: 'fuzz',
    read: (offset, into) => within(offset, into.length),
    write: (offset, data) => within(offset, data.length),
    discard: within,
    writeZeroes: within,
    flush: () => ({ ok: true }),
  };
}

/** Each with what makes the outside world send it something. */
export const DEVICES: Readonly<Record<string, () => { device: VirtioDevice; poke(random: Random): void }>> = {
  block: () => ({ device: new VirtioBlock(checkedDisk()), poke: () => {} }),
  entropy: () => ({ device: new VirtioEntropy(), poke: () => {} }),
  console() {
    let typed = 0;
    const device = new VirtioConsole({ rx: { next: () => (typed > 0 ? typed-- & 0x7f : undefined) }, tx: () => {} });
    const poke = (random: Random) => {
      typed = random() % 5000;
      device.poll();
    };
    return { device, poke };
  },
  net() {
    let receive: (frame: Uint8Array) => void = () => {};
    const port = {
      send: () => {},
      onReceive: (listener: (frame: Uint8Array) => void) => {
        receive = listener;
      },
    };
    const device = new VirtioNet(port, { mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    return { device, poke: (random) => receive(new Uint8Array(random() % 1600)) };
  },
  balloon() {
    const release = (address: number) => address >= RAM && address < RAM + RAM_SIZE;
    return { device: new VirtioBalloon({ release, restore: () => {} }), poke: () => {} };
  },
  p9: () => ({ device: new VirtioP9(new MemoryTree({ a: 'b', c: { d: 'e' } }, false), 'fuzz'), poke: () => {} }),
  vsock() {
    const network = new VsockSwitch();
    const device = new VirtioVsock(3, network);
    network.connect(3, device);
    const data = new Uint8Array(100);
    const packet = { from: 4, to: 3, fromPort: 1, toPort: 2, type: 1, op: 5, flags: 0, bufAlloc: 0, fwdCnt: 0, data };
    return { device, poke: () => network.send(packet) };
  },
};

const pick = <T>(random: Random, list: readonly T[]): T => list[random() % list.length] as T;

/** Mostly fair values; now and then one at an edge, or none at all. */
function address(random: Random, write: boolean): number {
  const region = write ? WRITE_TO : READ_FROM;
  switch (random() % 24) {
    case 0:
      return RAM + RAM_SIZE - (random() % 8);
    case 1:
      return RAM - (random() % 8);
    case 2:
      return pick(random, [0, 2 ** 32, 2 ** 40, 2 ** 52, 2 ** 63, 2 ** 64 - 4096, RAM + 2 ** 32]);
    default:
      return region + (random() % REGION);
  }
}

const length = (random: Random): number => {
  const kind = random() % 20;
  if (kind === 0) return pick(random, [0, 0x10_0000, 0x400_0000, 0x8000_0000, 0xffff_ffff]);
  return kind < 8 ? pick(random, [1, 4, 7, 10, 12, 16, 44, 512, 513, 1024]) : 1 + (random() % 5000);
};

interface Shape {
  readonly flags: number;
  readonly next: number;
}

/** One descriptor, split or packed. */
function describe(random: Random, bytes: Uint8Array, packed: boolean, { flags, next }: Shape): void {
  const indirect = (flags & 4) !== 0;
  const tableAt = random() % 12 === 0 ? address(random, false) : TABLES + 16 * (random() % 256);
  put64(bytes, 0, indirect ? tableAt : address(random, (flags & 2) !== 0));
  put32(bytes, 8, indirect ? 16 * (random() % 20) + Number(random() % 16 === 0) : length(random));
  put16(bytes, packed ? 14 : 12, flags);
  put16(bytes, packed ? 12 : 14, next);
}

const flagsOf = (random: Random, indirect: boolean): number =>
  (random() % 2) | (random() % 2 === 0 ? 2 : 0) | (indirect && random() % 4 === 0 ? 4 : 0);

/** Requests that the device would serve, as far as they go: their first bytes, for each queue. */
const HEADS: Readonly<Record<string, (random: Random, queue: number) => readonly number[]>> = {
  block: (random) => [pick(random, [0, 0, 1, 1, 4, 8, 11, 13, 99]), 0, random() % 140, 0],
  net: (random, queue) =>
    queue === 2 ? [(random() % 4) | ((random() % 4) << 8) | ((random() % 3) << 16), random() % 70] : [0, 0, 0],
  p9: (random) => {
    const type = pick(random, [100, 104, 110, 12, 116, 118, 40, 24, 14, 72, 74, 76, 120, 122, random() % 128]);
    return [40, type | 0x100 | ((random() % 3) << 24), random() % 4, random() % 4, random() % 4];
  },
  vsock: (random) => [3, 0, random() % 5, 0, 1, 2, random() % 64, 1 | ((1 + (random() % 7)) << 16), 0, 0, 0],
  balloon: (random) => [(RAM >>> 12) + (random() % 1500), random()],
};

/** A fair request: something to read that begins as requests do, and something to write; in a few pieces. */
function fair(random: Random, kind: string, memory: TestMemory, queue: number): Buffer[] {
  const words = HEADS[kind]?.(random, queue) ?? [random()];
  const at = READ_FROM + 16 * (random() % 0xe00);
  for (const [i, word] of words.entries()) put32(memory.at(at + 4 * i, 4), 0, word);
  const reads =
    kind === 'p9' ? 40 : kind === 'vsock' ? 44 + (words[6] as number) : pick(random, [4 * words.length, 16, 40, 528, 1038]);
  const writes = pick(random, [1, 21, 100, 513, 1025, 3000]);
  const cut = 1 + (random() % reads);
  const readable = [
    { address: at, length: cut },
    { address: at + cut, length: reads - cut },
  ].filter((piece) => piece.length > 0);
  const writable = [{ address: WRITE_TO + (random() % 0x1_0000), length: writes }];
  const one = random() % 12;
  return [
    ...(one === 0 ? [] : readable.map((piece) => ({ ...piece, write: false }))),
    ...(one === 1 ? [] : writable.map((piece) => ({ ...piece, write: true }))),
  ];
}

/** Makes fair requests available, and then breaks something of theirs, or nothing. */
function harm(random: Random, kind: string, bench: Bench<VirtioDevice>, queue: number): void {
  const { memory, rings, options } = bench;
  const ring = rings[queue] as DriverRing;
  const tables: number[] = [];
  for (let i = 1 + (random() % 2); i > 0; i--) {
    const id = ring.add(fair(random, kind, memory, queue), options.indirect ?? false);
    if (options.indirect === true) tables.push(tableOf(ring, id));
  }
  const size = options.size ?? SIZE;
  for (let i = random() % 3; i > 0; i--) {
    const place = tables.length > 0 && random() % 2 === 0 ? pick(random, tables) : ring.base;
    const within = place === ring.base ? Math.min(size, 12) : 4;
    corrupt(random, memory.at(place + 16 * (random() % within), 16), ring instanceof PackedDriver);
  }
  if (ring instanceof SplitDriver && random() % 8 === 0) {
    const at = random() % 2 === 0 ? ring.avail + 2 : ring.avail + 4 + 2 * (random() % size);
    put16(memory.at(at, 2), 0, random() % 3 === 0 ? random() & 0xffff : random() % (size + 2));
  }
}

/** One field of a descriptor. What is to be written lies elsewhere than what is to be read, so that direction and address change together. */
function corrupt(random: Random, bytes: Uint8Array, packed: boolean): void {
  const at = packed ? 14 : 12;
  switch (random() % 4) {
    case 0:
      return put64(bytes, 0, address(random, (get16(bytes, at) & 2) !== 0));
    case 1:
      return put32(bytes, 8, length(random));
    case 2: {
      const flags = get16(bytes, at) ^ pick(random, packed ? [1, 2, 4, 0x80, 0x8000] : [1, 2, 4, 5]);
      put16(bytes, at, flags);
      return put64(bytes, 0, (flags & 4) !== 0 ? TABLES + 16 * (random() % 64) : address(random, (flags & 2) !== 0));
    }
    default:
      return put16(bytes, packed ? 12 : 14, random() % 3 === 0 ? random() & 0xffff : random() % 20);
  }
}

/** Overwrites a ring with what no driver would write, and says how much is available. */
function spoil(random: Random, { memory, rings, options }: Bench<VirtioDevice>, queue: number): void {
  const ring = rings[queue];
  const size = options.size ?? SIZE;
  const packed = ring instanceof PackedDriver;
  const entry = (i: number) => memory.at(ring!.base + 16 * i, 16);
  for (let i = 0; i < size; i++) {
    const wrap = random() % 8 === 0 ? 0 : 0x80;
    const next = random() % 16 === 0 ? random() & 0xffff : random() % size;
    describe(random, entry(i), packed, { flags: flagsOf(random, true) | (packed ? wrap : 0), next });
  }
  for (let i = 0; i < 276; i++) {
    const next = random() % 16 === 0 ? random() & 0xffff : (i % 16) + 1;
    describe(random, memory.at(TABLES + 16 * i, 16), packed, { flags: flagsOf(random, random() % 32 === 0), next });
  }
  if (!(ring instanceof SplitDriver)) return;
  for (let i = 0; i < size; i++) {
    put16(memory.at(ring.avail + 4 + 2 * i, 2), 0, random() % 16 === 0 ? random() & 0xffff : random() % size);
  }
  put16(memory.at(ring.avail + 2, 2), 0, random() % 16 === 0 ? random() & 0xffff : random() % (size + 1));
}

/** Bytes that mean something to some device, at the starts of what can be read. */
function fillReadable(random: Random, memory: TestMemory): void {
  const bytes = memory.at(READ_FROM, REGION);
  for (let at = 0; at < REGION - 4; at += 4 * (1 + (random() % 64)))
    put32(bytes, at, random() % 2 === 0 ? random() % 200 : random());
}

const sum = (bytes: Uint8Array): number => {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 4) total = (Math.imul(total, 31) + (bytes[i] as number)) | 0;
  return total;
};

interface Found {
  /** Cases after which the device needed a reset, and after which it went on. */
  broken: number;
  served: number;
}

/** `count` cases for one device and one kind of ring. Throws at the first that does harm, with its number. */
export function fuzz(kind: string, way: RingOptions, memory: TestMemory, seed: number, count: number): Found {
  const { device, poke } = (DEVICES[kind] as (typeof DEVICES)[string])();
  const bench = new Bench<VirtioDevice>(
    device,
    { size: SIZE, ...way, features: way.legacy === true ? 0n : pickFeatures(device, seed) },
    memory,
  );
  const found = { broken: 0, served: 0 };
  fillReadable(randoms(seed), memory);
  for (let i = 0; i < count; i++) {
    const random = randoms(seed * 100_003 + i);
    bench.start();
    attack(random, kind, bench, poke);
    if (bench.transport.broken === '') found.served++;
    else found.broken++;
    const told = (bench.get('Status') & 0x40) !== 0;
    if (told !== (bench.transport.broken !== '' && way.legacy !== true)) throw new Error(`case ${i}: NEEDS_RESET is ${told}`);
  }
  return found;
}

const pickFeatures = (device: VirtioDevice, seed: number): bigint => (seed % 2 === 0 ? device.features : 0n);

/** One driver's life: rings spoilt and notified, registers written, time passing; and how much was moved in that time. */
function attack(random: Random, kind: string, bench: Bench<VirtioDevice>, poke: (random: Random) => void): void {
  const { memory, clock, device } = bench;
  const start = clock.now();
  [memory.reads, memory.writes] = [0, 0];
  for (let step = 0; step < 4; step++) {
    const queue = random() % device.queues;
    if (random() % 16 === 0) spoil(random, bench, queue);
    else harm(random, kind, bench, queue);
    const before = sum(memory.at(READ_FROM, REGION));
    if (random() % 10 === 0) bench.set(pick(random, ['QueueReady', 'QueueSel', 'QueuePFN', 'QueueNum', 'Status']), random() % 20);
    bench.set('QueueNotify', random() % 8 === 0 ? random() : queue);
    poke(random);
    clock.advance(clock.now() + (random() % 100_000));
    if (sum(memory.at(READ_FROM, REGION)) !== before) throw new Error('what is only to be read was written');
  }
  const [moved, allowed] = [memory.reads + memory.writes, AT_ONCE + BYTES_PER_NS * (clock.now() - start)];
  if (moved > allowed) throw new Error(`${moved} bytes in ${clock.now() - start} ns`);
}

/** All devices and rings, `count` cases in all. */
export function fuzzAll(seed: number, count: number, memory = new TestMemory()): Found {
  const kinds = Object.keys(DEVICES);
  const each = Math.ceil(count / (kinds.length * WAYS.length));
  const found = { broken: 0, served: 0 };
  for (const kind of kinds) {
    for (const [name, way] of WAYS) {
      try {
        const { broken, served } = fuzz(kind, way, memory, seed, each);
        found.broken += broken;
        found.served += served;
      } catch (error) {
        throw new Error(`${kind} over a ${name}, seed ${seed}: ${(error as Error).stack}`);
      }
    }
  }
  return found;
}
