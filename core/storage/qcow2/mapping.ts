/**
 * From guest clusters to entries: the L1 table in memory, L2 tables in a cache. Reference: QEMU, docs/interop/qcow2.txt, 'Cluster mapping'.
 * A table that a snapshot shares is copied before it is changed.
 */
import type { BlockFile } from '../block-file.ts';
import { put64, viewOf } from '../bytes.ts';
import { corrupt } from '../error.ts';
import type { Claims } from './claims.ts';
import { type Entry, entryAt, isCopied, NONE, offsetOf, owned, putEntry } from './entry.ts';
import { AT, type Header } from './header.ts';
import type { Refcounts } from './refcounts.ts';
import { TableCache } from './table-cache.ts';

export class Mapping {
  readonly #file: BlockFile;
  readonly #claims: Claims;
  readonly #clusterSize: number;
  readonly #l2: TableCache;
  #l1: DataView;
  #l1Offset: number;
  readonly #changed = new Set<number>();
  /** Guest clusters that one L2 table has. */
  readonly perTable: number;

  /** `settle` writes what has changed, so that a table may leave the cache. */
  constructor(file: BlockFile, header: Header, claims: Claims, settle: () => void) {
    this.#file = file;
    this.#claims = claims;
    this.#clusterSize = header.clusterSize;
    this.perTable = header.clusterSize / 8;
    this.#l2 = new TableCache(file, header.clusterSize, settle);
    this.#l1Offset = header.l1Offset;
    if (header.l1Size > 0 && header.l1Offset >= file.size)
      throw corrupt(`the L1 table at ${header.l1Offset}: behind the end of the file`);
    this.#l1 = readL1(file, header.l1Offset, header.l1Size);
    if (header.l1Size > 0) claims.add(header.l1Offset, header.l1Size * 8, 'L1 table');
    for (let i = 0; i < header.l1Size; i++) this.#claimTable(i);
  }

  /** Whether any of the clusters that share an L2 table with `cluster` has an entry. */
  hasTable(cluster: number): boolean {
    return offsetOf(this.#l1Entry(cluster)) !== 0;
  }

  get(cluster: number): Entry {
    const offset = offsetOf(this.#l1Entry(cluster));
    return offset === 0 ? NONE : entryAt(this.#l2.get(offset).view, cluster % this.perTable);
  }

  set(cluster: number, entry: Entry, refcounts: Refcounts): void {
    const table = this.#l2.get(this.#ownTable(cluster, refcounts));
    putEntry(table.view, cluster % this.perTable, entry);
    table.dirty = true;
  }

  /** The table of `cluster` and all it names are dropped; `each` is given the entries. */
  forget(cluster: number, refcounts: Refcounts, each: (entry: Entry) => void): void {
    const index = Math.floor(cluster / this.perTable);
    const offset = offsetOf(entryAt(this.#l1, index));
    if (offset === 0) return;
    const { view } = this.#l2.get(offset);
    for (let i = 0; i < this.perTable; i++) each(entryAt(view, i));
    this.#l2.drop(offset);
    this.#setL1(index, NONE);
    refcounts.free(offset);
  }

  get dirty(): boolean {
    return this.#changed.size > 0 || this.#l2.dirty;
  }

  /** L2 tables first, then the L1 entries that name them. */
  write(): void {
    this.#l2.write();
    if (this.#changed.size === 0) return;
    this.#file.flush();
    for (const index of [...this.#changed].sort((a, b) => a - b)) {
      this.#file.write(this.#l1Offset + index * 8, new Uint8Array(this.#l1.buffer, index * 8, 8));
      this.#changed.delete(index);
    }
  }

  /** Makes room for that many L1 entries; what has changed must have been written. */
  grow(entries: number, refcounts: Refcounts): void {
    const old = { offset: this.#l1Offset, length: this.#l1.byteLength };
    if (entries * 8 <= old.length) return;
    const clusters = Math.ceil((entries * 8) / this.#clusterSize);
    const bytes = new Uint8Array(clusters * this.#clusterSize);
    bytes.set(new Uint8Array(this.#l1.buffer));
    const offset = refcounts.allocateRun(clusters);
    this.#claims.add(offset, bytes.length, 'L1 table');
    this.#file.write(offset, bytes);
    this.#file.flush();
    const field = new Uint8Array(12);
    viewOf(field).setUint32(0, entries);
    put64(viewOf(field), 4, offset);
    this.#file.write(AT.l1Size, field);
    this.#file.flush();
    [this.#l1, this.#l1Offset] = [viewOf(bytes), offset];
    for (let at = 0; at < old.length; at += this.#clusterSize) refcounts.free(old.offset + at);
  }

  #l1Entry(cluster: number): Entry {
    return entryAt(this.#l1, Math.floor(cluster / this.perTable));
  }

  #setL1(index: number, entry: Entry): void {
    putEntry(this.#l1, index, entry);
    this.#changed.add(index);
  }

  /** The offset of a table that nothing else uses. */
  #ownTable(cluster: number, refcounts: Refcounts): number {
    const index = Math.floor(cluster / this.perTable);
    const entry = entryAt(this.#l1, index);
    const old = offsetOf(entry);
    if (isCopied(entry) && old !== 0) {
      const count = refcounts.get(old / this.#clusterSize);
      if (count !== 1)
        throw corrupt(`the L2 table at ${old} is said to have one user, but ${count} are counted: see partita image check`);
      return old;
    }
    const bytes = old === 0 ? new Uint8Array(this.#clusterSize) : this.#l2.get(old).bytes.slice();
    const offset = refcounts.allocate();
    this.#claims.add(offset, this.#clusterSize, 'L2 table');
    this.#l2.add(offset, bytes);
    this.#setL1(index, owned(offset));
    if (old !== 0) refcounts.free(old);
    return offset;
  }

  #claimTable(index: number): void {
    const offset = offsetOf(entryAt(this.#l1, index));
    if (offset === 0) return;
    if (offset % this.#clusterSize !== 0 || offset >= this.#file.size)
      throw corrupt(`an L2 table at ${offset}: see partita image check`);
    this.#claims.add(offset, this.#clusterSize, 'L2 table');
  }
}

/** Zero past the end of the file; the caller has bounded the size. */
export function readL1(file: BlockFile, offset: number, entries: number): DataView {
  const bytes = new Uint8Array(entries * 8);
  file.read(offset, bytes);
  return viewOf(bytes);
}
