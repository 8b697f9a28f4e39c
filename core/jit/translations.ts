/**
 * Translated regions, shared by the cores: they are made in batches, found by address, and dropped when their code changes. Bounded: past a
 * limit the oldest batch goes.
 */
import { type Arena, PAGE_BITS } from '../bus/memory.ts';
import type { CodeCache } from '../cpu/code-cache.ts';
import { LEAVE } from './emitter.ts';
import { flowOf } from './flow.ts';
import type { Dispatch, Outside, WasmHost } from './host.ts';
import { batchModule, dispatcherModule, SLOT_BYTES, SLOTS, slotOf } from './module.ts';
import { MAX_ITEMS, type Region, RegionBuilder, type RegionOptions } from './region.ts';
import { STAGED } from './staging.ts';
import { type Staged, translate } from './translate.ts';
import { Writer } from './wasm.ts';

/** What to add to an address for its place in the arena, if its page may be executed. */
export type Delta = (va: number) => number | undefined;

/** A translated region, or one that waits for its batch. */
class Translation {
  readonly key: number;
  readonly delta: number;
  /** Ranges of the arena that it was made from: first byte and end of each. */
  readonly ranges: readonly (readonly [number, number])[];
  /** In the table; -1 while it waits. */
  index = -1;
  dead = false;

  constructor(key: number, delta: number, ranges: readonly (readonly [number, number])[]) {
    this.key = key;
    this.delta = delta;
    this.ranges = ranges;
  }
}

interface Batch {
  readonly first: number;
  readonly translations: readonly Translation[];
}

/** What tests choose, to see much in little time or to see what is rare. */
export interface TranslationOptions extends RegionOptions {
  /** How often a block is entered before it is translated. */
  readonly hot: number;
  /** Regions in a batch, and how often the engine interprets while one waits before the batch is made. */
  readonly batch: number;
  readonly patience: number;
  /** Functions in the table; at least as many as in a batch. */
  readonly functions: number;
  /** The meanings of instructions. */
  readonly staged: Readonly<Record<string, Staged>>;
}

const OPTIONS: TranslationOptions = {
  hot: 60,
  ahead: false,
  items: MAX_ITEMS,
  batch: 64,
  patience: 2000,
  functions: 1 << 14,
  staged: STAGED,
};

/** Everything is translated before it is first executed. */
export const AT_ONCE: Partial<TranslationOptions> = { hot: 1, ahead: true, batch: 1, patience: 0 };

export class Translations {
  readonly dispatch: Dispatch;
  /** Of the engine that runs translated code. */
  outside: Outside = () => LEAVE.attend;
  readonly #arena: Arena;
  readonly #cache: CodeCache;
  readonly #host: WasmHost;
  readonly options: TranslationOptions;
  /** The table of the dispatcher, as words, and where it begins in them. */
  readonly #slots: number;
  readonly #byKey = new Map<number, Translation[]>();
  readonly #byPage = new Map<number, Set<Translation>>();
  readonly #batches: Batch[] = [];
  readonly #waiting: Translation[] = [];
  readonly #code = new Writer();
  /** Keys of the blocks within the regions that wait: they need none of their own before it is seen what those do. */
  readonly #covered = new Set<number>();
  #patience = 0;
  #next = 0;
  /** For reports: instructions translated and regions made. */
  readonly made = { regions: 0, instructions: 0, batches: 0, dropped: 0 };

  static readonly BYTES = SLOTS * SLOT_BYTES;

  constructor(arena: Arena, cache: CodeCache, host: WasmHost, options: Partial<TranslationOptions> = {}) {
    this.options = { ...OPTIONS, ...options };
    this.#arena = arena;
    this.#cache = cache;
    this.#host = host;
    const offset = arena.reserve(Translations.BYTES);
    this.#slots = offset >>> 2;
    this.#clearSlots();
    this.dispatch = host.dispatcher(dispatcherModule(offset), (expected) => this.outside(expected));
    arena.onCodeWritten((at, bytes) => this.#written(at, bytes));
    cache.onForgotten(() => this.#dropAll());
  }

  #clearSlots(): void {
    // An odd address that is no Thumb key of a halfword: -1 is 0xfffffffe in Thumb state, whose page has no code of ours.
    this.#arena.i32.fill(-1, this.#slots, this.#slots + (SLOTS * SLOT_BYTES) / 4);
  }

  /** Whether the dispatcher would find a region for a key. */
  ready(key: number): boolean {
    return this.#arena.i32[this.#slots + slotOf(key) * (SLOT_BYTES / 4)] === key;
  }

  /** Puts a region that is known into the dispatcher's table. */
  find(key: number, delta: number | undefined): boolean {
    const found = this.#byKey.get(key)?.find((translation) => translation.delta === delta);
    if (found === undefined || found.index < 0) return false;
    const at = this.#slots + slotOf(key) * (SLOT_BYTES / 4);
    this.#arena.i32[at] = key;
    this.#arena.i32[at + 1] = found.index;
    this.#arena.i32[at + 2] = found.delta;
    return true;
  }

  /** Whether a region waits that has the code at a key, or one is there already. */
  knows(key: number, delta: number | undefined): boolean {
    if (this.#covered.has(key)) return true;
    return this.#byKey.get(key)?.some((translation) => translation.delta === delta) ?? false;
  }

  /** To be called when the engine interprets: makes the batch if enough regions wait, or if they have waited long enough. */
  tick(): void {
    if (this.#waiting.length > 0 && (--this.#patience <= 0 || this.#waiting.length >= this.options.batch)) this.#makeBatch();
  }

  /** Translates the region at a key. False if there is nothing to translate. */
  add(key: number, delta: Delta): boolean {
    const { staged } = this.options;
    const pc = key & ~1;
    const thumb = (key & 1) !== 0;
    const pageAt = (va: number) => {
      const found = delta(va);
      return found === undefined ? undefined : ((va & ~0xfff) + found) >>> 0;
    };
    const isStaged = (name: string) => staged[name] !== undefined;
    const flow = (op: Parameters<typeof flowOf>[0], at: number, t: boolean) => flowOf(op, at, t, isStaged);
    const region = new RegionBuilder(this.#cache, pageAt, flow, thumb, this.options).build(pc);
    if (region === undefined) return false;
    const literals: [number, number][] = [];
    const literal = (address: number) => {
      const found = (address & 3) === 0 ? delta(address) : undefined;
      if (found === undefined) return undefined;
      const at = (address + found) >>> 0;
      literals.push([at, at + 4]);
      return this.#arena.i32[at >>> 2];
    };
    translate(region, { staged, literal, delta }, this.#code);
    const ranges = [...rangesOf(region, delta), ...literals];
    this.#enter(new Translation(key, delta(pc) as number, ranges));
    for (const block of region.blocks) if (block.calls.depth === 0) this.#covered.add(block.pc | (thumb ? 1 : 0));
    this.made.regions++;
    this.made.instructions += region.blocks.reduce((sum, { items }) => sum + items.length, 0);
    return true;
  }

  #enter(translation: Translation): void {
    const known = this.#byKey.get(translation.key);
    if (known === undefined) this.#byKey.set(translation.key, [translation]);
    else known.push(translation);
    for (const [from] of translation.ranges) {
      const page = from >>> PAGE_BITS;
      const there = this.#byPage.get(page);
      if (there === undefined) this.#byPage.set(page, new Set([translation]));
      else there.add(translation);
    }
    if (this.#waiting.length === 0) this.#patience = this.options.patience;
    this.#waiting.push(translation);
  }

  #makeBatch(): void {
    const translations = this.#waiting.splice(0);
    const count = translations.length;
    if (this.#next + count > this.options.functions) {
      // What is left at the table's end goes, so that the oldest batch is again the one that stands in the way first.
      this.#makeRoom(this.#next, this.options.functions - this.#next);
      this.#next = 0;
    }
    this.#makeRoom(this.#next, count);
    this.#host.load(batchModule(this.#code, count), this.#next, count);
    this.#code.clear();
    this.#covered.clear();
    translations.forEach((translation, i) => {
      translation.index = this.#next + i;
      if (!translation.dead) this.find(translation.key, translation.delta);
    });
    this.#batches.push({ first: this.#next, translations });
    this.#next += count;
    this.made.batches++;
  }

  /** Drops the oldest batches as long as they hold places of the table that are needed. */
  #makeRoom(first: number, count: number): void {
    for (let oldest = this.#batches[0]; oldest !== undefined; oldest = this.#batches[0]) {
      if (oldest.first >= first + count || oldest.first + oldest.translations.length <= first) return;
      this.#batches.shift();
      for (const translation of oldest.translations) this.#drop(translation);
      this.#host.unload(oldest.first, oldest.translations.length);
    }
  }

  #written(at: number, bytes: number): void {
    const there = this.#byPage.get(at >>> PAGE_BITS);
    if (there === undefined) return;
    for (const translation of [...there]) {
      if (translation.ranges.some(([from, end]) => from < at + bytes && at < end)) this.#drop(translation);
    }
  }

  #drop(translation: Translation): void {
    if (translation.dead) return;
    translation.dead = true;
    this.made.dropped++;
    const { key } = translation;
    const others = (this.#byKey.get(key) ?? []).filter((other) => other !== translation);
    if (others.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, others);
    for (const [from] of translation.ranges) this.#byPage.get(from >>> PAGE_BITS)?.delete(translation);
    const slot = this.#slots + slotOf(key) * (SLOT_BYTES / 4);
    if (this.#arena.i32[slot] === key) this.#arena.i32[slot] = -1;
  }

  #dropAll(): void {
    for (const list of [...this.#byKey.values()]) for (const translation of list) this.#drop(translation);
  }
}

function rangesOf({ blocks }: Region, delta: Delta): [number, number][] {
  return blocks.map(({ pc, end }) => {
    const from = (pc + (delta(pc) as number)) >>> 0;
    return [from, from + (end - pc)];
  });
}
