/** Random descriptors of every kind, and whole sets of tables made of them. */
import { NOWHERE, POOL, POOL_END, T } from './mmu-layout.ts';
import type { Random } from './mmu-random.ts';

const GIB = 0x40000000;
export type Pair = readonly [low: number, high: number];

const poolAddress = (r: Random, align: number): number => {
  const at = POOL + r.below((POOL_END - POOL) / 4096) * 4096;
  return at - (at % align);
};

/** A block's output: mostly where there is memory, else anywhere in 40 bits but in the first GiB, where the machine has devices. */
const output = (r: Random, align: number): number => {
  if (align <= 0x1000000 && r.chance(75)) return poolAddress(r, align);
  const anywhere = r.pick(0, 0, 0, 1, 0x80, 0xff) * 0x1_0000_0000 + r.word();
  const aligned = anywhere - (anywhere % align);
  return aligned < GIB ? aligned + 2 * GIB : aligned;
};

export function shortFirst(r: Random): number {
  const shape = r.below(100);
  if (shape < 6) return r.word() & ~3;
  const domain = r.below(16) << 5;
  if (shape < 50) {
    const table = r.chance(3) ? NOWHERE : T.shortSecond + 0x400 * r.below(16);
    return (table | domain | (r.bit(20) << 2) | (r.bit() << 3) | 1) >>> 0;
  }
  const common = 2 | r.bit(20) | (r.word() & 0xc) | (r.bit(25) << 4) | (r.word() & 0x3fc00 & ~(1 << 9)) | (r.bit() << 19);
  if (shape < 88) return (common | domain | (output(r, 0x100000) & 0xfff00000)) >>> 0;
  const high = r.chance(50) ? 0 : r.below(256);
  const base = output(r, 0x1000000) & 0xff000000;
  return (common | (1 << 18) | base | ((high & 15) << 20) | ((high >>> 4) << 5)) >>> 0;
}

export function shortSecond(r: Random): number {
  const shape = r.below(100);
  if (shape < 10) return r.word() & ~3;
  const large = shape < 30;
  const attributes = r.word() & 0xffc;
  if (large) return ((output(r, 0x10000) & 0xffff0000) | (attributes & 0xe3c) | (r.bit(25) << 15) | (r.below(8) << 12) | 1) >>> 0;
  return ((output(r, 0x1000) & 0xfffff000) | attributes | 2 | r.bit(25)) >>> 0;
}

/** Attributes of a long stage-1 block or page, AF mostly set. */
function longAttributes(r: Random): Pair {
  const low = (r.below(16) << 2) | (r.below(4) << 6) | (r.pick(0, 2, 3) << 8) | (r.bit(92) << 10) | (r.bit() << 11);
  const high = (r.bit(20) << 22) | (r.bit(20) << 21) | (r.bit(5) << 20) | (r.below(16) << 23);
  return [low, high];
}

const withAddress = (address: number, [low, high]: Pair): Pair => [
  ((address % 0x1_0000_0000) | low) >>> 0,
  (Math.floor(address / 0x1_0000_0000) | high) >>> 0,
];

const invalid = (r: Random, level: number): Pair => [(r.word() & ~3) | (level === 3 ? r.pick(0, 1, 2) : r.pick(0, 2)), r.word()];

const SIZE = { 1: GIB, 2: 0x200000, 3: 0x1000 } as const;

/** A long stage-1 descriptor. Table attributes are rare, so that they do not drown everything else. */
export function longDescriptor(r: Random, level: 1 | 2 | 3): Pair {
  const shape = r.below(100);
  if (shape < 10) return invalid(r, level);
  if (level < 3 && shape < 60) {
    const below = level === 1 ? T.longSecond : T.longThird;
    const attributes = r.chance(30) ? r.below(16) << 27 : 0;
    return withAddress(r.chance(2) ? NOWHERE : below + 0x1000 * r.below(8), [3, attributes]);
  }
  const [low, high] = longAttributes(r);
  return withAddress(output(r, SIZE[level]), [low | (level === 3 ? 3 : 1), high]);
}

const memAttr = (r: Random): number => {
  const outer = r.pick(0, 1, 2, 3, 3, 3);
  return outer === 0 ? r.below(2) : (outer << 2) | r.pick(1, 2, 3);
};

const stage2Attributes = (r: Random): Pair => {
  const hap = r.chance(65) ? 3 : r.below(4);
  return [(memAttr(r) << 2) | (hap << 6) | (r.pick(0, 2, 3) << 8) | (r.bit(94) << 10), r.bit(20) << 22];
};

export function stage2Descriptor(r: Random, level: 1 | 2 | 3): Pair {
  const shape = r.below(100);
  if (shape < 8) return invalid(r, level);
  if (level < 3 && shape < 65) {
    const below = level === 1 ? T.stage2Second : T.stage2Third;
    return withAddress(r.chance(1) ? NOWHERE : below + 0x1000 * r.below(8), [3, 0]);
  }
  const [low, high] = stage2Attributes(r);
  return withAddress(output(r, SIZE[level]), [low | (level === 3 ? 3 : 1), high]);
}

/** Read-only for all, executable, whatever AFE says; domain 15. */
export const FLAT_SECTION = 0x8c02 | (15 << 5);
/** Read-only for all, executable, inner shareable, AF. */
export const FLAT_BLOCK: Pair = [0x7c1, 0];
/** All rights, Normal write-back, AF. */
export const STAGE2_FLAT: Pair = [0x7fd, 0];
/** The same as Device memory. */
export const STAGE2_DEVICE: Pair = [0x7c5, 0];
