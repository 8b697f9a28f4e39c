/** What is kept of the translator between runs: it is used where the same code lies, and nowhere else. */
import { expect, it } from 'vitest';
import { Arena } from '../../../core/bus/memory.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { WAIT } from '../../../core/cpu/state.ts';
import { Kept } from '../../../core/jit/kept.ts';
import { decode, type RegionCode } from '../../../core/jit/kept-entry.ts';
import { RAM, Side, type SideOptions } from './pair.ts';

/** MOV R4, #0; MOV R5, #100; then R4 is added to, as a subroutine does it, while R5 is counted down. The end waits. */
const LOOP = [0xe3a04000, 0xe3a05064, 0xeb000003, 0xe2555001, 0x1afffffc, 0xe320f003, 0xeafffffd];
const ADD = (n: number): number => 0xe2844000 | n;
const RETURN = 0xe12fff1e;
const CODE = RAM + 0x8000;
const LAYOUT = 0x1000;

/** A run of the loop with what an earlier one has kept; `adds` is what the subroutine does. */
function run(kept: Uint8Array, adds: readonly number[], options: SideOptions = {}) {
  const side = new Side(true, {
    entry: CODE,
    ...options,
    translations: { hot: 10, warm: 40, threaded: 0, kept, ...options.translations },
  });
  side.poke(CODE, [...LOOP, ...adds.map(ADD), RETURN]);
  side.run(100_000);
  const { translations, cpu } = side;
  if (translations === undefined) throw new Error('nothing was translated');
  return { sum: cpu.words[4], made: translations.made, kept: translations.keep() };
}

const nothing = new Uint8Array(0);

it('a later run of the same code translates nothing', () => {
  const first = run(nothing, [1, 2]);
  expect([first.sum, first.made.recalled]).toEqual([300, 0]);
  expect(first.made.regions).toBeGreaterThan(1);
  const second = run(first.kept as Uint8Array, [1, 2]);
  expect([second.sum, second.made.regions]).toEqual([300, 0]);
  expect(second.made.recalled).toBeGreaterThan(1);
  expect(second.kept).toBe(undefined); // there is nothing new
});

/** 3 GiB of RAM: the arena has places that are negative as signed words. */
it('what is recalled is dropped when its code changes, wherever that lies', () => {
  for (const [memory, code] of [
    [0x20_0000, CODE],
    [0xc000_0000, 0xe000_8000],
  ] as const) {
    const program = (adds: number): number[] => [...LOOP, ADD(adds), RETURN];
    const sum = (side: Side): number => {
      side.cpu.s[S.NEXT] = code;
      side.cpu.s[S.WAIT] = WAIT.running;
      side.run(100_000);
      return side.cpu.words[4] as number;
    };
    let kept: Uint8Array = nothing;
    for (const recalled of [false, true]) {
      const side = new Side(true, { memory, translations: { hot: 10, warm: 40, threaded: 0, kept } });
      side.poke(code, program(1));
      expect(sum(side)).toBe(100);
      const bytes = side.translations?.keep();
      expect([bytes === undefined, (side.translations?.made.recalled ?? 0) > 0]).toEqual([recalled, recalled]);
      side.poke(code + 4 * LOOP.length, [ADD(7)]);
      expect(sum(side)).toBe(700);
      kept = bytes ?? kept;
    }
  }
});

it('a region that took the place of a smaller one is kept in its place', () => {
  const first = run(nothing, [1]);
  expect(first.made.dropped).toBeGreaterThan(0);
  const second = run(first.kept as Uint8Array, [1]);
  expect(second.made.recalled).toBe(first.made.regions - first.made.dropped);
});

it('of other code at the same place, only what is the same is used, and both are kept', () => {
  const first = run(nothing, [1, 2]);
  const other = run(first.kept as Uint8Array, [1, 3]);
  expect(other.sum).toBe(400);
  expect(other.made.regions).toBeGreaterThan(0);
  for (const [adds, sum] of [[[1, 2], 300] as const, [[1, 3], 400] as const]) {
    const again = run(other.kept as Uint8Array, adds);
    expect([again.sum, again.made.regions]).toEqual([sum, 0]);
  }
});

it('of code that is another one in each run, no more than a few are kept', () => {
  let kept: Uint8Array = nothing;
  const sizes = Array.from({ length: 12 }, (_, i) => {
    const { sum, kept: next } = run(kept, [i]);
    expect(sum).toBe(100 * i);
    kept = next ?? kept;
    return kept.length;
  });
  expect(sizes[0]).toBeGreaterThan(100);
  expect(sizes[11]).toBe(sizes[8]);
});

it('what a machine with another layout kept is not used', () => {
  const { kept } = run(nothing, [1, 2]);
  const other = run(kept as Uint8Array, [1, 2], { cores: 2 });
  expect([other.sum, other.made.recalled]).toEqual([300, 0]);
});

const arena = new Arena(new ArrayBuffer(0x1_0000));
const made = (key: number, bytes: number): RegionCode => ({
  key,
  delta: 0x3000,
  ranges: [
    [0x100, 0x106],
    [0x200, 0x204],
  ],
  exits: Int32Array.of(1, -2, key),
  hints: Int32Array.of(18, 41),
  code: new Uint8Array(bytes).fill(key),
  callsFunctions: key % 2 === 0,
  grows: key % 3 === 0,
});

it('a region comes back as it was', () => {
  for (const one of [made(4, 7), made(9, 8), made(-6, 1)]) {
    const kept = new Kept(nothing, arena, LAYOUT);
    kept.add(one);
    kept.endGroup();
    const later = new Kept(kept.save() as Uint8Array, arena, LAYOUT);
    expect(later.at(one.key, one.delta)?.map(({ words }) => decode(words))).toEqual([one]);
    expect(later.at(one.key, 0x4000)).toBe(undefined);
    arena.u8[0x203] = 1;
    expect(later.at(one.key, one.delta)).toBe(undefined);
    arena.u8[0x203] = 0;
  }
});

it('of bytes that cannot be entries, only what comes before them is taken', () => {
  const kept = new Kept(nothing, arena, LAYOUT);
  // The functions look like the code that they were made from, which is nothing but zeros.
  for (const key of [2, 4, 6]) kept.add({ ...made(key, 9), code: new Uint8Array(9) });
  kept.endGroup();
  const good = kept.save() as Uint8Array;
  const words = new Int32Array(good.buffer, 0, good.length >>> 2);
  const withWord = (at: number, value: number) => {
    const bad = words.slice();
    bad[at] = value;
    return new Kept(new Uint8Array(bad.buffer), arena, LAYOUT);
  };
  // After the layout, the number of groups and that of entries comes the first entry, and its length is its first word.
  let first = 3;
  for (const before of [[], [2], [2, 4]]) {
    for (const length of [-1, 0, 5, 0x7fff_ffff]) {
      const later = withWord(first, length);
      expect([2, 4, 6].filter((key) => later.at(key, 0x3000) !== undefined)).toEqual(before);
    }
    first += words[first] as number;
  }
  expect(first).toBe(words.length);
  for (let at = 1; at < words.length; at++) {
    for (const value of [-1, 0, 5, 0x7fff_ffff]) {
      const later = withWord(at, value);
      for (const key of [2, 4, 6]) expect(later.at(key, 0x3000)?.map(({ words }) => decode(words)).length ?? 0).toBeLessThan(4);
    }
  }
});

it('all together has a limit, and what a run does not use goes first', () => {
  const [MIB, SIZE] = [1 << 20, 1 << 16];
  const fill = (kept: Kept, from: number) => {
    let key = from;
    for (; kept.add(made(key, SIZE)) !== undefined; key++) kept.endGroup();
    return key - from;
  };
  const has = (kept: Kept, key: number) => kept.at(key, 0x3000) !== undefined;
  const first = new Kept(nothing, arena, LAYOUT);
  const count = fill(first, 0);
  expect(count).toBeLessThan(400);
  const second = new Kept(first.save() as Uint8Array, arena, LAYOUT);
  expect([has(second, 3), has(second, 1000)]).toEqual([true, false]);
  for (let i = 0; i < 10; i++) second.add(made(1000 + i, MIB));
  second.endGroup();
  const bytes = second.save() as Uint8Array;
  expect(bytes.length).toBeLessThanOrEqual(24 * MIB);
  const third = new Kept(bytes, arena, LAYOUT);
  expect([has(third, 3), has(third, 1000)]).toEqual([true, true]);
  expect(Array.from({ length: count }, (_, key) => has(third, key)).filter((there) => there).length).toBe(128);
});

it('functions of forms are kept beside regions, and none that is cut off', () => {
  const kept = new Kept(nothing, arena, LAYOUT);
  kept.add(made(2, 9));
  kept.endGroup();
  const forms: [string, Uint8Array][] = [
    ['ADD_imm 4a', Uint8Array.of(1, 2, 3)],
    ['B 2t', new Uint8Array(300).fill(7)],
  ];
  for (const [key, code] of forms) kept.forms.set(key, code);
  const saved = kept.save() as Uint8Array;
  const later = new Kept(saved, arena, LAYOUT);
  expect([...later.forms]).toEqual(forms);
  expect([later.at(2, 0x3000)?.length, later.save()]).toEqual([1, undefined]);
  expect([...new Kept(saved.slice(0, -1), arena, LAYOUT).forms]).toEqual(forms.slice(0, 1));
  expect(new Kept(saved, arena, LAYOUT + 1).forms.size).toBe(0);
});

it('a later run writes no function of a form that is kept', () => {
  const threaded = { hot: 1000, batch: 1, threaded: 1000 };
  const first = run(nothing, [1, 2], { translations: threaded });
  const second = run(first.kept as Uint8Array, [1, 2], { translations: threaded });
  expect([first.sum, second.sum, second.kept]).toEqual([300, 300, undefined]);
});
