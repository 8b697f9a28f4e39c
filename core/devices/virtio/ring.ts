/** What split and packed rings have in common. Reference: Virtual I/O Device 1.1, sections 2.6 (Split) and 2.7 (Packed Virtqueues). */
import { ok } from '../../base/outcome.ts';
import type { State } from '../../base/state.ts';
import { type Chain, type Descriptor, isExact, type Malformed, malformed } from './chain.ts';
import { get16, get32, get64 } from './dma.ts';

/** Where a queue lies. For a legacy queue, `queue.ts` has worked it out from the page number. */
export interface RingLayout {
  readonly size: number;
  readonly descriptors: number;
  /** Available ring, or the driver's event suppression structure. */
  readonly driver: number;
  /** Used ring, or the device's event suppression structure. */
  readonly device: number;
}

export interface RingFeatures {
  readonly indirect: boolean;
  readonly eventIndex: boolean;
}

export interface Ring {
  /** The next chain the driver made available, or undefined if there is none. */
  next(): Malformed<Chain | undefined>;
  /** Returns a chain to the driver, with `written` bytes in its writable part. */
  complete(chain: Chain, written: number): Malformed<true>;
  /** Whether the driver wants an interrupt for what was completed since this was asked last. */
  interrupts(): boolean;
  /** Tells the driver whether it should notify. */
  listen(on: boolean): void;
  /** Where the device is in the ring, and back to it: chains taken since are available again. */
  save(): State;
  load(state: State): void;
}

export const DESCRIPTOR = 16;

/** Flags of a descriptor. */
export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

/** A descriptor as 16 bytes in memory; the flags stand elsewhere in a packed one. */
export function descriptor(bytes: Uint8Array, flagsAt: number): Descriptor {
  const flags = get16(bytes, flagsAt);
  return {
    address: get64(bytes, 0),
    length: get32(bytes, 8),
    write: (flags & WRITE) !== 0,
    next: (flags & NEXT) !== 0,
    indirect: (flags & INDIRECT) !== 0,
  };
}

/** How many descriptors an indirect table has, once the one that names it is known to be a fair one; its WRITE flag means nothing. */
export function tableLength({ address, length, next }: Descriptor): Malformed<number> {
  if (next) return malformed('an indirect descriptor that goes on');
  if (length === 0 || length % DESCRIPTOR !== 0) return malformed(`an indirect table of ${length} bytes`);
  return isExact(address) ? ok(length / DESCRIPTOR) : malformed('an indirect table beyond all memory');
}
