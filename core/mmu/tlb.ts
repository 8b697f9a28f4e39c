/**
 * The unified TLB of one core: it keeps whole translations (both stages) until they are invalidated or make room for others, stale ones too.
 * Set-associative and deterministic: what is in it depends on nothing but the order of fills and invalidates.
 * Reference: DDI 0406C B3.9 (TLBs), B3.10 (maintenance).
 */
import type { State, Stateful } from '../base/state.ts';
import type { Regime } from './regime.ts';
import { ENTRY_WORDS, packEntry, unpackEntry } from './tlb-state.ts';
import type { Translation } from './translation.ts';

/** Whose entries a maintenance operation reaches. Without `vmid`, those of every virtual machine (TLBIALLNSNH). */
export interface Scope {
  readonly kind: 'PL1&0' | 'Hyp';
  readonly secure: boolean;
  readonly vmid?: number;
}

export interface TlbEntry {
  readonly page: Translation;
  readonly hyp: boolean;
  readonly secure: boolean;
  /** Stage 1 was on: an entry made with it off is not for a regime that has it on, nor the other way round. */
  readonly enabled: boolean;
  /** VMID, or -1 for an entry made while stage 2 was off. */
  readonly vmid: number;
  readonly asid: number;
}

const SETS = 1024;
const WAYS = 4;

export class Tlb implements Stateful {
  readonly #entries: (TlbEntry | undefined)[] = new Array<TlbEntry | undefined>(SETS * WAYS).fill(undefined);
  /** Address and size of each entry once more, as words: an invalidate by address looks at all of them. */
  readonly #vas = new Int32Array(SETS * WAYS);
  readonly #masks = new Int32Array(SETS * WAYS);
  /** How many entries of sections and blocks there are for each mebibyte: without one, an address can only be in its own set. */
  readonly #blocks = new Uint16Array(4096);
  /** Entries of each set. Most sets are empty, and an invalidate passes over those. */
  readonly #used = new Uint8Array(SETS);
  /** The way of each set that is replaced next, when none is free. */
  readonly #next = new Uint8Array(SETS);
  readonly #invalidated: ((page?: number) => void)[] = [];
  readonly #evicted: ((va: number) => void)[] = [];
  readonly #inserted: (() => void)[] = [];

  lookup(regime: Regime, va: number): Translation | undefined {
    const from = ((va >>> 12) % SETS) * WAYS;
    for (let i = from; i < from + WAYS; i++) {
      const entry = this.#entries[i];
      if (entry !== undefined && (entry.page.va ^ va) >>> 12 === 0 && belongs(entry, regime)) return entry.page;
    }
    return undefined;
  }

  /** Keeps a translation that `lookup` did not find. */
  insert(regime: Regime, page: Translation): void {
    const set = (page.va >>> 12) % SETS;
    const slot = this.#slot(set);
    const old = this.#entries[slot];
    const { secure, enabled, asid } = regime;
    this.#put(slot, { page, hyp: regime.kind === 'Hyp', secure, enabled, vmid: vmidOf(regime), asid });
    for (const listener of this.#inserted) listener();
    if (old !== undefined) for (const listener of this.#evicted) listener(old.page.va);
  }

  /** TLBIALL, TLBIALLH; TLBIALLNSNH with a scope that names no VMID. */
  invalidateAll(scope: Scope): void {
    this.#drop((entry) => reaches(scope, entry));
  }

  /** TLBIMVA and TLBIMVAH: global entries whatever the ASID. */
  invalidateAddress(scope: Scope, va: number, asid: number): void {
    this.#dropAt(va, (entry) => reaches(scope, entry) && (entry.page.global || entry.asid === asid));
  }

  /** TLBIMVAA. */
  invalidateAddressAllAsids(scope: Scope, va: number): void {
    this.#dropAt(va, (entry) => reaches(scope, entry));
  }

  /** TLBIASID: global entries stay. */
  invalidateAsid(scope: Scope, asid: number): void {
    this.#drop((entry) => reaches(scope, entry) && !entry.page.global && entry.asid === asid);
  }

  /** Told of every page that an invalidate by address removed, or once without an address after one that removed any others. */
  onInvalidate(listener: (page?: number) => void): void {
    this.#invalidated.push(listener);
  }

  /** Told of a page that left to make room. A cache above this one must forget it too, or it would know more than a restored TLB. */
  onEvict(listener: (va: number) => void): void {
    this.#evicted.push(listener);
  }

  /** Told when a translation is kept. */
  onInsert(listener: () => void): void {
    this.#inserted.push(listener);
  }

  save(): State {
    const kept = [...this.#entries.entries()].filter((pair): pair is [number, TlbEntry] => pair[1] !== undefined);
    const entries = new Int32Array(kept.length * ENTRY_WORDS);
    kept.forEach(([slot, entry], i) => {
      packEntry(entries, i * ENTRY_WORDS, slot, entry);
    });
    return { entries, next: this.#next.slice() };
  }

  load(state: State): void {
    this.reset();
    const entries = state['entries'] as Int32Array;
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      const { slot, entry } = unpackEntry(entries, at);
      this.#put(slot, entry);
    }
    this.#next.set(state['next'] as Uint8Array);
  }

  reset(): void {
    this.#next.fill(0);
    this.#drop(() => true);
  }

  #slot(set: number): number {
    for (let way = 0; way < WAYS; way++) if (this.#entries[set * WAYS + way] === undefined) return set * WAYS + way;
    const way = this.#next[set] as number;
    this.#next[set] = (way + 1) % WAYS;
    return set * WAYS + way;
  }

  #put(slot: number, entry: TlbEntry): void {
    this.#remove(slot);
    this.#entries[slot] = entry;
    const set = (slot / WAYS) | 0;
    this.#used[set] = (this.#used[set] as number) + 1;
    this.#countBlock(entry.page, 1);
    this.#vas[slot] = entry.page.va;
    this.#masks[slot] = -1 << entry.page.blockBits;
  }

  /** The whole section or block goes if any address in it is named. */
  #dropAt(va: number, condition: (entry: TlbEntry) => boolean): void {
    const vas = this.#vas;
    const masks = this.#masks;
    const anywhere = this.#blocks[va >>> 20] !== 0;
    const own = (va >>> 12) % SETS;
    this.#over(anywhere ? 0 : own, anywhere ? SETS : own + 1, (slot, entry) => {
      if ((((vas[slot] as number) ^ va) & (masks[slot] as number)) !== 0 || !condition(entry)) return;
      this.#remove(slot);
      this.#tell(entry.page.va);
    });
  }

  #drop(condition: (entry: TlbEntry) => boolean): void {
    let gone = 0;
    this.#over(0, SETS, (slot, entry) => {
      if (!condition(entry)) return;
      this.#remove(slot);
      gone++;
    });
    if (gone > 0) this.#tell();
  }

  /** The entries of some sets. */
  #over(first: number, end: number, act: (slot: number, entry: TlbEntry) => void): void {
    for (let set = first; set < end; set++) {
      if (this.#used[set] === 0) continue;
      for (let slot = set * WAYS; slot < (set + 1) * WAYS; slot++) {
        const entry = this.#entries[slot];
        if (entry !== undefined) act(slot, entry);
      }
    }
  }

  #remove(slot: number): void {
    const entry = this.#entries[slot];
    if (entry === undefined) return;
    this.#entries[slot] = undefined;
    const set = (slot / WAYS) | 0;
    this.#used[set] = (this.#used[set] as number) - 1;
    this.#countBlock(entry.page, -1);
  }

  #countBlock({ va, blockBits }: Translation, change: 1 | -1): void {
    if (blockBits === 12) return;
    const first = (va & (-1 << blockBits)) >>> 20;
    const count = blockBits > 20 ? 1 << (blockBits - 20) : 1;
    for (let i = first; i < first + count; i++) this.#blocks[i] = (this.#blocks[i] as number) + change;
  }

  #tell(page?: number): void {
    for (const listener of this.#invalidated) listener(page);
  }
}

const vmidOf = (regime: Regime): number => regime.stage2?.vmid ?? -1;

const belongs = (entry: TlbEntry, regime: Regime): boolean =>
  entry.hyp === (regime.kind === 'Hyp') &&
  entry.secure === regime.secure &&
  entry.enabled === regime.enabled &&
  entry.vmid === vmidOf(regime) &&
  (entry.page.global || entry.asid === regime.asid);

/** An entry made without stage 2 has no VMID to spare it: removing more than asked is always permitted. */
const reaches = (scope: Scope, entry: TlbEntry): boolean =>
  entry.hyp === (scope.kind === 'Hyp') &&
  entry.secure === scope.secure &&
  (scope.vmid === undefined || scope.secure || entry.hyp || entry.vmid === -1 || entry.vmid === scope.vmid);
