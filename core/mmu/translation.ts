/** A translation, as the TLB keeps it: the page, where it came from, and what each stage allows. */

export type MemoryType = 'strongly-ordered' | 'device' | 'normal';

export interface Translation {
  /** Virtual and physical address of the 4 KiB page. */
  readonly va: number;
  readonly pa: number;
  /** Intermediate physical address of the page; equal to pa without stage 2. */
  readonly ipa: number;
  /** Log2 of the size of the stage-1 block or page that this came from: what an invalidate by address removes. */
  readonly blockBits: number;
  readonly level: 1 | 2 | 3;
  /** Non-secure physical address space (from the NS bits). */
  readonly nonSecure: boolean;
  /** nG was 0: matches any ASID. */
  readonly global: boolean;
  readonly domain: number;
  /** Stage-1 permissions before domain and privilege are applied, as masks of the `RIGHT` bits. */
  readonly privileged: number;
  readonly user: number;
  /** Stage-2 permissions, or all without stage 2. */
  readonly stage2: number;
  readonly stage2Level: 0 | 1 | 2 | 3;
  readonly type: MemoryType;
  /** Memory attributes as PAR and the long-descriptor MAIR byte show them. */
  readonly attributes: number;
  readonly shareability: 0 | 2 | 3;
}

export const RIGHT = { read: 1, write: 2, execute: 4 } as const;
