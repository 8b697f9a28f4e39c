/** Random scenarios: tables in memory, registers, and what is tried under them. All of an epoch have the same byte order. */
import {
  type Case,
  HYP_TRANSLATIONS,
  NOWHERE,
  type Operation,
  POOL,
  POOL_END,
  type Registers,
  type Scenario,
  STUB_OPERATIONS,
  T,
} from './mmu-layout.ts';
import type { Random } from './mmu-random.ts';
import {
  FLAT_BLOCK,
  FLAT_SECTION,
  longDescriptor,
  type Pair,
  STAGE2_DEVICE,
  STAGE2_FLAT,
  shortFirst,
  shortSecond,
  stage2Descriptor,
} from './mmu-tables.ts';

const MIB2 = 0x200000;
const EE = 1 << 25;
const swap = (w: number): number => ((w << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24)) >>> 0;

class Writer {
  readonly writes: (readonly [number, number])[] = [];
  readonly big: boolean;

  constructor(big: boolean) {
    this.big = big;
  }

  short(at: number, value: number): void {
    this.writes.push([at, this.big ? swap(value) : value >>> 0]);
  }

  long(at: number, [low, high]: Pair): void {
    this.short(at + (this.big ? 4 : 0), low);
    this.short(at + (this.big ? 0 : 4), high);
  }
}

const table = (address: number): Pair => [address | 3, 0];
const flat = (address: number, [low, high]: Pair, page: boolean): Pair => [(address | low | (page ? 2 : 0)) >>> 0, high];

/** One random entry of each kind of table. `n` counts all entries of the kind. */
const KINDS: readonly {
  readonly base: number;
  readonly n: number;
  readonly put: (w: Writer, r: Random, at: number) => void;
  readonly size: 4 | 8;
}[] = [
  { base: T.shortFirst, n: 8192, size: 4, put: (w, r, at) => w.short(at, shortFirst(r)) },
  { base: T.shortSecond, n: 4096, size: 4, put: (w, r, at) => w.short(at, shortSecond(r)) },
  ...[T.longFirst, T.longFirst1, T.hypFirst].map((base) => first(base)),
  { base: T.flatSecond, n: 512, size: 8, put: (w, r, at) => w.long(at, longDescriptor(r, 2)) },
  { base: T.longSecond, n: 4096, size: 8, put: (w, r, at) => w.long(at, longDescriptor(r, 2)) },
  { base: T.longThird, n: 4096, size: 8, put: (w, r, at) => w.long(at, longDescriptor(r, 3)) },
  { base: T.stage2First, n: 1024, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 1)) },
  { base: T.stage2FlatSecond, n: 512, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 2)) },
  { base: T.stage2RamSecond, n: 512, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 2)) },
  { base: T.stage2Start2, n: 8192, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 2)) },
  { base: T.stage2Second, n: 4096, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 2)) },
  { base: T.stage2Third, n: 4096, size: 8, put: (w, r, at) => w.long(at, stage2Descriptor(r, 3)) },
  { base: T.stage2TablesThird, n: 512, size: 8, put: tablesPage },
];

function first(base: number) {
  return { base, n: 4, size: 8, put: (w: Writer, r: Random, at: number) => w.long(at, longDescriptor(r, 1)) } as const;
}

/** Stage 2 of a page of stage-1 tables: flat, mostly with all rights, sometimes as Device memory (for HCR.PTW). */
function tablesPage(w: Writer, r: Random, at: number): void {
  const page = T.shortFirst + ((at - T.stage2TablesThird) / 8) * 0x1000;
  const [low, high] = r.chance(75) ? STAGE2_FLAT : r.chance(30) ? STAGE2_DEVICE : stage2Descriptor(r, 3);
  w.long(at, [(page | (low & 0xfff) | 2) >>> 0, high & ~0xff]);
}

function fill(w: Writer, r: Random): void {
  for (const { base, n, size, put } of KINDS) for (let i = 0; i < n; i++) put(w, r, base + i * size);
}

function change(w: Writer, r: Random): void {
  for (let i = 0; i < 40; i++) {
    const { base, n, size, put } = r.pick(...KINDS);
    put(w, r, base + r.below(n) * size);
  }
}

/** What must hold whenever the image runs under the tables: its own page flat, and for accesses the tables that say so reachable. */
function keepImageMapped(w: Writer, access: boolean): void {
  w.long(T.hypFirst, table(T.flatSecond));
  w.long(T.flatSecond, FLAT_BLOCK);
  w.long(T.stage2First + 8, table(T.stage2RamSecond));
  w.long(T.stage2RamSecond + 8 * 16, table(T.stage2TablesThird));
  w.long(T.stage2Start2 + 8 * 528, table(T.stage2TablesThird));
  if (!access) return;
  w.short(T.shortFirst, FLAT_SECTION);
  w.long(T.longFirst, table(T.flatSecond));
  w.long(T.stage2First, table(T.stage2FlatSecond));
  w.long(T.stage2FlatSecond, STAGE2_FLAT);
  w.long(T.stage2Start2, STAGE2_FLAT);
  for (const page of [T.shortFirst, T.longFirst, T.flatSecond]) {
    w.long(T.stage2TablesThird + ((page % MIB2) / 0x1000) * 8, flat(page, STAGE2_FLAT, true));
  }
}

const nibble = (r: Random): number => r.pick(4, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15);
const mairByte = (r: Random): number => r.pick(0, 4, 0x44, 0xff, (nibble(r) << 4) | nibble(r));
const mair = (r: Random): number => (mairByte(r) | (mairByte(r) << 8) | (mairByte(r) << 16) | (mairByte(r) << 24)) >>> 0;

/** DACR: mostly client; domain 15 always, since the image lives in it. */
function dacr(r: Random): number {
  let value = 1;
  for (let i = 0; i < 15; i++) value = (value << 2) | (r.chance(60) ? 1 : r.below(4));
  return value >>> 0;
}

function longControl(r: Random, access: boolean): number {
  const sizes = (r.chance(50) ? 0 : r.below(8)) | ((r.chance(50) ? 0 : r.below(8)) << 16);
  const off = access ? r.bit(8) << 23 : (r.bit(8) << 7) | (r.bit(8) << 23);
  return ((1 << 31) | sizes | off | (r.bit() << 22)) >>> 0;
}

/** TTBCR.N alone: PD0 and PD1 belong to the Security Extensions, which this machine of QEMU does not have. */
const shortControl = (r: Random): number => (r.chance(50) ? 0 : r.below(8));

function stage2Control(r: Random, access: boolean): number {
  const sl0 = r.bit();
  const t0sz = access
    ? sl0
      ? r.below(10) - 8
      : r.below(4) - 2
    : r.chance(85)
      ? sl0
        ? r.below(10) - 8
        : r.below(10) - 2
      : r.below(16) - 8;
  const start = !access && r.chance(3) ? r.below(4) : sl0;
  return ((1 << 31) | (start << 6) | (t0sz & 0xf) | (((t0sz >>> 3) & 1) << 4)) >>> 0;
}

/** A table of TTBR0 is as small as TTBCR.N makes it, and need only be aligned to that. */
const shortOffset = (r: Random, n: number): number => r.below(2 ** n) << (14 - n);

/** Table bases; where fewer than 31 bits are left, the table is one of level 2. */
function bases(r: Random, long: boolean, ttbcr: number, access: boolean): Pick<Registers, 'TTBR0' | 'TTBR1'> {
  const lost = !access && r.chance(2);
  if (!long) return { TTBR0: lost ? NOWHERE : T.shortFirst + (access ? 0 : shortOffset(r, ttbcr & 7)), TTBR1: T.shortFirst1 };
  const low = (ttbcr & 7) >= 2 ? T.flatSecond : T.longFirst;
  return { TTBR0: lost ? NOWHERE : low, TTBR1: ((ttbcr >>> 16) & 7) >= 2 ? T.longSecond + 0x1000 * r.below(8) : T.longFirst1 };
}

function registers(r: Random, big: boolean, access: boolean): Registers {
  const long = r.chance(50);
  const ttbcr = long ? longControl(r, access) : shortControl(r);
  const vm = r.bit(65);
  const dc = r.bit(8);
  const vtcr = stage2Control(r, access);
  const t0szHyp = r.chance(50) ? 0 : r.below(8);
  // QEMU 7.2 knows WXN and UWXN for long descriptors only, and lets HCR.PTW act while stage 2 is off: neither is put to it.
  const wxn = long ? (r.bit(20) << 19) | (r.bit(35) << 20) : 0;
  const ptw = vm | dc ? r.bit(25) : 0;
  const sctlr = r.bit(94) | (r.bit(8) << 1) | wxn | (r.bit() << 28) | (r.bit(40) << 29) | (big ? EE : 0);
  return {
    HCR: vm | (ptw << 2) | (dc << 12) | (1 << 1),
    VTTBR: !access && r.chance(2) ? NOWHERE : (vtcr & 0xc0) === 0 ? T.stage2Start2 : T.stage2First,
    VTTBRhigh: r.below(256) << 16,
    VTCR: vtcr,
    SCTLR: (0x00c50838 & ~(1 << 13)) | sctlr,
    TTBCR: ttbcr,
    ...bases(r, long, ttbcr, access),
    TTBR0high: 0,
    TTBR1high: 0,
    DACR: dacr(r),
    MAIR0: mair(r),
    MAIR1: mair(r),
    HSCTLR: 0x30c50838 | r.bit(85) | (r.bit(8) << 1) | (r.bit(15) << 19) | (big ? EE : 0),
    HTTBR: t0szHyp >= 2 ? T.flatSecond : T.hypFirst,
    HTTBRhigh: 0,
    HTCR: 0x80800000 | t0szHyp,
    HMAIR0: mair(r),
    HMAIR1: mair(r),
  };
}

/** Addresses where something is likely to happen; below 2 MiB the image lives, which only translations may touch. */
function address(r: Random, access: boolean): number {
  const high = r.pick(0, 0, 0x40000000, 0x80000000, 0xc0000000, 0xfe000000);
  const va = (r.chance(50) ? r.word() : r.chance(50) ? high + r.below(0x2000000) : POOL + r.below(POOL_END - POOL)) & ~3;
  return access && va >>> 0 < MIB2 ? (va | 0x10000000) >>> 0 : va >>> 0;
}

/** Near the end of a page, so that some bytes lie in the next one; perhaps not aligned. */
function shifted(r: Random, va: number, operation: Operation): number {
  const { kind } = operation;
  if (kind === undefined || kind.does === 'translation') return va;
  if (kind.name === 'fetch') return va;
  if (kind.does === 'execute') return (va | 0xffe) >>> 0;
  const at = kind.bytes > 1 && r.chance(30) ? (va | 0xfff) - r.below(kind.bytes + 1) : va + (r.chance(10) ? r.below(4) : 0);
  return (r.chance(80) ? at & -(kind.insists ?? kind.aligned ?? 1) : at) >>> 0;
}

function cases(r: Random, access: boolean): Case[] {
  return Array.from({ length: 40 }, () => {
    const at = address(r, access);
    const operation = r.pick(...(access && r.chance(85) ? STUB_OPERATIONS : HYP_TRANSLATIONS));
    const va = shifted(r, at, operation);
    // Not in the image's own 2 MiB, also where an access wraps round.
    return { operation, va: access && va + 16 >= 2 ** 32 ? at : va };
  });
}

/** An epoch: all tables filled anew, then `count` scenarios that change some entries each. */
export function epoch(r: Random, big: boolean, count: number): Scenario[] {
  return Array.from({ length: count }, (_, i) => {
    const access = r.chance(50);
    const writer = new Writer(big);
    if (i === 0) fill(writer, r);
    change(writer, r);
    keepImageMapped(writer, access);
    return { writes: writer.writes, registers: registers(r, big, access), cases: cases(r, access) };
  });
}
