import { expect, it } from 'vitest';
import { AddressMap } from '../../../core/bus/address-map.ts';
import { Arena, CODE, PAGE, WRITTEN } from '../../../core/bus/memory.ts';
import { restoreMemory } from '../../../core/hyp/power-on-memory.ts';
import { randoms } from '../../support/device-contract.ts';

const [BASE, PAGES] = [0x4000_0000, 8];

function setUp() {
  const arena = new Arena(new ArrayBuffer(PAGE * (PAGES + 2)));
  arena.reserve(PAGE);
  const map = new AddressMap(arena);
  const { offset } = map.addMemory('ram', BASE, PAGE * PAGES);
  const written: number[] = [];
  arena.onCodeWritten((at, bytes) => written.push(at - offset, bytes));
  const ram = () => arena.u8.slice(offset, offset + PAGE * PAGES);
  const first = offset / PAGE;
  const code = (page: number) => {
    arena.marks[first + page] = (arena.marks[first + page] as number) | CODE;
  };
  return { arena, map, offset, written, ram, code, first };
}

const random = randoms(4);
const bytes = (length: number) => Uint8Array.from({ length }, () => (random() % 255) + 1);
/** From the end of page 1 to the middle of page 3; and a few bytes within that, which come later; and some of page 5. */
const PIECES = [
  { address: BASE + 2 * PAGE - 10, bytes: bytes(PAGE + 1000) },
  { address: BASE + 2 * PAGE + 100, bytes: bytes(50) },
  { address: BASE + 5 * PAGE, bytes: bytes(64) },
];

function image(): Uint8Array {
  const expected = new Uint8Array(PAGE * PAGES);
  for (const piece of PIECES) expected.set(piece.bytes, piece.address - BASE);
  return expected;
}

it('is zeros but for the image, whatever was there, in pages with code and in others', () => {
  const { arena, map, offset, ram, code, first } = setUp();
  restoreMemory(map, BASE, PAGE * PAGES, PIECES);
  expect(ram()).toEqual(image());
  for (const page of [1, 2, 3, 6]) code(page);
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 50; n++) arena.write(offset + (random() % (PAGE * PAGES)), 1, random() & 0xff);
    restoreMemory(map, BASE, PAGE * PAGES, PIECES);
    expect(ram()).toEqual(image());
  }
  expect([0, 4, 6, 7].map((page) => (arena.marks[first + page] as number) & WRITTEN)).toEqual([0, 0, 0, 0]);
});

it('writes to code only where it differs', () => {
  const { arena, map, offset, written, code } = setUp();
  restoreMemory(map, BASE, PAGE * PAGES, PIECES);
  for (const page of [1, 2, 3, 5]) code(page);
  restoreMemory(map, BASE, PAGE * PAGES, PIECES);
  expect(written).toEqual([]);
  arena.write(offset + 2 * PAGE + 0x204, 4, 0);
  restoreMemory(map, BASE, PAGE * PAGES, PIECES);
  expect(written).toEqual([2 * PAGE + 0x204, 4, 2 * PAGE + 0x200, 32]);
});

it('leaves memory around it alone, and what is no memory', () => {
  const { map, ram } = setUp();
  restoreMemory(map, BASE, PAGE * PAGES, PIECES);
  restoreMemory(map, BASE + 5 * PAGE, PAGE, []);
  const expected = image();
  expected.fill(0, 5 * PAGE, 6 * PAGE);
  expect(ram()).toEqual(expected);
  restoreMemory(map, 0, PAGE, PIECES);
  expect(ram()).toEqual(expected);
});
