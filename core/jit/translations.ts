/**
 * Translated regions, shared by the cores: they are made in batches, found by address, and dropped when their code changes. Bounded: past a
 * limit the oldest batch goes.
 */
import { type Arena, CODE, PAGE, PAGE_BITS } from '../bus/memory.ts';
import type { CodeCache } from '../cpu/code-cache.ts';
import type { Cpu } from '../cpu/state.ts';
import { LEAVE } from './emitter.ts';
import { flowOf } from './flow.ts';
import type { Dispatch, Outside, WasmHost } from './host.ts';
import { type Entry, Kept } from './kept.ts';
import { decode, type RegionCode } from './kept-entry.ts';
import { batchModule, dispatcherModule } from './module.ts';
import { type Extent, type Region, RegionBuilder, type RegionOptions, small, WHOLE } from './region.ts';
import { Slots } from './slots.ts';
import { STAGED } from './staging.ts';
import { Targets } from './targets.ts';
import { Threaded } from './threaded/threaded.ts';
import { type Staged, translate } from './translate.ts';
import { Writer } from './wasm.ts';

/** What to add to an address for its place in the arena, if its page may be executed. */
export type Delta = (va: number) => number | undefined;

/** A translated region, or one that waits for its batch. */
class Translation {
  readonly key: number;
  readonly delta: number;
  /** Ranges of the arena that it was made from: first byte and end of each. */
  readonly ranges: RegionCode['ranges'];
  /** In the table; -1 while it waits. */
  index = -1;
  dead = false;
  /** How often it may be entered before a larger one is made. */
  entries: number;
  /** Of its function. */
  readonly exits: Int32Array;
  readonly hints: Int32Array;
  readonly callsFunctions: boolean;
  /** By which it is kept, if it is. */
  readonly entry: Entry | undefined;

  constructor(
    { key, delta, ranges, exits, hints, callsFunctions }: Omit<RegionCode, 'code'>,
    entries: number,
    entry: Entry | undefined,
  ) {
    this.key = key;
    this.delta = delta;
    this.ranges = ranges;
    this.entries = entries;
    this.exits = exits;
    this.hints = hints;
    this.callsFunctions = callsFunctions;
    this.entry = entry;
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
  /** How often a region is entered before it is translated again, with what it leads to; 0: it is so from the beginning. */
  readonly warm: number;
  /** How often threaded code is entered before it is translated; 0: there is none. */
  readonly threaded: number;
  /** Regions in a batch, and rounds of the engine while one waits before the batch is made. */
  readonly batch: number;
  readonly patience: number;
  /** Functions in the table; at least as many as in a batch. */
  readonly functions: number;
  /** What an earlier run has kept, empty if there was none; undefined: nothing is to be kept. */
  readonly kept: Uint8Array | undefined;
  /** The meanings of instructions. */
  readonly staged: Readonly<Record<string, Staged>>;
}

const OPTIONS: TranslationOptions = {
  hot: 80,
  warm: 20_000,
  threaded: 2500,
  ahead: false,
  items: WHOLE.items,
  batch: 64,
  patience: 10_000,
  functions: 1 << 14,
  kept: undefined,
  staged: STAGED,
};

/** For how many rounds of the engine a region waits that is entered often: long enough for others of its loop to join it. */
const SOON = 100;

/** For how many rounds of the engine one counts in which code was interpreted that waits for its batch. */
const MISSED = 10;

/** Threaded code that is to be replaced by a region may be entered so often before it is looked at again. */
const AGAIN = 64;

/** So many regions of an earlier run are a batch of their own. */
const AT_ONCE_FROM = 8;

/** `hot` where an earlier run has kept something: what is translated serves all later runs, so that less heat is enough. */
const HOT_IF_KEPT = 30;

/** More entries than there ever are. */
const FOR_EVER = 0x7fff_ffff;

/** Everything is translated before it is first executed. */
export const AT_ONCE: Partial<TranslationOptions> = { hot: 1, warm: 0, threaded: 0, ahead: true, batch: 1, patience: 0 };

export class Translations {
  readonly dispatch: Dispatch;
  /** Of the engine that runs translated code. */
  outside: Outside = () => LEAVE.attend;
  /** Called at every exit from translated code to the engine, with the state as the interpreter would have it; for those who compare. */
  exited: (cpu: Cpu) => void = () => {};
  readonly #arena: Arena;
  readonly #cache: CodeCache;
  readonly #host: WasmHost;
  readonly options: TranslationOptions;
  /** How often a block is entered before it is translated. */
  readonly hot: number;
  readonly #slots: Slots;
  readonly #targets: Targets;
  readonly #threaded: Threaded;
  readonly #byKey = new Map<number, Translation[]>();
  readonly #byPage = new Map<number, Set<Translation>>();
  /** What the table's functions are of; some may be dropped already. */
  readonly #inTable: Translation[] = [];
  readonly #batches: Batch[] = [];
  readonly #waiting: Translation[] = [];
  /** Functions of those. */
  readonly #code = new Writer();
  readonly #kept: Kept | undefined;
  /** Keys of the blocks within the regions that wait: they need none of their own before it is seen what those do. */
  readonly #covered = new Set<number>();
  #patience = 0;
  #next = 0;
  /** For reports: instructions translated and regions made; `recalled`: regions that had been made before, as a rule by an earlier run. */
  readonly made = { regions: 0, instructions: 0, batches: 0, dropped: 0, recalled: 0 };

  /** Of the arena. */
  static readonly BYTES = Slots.BYTES + Targets.BYTES + Threaded.BYTES;

  constructor(arena: Arena, cache: CodeCache, host: WasmHost, options: Partial<TranslationOptions> = {}) {
    this.options = { ...OPTIONS, ...options };
    this.#arena = arena;
    this.#cache = cache;
    this.#host = host;
    this.#slots = new Slots(arena);
    this.#targets = new Targets(arena);
    const { kept, hot } = this.options;
    this.#kept = kept && new Kept(kept, arena, this.#targets.offset);
    this.#threaded = new Threaded(arena, cache, host, this.options, this.#slots, this.#kept?.forms);
    this.hot = this.#kept?.hasOld ? Math.min(hot, HOT_IF_KEPT) : hot;
    this.dispatch = host.dispatcher(dispatcherModule(this.#slots.offset), (expected) => this.outside(expected));
    arena.onCodeWritten((at, bytes) => this.#written(at, bytes));
    cache.onPageGone((offset) => this.#written(offset, PAGE));
    cache.onForgotten(() => this.#keepAll());
  }

  /** Whether the dispatcher would find a region for a key. */
  ready(key: number): boolean {
    return this.#slots.has(key);
  }

  /** Puts a region that is known into the dispatcher's table. */
  find(key: number, delta: number | undefined): boolean {
    const found = this.#known(key, delta);
    if (found === undefined) return false;
    this.#slots.put(key, found.delta, found.index, found.entries);
    return true;
  }

  /** Makes threaded code of the block at a key. Returns whether it can be entered. */
  thread(key: number, delta: number): boolean {
    this.#threaded.make(key, delta);
    return this.#slots.indexOf(key, delta) !== undefined;
  }

  /** What is at a key was entered so often that a region is due, or a larger one. */
  heated(key: number, delta: Delta): void {
    const here = delta(key & ~1);
    if (this.#known(key, here) !== undefined) return this.extend(key, delta);
    if (here !== undefined && this.recall(key, here)) return;
    if (this.knows(key, here)) this.missed(AGAIN);
    else this.add(key, delta);
    const entries = this.knows(key, here) ? AGAIN : FOR_EVER;
    this.tick();
    const index = here === undefined ? undefined : this.#slots.indexOf(key, here);
    if (index !== undefined && index < 0) this.#slots.put(key, here as number, index, entries);
  }

  /** The region at a key that can be entered. */
  #known(key: number, delta: number | undefined): Translation | undefined {
    return this.#byKey.get(key)?.find((translation) => translation.delta === delta && translation.index >= 0);
  }

  /** Whether a region waits that has the code at a key, or one is there already. */
  knows(key: number, delta: number | undefined): boolean {
    if (this.#covered.has(key)) return true;
    return this.#has(key, delta);
  }

  /** Whether a region begins at a key, be it one that waits. */
  #has(key: number, delta: number | undefined): boolean {
    return this.#byKey.get(key)?.some((translation) => translation.delta === delta) ?? false;
  }

  /** To be called in each round of the engine: makes the batch if enough regions wait, or if they have waited long enough. */
  tick(): void {
    if (this.#waiting.length > 0 && (--this.#patience <= 0 || this.#waiting.length >= this.options.batch)) this.#makeBatch();
  }

  /** A block of a region that waits was interpreted, so many times: soon that costs more than a batch of its own. */
  missed(times: number): void {
    this.#patience -= times * MISSED;
  }

  /** The exits of the region that is a function of the table. */
  exitsOf(index: number): Int32Array {
    return (this.#inTable[index] as Translation).exits;
  }

  /** Translates the region at a key. Long code without branches is several, which would else become hot one after the other. */
  add(key: number, delta: Delta): void {
    if (this.options.warm === 0) return void this.#make(key, delta, WHOLE);
    const here = delta(key & ~1);
    const thumb = key & 1;
    const extent = small((pc) => this.#has(pc | thumb, here));
    let end = this.#make(key, delta, extent)?.continues;
    while (end !== undefined && !this.knows(end | thumb, delta(end))) end = this.#make(end | thumb, delta, extent)?.continues;
  }

  /** Translates a region that was entered often once more, with what it calls. */
  extend(key: number, delta: Delta): void {
    const small = this.#known(key, delta(key & ~1));
    if (small === undefined) throw new Error('a region was entered that is not known');
    small.entries = FOR_EVER;
    this.find(key, small.delta);
    this.#make(key, delta, { ...WHOLE, ledTo: (branch) => this.#targets.of(branch) });
    this.#patience = Math.min(this.#patience, SOON);
  }

  /**
   * Takes what an earlier run made of the code at a key, with what it made at the same time: as a batch if that is much, else it waits for
   * one. Returns whether there is something to enter.
   */
  recall(key: number, delta: number): boolean {
    const found = this.#kept?.at(key, delta);
    if (found === undefined) return false;
    const regions = found.map((entry) => ({ entry, region: decode(entry.words) }));
    const missing = regions.filter(({ region }) => !this.#has(region.key, region.delta));
    for (const { entry, region } of missing) {
      this.#code.append(region.code);
      this.#enter(region, entry);
    }
    this.made.recalled += missing.length;
    if (missing.length >= AT_ONCE_FROM) this.#makeBatch();
    return this.find(key, delta);
  }

  /** What is to be kept for a later run; undefined if that is not wanted, or if little is new. */
  keep(): Uint8Array | undefined {
    return this.#kept?.save();
  }

  #make(key: number, delta: Delta, extent: Extent): Region | undefined {
    const { staged } = this.options;
    const pc = key & ~1;
    const thumb = (key & 1) !== 0;
    const pageAt = (va: number) => {
      const found = delta(va);
      return found === undefined ? undefined : ((va & ~0xfff) + found) >>> 0;
    };
    const isStaged = (name: string) => staged[name] !== undefined;
    const flow = (op: Parameters<typeof flowOf>[0], at: number, t: boolean) => flowOf(op, at, t, isStaged);
    const region = new RegionBuilder(this.#cache, pageAt, flow, thumb, this.options, extent).build(pc);
    if (region === undefined) return undefined;
    const literals: [number, number][] = [];
    const literal = (address: number) => {
      const found = (address & 3) === 0 ? delta(address) : undefined;
      if (found === undefined) return undefined;
      const at = (address + found) >>> 0;
      literals.push([at, at + 4]);
      return this.#arena.i32[at >>> 2];
    };
    const grows = region.partial && extent.calls === 0;
    const noteOf = (branch: number) => (grows ? this.#targets.placeOf(branch) : undefined);
    const { length } = this.#code;
    const translated = translate(region, { staged, literal, delta, noteOf }, this.#code);
    const ranges = [...rangesOf(region, delta), ...literals];
    const made = { key, delta: delta(pc) as number, ranges, ...translated, grows };
    const entry = this.#kept?.add({ ...made, code: this.#code.bytes.subarray(length) });
    this.#enter(made, entry);
    for (const block of region.blocks) if (block.calls.depth === 0) this.#covered.add(block.pc | (thumb ? 1 : 0));
    this.made.regions++;
    this.made.instructions += region.blocks.reduce((sum, { items }) => sum + items.length, 0);
    return region;
  }

  #enter(made: Omit<RegionCode, 'code'>, entry: Entry | undefined): void {
    const translation = new Translation(made, made.grows ? this.options.warm : FOR_EVER, entry);
    const known = this.#byKey.get(translation.key);
    if (known === undefined) this.#byKey.set(translation.key, [translation]);
    else known.push(translation);
    for (const [from] of translation.ranges) {
      const page = from >>> PAGE_BITS;
      // That of a literal may have been forgotten.
      this.#cache.page(from);
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
    this.#host.load(batchModule(this.#code, translations), this.#next, count);
    this.#code.clear();
    this.#covered.clear();
    this.#kept?.endGroup();
    translations.forEach((translation, i) => {
      const smaller = this.#known(translation.key, translation.delta);
      if (smaller !== undefined) this.#drop(smaller);
      if (smaller?.entry !== undefined && translation.entry !== undefined) this.#kept?.forget(smaller.entry);
      translation.index = this.#next + i;
      this.#inTable[translation.index] = translation;
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
    this.#threaded.written(at, bytes);
    const there = this.#byPage.get(at >>> PAGE_BITS);
    if (there === undefined) return;
    for (const translation of [...there]) {
      if (!translation.ranges.some(([from, end]) => from < at + bytes && at < end)) continue;
      this.#drop(translation);
      if (translation.entry !== undefined) this.#kept?.forget(translation.entry);
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
    this.#slots.remove(key, translation.delta);
  }

  /** Decoded code was forgotten. What is translated stays, so stores to its pages are still to be seen. */
  #keepAll(): void {
    this.#threaded.clear();
    const { marks } = this.#arena;
    for (const [page, there] of this.#byPage) {
      if (there.size > 0) marks[page] = (marks[page] as number) | CODE;
      else this.#byPage.delete(page);
    }
  }
}

function rangesOf({ blocks }: Region, delta: Delta): [number, number][] {
  return blocks.map(({ pc, end }) => {
    const from = (pc + (delta(pc) as number)) >>> 0;
    return [from, from + ((end - pc) | 0)];
  });
}
