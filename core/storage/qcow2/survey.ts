/**
 * Everything an image refers to, counted: what its refcounts should be. Reference: QEMU, docs/interop/qcow2.txt. Each table is read once,
 * however often the image names it, so the work is bounded by the file's size.
 */
import type { BlockFile } from '../block-file.ts';
import { get64, roundUp, viewOf } from '../bytes.ts';
import { Counts } from './counts.ts';
import { compressedAt, type Entry, entryAt, hasReserved, isCopied, kindOf, offsetOf } from './entry.ts';
import type { Header } from './header.ts';
import { readL1 } from './mapping.ts';
import { readSnapshots } from './snapshots.ts';

/** An active reference of which the COPIED flag is to be compared with the count. */
interface Flag {
  readonly what: string;
  readonly offset: number;
  readonly copied: boolean;
}

export class Survey {
  readonly #file: BlockFile;
  readonly #header: Header;
  readonly #report: (problem: string) => void;
  readonly #tables = new Map<number, { times: number; active: boolean }>();
  /** Table entries that may still be looked at: more would mean that tables overlap. */
  #left: number;
  readonly counts = new Counts();
  /** Guest clusters with data of their own in the active tables. */
  allocated = 0;

  constructor(file: BlockFile, header: Header, report: (problem: string) => void) {
    this.#file = file;
    this.#header = header;
    this.#report = report;
    this.#left = file.size / 8 + 2 ** 20;
  }

  run(): void {
    const { l1Offset, l1Size, snapshotCount, snapshotsOffset, bitmaps } = this.#header;
    this.#range(0, 1, 'header', 1);
    this.#range(l1Offset, l1Size * 8, 'L1 table', 1);
    this.#l1(l1Offset, l1Size, true);
    if (snapshotCount > 0) {
      const { list, length } = readSnapshots(this.#file, this.#header);
      this.#range(snapshotsOffset, length, 'snapshot table', 1);
      for (const snapshot of list) {
        this.#range(snapshot.l1Offset, snapshot.l1Size * 8, "snapshot's L1 table", 1);
        this.#l1(snapshot.l1Offset, snapshot.l1Size, false);
      }
    }
    for (const [offset, { times }] of this.#tables) this.#l2(offset, times);
    this.#refcountTables();
    if (bitmaps !== undefined) this.#bitmaps(bitmaps);
  }

  /** The flags of active entries, once everything is counted. */
  flags(check: (flag: Flag) => void): void {
    const { l1Offset, l1Size, version } = this.#header;
    const l1 = readL1(this.#file, l1Offset, l1Size);
    for (let i = 0; i < l1Size; i++) {
      const entry = entryAt(l1, i);
      if (offsetOf(entry) !== 0) check({ what: 'L2 table', offset: offsetOf(entry), copied: isCopied(entry) });
    }
    for (const [offset, { active }] of this.#tables) {
      if (!active) continue;
      this.#entries(offset, (entry) => {
        const kind = kindOf(entry, version);
        if (kind === 'compressed') {
          if (isCopied(entry))
            this.#report(`compressed cluster at ${compressedAt(entry, this.#header.clusterBits).offset}: marked as copied`);
        } else if (offsetOf(entry) !== 0) check({ what: 'cluster', offset: offsetOf(entry), copied: isCopied(entry) });
      });
    }
  }

  #l1(offset: number, size: number, active: boolean): void {
    if (!this.#afford(size)) return;
    const l1 = readL1(this.#file, offset, size);
    for (let i = 0; i < size; i++) {
      const entry = entryAt(l1, i);
      const table = offsetOf(entry);
      if (table === 0) continue;
      if (!this.#sound(table, 'L2 table')) continue;
      this.counts.add(table / this.#header.clusterSize, 1);
      const known = this.#tables.get(table) ?? { times: 0, active: false };
      this.#tables.set(table, { times: known.times + 1, active: known.active || active });
    }
  }

  #l2(offset: number, times: number): void {
    const { clusterSize, clusterBits, version } = this.#header;
    const { active } = this.#tables.get(offset) as { active: boolean };
    this.#entries(offset, (entry) => {
      const kind = kindOf(entry, version);
      if (active && (kind === 'data' || kind === 'compressed')) this.allocated++;
      if (kind === 'compressed') {
        const { offset: at, length } = compressedAt(entry, clusterBits);
        this.#range(at, length, 'compressed cluster', times);
        return;
      }
      if (hasReserved(entry, version)) this.#report(`the L2 table at ${offset} has an entry with reserved bits`);
      const cluster = offsetOf(entry);
      if (cluster !== 0 && this.#sound(cluster, 'cluster')) this.#range(cluster, clusterSize, 'cluster', times);
    });
  }

  #entries(offset: number, act: (entry: Entry) => void): void {
    const bytes = new Uint8Array(this.#header.clusterSize);
    this.#file.read(offset, bytes);
    const view = viewOf(bytes);
    for (let i = 0; i < bytes.length / 8; i++) {
      const entry = entryAt(view, i);
      if (entry.high !== 0 || entry.low !== 0) act(entry);
    }
  }

  #refcountTables(): void {
    const { refcountTable, refcountTableClusters, clusterSize } = this.#header;
    const length = refcountTableClusters * clusterSize;
    this.#range(refcountTable, length, 'refcount table', 1);
    const table = readL1(this.#file, refcountTable, length / 8);
    for (let i = 0; i < length / 8; i++) {
      const offset = get64(table, i * 8);
      if (offset !== 0 && this.#sound(offset, 'refcount block')) this.counts.add(offset / clusterSize, 1);
    }
  }

  /** Reference: QEMU, docs/interop/qcow2.txt, 'Bitmaps'. */
  #bitmaps({ count, size, offset }: { readonly count: number; readonly size: number; readonly offset: number }): void {
    if (offset % this.#header.clusterSize !== 0 || offset + size > this.#file.size)
      return this.#report(`the bitmap directory at ${offset}`);
    this.#range(offset, size, 'bitmap directory', 1);
    let at = offset;
    for (let i = 0; i < count && at + 24 <= offset + size; i++) {
      const view = viewOf(new Uint8Array(24));
      this.#file.read(at, new Uint8Array(view.buffer));
      this.#bitmapTable(get64(view, 0), view.getUint32(8));
      at += roundUp(24 + view.getUint16(18) + view.getUint32(20), 8);
    }
  }

  #bitmapTable(offset: number, entries: number): void {
    if (offset % this.#header.clusterSize !== 0 || entries > 2 ** 24)
      return this.#report(`a bitmap's table of ${entries} entries at ${offset}`);
    if (!this.#afford(entries)) return;
    this.#range(offset, entries * 8, "bitmap's table", 1);
    const table = readL1(this.#file, offset, entries);
    for (let i = 0; i < entries; i++) {
      const cluster = offsetOf(entryAt(table, i));
      if (cluster !== 0 && this.#sound(cluster, "bitmap's cluster")) this.#range(cluster, 1, "bitmap's cluster", 1);
    }
  }

  /** Counts all clusters that the bytes touch, as far as there is a file. */
  #range(offset: number, length: number, what: string, times: number): void {
    const { clusterSize } = this.#header;
    if (length === 0) return;
    const [first, last] = [Math.floor(offset / clusterSize), Math.floor((offset + length - 1) / clusterSize)];
    for (let cluster = first; cluster <= last; cluster++) {
      if (cluster * clusterSize >= roundUp(this.#file.size, clusterSize))
        return this.#report(`a ${what} at ${offset} lies behind the end of the file`);
      this.counts.add(cluster, times);
    }
  }

  #sound(offset: number, what: string): boolean {
    if (offset % this.#header.clusterSize === 0 && offset < roundUp(this.#file.size, this.#header.clusterSize)) return true;
    this.#report(
      `a ${what} at ${offset}: ${offset % this.#header.clusterSize === 0 ? 'behind the end of the file' : 'not at a cluster'}`,
    );
    return false;
  }

  #afford(entries: number): boolean {
    this.#left -= entries;
    if (this.#left < 0) this.#report('the tables are larger than the file: they overlap');
    return this.#left >= 0;
  }
}
