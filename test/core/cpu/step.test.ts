import { describe, expect, it } from 'vitest';
import type { MemoryRegion } from '../../../core/bus/address-map.ts';
import { CODE } from '../../../core/bus/memory.ts';
import { CodeCache } from '../../../core/cpu/code-cache.ts';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { WAIT } from '../../../core/cpu/state.ts';
import { Interpreter } from '../../../core/cpu/step.ts';
import { makeRig, RAM } from './rig.ts';

const ADD_R0_1 = 0xe2800001; // add r0, r0, #1
const B_SELF = 0xeafffffe; // b .
const SVC = 0xef000000;
const WFI = 0xe320f003;

describe('the run loop', () => {
  it('retires exactly as many instructions as it may', () => {
    const rig = makeRig();
    rig.execute(
      Array.from({ length: 100 }, () => ADD_R0_1),
      RAM,
      37,
    );
    expect(rig.cpu.words[0]).toBe(37);
    expect(rig.cpu.s[S.REMAINING]).toBe(0);
    expect(rig.cpu.s[S.NEXT]).toBe(RAM + 4 * 37);
  });

  it('goes on across a page as within one', () => {
    const rig = makeRig();
    rig.execute(
      Array.from({ length: 20 }, () => ADD_R0_1),
      RAM + 0x1000 - 40,
    );
    expect(rig.cpu.words[0]).toBe(20);
  });

  it('takes time for an instruction whose condition fails, and does nothing else', () => {
    const rig = makeRig();
    rig.execute([0x02800001, ADD_R0_1]); // addeq r0, r0, #1 with Z clear
    expect(rig.cpu.words[0]).toBe(1);
  });

  it('makes endless aborts take time: an unmapped vector cannot hold the host', () => {
    const rig = makeRig({ security: false, virtualization: false });
    rig.cpu.s[S.NEXT] = 0x1000;
    rig.cpu.s[S.REMAINING] = 1000;
    rig.run();
    expect(rig.cpu.s[S.REMAINING]).toBe(0);
    expect(rig.cpu.s[S.M]).toBe(0x17);
  });

  it('ends a turn early when the core waits', () => {
    const rig = makeRig();
    rig.execute([WFI, ADD_R0_1], RAM, 10);
    expect(rig.cpu.s[S.WAIT]).toBe(WAIT.interrupt);
    expect(rig.cpu.s[S.REMAINING]).toBe(9);
    expect(rig.cpu.words[0]).toBe(0);
  });

  it('takes an interrupt before the next instruction, and its entry takes time', () => {
    const rig = makeRig();
    rig.poke(RAM, B_SELF);
    rig.cpu.s[S.I] = 0;
    rig.cpu.s[S.IRQ] = 1;
    rig.cpu.s[S.ATTENTION] = 1;
    rig.cpu.s[S.NEXT] = RAM;
    rig.cpu.s[S.REMAINING] = 1;
    rig.run();
    expect(rig.cpu.s[S.M]).toBe(0x12);
    expect(rig.cpu.s[S.NEXT]).toBe(0x18);
    expect(rig.cpu.words[14]).toBe(RAM + 4);
    expect(rig.cpu.s[S.REMAINING]).toBe(0);
  });

  it('executes what a store just wrote, on the same page and at once', () => {
    const rig = makeRig();
    rig.cpu.words[1] = ADD_R0_1 | 0;
    rig.cpu.words[2] = RAM + 8;
    // str r1, [r2] overwrites the instruction after next, which was decoded before.
    const program = [0xe5821000, 0xe1a00000, 0xe3a000ff];
    rig.execute(program, RAM, 3);
    expect(rig.cpu.words[0]).toBe(1);
    rig.cpu.words[0] = 0;
    rig.cpu.words[1] = 0xe2800002 | 0;
    rig.cpu.s[S.NEXT] = RAM;
    rig.cpu.s[S.REMAINING] = 3;
    rig.run();
    expect(rig.cpu.words[0]).toBe(2);
  });

  it('keeps data beside code on a page without forgetting the code', () => {
    const rig = makeRig();
    rig.cpu.words[2] = RAM + 0x800;
    // add r0, r0, #1; str r0, [r2]; sub pc, pc, #16: a loop whose counter stands on its own page.
    rig.execute([ADD_R0_1, 0xe5820000, 0xeafffffc], RAM, 300);
    expect(rig.cpu.words[0]).toBe(100);
    expect(rig.peek(RAM + 0x800)).toBe(100);
  });

  it('does not keep a wide Thumb instruction that lies across two pages', () => {
    const rig = makeRig();
    // add.w r0, r0, #1 at the last halfword of a page: f100 0001
    const start = RAM + 0xffe;
    rig.executeThumb([0xf100, 0x0001], 1, start);
    rig.map.write(RAM + 0x1000, 2, 0x0005, { core: 0, secure: true });
    rig.cpu.s[S.NEXT] = start;
    rig.cpu.s[S.REMAINING] = 1;
    rig.run();
    expect(rig.cpu.words[0]).toBe(6);
  });
});

describe('IT blocks', () => {
  it('execute by their conditions and leave flags alone', () => {
    const rig = makeRig();
    rig.cpu.Z = true;
    // itte eq; moveq r0, #1; moveq r1, #2; movne r2, #3; movs r3, #0
    rig.executeThumb([0xbf06, 0x2001, 0x2102, 0x2203, 0x2300], 5);
    expect([...rig.cpu.words.slice(0, 4)]).toEqual([1, 2, 0, 0]);
    expect(rig.cpu.s[S.IT]).toBe(0);
  });

  it('are resumed after an exception with the state the faulting instruction had', () => {
    const rig = makeRig();
    rig.cpu.Z = true;
    rig.cpu.words[1] = 0x10000000; // nothing answers there
    // itt eq; ldreq r0, [r1]; moveq r2, #1
    rig.executeThumb([0xbf04, 0x6808, 0x2201], 2);
    expect(rig.cpu.s[S.M]).toBe(0x17);
    const spsr = rig.sys.readSpsr() >>> 0;
    expect(((spsr >>> 8) & 0xfc) | ((spsr >>> 25) & 3)).toBe(0x04);
    expect(rig.cpu.words[14]).toBe(RAM + 2 + 8);
  });

  it('do not make a breakpoint conditional', () => {
    const rig = makeRig();
    rig.executeThumb([0xbf08, 0xbe00], 2); // it eq with Z clear; bkpt
    expect(rig.cpu.s[S.M]).toBe(0x17);
    expect(rig.cpu.words[14]).toBe(RAM + 2 + 4);
  });

  it('are past the instruction when it calls the supervisor', () => {
    const rig = makeRig();
    rig.cpu.Z = true;
    rig.executeThumb([0xbf04, 0xdf00, 0x2201], 2); // itt eq; svceq #0; moveq r2, #1
    const spsr = rig.sys.readSpsr() >>> 0;
    expect(((spsr >>> 8) & 0xfc) | ((spsr >>> 25) & 3)).toBe(0x08);
    expect(rig.cpu.words[14]).toBe(RAM + 4);
  });
});

it('a call returns to the next instruction', () => {
  const rig = makeRig();
  rig.execute([SVC], RAM, 1);
  expect(rig.cpu.s[S.NEXT]).toBe(8);
  expect(rig.cpu.words[14]).toBe(RAM + 4);
});

it('decoded code does not grow without bound: what was forgotten is decoded again, and stores to it are still seen', () => {
  const rig = makeRig();
  const arena = rig.map.arena;
  const cache = new CodeCache(new Decoder(INSTRUCTIONS), arena, 100_000);
  const engine = new Interpreter(rig.cpu, cache);
  const loop = [ADD_R0_1, 0xe5821000, ADD_R0_1]; // add; str r1, [r2]: over the next add
  const pages = 16;
  for (let page = 0; page < pages; page++) {
    for (const [i, word] of [...loop, 0xea0003fb].entries()) rig.poke(RAM + page * 0x1000 + 4 * i, word);
  }
  rig.cpu.words[1] = 0xe1a00000 | 0; // nop
  rig.cpu.words[2] = RAM + 8;
  rig.cpu.s[S.NEXT] = RAM;
  rig.cpu.s[S.REMAINING] = 4 * pages;
  engine.run();
  expect(rig.cpu.s[S.NEXT]).toBe(RAM + pages * 0x1000);
  expect(rig.cpu.words[0]).toBe(2 * pages - 1);
  const marked = arena.marks.reduce((count, marks) => count + (marks & 1), 0);
  expect(marked).toBeLessThan(6);
});

it('a page that is stored to again and again is data; executed once more, it takes twice as many stores', () => {
  const { map } = makeRig();
  const { arena } = map;
  const { offset } = map.find(RAM) as MemoryRegion;
  const cache = new CodeCache(new Decoder(INSTRUCTIONS), arena);
  const gone: number[] = [];
  cache.onPageGone((page) => gone.push(page));
  const storesTaken = () => {
    cache.page(offset);
    for (let stores = 1; ; stores++) {
      arena.write(offset + 4 * stores, 4, stores);
      if (((arena.marks[offset >>> 12] as number) & CODE) === 0) return stores;
    }
  };
  expect([storesTaken(), storesTaken(), storesTaken(), gone]).toEqual([32, 64, 128, [offset, offset, offset]]);
});

it('code that is overwritten gives its place back, so that nothing is forgotten for it', () => {
  const rig = makeRig();
  const cache = new CodeCache(new Decoder(INSTRUCTIONS), rig.map.arena, 100_000);
  const engine = new Interpreter(rig.cpu, cache);
  let forgotten = 0;
  cache.onForgotten(() => forgotten++);
  for (let i = 0; i < 2000; i++) {
    rig.poke(RAM, ADD_R0_1);
    rig.cpu.s[S.NEXT] = RAM;
    rig.cpu.s[S.REMAINING] = 1;
    engine.run();
  }
  expect([forgotten, rig.cpu.words[0]]).toEqual([0, 2000]);
});
