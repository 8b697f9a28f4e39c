/**
 * What a run has translated, as bytes for later runs: the function of each region, with the code that it was made from and where that lay. It is
 * taken only where the same code lies at the same place again, so it may be what another image left behind.
 */
import { type Arena, PAGE_BITS } from '../bus/memory.ts';

/** A region with its function, as a batch has it. */
export interface Made {
  readonly key: number;
  /** From the address of its entry to its place in the arena. */
  readonly delta: number;
  /** Ranges of the arena that it was made from: first byte and end of each. */
  readonly ranges: readonly (readonly [from: number, end: number])[];
  readonly exits: Int32Array;
  /** The function, with its length in front. */
  readonly code: Uint8Array;
  /** Whether it calls functions that its module must have. */
  readonly callsFunctions: boolean;
  /** Whether a larger one may take its place. */
  readonly grows: boolean;
}

/** The same as words: these, then the ranges, the exits, the function and the halfwords that it was made from. */
const HEAD = { words: 0, key: 1, delta: 2, flags: 3, ranges: 4, exits: 5, code: 6, length: 7 } as const;
const FLAG = { callsFunctions: 1, grows: 2 } as const;
export type Entry = Int32Array;

/** Regions that were made at about the same time: who needs one of them will soon need the others. */
interface Group {
  readonly entries: readonly Entry[];
  use: (typeof USE)[keyof typeof USE];
}

/** Of this run; used by it; of earlier runs alone. It is saved in this order. */
const USE = { made: 0, used: 1, unused: 2 } as const;

/** The first words of it all: the place of the arena that functions name, and how many groups follow, each with its number of entries. */
const FIRST = { layout: 0, groups: 1, length: 2 } as const;
/** Groups are joined up to so many entries: each is a module. */
const JOINED = 128;
/** Of how many different codes at one place functions are kept. */
const VERSIONS = 4;
/** Bytes of it all, and of what a run adds. */
const MOST = 24 << 20;
/** It has changed if more than one entry of so many that a run used is new. */
const CHANGED = 32;

export class Kept {
  readonly #arena: Arena;
  readonly #layout: number;
  readonly #groups: Group[] = [];
  readonly #byPlace = new Map<number, { readonly entry: Entry; readonly group: Group }[]>();
  readonly #replaced = new Set<Entry>();
  #new = 0;
  #newBytes = 0;

  /** `bytes` is what `save` returned, or empty. `layout`: functions are good for one only. */
  constructor(bytes: Uint8Array, arena: Arena, layout: number) {
    this.#arena = arena;
    this.#layout = layout;
    if (bytes.length === 0) return;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    if (words[FIRST.layout] !== layout) return;
    let at = FIRST.length;
    for (let groups = words[FIRST.groups] as number; groups > 0; groups--) {
      const entries: Entry[] = [];
      for (let count = words[at++] as number; count > 0; count--) {
        const length = words[at] as number;
        entries.push(words.subarray(at, at + length));
        at += length;
      }
      this.#enter({ entries, use: USE.unused });
    }
  }

  #enter(group: Group): void {
    this.#groups.push(group);
    for (const entry of group.entries) {
      const place = placeOf(entry[HEAD.key] as number, entry[HEAD.delta] as number);
      const there = this.#byPlace.get(place);
      if (there === undefined) this.#byPlace.set(place, [{ entry, group }]);
      else there.push({ entry, group });
    }
  }

  /** Whether an earlier run has left something. */
  get hasOld(): boolean {
    return this.#groups.some(({ use }) => use !== USE.made);
  }

  /** What there is for the code at a key, and what was made together with it. */
  at(key: number, delta: number): Entry[] {
    for (const { entry, group } of this.#byPlace.get(placeOf(key, delta)) ?? []) {
      if (!this.#isThere(entry)) continue;
      if (group.use === USE.unused) group.use = USE.used;
      return group.entries.filter((one) => this.#isThere(one));
    }
    return [];
  }

  /** Whether the code lies there that an entry was made from. */
  #isThere(entry: Entry): boolean {
    const code = this.#arena.u16;
    let at = 2 * originOf(entry);
    const made = new Uint16Array(entry.buffer, entry.byteOffset, 2 * entry.length);
    const end = HEAD.length + 2 * (entry[HEAD.ranges] as number);
    for (let range = HEAD.length; range < end; range += 2) {
      const last = (entry[range + 1] as number) >>> 1;
      for (let half = (entry[range] as number) >>> 1; half < last; half++) if (code[half] !== made[at++]) return false;
    }
    return true;
  }

  /** The entry of a region, which is to be among those of a group; undefined if there is no room for it. */
  entryOf(made: Made): Entry | undefined {
    if (this.#newBytes > MOST || (this.#byPlace.get(placeOf(made.key, made.delta))?.length ?? 0) >= VERSIONS) return undefined;
    const { ranges, exits, code } = made;
    const origin = HEAD.length + 2 * ranges.length + exits.length + ((code.length + 3) >>> 2);
    const halves = ranges.reduce((sum, [from, end]) => sum + ((end - from) >>> 1), 0);
    const entry = new Int32Array(origin + ((halves + 1) >>> 1));
    this.#newBytes += entry.byteLength;
    const flags = (made.callsFunctions ? FLAG.callsFunctions : 0) | (made.grows ? FLAG.grows : 0);
    entry.set([entry.length, made.key, made.delta, flags, ranges.length, exits.length, code.length, ...ranges.flat()]);
    entry.set(exits, HEAD.length + 2 * ranges.length);
    new Uint8Array(entry.buffer).set(code, 4 * (HEAD.length + 2 * ranges.length + exits.length));
    const halfwords = new Uint16Array(entry.buffer);
    let at = 2 * origin;
    for (const [from, end] of ranges) {
      halfwords.set(this.#arena.u16.subarray(from >>> 1, end >>> 1), at);
      at += (end - from) >>> 1;
    }
    return entry;
  }

  /** Adds entries that were made at the same time. */
  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#enter({ entries, use: USE.made });
    this.#new += entries.length;
  }

  /** A larger region has taken the place of an entry's. */
  replaced(entry: Entry): void {
    this.#replaced.add(entry);
  }

  /** All of it for a later run, as far as there is room; undefined if little has changed. */
  save(): Uint8Array | undefined {
    const used = this.#groups.reduce((sum, { entries, use }) => sum + (use === USE.used ? entries.length : 0), 0);
    if (this.#new * CHANGED <= used) return undefined;
    const groups: Entry[][] = [];
    let bytes = 4 * FIRST.length;
    for (const group of [...this.#groups].sort((a, b) => a.use - b.use)) {
      const entries = group.entries.filter((entry) => !this.#replaced.has(entry));
      const size = entries.reduce((sum, { byteLength }) => sum + byteLength, 4);
      if (entries.length === 0 || bytes + size > MOST) continue;
      bytes += size;
      const last = groups.at(-1);
      if (last === undefined || last.length + entries.length > JOINED) groups.push(entries);
      else last.push(...entries);
    }
    const words = new Int32Array(bytes >>> 2);
    words.set([this.#layout, groups.length]);
    let at: number = FIRST.length;
    for (const entries of groups) {
      words[at++] = entries.length;
      for (const entry of entries) {
        words.set(entry, at);
        at += entry.length;
      }
    }
    return new Uint8Array(words.buffer, 0, 4 * at);
  }
}

/** The region of an entry. */
export function madeOf(entry: Entry): Made {
  const ranges = Array.from({ length: entry[HEAD.ranges] as number }, (_, i) => {
    const at = HEAD.length + 2 * i;
    return [entry[at] as number, entry[at + 1] as number] as const;
  });
  const exits = HEAD.length + 2 * ranges.length;
  const code = exits + (entry[HEAD.exits] as number);
  const flags = entry[HEAD.flags] as number;
  return {
    key: entry[HEAD.key] as number,
    delta: entry[HEAD.delta] as number,
    ranges,
    exits: entry.subarray(exits, code),
    code: new Uint8Array(entry.buffer, entry.byteOffset + 4 * code, entry[HEAD.code]),
    callsFunctions: (flags & FLAG.callsFunctions) !== 0,
    grows: (flags & FLAG.grows) !== 0,
  };
}

/** One number of a key and the distance of its page, which is one of pages. */
const placeOf = (key: number, delta: number): number => (key >>> 0) + (delta >>> PAGE_BITS) * 0x1_0000_0000;

/** Where the halfwords begin that an entry was made from, in words. */
const originOf = (entry: Entry): number =>
  HEAD.length + 2 * (entry[HEAD.ranges] as number) + (entry[HEAD.exits] as number) + (((entry[HEAD.code] as number) + 3) >>> 2);
