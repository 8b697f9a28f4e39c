import { describe, expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena, CODE, PAGE, WRITTEN } from '../../../core/bus/memory.ts';
import { NOBODY } from '../../../core/bus/registers.ts';

const makeMap = () => new AddressMap(new Arena(new ArrayBuffer(16 * PAGE)));

describe('the arena', () => {
  it('tells of changes to code, with the bytes that change, and of no others', () => {
    const arena = new Arena(new ArrayBuffer(4 * PAGE));
    const seen: [number, number][] = [];
    arena.onCodeWritten((offset, bytes) => seen.push([offset, bytes]));
    arena.marks[1] = CODE;
    arena.write(8, 4, 1);
    arena.write(PAGE + 2, 2, 1);
    arena.copyIn(PAGE - 4, new Uint8Array(PAGE + 8));
    expect(seen).toEqual([
      [PAGE + 2, 2],
      [PAGE, PAGE],
    ]);
  });

  it('saves the pages that are not zero, and loading clears the others', () => {
    const arena = new Arena(new ArrayBuffer(4 * PAGE));
    arena.write(PAGE, 4, 0xdeadbeef);
    arena.write(2 * PAGE, 4, 1);
    arena.write(2 * PAGE, 4, 0);
    const state = arena.save(0, 4 * PAGE);
    expect(Object.keys(state)).toEqual(['1']);
    arena.write(3 * PAGE, 4, 5);
    arena.load(0, 4 * PAGE, state);
    expect(arena.read(3 * PAGE, 4)).toBe(0);
    expect(arena.read(PAGE, 4)).toBe(0xdeadbeef);
  });

  it('clears the pages that were written, tells of code among them, and has nothing to do the next time', () => {
    const arena = new Arena(new ArrayBuffer(5 * PAGE));
    const seen: [number, number][] = [];
    for (const page of [0, 1, 3]) arena.write(page * PAGE, 4, 7);
    arena.marks[1] = CODE | WRITTEN;
    arena.onCodeWritten((offset, bytes) => seen.push([offset, bytes]));
    arena.clear(PAGE, 3 * PAGE);
    expect([0, 1, 2, 3].map((page) => arena.read(page * PAGE, 4))).toEqual([7, 0, 0, 0]);
    expect([...arena.marks]).toEqual([WRITTEN, CODE, 0, 0, 0]);
    arena.clear(PAGE, 3 * PAGE);
    expect(seen).toEqual([[PAGE, PAGE]]);
    arena.write(3 * PAGE, 4, 9);
    expect([...arena.nonZeroPages(PAGE, 3 * PAGE)]).toEqual([2]);
  });

  it('does not give out more than it has', () => {
    expect(() => new Arena(new ArrayBuffer(PAGE)).reserve(PAGE + 1)).toThrow(/more than 4096 bytes/);
  });
});

describe('the address map', () => {
  it('finds memory and windows, up to 40 bits', () => {
    const map = makeMap();
    map.addMemory('ram', 0xff_0000_0000, 2 * PAGE);
    map.addWindow(0x1000, 0x100, { name: 'w', read: (offset) => offset, write: () => {} });
    expect(map.write(0xff_0000_1004, 4, 7, NOBODY)).toBe(true);
    expect(map.read(0xff_0000_1004, 4, NOBODY)).toBe(7);
    expect(map.read(0x10fc, 4, NOBODY)).toBe(0xfc);
    expect(map.read(0x1100, 4, NOBODY)).toBeUndefined();
    expect(map.page(0xff_0000_1004, true)).toBe(PAGE);
  });

  it('names both parties of an overlap', () => {
    const map = makeMap();
    map.addMemory('ram', 0, PAGE);
    expect(() => map.addMemory('rom', PAGE - 1, PAGE)).toThrow('rom overlaps ram');
  });

  it('reads a flash from its memory only while it is in its array mode', () => {
    const map = makeMap();
    const told: string[] = [];
    const window = { name: 'flash', read: () => 0x90, write: () => told.push('write') };
    const region = map.addMemory('flash', 0, PAGE, { readOnly: true, window });
    map.onRemapped(() => told.push('remapped'));
    map.load(0, Uint8Array.of(1, 2, 3, 4));
    expect(map.read(0, 4, NOBODY)).toBe(0x04030201);
    expect(map.page(0, true)).toBe(-1);
    map.write(0, 4, 0, NOBODY);
    map.setDirect(region, false);
    expect(map.read(0, 4, NOBODY)).toBe(0x90);
    expect(told).toEqual(['write', 'remapped']);
  });

  it('loads and dumps across regions, and refuses what is not all memory', () => {
    const map = makeMap();
    map.addMemory('a', 0, PAGE);
    map.addMemory('b', PAGE, PAGE);
    expect(map.load(PAGE - 2, Uint8Array.of(1, 2, 3, 4))).toBe(true);
    expect(map.dump(PAGE - 2, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(map.load(2 * PAGE - 2, new Uint8Array(4))).toBe(false);
    expect(map.dump(2 * PAGE - 2, 4)).toBeUndefined();
  });
});
