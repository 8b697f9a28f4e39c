/**
 * A qcow2 image over an optional backing volume. Reference: QEMU, docs/interop/qcow2.txt.
 *
 * What survives a crash: data goes to the file at once; tables change in memory and are written by `#settle` in this order, each step on
 * the medium before the next: refcounts that went up; L2 tables; L1 entries; refcounts that went down. So at any moment the tables in the
 * file name only clusters that hold their data and count as used. A crash leaks clusters at worst, and loses what was not flushed.
 */
import type { BlockFile } from '../block-file.ts';
import { put64, roundUp, viewOf } from '../bytes.ts';
import { corrupt, DiskError } from '../error.ts';
import { type Extent, eachPiece, SECTOR, type Volume } from '../volume.ts';
import { Claims } from './claims.ts';
import { Compressed, type Inflaters } from './compressed.ts';
import { compressedAt, type Entry, isCopied, type Kind, kindOf, NONE, offsetOf, owned, PLAIN_ZERO } from './entry.ts';
import { AT, type Header, readHeader } from './header.ts';
import { Mapping } from './mapping.ts';
import { Refcounts } from './refcounts.ts';
import { claimSnapshots, readSnapshots, type Snapshot } from './snapshots.ts';

export class Qcow2 implements Volume {
  readonly #file: BlockFile;
  readonly #backing: Volume | undefined;
  readonly #mapping: Mapping;
  /** Only of an image that may be written. */
  readonly #refcounts: Refcounts | undefined;
  readonly #claims: Claims;
  readonly #compressed: Compressed;
  #size: number;
  #autoclear: boolean;
  /** The image turned out to be corrupt while it was changed: no more of that. */
  #broken = false;
  readonly header: Header;
  readonly writable: boolean;

  constructor(file: BlockFile, backing: Volume | undefined, inflaters: Inflaters) {
    const header = readHeader(file);
    if (file.writable && header.corrupt)
      throw corrupt('the image is marked as corrupt and can only be read: see partita image check');
    if (file.writable && header.dirty)
      throw corrupt('the image was not closed properly: mend it with partita image check --repair refcounts');
    this.#file = file;
    this.#backing = backing;
    this.header = header;
    this.writable = file.writable;
    this.#size = roundUp(header.size, SECTOR);
    this.#autoclear = header.autoclear;
    this.#claims = new Claims(header.clusterSize);
    this.#claims.add(0, header.clusterSize, 'header');
    this.#mapping = new Mapping(file, header, this.#claims, () => this.#settle());
    this.#compressed = new Compressed(file, header, inflaters);
    if (!file.writable) return;
    claimSnapshots(file, header, this.#claims);
    this.#refcounts = new Refcounts(file, header, this.#claims);
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, into: Uint8Array): void {
    eachPiece(offset, into.length, this.header.clusterSize, (cluster, at, from, length) => {
      this.#readPart(cluster, at, into.subarray(from, from + length));
    });
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#change((refcounts) => {
      eachPiece(offset, bytes.length, this.header.clusterSize, (cluster, at, from, length) => {
        this.#writePart(refcounts, cluster, at, bytes.subarray(from, from + length));
      });
    });
  }

  discard(offset: number, length: number): void {
    const { version } = this.header;
    // Version 2 cannot say that a cluster hides what lies below.
    if (version === 2 && this.#backing !== undefined) return;
    this.#change((refcounts) => {
      this.#eachWhole(offset, length, (cluster, whole) => {
        if (whole) this.#replace(refcounts, cluster, this.#backing === undefined ? NONE : PLAIN_ZERO);
      });
    });
  }

  writeZeroes(offset: number, length: number, mayUnmap: boolean): void {
    this.#change((refcounts) => {
      this.#eachWhole(offset, length, (cluster, whole, at, size) => {
        if (!whole) this.#zeroPart(refcounts, cluster, at, size);
        else this.#zeroCluster(refcounts, cluster, mayUnmap);
      });
    });
  }

  flush(): void {
    if (this.#refcounts === undefined) return;
    if (this.#broken) throw corrupt('the image is corrupt; the last changes are lost: see partita image check');
    this.#settle();
    this.#file.flush();
  }

  extent(offset: number, length: number): Extent {
    const { kind, length: own } = this.ownExtent(offset, length);
    if (kind !== 'hole') return { zero: kind === 'zero', length: own };
    const below = this.#backing;
    if (below === undefined || offset >= below.size) return { zero: true, length: own };
    return below.extent(offset, Math.min(own, below.size - offset));
  }

  /** What this image itself has there, whatever lies below. */
  ownExtent(offset: number, length: number): { readonly kind: Kind; readonly length: number } {
    const { clusterSize } = this.header;
    const cluster = Math.floor(offset / clusterSize);
    const unit = this.#mapping.hasTable(cluster) ? clusterSize : clusterSize * this.#mapping.perTable;
    return { kind: this.#kind(cluster), length: Math.min(length, unit - (offset % unit)) };
  }

  snapshots(): Snapshot[] {
    return readSnapshots(this.#file, this.header).list;
  }

  close(): void {
    this.#file.close();
    this.#backing?.close();
  }

  /** The disk becomes larger; the new part is zero, also where something larger lies below. */
  grow(size: number): void {
    this.#change((refcounts) => {
      const { clusterSize } = this.header;
      const [old, covered] = [this.#size, Math.max(roundUp(this.#size, clusterSize), this.#backing?.size ?? 0)];
      this.#settle();
      this.#mapping.grow(Math.ceil(size / (clusterSize * this.#mapping.perTable)), refcounts);
      this.#size = size;
      this.writeZeroes(old, Math.min(size, covered) - old, true);
      this.flush();
      const field = new Uint8Array(8);
      put64(viewOf(field), 0, size);
      this.#file.write(AT.size, field);
    });
  }

  /** Drops all that the image itself has, so that it shows what lies below; free clusters at the end go back to the host. */
  empty(): void {
    this.#change((refcounts) => {
      const step = this.header.clusterSize * this.#mapping.perTable;
      for (let offset = 0; offset < this.#size; offset += step) {
        this.#mapping.forget(offset / this.header.clusterSize, refcounts, (entry) => this.#release(refcounts, entry));
      }
      this.flush();
      this.#file.truncate(Math.min(this.#file.size, refcounts.end() * this.header.clusterSize));
    });
  }

  #kind(cluster: number): Kind {
    return kindOf(this.#mapping.get(cluster), this.header.version);
  }

  #readPart(cluster: number, at: number, into: Uint8Array): void {
    const entry = this.#mapping.get(cluster);
    switch (kindOf(entry, this.header.version)) {
      case 'zero':
        into.fill(0);
        return;
      case 'data':
        this.#file.read(this.#place(entry) + at, into);
        return;
      case 'compressed':
        into.set(this.#compressed.cluster(entry).subarray(at, at + into.length));
        return;
      case 'hole':
        this.#readBelow(cluster * this.header.clusterSize + at, into);
    }
  }

  #readBelow(offset: number, into: Uint8Array): void {
    const there = Math.min(into.length, Math.max(0, (this.#backing?.size ?? 0) - offset));
    if (there > 0) this.#backing?.read(offset, into.subarray(0, there));
    into.fill(0, there);
  }

  #writePart(refcounts: Refcounts, cluster: number, at: number, bytes: Uint8Array): void {
    const entry = this.#mapping.get(cluster);
    const kind = kindOf(entry, this.header.version);
    if (kind === 'data' && isCopied(entry)) {
      this.#file.write(this.#own(refcounts, entry) + at, bytes);
      return;
    }
    const whole = bytes.length === this.header.clusterSize ? bytes : new Uint8Array(this.header.clusterSize);
    if (whole !== bytes) {
      this.#readPart(cluster, 0, whole);
      whole.set(bytes, at);
    }
    this.#writeNew(refcounts, cluster, whole, kind === 'zero' && isCopied(entry) ? this.#own(refcounts, entry) : undefined);
  }

  /** `kept`: room that the entry has already, for a cluster that reads as zero so far. */
  #writeNew(refcounts: Refcounts, cluster: number, whole: Uint8Array, kept: number | undefined): void {
    const offset = kept ?? refcounts.allocate();
    try {
      this.#file.write(offset, whole);
    } catch (error) {
      if (kept === undefined) refcounts.giveBack(offset);
      throw error;
    }
    const old = this.#mapping.get(cluster);
    this.#mapping.set(cluster, owned(offset), refcounts);
    if (kept === undefined) this.#release(refcounts, old);
  }

  #zeroPart(refcounts: Refcounts, cluster: number, at: number, length: number): void {
    const { zero } = this.extent(cluster * this.header.clusterSize + at, length);
    if (zero && this.#kind(cluster) !== 'hole') return;
    this.#writePart(refcounts, cluster, at, new Uint8Array(length));
  }

  #zeroCluster(refcounts: Refcounts, cluster: number, mayUnmap: boolean): void {
    const { version, clusterSize } = this.header;
    const entry = this.#mapping.get(cluster);
    const kind = kindOf(entry, version);
    const covered = this.#backing !== undefined && cluster * clusterSize < this.#backing.size;
    if (kind === 'hole' && !covered) return;
    if (version === 2) {
      if (mayUnmap && !covered) this.#replace(refcounts, cluster, NONE);
      else this.#writePart(refcounts, cluster, 0, new Uint8Array(clusterSize));
    } else if (!mayUnmap && isCopied(entry) && offsetOf(entry) !== 0) {
      this.#mapping.set(cluster, owned(this.#own(refcounts, entry), true), refcounts);
    } else this.#replace(refcounts, cluster, PLAIN_ZERO);
  }

  /** Another entry without data in place of the old one, which is given up. */
  #replace(refcounts: Refcounts, cluster: number, entry: Entry): void {
    const old = this.#mapping.get(cluster);
    if (old.high === entry.high && old.low === entry.low) return;
    this.#mapping.set(cluster, entry, refcounts);
    this.#release(refcounts, old);
  }

  /** Gives up one reference to all that an entry names. */
  #release(refcounts: Refcounts, entry: Entry): void {
    if (kindOf(entry, this.header.version) !== 'compressed') {
      if (offsetOf(entry) !== 0) refcounts.free(this.#place(entry));
      return;
    }
    const { clusterSize, clusterBits } = this.header;
    const { offset, length } = compressedAt(entry, clusterBits);
    for (let at = offset - (offset % clusterSize); at < offset + length; at += clusterSize) {
      if (this.#claims.has(at / clusterSize)) throw this.#overlap(at);
      refcounts.free(at);
    }
    this.#compressed.forget();
  }

  /** Where a cluster's data lies. */
  #place(entry: Entry): number {
    const offset = offsetOf(entry);
    if (offset % this.header.clusterSize !== 0 || offset > Number.MAX_SAFE_INTEGER - this.header.clusterSize) {
      throw corrupt(`a cluster at ${offset}: see partita image check`);
    }
    if (this.#claims.has(offset / this.header.clusterSize)) throw this.#overlap(offset);
    return offset;
  }

  /** The same, for a cluster that is written in place: nothing else may use it. */
  #own(refcounts: Refcounts, entry: Entry): number {
    const offset = this.#place(entry);
    const count = refcounts.get(offset / this.header.clusterSize);
    if (count !== 1)
      throw corrupt(`the cluster at ${offset} is said to have one user, but ${count} are counted: see partita image check`);
    return offset;
  }

  #overlap(offset: number): DiskError {
    return corrupt(`the data at ${offset} lie in one of the image's tables: see partita image check`);
  }

  #change(act: (refcounts: Refcounts) => void): void {
    if (this.#refcounts === undefined) throw new DiskError('READ_ONLY', 'the image is open for reading');
    if (this.#broken) throw corrupt('the image is corrupt and takes no more changes: see partita image check');
    if (this.#autoclear) this.#clearAutoclear();
    try {
      act(this.#refcounts);
    } catch (error) {
      if (error instanceof DiskError && error.fault === 'CORRUPT') this.#broken = true;
      throw error;
    }
  }

  /** What we do not keep up to date (bitmaps, say) must say so before anything changes. */
  #clearAutoclear(): void {
    this.#file.write(AT.autoclear, new Uint8Array(8));
    this.#file.flush();
    this.#autoclear = false;
  }

  #settle(): void {
    const refcounts = this.#refcounts;
    if (refcounts === undefined || !(refcounts.dirty || this.#mapping.dirty || refcounts.hasFrees)) return;
    refcounts.write();
    this.#file.flush();
    this.#mapping.write();
    if (!refcounts.hasFrees) return;
    this.#file.flush();
    refcounts.applyFrees();
    refcounts.write();
  }

  /** Guest clusters of a range, whether all of each is in it; the last one of the disk may be shorter. Ranges without tables are one step. */
  #eachWhole(offset: number, length: number, each: (cluster: number, whole: boolean, at: number, length: number) => void): void {
    const { clusterSize } = this.header;
    for (let done = 0; done < length; ) {
      const cluster = Math.floor((offset + done) / clusterSize);
      const at = (offset + done) % clusterSize;
      const own = this.#backing === undefined ? this.ownExtent(offset + done, length - done) : undefined;
      const size = Math.min(clusterSize - at, length - done);
      if (own?.kind === 'hole' && !this.#mapping.hasTable(cluster)) {
        done += own.length;
        continue;
      }
      each(cluster, at === 0 && (size === clusterSize || offset + done + size >= this.#size), at, size);
      done += size;
    }
  }
}
