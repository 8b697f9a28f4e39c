/**
 * Which host clusters of an image are in use, and the allocation of new ones. Reference: QEMU, docs/interop/qcow2.txt, 'Host cluster
 * management'. Counts go up at once, in the cache, and are written before what refers to them; they go down last (`applyFrees`), so a
 * crash leaves clusters that nobody uses but never a cluster that is used and counted as free.
 */
import type { BlockFile } from '../block-file.ts';
import { get64, put64, viewOf } from '../bytes.ts';
import { corrupt, DiskError } from '../error.ts';
import type { Claims } from './claims.ts';
import { AT, type Header } from './header.ts';
import { TableCache } from './table-cache.ts';
import { type Width, widthOf } from './width.ts';

export class Refcounts {
  readonly #file: BlockFile;
  readonly #clusterSize: number;
  readonly #claims: Claims;
  readonly #width: Width;
  readonly #perBlock: number;
  readonly #blocks: TableCache;
  #offset: number;
  #table: DataView;
  /** No cluster below is free. */
  #hint = 0;
  #frees: number[] = [];
  /** A new block or table may be half written. */
  #failed = false;

  constructor(file: BlockFile, header: Header, claims: Claims) {
    this.#file = file;
    this.#clusterSize = header.clusterSize;
    this.#claims = claims;
    this.#width = widthOf(header.refcountOrder);
    this.#perBlock = (header.clusterSize * 8) / this.#width.bits;
    this.#blocks = new TableCache(file, header.clusterSize, () => this.#blocks.write());
    this.#offset = header.refcountTable;
    if (this.#offset >= file.size) throw corrupt(`the refcount table at ${this.#offset}: behind the end of the file`);
    const bytes = new Uint8Array(header.refcountTableClusters * header.clusterSize);
    file.read(header.refcountTable, bytes);
    this.#table = viewOf(bytes);
    claims.add(this.#offset, bytes.length, 'refcount table');
    for (let i = 0; i < this.#entries; i++) this.#claimBlock(i);
  }

  get(cluster: number): number {
    const block = this.#blockOf(cluster);
    return block === 0 ? 0 : this.#width.get(this.#blocks.get(block).view, cluster % this.#perBlock);
  }

  /** For repair: any value, at once, of a cluster that has a block. */
  set(cluster: number, value: number): void {
    if (value > 2 ** this.#width.bits - 1) throw corrupt(`cluster ${cluster} is used ${value} times: too often to be counted`);
    this.#put(cluster, value);
  }

  /** The offset of a cluster that is free no longer. Its content is whatever it was. */
  allocate(): number {
    if (this.#failed) throw new DiskError('IO', 'an earlier write to the image failed: open it again');
    for (let cluster = this.#hint; ; ) {
      if ((cluster + this.#perBlock) * this.#clusterSize > Number.MAX_SAFE_INTEGER)
        throw new DiskError('NO_SPACE', 'the image is too large');
      if (this.#blockOf(cluster) === 0) this.#makeBlock(cluster);
      const free = this.#freeFrom(cluster);
      if (free === undefined) {
        cluster = (Math.floor(cluster / this.#perBlock) + 1) * this.#perBlock;
        continue;
      }
      if (this.#claims.has(free)) throw corrupt(`cluster ${free} holds a table but counts as free: see partita image check`);
      this.#put(free, 1);
      this.#hint = free + 1;
      return free * this.#clusterSize;
    }
  }

  /** Adjacent clusters, behind all that are counted so far. */
  allocateRun(count: number): number {
    const run = this.#extend(count);
    return run * this.#clusterSize;
  }

  /** Gives back what `allocate` gave, when nothing refers to it yet. */
  giveBack(offset: number): void {
    const cluster = offset / this.#clusterSize;
    this.#put(cluster, 0);
    this.#hint = Math.min(this.#hint, cluster);
  }

  /** One reference less, once the tables in the file say so too. */
  free(offset: number): void {
    this.#frees.push(Math.floor(offset / this.#clusterSize));
  }

  get hasFrees(): boolean {
    return this.#frees.length > 0;
  }

  get dirty(): boolean {
    return this.#blocks.dirty;
  }

  applyFrees(): void {
    const frees = this.#frees;
    this.#frees = [];
    for (const cluster of frees) {
      const count = this.get(cluster);
      if (count === 0) continue;
      this.#put(cluster, count - 1);
      if (count > 1) continue;
      this.#claims.remove(cluster);
      this.#hint = Math.min(this.#hint, cluster);
    }
  }

  write(): void {
    this.#blocks.write();
  }

  /** The first cluster behind all that are in use. */
  end(): number {
    let cluster = this.#covered();
    while (cluster > 0 && this.get(cluster - 1) === 0) cluster--;
    return cluster;
  }

  /** The first free cluster of the block of `cluster`, from there on. */
  #freeFrom(cluster: number): number | undefined {
    const { view } = this.#blocks.get(this.#blockOf(cluster));
    const first = cluster - (cluster % this.#perBlock);
    for (let index = cluster - first; index < this.#perBlock; index++) {
      if (this.#width.get(view, index) === 0) return first + index;
    }
    return undefined;
  }

  get #entries(): number {
    return this.#table.byteLength / 8;
  }

  #blockOf(cluster: number): number {
    const index = Math.floor(cluster / this.#perBlock);
    return index < this.#entries ? get64(this.#table, index * 8) : 0;
  }

  #put(cluster: number, value: number): void {
    const block = this.#blocks.get(this.#blockOf(cluster));
    this.#width.set(block.view, cluster % this.#perBlock, value);
    block.dirty = true;
  }

  #claimBlock(index: number): void {
    const offset = get64(this.#table, index * 8);
    if (offset === 0) return;
    if (offset % this.#clusterSize !== 0 || offset >= this.#file.size)
      throw corrupt(`a refcount block at ${offset}: see partita image check`);
    this.#claims.add(offset, this.#clusterSize, 'refcount block');
  }

  /** A block for the range of `cluster`: nothing in there is in use, so it takes the first cluster itself. */
  #makeBlock(cluster: number): void {
    const index = Math.floor(cluster / this.#perBlock);
    if (index >= this.#entries) {
      this.#extend(0, index);
      return;
    }
    const home = index * this.#perBlock;
    const offset = home * this.#clusterSize;
    this.#claims.add(offset, this.#clusterSize, 'refcount block');
    this.#failed = true;
    this.#blocks.add(offset, new Uint8Array(this.#clusterSize));
    // Written before the table names it; a crash between the two leaves a cluster that nobody counts. What is counted in it is referred
    // to only after the next barrier.
    put64(this.#table, index * 8, offset);
    this.#put(home, 1);
    this.#blocks.write();
    this.#file.flush();
    const entry = new Uint8Array(this.#table.buffer, index * 8, 8);
    this.#file.write(this.#offset + index * 8, entry);
    this.#failed = false;
  }

  /** The first cluster behind the last block's range. */
  #covered(): number {
    let index = this.#entries;
    while (index > 0 && get64(this.#table, (index - 1) * 8) === 0) index--;
    return index * this.#perBlock;
  }

  /**
   * Blocks, a larger table if the old one is full, and a run of `extra` clusters, all behind what is counted so far. Nothing refers to
   * any of it before the header names the table (or the table the blocks). Returns the run's first cluster.
   */
  #extend(extra: number, atLeast = 0): number {
    const start = Math.max(this.#covered(), atLeast * this.#perBlock);
    const firstIndex = start / this.#perBlock;
    let [blocks, tableClusters] = [1, 0];
    for (;;) {
      const indices = firstIndex + blocks;
      tableClusters = indices > this.#entries ? Math.ceil((indices * 8 * 1.5) / this.#clusterSize) : 0;
      if (blocks * this.#perBlock >= blocks + tableClusters + extra) break;
      blocks++;
    }
    const used = blocks + tableClusters + extra;
    if ((start + used) * this.#clusterSize > Number.MAX_SAFE_INTEGER) throw new DiskError('NO_SPACE', 'the image is too large');
    const table = this.#enlarged(tableClusters);
    this.#failed = true;
    for (let i = 0; i < blocks; i++) {
      const offset = (start + i) * this.#clusterSize;
      this.#claims.add(offset, this.#clusterSize, 'refcount block');
      this.#blocks.add(offset, new Uint8Array(this.#clusterSize));
      put64(table, (firstIndex + i) * 8, offset);
    }
    this.#install(table, tableClusters > 0 ? start + blocks : 0, start, used, firstIndex, blocks);
    this.#failed = false;
    return start + blocks + tableClusters;
  }

  #enlarged(clusters: number): DataView {
    if (clusters === 0) return this.#table;
    const bytes = new Uint8Array(clusters * this.#clusterSize);
    bytes.set(new Uint8Array(this.#table.buffer));
    return viewOf(bytes);
  }

  #install(table: DataView, home: number, start: number, used: number, firstIndex: number, blocks: number): void {
    const old = { offset: this.#offset, clusters: this.#table.byteLength / this.#clusterSize };
    this.#table = table;
    for (let cluster = start; cluster < start + used; cluster++) this.#put(cluster, 1);
    this.#blocks.write();
    if (home === 0) {
      this.#file.flush();
      this.#file.write(this.#offset + firstIndex * 8, new Uint8Array(table.buffer, firstIndex * 8, blocks * 8));
      return;
    }
    this.#offset = home * this.#clusterSize;
    this.#claims.add(this.#offset, table.byteLength, 'refcount table');
    this.#file.write(this.#offset, new Uint8Array(table.buffer));
    this.#file.flush();
    // Offset and size in one write, within one sector.
    const field = new Uint8Array(12);
    put64(viewOf(field), 0, this.#offset);
    viewOf(field).setUint32(8, table.byteLength / this.#clusterSize);
    this.#file.write(AT.refcountTable, field);
    for (let i = 0; i < old.clusters; i++) this.free(old.offset + i * this.#clusterSize);
  }
}
