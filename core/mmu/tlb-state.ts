/** TLB entries as plain words, for snapshots and the state hash. */
import { bit, bits } from '../base/bits.ts';
import { memoryType } from './attributes.ts';
import type { TlbEntry } from './tlb.ts';
import type { Translation } from './translation.ts';

export const ENTRY_WORDS = 8;
const HIGH = 0x1_0000_0000;

/** Words of an entry: slot and tags, VA, PA and IPA, rights, attributes. */
export function packEntry(to: Int32Array, at: number, slot: number, { page, hyp, secure, enabled, vmid, asid }: TlbEntry): void {
  const tags = (hyp ? 1 : 0) | (secure ? 2 : 0) | (enabled ? 4 : 0);
  to[at] = (slot << 16) | (asid << 8) | tags;
  to[at + 1] = page.va | (vmid + 1);
  to[at + 2] = (page.pa % HIGH) | 0;
  to[at + 3] = (page.ipa % HIGH) | 0;
  to[at + 4] = Math.floor(page.pa / HIGH) | (Math.floor(page.ipa / HIGH) << 8);
  to[at + 5] = page.privileged | (page.user << 3) | (page.stage2 << 6) | (page.level << 9) | (page.stage2Level << 11);
  to[at + 6] = page.attributes | (page.shareability << 8) | (page.domain << 10) | (page.blockBits << 14);
  to[at + 7] = (page.nonSecure ? 1 : 0) | (page.global ? 2 : 0);
}

export function unpackEntry(from: Int32Array, at: number): { readonly slot: number; readonly entry: TlbEntry } {
  const word = (n: number): number => from[at + n] as number;
  const tags = word(0);
  const entry: TlbEntry = {
    page: unpackPage(word),
    hyp: bit(tags, 0) === 1,
    secure: bit(tags, 1) === 1,
    enabled: bit(tags, 2) === 1,
    vmid: bits(word(1), 11, 0) - 1,
    asid: bits(tags, 15, 8),
  };
  return { slot: tags >>> 16, entry };
}

function unpackPage(word: (n: number) => number): Translation {
  const attributes = bits(word(6), 7, 0);
  return {
    va: (word(1) & ~0xfff) >>> 0,
    pa: bits(word(4), 7, 0) * HIGH + (word(2) >>> 0),
    ipa: bits(word(4), 15, 8) * HIGH + (word(3) >>> 0),
    blockBits: bits(word(6), 18, 14),
    level: bits(word(5), 10, 9) as Translation['level'],
    nonSecure: bit(word(7), 0) === 1,
    global: bit(word(7), 1) === 1,
    domain: bits(word(6), 13, 10),
    privileged: bits(word(5), 2, 0),
    user: bits(word(5), 5, 3),
    stage2: bits(word(5), 8, 6),
    stage2Level: bits(word(5), 12, 11) as Translation['stage2Level'],
    type: memoryType(attributes),
    attributes,
    shareability: bits(word(6), 9, 8) as Translation['shareability'],
  };
}
