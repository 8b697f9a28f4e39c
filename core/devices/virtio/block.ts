/**
 * Block device. Reference: Virtual I/O Device 1.1, section 5.2. Requests are carried out in order, each at once when its turn comes.
 * Not modelled: several queues, SCSI commands, life time estimates, turning the write cache off.
 */
import type { State } from '../../base/state.ts';
import type { Chain } from './chain.ts';
import { type Driver, price, type VirtioDevice } from './device.ts';
import { get32, get64, put16, put32, put64 } from './dma.ts';

/** Whether it went well; an outcome of the storage is one. */
export interface Result {
  readonly ok: boolean;
}

/** What holds the sectors, as `core/storage/disk.ts` has it. Offsets and lengths in bytes, always within the size. */
export interface Disk {
  readonly size: number;
  readonly readOnly: boolean;
  read(offset: number, into: Uint8Array): Result;
  write(offset: number, bytes: Uint8Array): Result;
  /** The content of the range may be forgotten. */
  discard(offset: number, length: number): Result;
  writeZeroes(offset: number, length: number, mayUnmap?: boolean): Result;
  flush(): Result;
  /** What GET_ID answers, 20 characters of it. */
  readonly identity: string;
}

export const SECTOR = 512;

const F_SEG_MAX = 1n << 2n;
const F_RO = 1n << 5n;
const F_BLK_SIZE = 1n << 6n;
const F_FLUSH = 1n << 9n;
const F_TOPOLOGY = 1n << 10n;
const F_DISCARD = 1n << 13n;
const F_WRITE_ZEROES = 1n << 14n;

const IN = 0;
const OUT = 1;
const FLUSH = 4;
const GET_ID = 8;
const DISCARD = 11;
const WRITE_ZEROES = 13;

const OK = 0;
const IOERR = 1;
const UNSUPP = 2;

const HEADER = 16;
/** A segment of DISCARD and WRITE_ZEROES: sector, count of sectors, flags. */
const RANGE = 16;
const UNMAP = 1;
const MOST_RANGES = 16;
/** Sectors that one such segment may name: 32 MiB, since zeros may have to be written. */
const MOST_SECTORS = 0x1_0000;
const SEGMENTS = 254;
const PIECE = 0x1_0000;
const FLUSH_PRICE = 10_000;

/** How a request ended: its status, the bytes written before the status, and those that moved. */
interface Done {
  readonly status: number;
  readonly written: number;
  readonly moved: number;
}
const ended = (status: number, written = 0, moved = written): Done => ({ status, written, moved });

export class VirtioBlock implements VirtioDevice {
  readonly id = 2;
  readonly queues = 1;
  readonly features: bigint;
  readonly #disk: Disk;
  #driver: Driver | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
    const access = disk.readOnly ? F_RO : F_DISCARD | F_WRITE_ZEROES;
    this.features = F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | access;
  }

  attach(driver: Driver): void {
    this.#driver = driver;
  }

  config(): Uint8Array {
    const bytes = new Uint8Array(60);
    put64(bytes, 0, this.#sectors);
    put32(bytes, 12, SEGMENTS);
    put32(bytes, 20, SECTOR);
    put16(bytes, 26, 1); // min_io_size, in blocks
    bytes[32] = 1; // writeback
    put16(bytes, 34, 1); // num_queues
    put32(bytes, 36, MOST_SECTORS);
    put32(bytes, 40, MOST_RANGES);
    put32(bytes, 44, 1);
    put32(bytes, 48, MOST_SECTORS);
    put32(bytes, 52, MOST_RANGES);
    bytes[56] = 1; // write_zeroes_may_unmap
    return bytes;
  }

  serve(queue: number): number | undefined {
    const chain = this.#driver?.take(queue);
    if (chain === undefined) return undefined;
    if (chain.readLength < HEADER || chain.writeLength < 1) {
      this.#driver?.broke('a block request without header or status');
      return undefined;
    }
    const header = chain.read(0, HEADER);
    const type = get32(header, 0);
    const { status, written, moved } = this.#carryOut(chain, type, get64(header, 8));
    chain.write(chain.writeLength - 1, Uint8Array.of(status));
    this.#driver?.done(queue, chain, written + 1);
    return price(moved) + (type === FLUSH ? FLUSH_PRICE : 0);
  }

  restart(): void {}

  /** The content is the storage's to save. */
  save(): State {
    return {};
  }

  load(): void {}

  reset(): void {}

  get #sectors(): number {
    return Math.floor(this.#disk.size / SECTOR);
  }

  #carryOut(chain: Chain, type: number, sector: number): Done {
    switch (type) {
      case IN:
        return this.#in(chain, sector);
      case OUT:
        return this.#out(chain, sector);
      case FLUSH:
        return ended(this.#disk.flush().ok ? OK : IOERR);
      case GET_ID:
        return this.#identify(chain);
      case DISCARD:
      case WRITE_ZEROES:
        return this.#disk.readOnly ? ended(IOERR) : this.#ranges(chain, type);
      default:
        return ended(UNSUPP);
    }
  }

  /** Data of whole sectors that the disk has. */
  #fits(sector: number, bytes: number): boolean {
    return bytes % SECTOR === 0 && sector <= this.#sectors && bytes / SECTOR <= this.#sectors - sector;
  }

  #in(chain: Chain, sector: number): Done {
    const length = chain.writeLength - 1;
    if (!this.#fits(sector, length)) return ended(IOERR);
    for (let at = 0; at < length; at += PIECE) {
      const piece = new Uint8Array(Math.min(PIECE, length - at));
      if (!this.#disk.read(sector * SECTOR + at, piece).ok) return ended(IOERR, at);
      chain.write(at, piece);
    }
    return ended(OK, length);
  }

  #out(chain: Chain, sector: number): Done {
    const length = chain.readLength - HEADER;
    if (this.#disk.readOnly || !this.#fits(sector, length)) return ended(IOERR);
    for (let at = 0; at < length; at += PIECE) {
      const piece = chain.read(HEADER + at, Math.min(PIECE, length - at));
      if (!this.#disk.write(sector * SECTOR + at, piece).ok) return ended(IOERR, 0, at);
    }
    return ended(OK, 0, length);
  }

  #identify(chain: Chain): Done {
    const text = new Uint8Array(Math.min(20, chain.writeLength - 1));
    for (let i = 0; i < text.length; i++) text[i] = this.#disk.identity.charCodeAt(i) & 0x7f;
    return ended(OK, chain.write(0, text));
  }

  /** All ranges are looked at before the first is touched. */
  #ranges(chain: Chain, type: number): Done {
    const bytes = chain.read(HEADER, MOST_RANGES * RANGE + 1);
    if (bytes.length === 0 || bytes.length % RANGE !== 0) return ended(IOERR);
    const ranges = Array.from({ length: bytes.length / RANGE }, (_, i) => ({
      sector: get64(bytes, RANGE * i),
      count: get32(bytes, RANGE * i + 8),
      flags: get32(bytes, RANGE * i + 12),
    }));
    const allowed = type === WRITE_ZEROES ? UNMAP : 0;
    if (ranges.some(({ flags }) => (flags & ~allowed) !== 0)) return ended(UNSUPP);
    if (ranges.some(({ sector, count }) => count > MOST_SECTORS || !this.#fits(sector, count * SECTOR))) return ended(IOERR);
    let moved = 0;
    for (const { sector, count, flags } of ranges) {
      const [offset, length] = [sector * SECTOR, count * SECTOR];
      moved += length;
      const mayUnmap = (flags & UNMAP) !== 0;
      const { ok } = type === DISCARD ? this.#disk.discard(offset, length) : this.#disk.writeZeroes(offset, length, mayUnmap);
      if (!ok) return ended(IOERR, 0, moved);
    }
    return ended(OK, 0, moved);
  }
}
