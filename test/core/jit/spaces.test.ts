import { describe, expect, it } from 'vitest';
import * as S from '../../../core/cpu/scalars.ts';
import { have } from '../../support/oracles.ts';
import { difference, RAM } from './pair.ts';
import { assembleAll, DATA, Pair, type Program, TABLE } from './programs.ts';

/** Another first-level table, and addresses that are mapped as the tests want. */
const OTHER_TABLE = TABLE + 0x8000;
const [ELSEWHERE, MANY] = [0x5000_0000, 0x6000_0000];
const SECTION = 0x11c0e;
const NOT_GLOBAL = 1 << 17;

const TEXTS = {
  /** R6 and R7 are tables, R8 a function in another address space. */
  spaces: `
    mov r5, #60
  1: tst r5, #3
    moveq r0, r6
    movne r0, r7
    and r1, r5, #3
    mcr p15, 0, r1, c13, c0, 1
    mcr p15, 0, r0, c2, c0, 0
    isb
    mov r9, #3
  2: blx r8
    subs r9, r9, #1
    bne 2b
    subs r5, r5, #1
    bne 1b`,
  add: `
    add r4, r4, #1
    bx lr`,
  shift: `
    add r4, r5, r4, ror #7
    add r4, r4, #2
    bx lr`,
  /** Runs at `ELSEWHERE`, and puts other code there; R6 is the entry of the table, R7 and R8 what alternates in it. */
  remap: `
    mov r5, #40
  1: add r4, r4, #1
    eor r7, r7, r8
    eor r8, r7, r8
    eor r7, r7, r8
    str r7, [r6]
    dsb
    mcr p15, 0, r0, c8, c7, 0
    isb
    add r4, r4, #2
    subs r5, r5, #1
    bne 1b`,
  /** The same code, but for what it adds. */
  remapped: `
    mov r5, #40
  1: add r4, r4, #100
    eor r7, r7, r8
    eor r8, r7, r8
    eor r7, r7, r8
    str r7, [r6]
    dsb
    mcr p15, 0, r0, c8, c7, 0
    isb
    add r4, r4, #200
    subs r5, r5, #1
    bne 1b`,
  /** Loads from addresses that have the set of its own page in the TLB. R6 is the first. */
  evict: `
    mov r5, #60
  1: mov r9, r6
    mov r8, #7
  2: ldr r0, [r9]
    add r4, r4, r0
    str r4, [r9, #0x800]
    add r9, r9, #0x400000
    subs r8, r8, #1
    bne 2b
    subs r5, r5, #1
    bne 1b`,
  interrupted: `
    cpsie i
    mov r5, #30
    adr r0, 3f
    orr r0, r0, #1
  1: add r4, r4, #1
    stm r10, {r4, r5}
    adds r2, r4, r5, lsl #27
    bx r0
    .balign 4
    .thumb
  3: itte cs
    addcs r4, #3
    ldrcs r7, [r10]
    subcc r4, r4, #5
    mrs r8, apsr
    bx pc
    nop
    .arm
    bl 4f
    subs r5, r5, #1
    bne 1b
    b 5f
  4: vldm r10, {d0-d1}
    ldrd r2, r3, [r10]
    bx lr
  5: nop`,
  functions: `
    mov r5, #6
  1: ${Array.from({ length: 60 }, (_, i) => `mov r9, #6\n 8: bl ${100 + i}f\n subs r9, r9, #1\n bne 8b`).join('\n')}
    subs r5, r5, #1
    bne 1b
    b 9f
    ${Array.from({ length: 60 }, (_, i) => `${100 + i}: add r4, r4, #${i}\n tst r4, #${1 << (i & 7)}\n addne r4, r4, r5\n beq ${200 + i}f\n eor r4, r4, r4, lsl #3\n ${200 + i}: bx lr`).join('\n')}
  9: nop`,
} as const;

/** Programs alone whose registers each test gives. */
const given = (values: Readonly<Record<number, number>>) => (cpu: { words: Int32Array }) => {
  for (const [i, value] of Object.entries(values)) cpu.words[Number(i)] = value;
};

describe.skipIf(!have('arm-none-eabi-as'))('translated as interpreted', () => {
  const programs: Readonly<Record<keyof typeof TEXTS, Program>> = have('arm-none-eabi-as')
    ? assembleAll(TEXTS)
    : ({} as Record<keyof typeof TEXTS, Program>);
  const place = (pair: Pair, { bytes }: Program, at: number) => {
    for (const { map } of pair.sides) map.arena.copyIn(map.page(at, true), bytes.slice(0, 0x1000));
  };

  it('address spaces with other code at the same address, by ASID and table', () => {
    const pair = new Pair().mmu();
    place(pair, programs.add, RAM + 0x10_0000);
    place(pair, programs.shift, RAM + 0x11_0000);
    for (const side of pair.sides) {
      side.poke(OTHER_TABLE + (RAM >>> 18), [RAM | SECTION]);
      side.poke(TABLE + (ELSEWHERE >>> 18), [(RAM + 0x10_0000) | SECTION | NOT_GLOBAL]);
      side.poke(
        TABLE + 0x6000,
        Array.from({ length: 256 }, (_, i) => (RAM + 0x11_0000 + 0x1000 * (i & 15)) | 0xc7e),
      );
      side.poke(OTHER_TABLE + (ELSEWHERE >>> 18), [(TABLE + 0x6000) | 1]);
    }
    const change = given({ 6: TABLE, 7: OTHER_TABLE, 8: ELSEWHERE });
    expect(pair.compare(programs.spaces, { change })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(500);
  });

  it('code that is mapped away while it runs', () => {
    const pair = new Pair().mmu();
    const offset = programs.remap.at - RAM;
    place(pair, programs.remapped, RAM + 0x10_0000 + offset);
    const [first, second] = [RAM | SECTION, (RAM + 0x10_0000) | SECTION];
    const entry = TABLE + (ELSEWHERE >>> 18);
    const inSpace = given({ 6: entry, 7: first, 8: second });
    const found = pair.compare(programs.remap, {
      change: (cpu, side) => {
        side.poke(entry, [first]);
        inSpace(cpu);
        for (const { tlb } of side.processors) tlb.reset();
        cpu.s[S.NEXT] = ELSEWHERE + offset;
      },
    });
    expect(found).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(500);
    const added = (pair.interpreted.cpu.words[4] as number) - 0x4444_4444;
    expect(added % 303 === 0 && added > 303, `${added}`).toBe(true);
  });

  it('pages of its own that the TLB gives up for its data', () => {
    const pair = new Pair().mmu();
    for (const side of pair.sides) {
      // Four mebibytes apart, which is the same set.
      const sections = Array.from({ length: 32 }, (_, i) => (RAM + 0x10_0000 * ((i >> 2) & 1)) | SECTION);
      side.poke(TABLE + (MANY >>> 18), sections);
    }
    const change = given({ 6: MANY + 0x40_0000 + (programs.evict.at - RAM) });
    expect(pair.compare(programs.evict, { change })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(500);
  });

  it('an interrupt at each instruction of a loop, in both instruction sets and IT blocks', () => {
    const pair = new Pair().mmu();
    const interrupt = (level: number) => {
      for (const { cpu } of pair.sides) {
        cpu.s[S.IRQ] = level;
        cpu.s[S.ATTENTION] = 1;
      }
    };
    expect(pair.compare(programs.interrupted)).toBe(undefined);
    const { inside } = pair.translated;
    for (let time = 1; time < 330; time++) {
      pair.load(programs.interrupted);
      let found = pair.run(time);
      interrupt(1);
      found ??= pair.run(1);
      interrupt(0);
      found ??= pair.run(2000);
      expect(found, `after ${time}`).toBe(undefined);
    }
    expect(pair.translated.inside - inside).toBeGreaterThan(30_000);
  });

  it.each([
    ['functions dropped all the time', { functions: 7, batch: 3, patience: 5 }],
    ['batches of one region', { functions: 16, batch: 1, patience: 0 }],
    ['batches of many', { functions: 64, batch: 50, patience: 40 }],
  ])('%s', (_, translations) => {
    const pair = new Pair({ translations });
    expect(pair.compare(programs.functions, { total: 40_000, windows: [40_000, 200, 40_000, 77, 40_000] })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(2000);
    expect(pair.translated.translations?.made.dropped).toBeGreaterThan(100);
  });

  it.each([
    ['', {}],
    [', decoded code being forgotten all the time', { decoded: 60_000 }],
  ])('code that a device or a loader writes%s', (_, options) => {
    const pair = new Pair(options).mmu();
    for (let time = 1; time < 120; time++) {
      pair.load(programs.interrupted);
      let found = pair.run(time);
      // STM becomes NOP, and what BX enters other instructions.
      for (const side of pair.sides) {
        side.poke(programs.interrupted.at + 20, [0xe320f000, 0xe0842085]);
        const { arena } = side.map;
        arena.copyIn(side.map.page(programs.interrupted.at + 34, true) + 34, Uint8Array.of(2, 0x34));
      }
      found ??= pair.run(2000);
      expect(found, `after ${time}`).toBe(undefined);
    }
  });

  it('two processors that share code and memory, in turns', () => {
    const pair = new Pair({ cores: 2 }).mmu();
    pair.load(programs.functions);
    for (const side of pair.sides) {
      pair.restart(side, programs.evict.at, given({ 6: DATA, 8: 1 }), 1);
      const { map } = side;
      map.arena.copyIn(map.page(programs.evict.at, true), programs.evict.bytes);
    }
    for (let turn = 0; turn < 300; turn++) {
      for (const side of pair.sides) {
        side.run(1 + (turn % 37), 0);
        side.run(1 + (turn % 23), 1);
      }
      expect(difference(pair.interpreted, pair.translated)).toBe(undefined);
      // From time to time the second runs what the first has translated.
      if (turn % 50 === 49) for (const side of pair.sides) pair.restart(side, programs.functions.at, () => {}, 1);
    }
    expect(pair.translated.inside).toBeGreaterThan(1000);
  });
});
