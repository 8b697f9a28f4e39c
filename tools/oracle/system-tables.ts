/**
 * Translation tables for system cases: a flat map, regions that fault in every way, and a stage 2 of the same kind. In little and in big
 * endian. Reference: DDI 0406C B3.5 (short descriptors), B3.6 (long descriptors).
 */
import {
  BIG_ENDIAN_TABLES,
  HIGH,
  NOWHERE,
  SPECIAL,
  SPECIAL_SIZE,
  STAGE2_SPECIAL,
  TABLE,
  TABLES,
  TEXT,
  WINDOWS,
} from './system-layout.ts';

const MIB = 0x10_0000;
const MIB2 = 0x20_0000;

/** What a region is: access permissions AP[2:0], and what differs from flat Normal memory. */
interface Region {
  readonly name: string;
  readonly to?: number;
  readonly ap?: number;
  readonly memory?: 'normal' | 'device' | 'ordered';
  readonly xn?: true;
  readonly pxn?: true;
  readonly ns?: true;
  readonly domain?: number;
  readonly accessFlag?: false;
  /** No block, but a table at this address, or nothing at all. */
  readonly table?: number;
  readonly invalid?: true;
}

/** Second-level tables of the region `pages`. */
const PAGES = 'pages';

/** The peculiar regions, in the order of their addresses from SPECIAL. */
export const SPECIALS: readonly Region[] = [
  { name: 'plain' },
  { name: 'invalid', invalid: true },
  { name: 'without access flag', ap: 2, accessFlag: false },
  { name: 'domain 1', domain: 1 },
  { name: 'domain 2', domain: 2 },
  { name: 'PL1 only', ap: 1 },
  { name: 'PL1 only, read-only', ap: 5 },
  { name: 'read-only', ap: 7 },
  { name: 'execute never', xn: true },
  { name: 'privileged execute never', pxn: true },
  { name: 'device', memory: 'device' },
  { name: 'strongly-ordered', memory: 'ordered' },
  { name: 'table nowhere', table: NOWHERE },
  { name: 'nowhere', to: NOWHERE },
  { name: 'no stage 2', to: STAGE2_SPECIAL },
  { name: 'stage 2 read-only', to: STAGE2_SPECIAL + MIB2 },
  { name: 'stage 2 execute never', to: STAGE2_SPECIAL + 2 * MIB2 },
  { name: 'stage 2 device', to: STAGE2_SPECIAL + 3 * MIB2 },
  { name: 'stage 2 write-only', to: STAGE2_SPECIAL + 4 * MIB2 },
  { name: 'stage 2 table nowhere', to: STAGE2_SPECIAL + 5 * MIB2 },
  { name: 'stage 2 without access flag', to: STAGE2_SPECIAL + 6 * MIB2 },
  { name: 'table without stage 2', table: STAGE2_SPECIAL },
  { name: 'table in stage 2 device', table: STAGE2_SPECIAL + 3 * MIB2 },
  { name: 'table in stage 2 write-only', table: STAGE2_SPECIAL + 4 * MIB2 },
  { name: 'Non-secure', ns: true },
  { name: PAGES },
];

/** What stage 2 does, by region from STAGE2_SPECIAL, and from SPECIAL on (which stage 1 does not hide while it is off), again and again. */
const STAGE2_KINDS = ['none', 'read-only', 'execute never', 'device', 'write-only', 'table nowhere', 'no access flag'] as const;

class Tables {
  readonly words = new Uint32Array((2 * BIG_ENDIAN_TABLES) / 4);

  short(at: number, value: number): void {
    this.words[at >>> 2] = value;
    this.words[(at + BIG_ENDIAN_TABLES) >>> 2] = swap(this.#moved(value));
  }

  long(at: number, low: number, high = 0): void {
    this.words[at >>> 2] = low;
    this.words[(at >>> 2) + 1] = high;
    this.words[(at + BIG_ENDIAN_TABLES) >>> 2] = swap(high);
    this.words[((at + BIG_ENDIAN_TABLES) >>> 2) + 1] = swap(this.#moved(low));
  }

  /** A big-endian table points to the big-endian ones. */
  #moved(low: number): number {
    return low >>> 0 >= TABLES && low >>> 0 < TABLES + BIG_ENDIAN_TABLES ? low + BIG_ENDIAN_TABLES : low;
  }
}

const swap = (w: number): number => ((w << 24) | ((w & 0xff00) << 8) | ((w >>> 8) & 0xff00) | (w >>> 24)) >>> 0;

/** TEX, C and B that mean the same with and without SCTLR.TRE, given PRRR's and NMRR's reset values. */
const SHORT_MEMORY = { normal: 0x100c, device: 4, ordered: 0 } as const;
const PAGE_MEMORY = { normal: 0x4c, device: 4, ordered: 0 } as const;
/** Indexes into the MAIR values that the cases have. */
const LONG_MEMORY = { normal: 0, device: 1, ordered: 2 } as const;
export const MAIR = 0x440004ff;
export const REMAP = { PRRR: 0x00098aa4, NMRR: 0x44e048e0 } as const;

function shortSection(va: number, r: Region): number {
  if (r.invalid) return 0;
  const domain = (r.domain ?? 0) << 5;
  if (r.table !== undefined) return (r.table | domain | 1) >>> 0;
  const ap = r.ap ?? 3;
  const flags = (r.xn ? 0x10 : 0) | (r.pxn ? 1 : 0) | (r.ns ? 1 << 19 : 0) | (va & (1 << 21) ? 1 << 17 : 0);
  return ((r.to ?? va) | domain | SHORT_MEMORY[r.memory ?? 'normal'] | ((ap & 3) << 10) | ((ap >>> 2) << 15) | flags | 2) >>> 0;
}

const shortPage = (pa: number, r: Region): number => {
  const ap = r.ap ?? 3;
  if (r.invalid) return 0;
  return (pa | PAGE_MEMORY[r.memory ?? 'normal'] | ((ap & 3) << 4) | ((ap >>> 2) << 9) | (r.xn ? 1 : 0) | 2) >>> 0;
};

/** A long block or page; AP[0] of the region is the access flag's business here. */
function long(va: number, r: Region, type: 1 | 3): readonly [number, number] {
  if (r.invalid) return [0, 0];
  if (r.table !== undefined) return [(r.table | 3) >>> 0, 0];
  const ap = (r.ap ?? 3) >>> 1;
  const flag = r.accessFlag === false ? 0 : 1 << 10;
  const low = (r.to ?? va) | (LONG_MEMORY[r.memory ?? 'normal'] << 2) | (r.ns ? 1 << 5 : 0) | (ap << 6) | (3 << 8) | flag | type;
  return [low >>> 0, (r.xn ? 1 << 22 : 0) | (r.pxn ? 1 << 21 : 0)];
}

/** Code is read-only, so that SCTLR.WXN leaves it executable. */
const isCode = (va: number): boolean => va >= TEXT && va < HIGH;

function regionOf(va: number): Region {
  if (va >= 0xffe0_0000) return { name: 'high vectors', to: HIGH + (va & (MIB2 - 1)), ap: 7 };
  if (va >= SPECIAL) {
    const special = SPECIALS[Math.floor((va - SPECIAL) / SPECIAL_SIZE)] ?? { name: '', invalid: true };
    const to = special.to === undefined ? WINDOWS : special.to;
    return { ...special, to: to + (va & (MIB2 - 1)) };
  }
  if (isCode(va)) return { name: 'code', ap: 7 };
  if (va >= 0x800_0000 && va < 0x4000_0000) return { name: 'devices', memory: 'device' };
  return { name: 'flat' };
}

/** What the pages of the region `pages` are, in turn. */
const PAGE_KINDS: readonly Region[] = [
  { name: '' },
  { name: '', ap: 7 },
  { name: '', ap: 1 },
  { name: '', invalid: true },
  { name: '', memory: 'device' },
  { name: '', xn: true },
];
const pageKind = (page: number): Region => (page % 16 === 0 ? { name: '' } : (PAGE_KINDS[page % PAGE_KINDS.length] as Region));

function stage1(t: Tables): void {
  const covered = (va: number) => va < NOWHERE + MIB2 || (va >= SPECIAL && va < SPECIAL + SPECIALS.length * SPECIAL_SIZE);
  for (let va = 0; va < 2 ** 32; va += MIB) {
    const region = covered(va) || va >= 0xffe0_0000 ? regionOf(va) : { name: '', invalid: true as const };
    const pages = region.name === PAGES;
    t.short(TABLE.short + 4 * (va / MIB), pages ? TABLES + TABLE.shortPages + 1 : shortSection(va, region));
    if (va % MIB2 !== 0) continue;
    const gib = Math.floor(va / 2 ** 30);
    const table = [TABLE.second0, TABLE.second1, undefined, TABLE.second3][gib];
    if (table === undefined) continue;
    const [low, high] = pages ? [TABLES + TABLE.third + 3, 0] : long(va, region, 1);
    t.long(table + 8 * ((va / MIB2) % 512), low, high);
  }
  for (let page = 0; page < 256; page++) t.short(TABLE.shortPages + 4 * page, shortPage(WINDOWS + page * 4096, pageKind(page)));
  for (let page = 0; page < 512; page++) {
    const pa = WINDOWS + page * 4096;
    t.long(TABLE.third + 8 * page, ...long(pa, { ...pageKind(page), to: pa }, 3));
  }
  for (const [i, table] of [TABLE.second0, TABLE.second1, 0, TABLE.second3].entries()) {
    if (table !== 0) t.long(TABLE.first + 8 * i, TABLES + table + 3);
  }
}

/** All rights, Normal write-back. */
const STAGE2 = 0x7fd;

function stage2Block(ipa: number): readonly [number, number] {
  const kind = ipa >= SPECIAL ? (ipa - SPECIAL) / MIB2 : (ipa - STAGE2_SPECIAL) / MIB2;
  if (kind < 0) return [(ipa | STAGE2) >>> 0, 0];
  const block = (low: number, high = 0): readonly [number, number] => [(WINDOWS | low) >>> 0, high];
  switch (STAGE2_KINDS[kind % STAGE2_KINDS.length]) {
    case 'read-only':
      return block(STAGE2 & ~0x80);
    case 'execute never':
      return block(STAGE2, 1 << 22);
    case 'device':
      return block((STAGE2 & ~0x3c) | (1 << 2));
    case 'write-only':
      return block(STAGE2 & ~0x40);
    case 'table nowhere':
      return [NOWHERE | 3, 0];
    case 'no access flag':
      return block(STAGE2 & ~0x400);
    default:
      return [0, 0];
  }
}

function stage2(t: Tables): void {
  for (let i = 0; i < 512; i++) {
    t.long(TABLE.stage2Second0 + 8 * i, ((i * MIB2) | STAGE2) >>> 0);
    t.long(TABLE.stage2Second1 + 8 * i, ...stage2Block(2 ** 30 + i * MIB2));
  }
  t.long(TABLE.stage2First, TABLES + TABLE.stage2Second0 + 3);
  t.long(TABLE.stage2First + 8, TABLES + TABLE.stage2Second1 + 3);
}

/** All tables, as they stand from TABLES on. */
export function systemTables(): Uint32Array {
  const tables = new Tables();
  stage1(tables);
  stage2(tables);
  return tables.words;
}
