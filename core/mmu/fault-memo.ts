/**
 * Walks that ended in a fault, for the addresses of emulated devices: guests go there again and again, and no TLB keeps that they may not. A walk
 * is taken as made if every descriptor that it read still says the same. What it finds is no state.
 */
import type { AddressMap } from '../bus/address-map.ts';
import type { Fault } from './fault.ts';
import type { AccessKind, Regime } from './regime.ts';

const ENTRIES = 64;
const PAGE_MASK = 0xfff;

interface Entry {
  readonly regime: Regime;
  readonly page: number;
  readonly kind: AccessKind;
  readonly privileged: boolean;
  readonly fault: Fault;
  /** Words of the arena, as pairs of index and value. */
  readonly words: Int32Array;
}

type Memory = Pick<AddressMap, 'page' | 'arena' | 'onRemapped'>;

export class FaultMemo {
  readonly #memory: Memory;
  readonly #entries = new Array<Entry | undefined>(ENTRIES).fill(undefined);

  constructor(memory: Memory) {
    this.#memory = memory;
    memory.onRemapped(() => this.#entries.fill(undefined));
  }

  find(regime: Regime, va: number, kind: AccessKind, privileged: boolean): Fault | undefined {
    const entry = this.#entries[(va >>> 12) % ENTRIES];
    if (entry === undefined || entry.page !== va >>> 12 || entry.regime !== regime) return undefined;
    if (entry.kind !== kind || entry.privileged !== privileged || !this.#stands(entry.words)) return undefined;
    return entry.fault.at(va);
  }

  keep(regime: Regime, privileged: boolean, kind: AccessKind, fault: Fault): void {
    const words = this.#words(regime, fault);
    if (words === undefined) return;
    const page = fault.va >>> 12;
    this.#entries[page % ENTRIES] = { regime, page, kind, privileged, fault, words };
  }

  /** The words of the arena that a fault of `find` or `keep` follows from, as pairs of index and value. */
  evidence(fault: Fault): Int32Array | undefined {
    const entry = this.#entries[(fault.va >>> 12) % ENTRIES];
    return entry !== undefined && entry.fault.walk === fault.walk ? entry.words : undefined;
  }

  #stands(words: Int32Array): boolean {
    const { i32 } = this.#memory.arena;
    for (let i = 0; i < words.length; i += 2) if (i32[words[i] as number] !== words[i + 1]) return false;
    return true;
  }

  /** Where the descriptors stand; undefined if not all are in memory, or one of them was not read. */
  #words(regime: Regime, { type, walk }: Fault): Int32Array | undefined {
    if (type !== 'translation' && type !== 'permission') return undefined;
    const { arena } = this.#memory;
    const words: number[] = [];
    for (const { stage, at } of walk) {
      const page = this.#memory.page(at, false);
      if (page < 0) return undefined;
      const index = (page + (at & PAGE_MASK)) >>> 2;
      words.push(index, arena.i32[index] as number);
      if (stage === 2 || regime.long) words.push(index + 1, arena.i32[index + 1] as number);
    }
    return Int32Array.from(words);
  }
}
