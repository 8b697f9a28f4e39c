/**
 * A descriptor chain, as the device sees it: bytes to read, then bytes to write. Reference: Virtual I/O Device 1.1, section 2.6.4
 * (Message Framing): where one descriptor ends and the next begins has no meaning.
 */
import { fail, type Outcome, ok } from '../../base/outcome.ts';
import type { DmaPort } from './dma.ts';

export interface Segment {
  readonly address: number;
  readonly length: number;
}

/** One descriptor of either ring, as it stands in memory. */
export interface Descriptor extends Segment {
  readonly write: boolean;
  readonly next: boolean;
  readonly indirect: boolean;
}

/** Descriptors in a chain, and bytes, that no driver needs more of: they bound the work that one chain can ask for. */
export const MAX_DESCRIPTORS = 1024;
export const MAX_BYTES = 0x400_0000;

export type Malformed<T> = Outcome<T, 'malformed'>;
export const malformed = (why: string): Malformed<never> => fail('malformed', why);

/** Addresses that a number does not hold exactly are beyond any memory, and must not be counted with. */
export const isExact = (address: number): boolean => address <= EXACT;
const EXACT = 2 ** 52;

export class Chain {
  /** What tells the driver which buffer it was, and how many places in a packed ring it took. */
  readonly id: number;
  readonly slots: number;
  readonly readLength: number;
  readonly writeLength: number;
  readonly descriptors: number;
  readonly #dma: DmaPort;
  readonly #readable: readonly Segment[];
  readonly #writable: readonly Segment[];

  constructor(dma: DmaPort, place: { readonly id: number; readonly slots: number }, segments: ChainSegments) {
    this.id = place.id;
    this.slots = place.slots;
    this.#dma = dma;
    this.#readable = segments.readable;
    this.#writable = segments.writable;
    this.readLength = total(segments.readable);
    this.writeLength = total(segments.writable);
    this.descriptors = segments.readable.length + segments.writable.length;
  }

  /** A copy of `length` bytes of the readable part, or of as many as there are. */
  read(offset = 0, length = this.readLength - offset): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.readLength - offset)));
    across(this.#readable, offset, bytes.length, (address, done, count) =>
      this.#dma.read(address, bytes.subarray(done, done + count)),
    );
    return bytes;
  }

  /** Puts bytes into the writable part; what finds no room is dropped. Returns how many it took. */
  write(offset: number, bytes: Uint8Array): number {
    const room = Math.max(0, Math.min(bytes.length, this.writeLength - offset));
    across(this.#writable, offset, room, (address, done, count) => this.#dma.write(address, bytes.subarray(done, done + count)));
    return room;
  }
}

export interface ChainSegments {
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
}

const total = (segments: readonly Segment[]): number => segments.reduce((sum, { length }) => sum + length, 0);

type Touch = (address: number, done: number, count: number) => void;

/** Visits the pieces of memory that `length` bytes from `offset` on lie in. */
function across(segments: readonly Segment[], offset: number, length: number, touch: Touch): void {
  let skip = offset;
  let done = 0;
  for (const segment of segments) {
    if (done >= length) break;
    if (skip >= segment.length) {
      skip -= segment.length;
      continue;
    }
    const count = Math.min(segment.length - skip, length - done);
    touch(segment.address + skip, done, count);
    done += count;
    skip = 0;
  }
}

/** Collects the descriptors of a chain and refuses what no driver may make. */
export class Collector {
  readonly #dma: DmaPort;
  readonly readable: Segment[] = [];
  readonly writable: Segment[] = [];
  #bytes = 0;

  constructor(dma: DmaPort) {
    this.#dma = dma;
  }

  get count(): number {
    return this.readable.length + this.writable.length;
  }

  /** Takes a descriptor, once all of its memory is known to be within reach; so data can be moved later without looking again. */
  add({ address, length, write }: Descriptor): Malformed<true> {
    if (length === 0) return malformed('a descriptor of no bytes');
    if (this.count >= MAX_DESCRIPTORS) return malformed(`a chain of more than ${MAX_DESCRIPTORS} descriptors`);
    this.#bytes += length;
    if (this.#bytes > MAX_BYTES) return malformed(`a chain of more than ${MAX_BYTES} bytes`);
    if (!write && this.writable.length > 0) return malformed('a readable descriptor after a writable one');
    if (!isExact(address) || !this.#dma.reaches(address, length, write))
      return malformed(`a buffer at 0x${address.toString(16)}, out of reach`);
    (write ? this.writable : this.readable).push({ address, length });
    return ok(true);
  }

  chain(id: number, slots: number): Chain {
    return new Chain(this.#dma, { id, slots }, this);
  }
}
