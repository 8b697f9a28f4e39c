/**
 * What a run has translated, as bytes for later runs: the function of each region, with the code that it was made from and where that lay. It is
 * taken only where the same code lies at the same place again, so it may be what another image left behind. That the functions are what this
 * translator wrote is for the host to see to, by a sum: who may write the file may write the program too.
 */
import { type Arena, PAGE_BITS } from '../bus/memory.ts';
import { encode, entryAt, isThere, placeIn, type RegionCode } from './kept-entry.ts';

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

/**
 * The first words of it all: the place of the arena that functions name; how many words are of groups, each of which begins with its number of
 * entries. After those are the forms of threaded code.
 */
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
  /** Functions of the forms of threaded code, and how many of them an earlier run has left. */
  readonly forms: Map<string, Uint8Array>;
  readonly #oldForms: number;
  /** The group that is being made. */
  #open = newGroup(USE.made);
  #newBytes = 0;

  /** `bytes` is what `save` returned, or empty. `layout`: functions are good for one only. */
  constructor(bytes: Uint8Array, arena: Arena, layout: number) {
    this.#arena = arena;
    this.#layout = layout;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.hasOld = words.length > 0 && words[FIRST.layout] === layout;
    const end = this.hasOld ? FIRST.length + ((words[FIRST.groups] as number) >>> 0) : 0;
    this.#read(words.subarray(0, end));
    this.forms = readForms(bytes.subarray(4 * end));
    this.#oldForms = this.forms.size;
  }

  #read(words: Int32Array): void {
    for (let at: number = FIRST.length; at < words.length; ) {
      const group = newGroup(USE.unused);
      this.#groups.add(group);
      for (let count = words[at++] as number; count > 0; count--) {
        const entry = entryAt(words, at);
        if (entry === undefined) return;
        this.#enter({ words: entry, group });
        at += entry.length;
      }
    }
  }

  #enter(entry: Entry): void {
    entry.group.entries.add(entry);
    const place = placeOf(placeIn(entry.words));
    const there = this.#byPlace.get(place);
    if (there === undefined) this.#byPlace.set(place, [entry]);
    else there.push(entry);
  }

  /** What there is for the code at a key, and what was made together with it; undefined if there is nothing. */
  at(key: number, delta: number): Entry[] | undefined {
    const group = this.#byPlace.get(placeOf({ key, delta }))?.find((entry) => isThere(entry.words, this.#arena))?.group;
    if (group === undefined) return undefined;
    if (group.use === USE.unused) group.use = USE.used;
    return [...group.entries].filter((entry) => isThere(entry.words, this.#arena));
  }

  /** Keeps a region in the group that is being made, if there is room for it. */
  add(region: RegionCode): Entry | undefined {
    if (this.#newBytes > MOST || (this.#byPlace.get(placeOf(region))?.length ?? 0) >= VERSIONS) return undefined;
    const entry = { words: encode(region, this.#arena), group: this.#open };
    this.#newBytes += entry.words.byteLength;
    this.#enter(entry);
    return entry;
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
    const place = placeOf(placeIn(entry.words));
    const others = (this.#byPlace.get(place) ?? []).filter((other) => other !== entry);
    if (others.length === 0) this.#byPlace.delete(place);
    else this.#byPlace.set(place, others);
  }

  /** All of it for a later run, as far as there is room; undefined if little has changed. */
  save(): Uint8Array | undefined {
    const count = (use: Group['use']) =>
      [...this.#groups].reduce((sum, one) => sum + (one.use === use ? one.entries.size : 0), 0);
    const forms = (this.forms.size - this.#oldForms) * CHANGED > this.#oldForms;
    if (count(USE.made) * CHANGED <= count(USE.used) && !forms) return undefined;
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
    return bytesOf(this.#layout, joined, length, formBytes(this.forms));
  }
}

const newGroup = (use: Group['use']): Group => ({ entries: new Set(), use });

/** `length` is that of the groups with what is before them, in words, or a little more. */
function bytesOf(
  layout: number,
  groups: readonly (readonly Int32Array[])[],
  length: number,
  forms: readonly Uint8Array[],
): Uint8Array {
  const all = new Int32Array(length);
  let at: number = FIRST.length;
  for (const group of groups) {
    all[at++] = group.length;
    for (const words of group) {
      all.set(words, at);
      at += words.length;
    }
  }
  all.set([layout, at - FIRST.length]);
  const bytes = new Uint8Array(4 * at + forms.reduce((sum, { length }) => sum + length, 0));
  bytes.set(new Uint8Array(all.buffer, 0, 4 * at));
  let end = 4 * at;
  for (const form of forms) {
    bytes.set(form, end);
    end += form.length;
  }
  return bytes;
}

/** Of each form: the lengths of its key and of its function, two bytes each; the key, of ASCII; the function. */
function formBytes(forms: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  return [...forms].map(([key, code]) => {
    const bytes = new Uint8Array(FORM_HEAD + key.length + code.length);
    bytes.set([key.length & 0xff, key.length >>> 8, code.length & 0xff, code.length >>> 8]);
    for (let i = 0; i < key.length; i++) bytes[FORM_HEAD + i] = key.charCodeAt(i);
    bytes.set(code, FORM_HEAD + key.length);
    return bytes;
  });
}

const FORM_HEAD = 4;

/** Those before one that cannot be a form. */
function readForms(bytes: Uint8Array): Map<string, Uint8Array> {
  const forms = new Map<string, Uint8Array>();
  for (let at = 0; at + FORM_HEAD < bytes.length; ) {
    const [a, b, c, d] = bytes.subarray(at, at + FORM_HEAD) as unknown as readonly [number, number, number, number];
    const code = at + FORM_HEAD + (a | (b << 8));
    at = code + (c | (d << 8));
    if (at > bytes.length || code === at) return forms;
    forms.set(String.fromCharCode(...bytes.subarray(code - (a | (b << 8)), code)), bytes.subarray(code, at));
  }
  return forms;
}

/** One number of a key and the distance of its page, which is one of pages. */
const placeOf = ({ key, delta }: Pick<RegionCode, 'key' | 'delta'>): number =>
  (key >>> 0) + (delta >>> PAGE_BITS) * 0x1_0000_0000;
