/**
 * What is wrong with an image, and its repair. A leak is a cluster that counts as used too often: room lost, nothing else. Everything else
 * is a corruption. Reference: QEMU, docs/interop/qcow2.txt.
 */
import type { BlockFile } from '../block-file.ts';
import { get64, viewOf } from '../bytes.ts';
import { corrupt, DiskError } from '../error.ts';
import { Claims } from './claims.ts';
import { AT, type Header, INCOMPATIBLE, readHeader } from './header.ts';
import { readL1 } from './mapping.ts';
import { Refcounts } from './refcounts.ts';
import { Survey } from './survey.ts';
import { TableCache } from './table-cache.ts';
import { type Width, widthOf } from './width.ts';

export interface CheckResult {
  readonly leaks: number;
  /** Of any kind. */
  readonly corruptions: number;
  /** Those that are refcounts which are too small, and nothing else. */
  readonly lowRefcounts: number;
  /** The first problems in words. */
  readonly problems: readonly string[];
  readonly allocated: number;
}

export type Repair = 'leaks' | 'refcounts';

const SHOWN = 20;

export function checkQcow2(file: BlockFile): CheckResult {
  return new Check(file).result();
}

/** Returns what was found before; leaves the image alone if more is wrong than what it was asked to mend. */
export function repairQcow2(file: BlockFile, what: Repair): CheckResult {
  if (!file.writable) throw new DiskError('READ_ONLY', 'the image is open for reading');
  const check = new Check(file);
  const found = check.result();
  const others = found.corruptions - (what === 'refcounts' ? found.lowRefcounts : 0);
  if (others > 0)
    throw corrupt(`${others} corruptions that cannot be mended here: copy what can be read with partita image convert`);
  check.repair();
  return found;
}

class Check {
  readonly #file: BlockFile;
  readonly #header: Header;
  readonly #survey: Survey;
  readonly #table: DataView;
  readonly #width: Width;
  readonly #perBlock: number;
  readonly #blocks: TableCache;
  readonly #problems: string[] = [];
  #corruptions = 0;

  constructor(file: BlockFile) {
    const header = readHeader(file);
    this.#file = file;
    this.#header = header;
    this.#survey = new Survey(file, header, (problem) => this.#report(problem));
    this.#table = readL1(file, header.refcountTable, (header.refcountTableClusters * header.clusterSize) / 8);
    this.#width = widthOf(header.refcountOrder);
    this.#perBlock = (header.clusterSize * 8) / this.#width.bits;
    this.#blocks = new TableCache(file, header.clusterSize, () => {});
    this.#survey.run();
  }

  result(): CheckResult {
    let [leaks, lowRefcounts] = [0, 0];
    this.#eachMismatch((cluster, counted, used) => {
      if (counted > used) leaks++;
      else {
        lowRefcounts++;
        this.#report(`cluster ${cluster} is used ${used} times, but its refcount is ${counted}`);
      }
    });
    this.#survey.flags(({ what, offset, copied }) => {
      const used = this.#survey.counts.get(offset / this.#header.clusterSize);
      if (used > 0 && copied !== (used === 1))
        this.#report(`the ${what} at ${offset} is used ${used} times, but ${copied ? '' : 'not '}marked as copied`);
    });
    return { leaks, corruptions: this.#corruptions, lowRefcounts, problems: this.#problems, allocated: this.#survey.allocated };
  }

  /** Makes every refcount what it should be, and then says that the image is sound. */
  repair(): void {
    this.#survey.counts.each((cluster) => {
      const block = this.#block(Math.floor(cluster / this.#perBlock));
      // A new block would have to be put where nothing is, which nobody has counted yet.
      if (block === 0)
        throw corrupt(`cluster ${cluster} is used, but has no refcount block: copy the image with partita image convert`);
    });
    const refcounts = new Refcounts(this.#file, this.#header, new Claims(this.#header.clusterSize));
    this.#eachMismatch((cluster, _, used) => refcounts.set(cluster, used));
    refcounts.write();
    this.#file.flush();
    if (!this.#header.dirty) return;
    const word = viewOf(new Uint8Array(4));
    this.#file.read(AT.incompatible + 4, new Uint8Array(word.buffer));
    word.setUint32(0, (word.getUint32(0) & ~INCOMPATIBLE.dirty) >>> 0);
    this.#file.write(AT.incompatible + 4, new Uint8Array(word.buffer));
    this.#file.flush();
  }

  /** Clusters whose refcount in the file is not how often they are used. */
  #eachMismatch(act: (cluster: number, counted: number, used: number) => void): void {
    const { counts } = this.#survey;
    counts.each((cluster, used) => {
      const counted = this.#counted(cluster);
      if (counted !== used) act(cluster, counted, used);
    });
    const seen = new Set<number>();
    for (let index = 0; index < this.#table.byteLength / 8; index++) {
      const offset = this.#block(index);
      if (offset === 0 || seen.has(offset)) continue;
      seen.add(offset);
      const view = viewOf(this.#blocks.get(offset).bytes.slice());
      for (let i = 0; i < this.#perBlock; i++) {
        const [cluster, counted] = [index * this.#perBlock + i, this.#width.get(view, i)];
        if (counted > 0 && counts.get(cluster) === 0) act(cluster, counted, 0);
      }
    }
  }

  #counted(cluster: number): number {
    const offset = this.#block(Math.floor(cluster / this.#perBlock));
    return offset === 0 ? 0 : this.#width.get(this.#blocks.get(offset).view, cluster % this.#perBlock);
  }

  /** The offset of a block, 0 if there is none that can be read. */
  #block(index: number): number {
    const offset = index * 8 < this.#table.byteLength ? get64(this.#table, index * 8) : 0;
    return offset % this.#header.clusterSize === 0 && offset < this.#file.size ? offset : 0;
  }

  #report(problem: string): void {
    this.#corruptions++;
    if (this.#problems.length < SHOWN) this.#problems.push(problem);
  }
}
