import { expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena } from '../../../core/bus/memory.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import type { WasmHost } from '../../../core/jit/host.ts';
import { RECORD } from '../../../core/jit/threaded/record.ts';
import { Threaded } from '../../../core/jit/threaded/threaded.ts';
import { AT_ONCE, Translations } from '../../../core/jit/translations.ts';
import { Random } from '../../../tools/oracle/random.ts';

const PAGES = 64;
const ADD = 0xe2800001;
const RETURN = 0xe12fff1e;

/** A host that only remembers which places of the table are taken. */
class Table implements WasmHost {
  readonly taken = new Set<number>();
  dispatcher() {
    return () => 0;
  }
  load(_module: Uint8Array, first: number, count: number): void {
    for (let i = first; i < first + count; i++) {
      expect(this.taken.has(i), `${i} is taken`).toBe(false);
      this.taken.add(i);
    }
  }
  unload(first: number, count: number): void {
    for (let i = first; i < first + count; i++) expect(this.taken.delete(i)).toBe(true);
  }
}

function setUp(functions: number, patience = 0, warm = 0) {
  const arena = new Arena(new ArrayBuffer(0x1000 * PAGES + Translations.BYTES));
  const map = new AddressMap(arena);
  const { offset } = map.addMemory('ram', 0, 0x1000 * PAGES);
  for (let at = 0; at < 0x1000 * PAGES; at += 8) arena.i32.set([ADD, RETURN], (offset + at) >>> 2);
  const table = new Table();
  const cache = new CodeCache(new Decoder(INSTRUCTIONS), arena);
  const options = { ...AT_ONCE, functions, batch: 1000 };
  const translations = new Translations(arena, cache, table, { ...options, patience, warm });
  return { arena, offset, table, cache, translations };
}

it('no function is put where another one still is, with batches of any size', () => {
  const { offset, table, translations } = setUp(50);
  const random = new Random(7);
  let next = 0;
  for (let batch = 0; batch < 400; batch++) {
    for (let n = 1 + random.below(40); n > 0; n--) {
      const key = 8 * (next++ % (0x200 * PAGES));
      if (!translations.knows(key, offset)) translations.add(key, () => offset);
    }
    translations.tick();
    expect(table.taken.size).toBeLessThanOrEqual(50);
  }
  expect(translations.made.dropped).toBeGreaterThan(4000);
});

it('a region whose code changes before its batch is made is never entered', () => {
  const { arena, offset, translations } = setUp(50);
  for (const key of [0x100, 0x108]) translations.add(key, () => offset);
  arena.write(offset + 0x100, 4, RETURN);
  translations.tick();
  expect([translations.ready(0x100), translations.ready(0x108)]).toEqual([false, true]);
  expect([translations.find(0x100, offset), translations.find(0x108, offset)]).toEqual([false, true]);
  arena.write(offset + 0x10c, 4, ADD);
  expect([translations.ready(0x108), translations.knows(0x108, offset)]).toEqual([false, false]);
});

it('a batch is made when enough rounds have gone, of which those count more in which its code was interpreted', () => {
  const patience = 100;
  for (const [missed, rounds] of [
    [0, 100],
    [5, 50],
    [20, 1],
  ] as const) {
    const { offset, translations } = setUp(50, patience);
    translations.add(0x100, () => offset);
    translations.missed(missed);
    let ticks = 0;
    for (; !translations.ready(0x100); ticks++) translations.tick();
    expect([missed, ticks]).toEqual([missed, rounds]);
  }
});

it('code without branches is translated as far as it goes, also across pages', () => {
  const { arena, offset, translations } = setUp(100, 0, 1000);
  const length = 0x1400;
  for (let at = 0; at < length; at += 4) arena.i32[(offset + at) >>> 2] = ADD;
  translations.add(0, () => offset);
  translations.tick();
  expect(translations.made.instructions).toBe(length / 4 + 2); // and the function that follows
  expect(translations.made.regions).toBeGreaterThan(length / 4 / 64);
  expect(translations.ready(0)).toBe(true);
});

it('code at another place of the arena is another region', () => {
  const { offset, translations } = setUp(50);
  translations.add(0x100, () => offset);
  translations.tick();
  expect(translations.find(0x100, offset + 0x1000)).toBe(false);
  translations.add(0x100, () => offset + 0x1000);
  translations.tick();
  expect([translations.find(0x100, offset), translations.find(0x100, offset + 0x1000)]).toEqual([true, true]);
});

it('regions stay when decoded code is forgotten, and stores to their code are still seen', () => {
  const { arena, offset, cache, translations } = setUp(50);
  for (const key of [0x100, 0x2000]) translations.add(key, () => offset);
  translations.tick();
  while (!cache.kept());
  expect([translations.ready(0x100), translations.ready(0x2000)]).toEqual([true, true]);
  arena.write(offset + 0x2004, 4, ADD);
  expect([translations.ready(0x100), translations.ready(0x2000)]).toEqual([true, false]);
});

it('of threaded code, what is written over is never entered, and what comes to an end of its room begins it anew', () => {
  const { arena, offset, cache, translations } = setUp(50);
  const { a32 } = cache.page(offset);
  for (let i = 0; i < 1024; i++) a32[i] = cache.decoder.decode('A32', i % 2 === 0 ? ADD : RETURN, false, false);
  const thread = (key: number) => translations.thread(key, offset);
  // Until there are functions for them.
  for (let n = 0; n < 100; n++) thread(0);
  expect([thread(0x100), thread(0x104), thread(0x108)]).toEqual([true, true, true]);
  arena.write(offset + 0x104, 4, ADD);
  expect([0x100, 0x104, 0x108].map((key) => translations.ready(key))).toEqual([false, false, true]);
  for (let n = 0; n < Threaded.BYTES / RECORD.bytes / 2; n++) thread(0x200);
  expect([0x108, 0x200].map((key) => translations.ready(key))).toEqual([false, true]);
});
