/** Entries of L1 and L2 tables. Reference: QEMU, docs/interop/qcow2.txt, 'Cluster mapping'. */

/** Bit 63 of an entry, in its upper word: the only reference to what it names, which may be written in place. */
export const COPIED = 0x8000_0000;
const COMPRESSED = 0x4000_0000;
/** Bit 0: reads as zero (version 3). */
const ZERO = 1;

/** As a pair of words: an offset has 56 bits, a number 53. */
export interface Entry {
  readonly high: number;
  readonly low: number;
}

export const NONE: Entry = { high: 0, low: 0 };
export const PLAIN_ZERO: Entry = { high: 0, low: ZERO };

export const entryAt = (view: DataView, index: number): Entry => ({
  high: view.getUint32(index * 8),
  low: view.getUint32(index * 8 + 4),
});

export function putEntry(view: DataView, index: number, { high, low }: Entry): void {
  view.setUint32(index * 8, high);
  view.setUint32(index * 8 + 4, low);
}

/** Bits 9 to 55. */
export const offsetOf = ({ high, low }: Entry): number => (high & 0xff_ffff) * 0x1_0000_0000 + ((low & ~0x1ff) >>> 0);

export const isCopied = ({ high }: Entry): boolean => (high & COPIED) !== 0;

/** An entry that names a cluster of its own. */
export const owned = (offset: number, zero = false): Entry => ({
  high: (COPIED | Math.floor(offset / 0x1_0000_0000)) >>> 0,
  low: ((offset % 0x1_0000_0000) | (zero ? ZERO : 0)) >>> 0,
});

export type Kind = 'hole' | 'zero' | 'data' | 'compressed';

export function kindOf({ high, low }: Entry, version: 2 | 3): Kind {
  if (high & COMPRESSED) return 'compressed';
  if (version === 3 && low & ZERO) return 'zero';
  return offsetOf({ high, low }) === 0 ? 'hole' : 'data';
}

/** Bits that the format keeps for later, in a standard entry. */
export const hasReserved = ({ high, low }: Entry, version: 2 | 3): boolean =>
  (high & 0x3f00_0000) !== 0 || (low & (version === 3 ? 0x1fe : 0x1ff)) !== 0;

/** Where the bytes of a compressed cluster lie, as 'Compressed Clusters Descriptor' has it. */
export function compressedAt({ high, low }: Entry, clusterBits: number): { readonly offset: number; readonly length: number } {
  const split = 62 - (clusterBits - 8) - 32;
  const descriptor = high & 0x3fff_ffff;
  const offset = (descriptor % 2 ** split) * 0x1_0000_0000 + low;
  return { offset, length: (Math.floor(descriptor / 2 ** split) + 1) * 512 - (offset % 512) };
}
