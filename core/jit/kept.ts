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

/** A region that is kept. */
export interface Entry {
  readonly words: Int32Array;
  readonly group: Group;
}

/** Regions that were made at about the same time: who needs one of them will soon need the others. */
interface Group {
  readonly entries: Set<Entry>;
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
  /** Whether an earlier run has left something. */
  readonly hasOld: boolean;
  readonly #arena: Arena;
  readonly #layout: number;
  readonly #groups = new Set<Group>();
  readonly #byPlace = new Map<number, Entry[]>();
  /** The group that is being made. */
  #open = newGroup(USE.made);
  #newBytes = 0;

  /** `bytes` is what `save` returned, or empty. `layout`: functions are good for one only. */
  constructor(bytes: Uint8Array, arena: Arena, layout: number) {
    this.#arena = arena;
    this.#layout = layout;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.hasOld = words.length > 0 && words[FIRST.layout] === layout;
    if (this.hasOld) this.#read(words);
  }

  #read(words: Int32Array): void {
    let at: number = FIRST.length;
    for (let groups = words[FIRST.groups] as number; groups > 0; groups--) {
      const group = newGroup(USE.unused);
      this.#groups.add(group);
      for (let count = words[at++] as number; count > 0; count--) {
        const length = words[at] as number;
        this.#enter({ words: words.subarray(at, at + length), group });
        at += length;
      }
    }
  }

  #enter(entry: Entry): void {
    entry.group.entries.add(entry);
    const place = placeOfEntry(entry);
    const there = this.#byPlace.get(place);
    if (there === undefined) this.#byPlace.set(place, [entry]);
    else there.push(entry);
  }

  /** What there is for the code at a key, and what was made together with it; undefined if there is nothing. */
  at(key: number, delta: number): Entry[] | undefined {
    const group = this.#byPlace.get(placeOf(key, delta))?.find((entry) => this.#isThere(entry))?.group;
    if (group === undefined) return undefined;
    if (group.use === USE.unused) group.use = USE.used;
    return [...group.entries].filter((entry) => this.#isThere(entry));
  }

  /** Whether the code lies there that an entry was made from. */
  #isThere({ words }: Entry): boolean {
    const code = this.#arena.u16;
    let at = 2 * originOf(words);
    const end = HEAD.length + 2 * (words[HEAD.ranges] as number);
    for (let range = HEAD.length; range < end; range += 2) {
      const last = (words[range + 1] as number) >>> 1;
      for (let half = (words[range] as number) >>> 1; half < last; half++, at++) {
        if (code[half] !== (((words[at >>> 1] as number) >>> (16 * (at & 1))) & 0xffff)) return false;
      }
    }
    return true;
  }

  /** Keeps a region in the group that is being made, if there is room for it. */
  add(made: Made): Entry | undefined {
    if (this.#newBytes > MOST || (this.#byPlace.get(placeOf(made.key, made.delta))?.length ?? 0) >= VERSIONS) return undefined;
    const entry = { words: this.#wordsOf(made), group: this.#open };
    this.#newBytes += entry.words.byteLength;
    this.#enter(entry);
    return entry;
  }

  #wordsOf({ key, delta, ranges, exits, code, callsFunctions, grows }: Made): Int32Array {
    const head = HEAD.length + 2 * ranges.length;
    const origin = head + exits.length + ((code.length + 3) >>> 2);
    const halves = ranges.reduce((sum, [from, end]) => sum + ((end - from) >>> 1), 0);
    const words = new Int32Array(origin + ((halves + 1) >>> 1));
    const flags = (callsFunctions ? FLAG.callsFunctions : 0) | (grows ? FLAG.grows : 0);
    words.set([words.length, key, delta, flags, ranges.length, exits.length, code.length, ...ranges.flat()]);
    words.set(exits, head);
    new Uint8Array(words.buffer).set(code, 4 * (head + exits.length));
    const halfwords = new Uint16Array(words.buffer);
    let at = 2 * origin;
    for (const [from, end] of ranges) {
      halfwords.set(this.#arena.u16.subarray(from >>> 1, end >>> 1), at);
      at += (end - from) >>> 1;
    }
    return words;
  }

  /** What was added since the last group was made at the same time. */
  endGroup(): void {
    if (this.#open.entries.size === 0) return;
    this.#groups.add(this.#open);
    this.#open = newGroup(USE.made);
  }

  /** A region is of no use any more: its code has changed, or a larger one took its place. */
  forget(entry: Entry): void {
    const { words, group } = entry;
    if (!group.entries.delete(entry)) return;
    if (group.entries.size === 0) this.#groups.delete(group);
    if (group.use === USE.made) this.#newBytes -= words.byteLength;
    const place = placeOfEntry(entry);
    const others = (this.#byPlace.get(place) ?? []).filter((other) => other !== entry);
    if (others.length === 0) this.#byPlace.delete(place);
    else this.#byPlace.set(place, others);
  }

  /** All of it for a later run, as far as there is room; undefined if little has changed. */
  save(): Uint8Array | undefined {
    const count = (use: Group['use']) =>
      [...this.#groups].reduce((sum, one) => sum + (one.use === use ? one.entries.size : 0), 0);
    if (count(USE.made) * CHANGED <= count(USE.used)) return undefined;
    const joined: Int32Array[][] = [];
    let length: number = FIRST.length;
    for (const { entries } of [...this.#groups].sort((a, b) => a.use - b.use)) {
      const group = [...entries].map(({ words }) => words);
      const more = group.reduce((sum, words) => sum + words.length, 1);
      if (4 * (length + more) > MOST) continue;
      length += more;
      const last = joined.at(-1);
      if (last === undefined || last.length + group.length > JOINED) joined.push(group);
      else last.push(...group);
    }
    return bytesOf(this.#layout, joined, length);
  }
}

const newGroup = (use: Group['use']): Group => ({ entries: new Set(), use });

/** `length` is that of it all, in words, or a little more. */
function bytesOf(layout: number, groups: readonly (readonly Int32Array[])[], length: number): Uint8Array {
  const all = new Int32Array(length);
  all.set([layout, groups.length]);
  let at: number = FIRST.length;
  for (const group of groups) {
    all[at++] = group.length;
    for (const words of group) {
      all.set(words, at);
      at += words.length;
    }
  }
  return new Uint8Array(all.buffer, 0, 4 * at);
}

/** The region of an entry. */
export function madeOf({ words }: Entry): Made {
  const ranges = Array.from({ length: words[HEAD.ranges] as number }, (_, i) => {
    const at = HEAD.length + 2 * i;
    return [words[at] as number, words[at + 1] as number] as const;
  });
  const exits = HEAD.length + 2 * ranges.length;
  const code = exits + (words[HEAD.exits] as number);
  const flags = words[HEAD.flags] as number;
  return {
    key: words[HEAD.key] as number,
    delta: words[HEAD.delta] as number,
    ranges,
    exits: words.subarray(exits, code),
    code: new Uint8Array(words.buffer, words.byteOffset + 4 * code, words[HEAD.code]),
    callsFunctions: (flags & FLAG.callsFunctions) !== 0,
    grows: (flags & FLAG.grows) !== 0,
  };
}

/** One number of a key and the distance of its page, which is one of pages. */
const placeOf = (key: number, delta: number): number => (key >>> 0) + (delta >>> PAGE_BITS) * 0x1_0000_0000;

const placeOfEntry = ({ words }: Entry): number => placeOf(words[HEAD.key] as number, words[HEAD.delta] as number);

/** Where the halfwords begin that an entry was made from, in words. */
const originOf = (words: Int32Array): number =>
  HEAD.length + 2 * (words[HEAD.ranges] as number) + (words[HEAD.exits] as number) + (((words[HEAD.code] as number) + 3) >>> 2);
