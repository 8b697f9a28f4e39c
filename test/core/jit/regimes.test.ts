import { describe, expect, it } from 'vitest';
import * as S from '../../../core/cpu/scalars.ts';
import type { Cpu } from '../../../core/cpu/state.ts';
import { have } from '../../support/oracles.ts';
import { RAM, type SideOptions } from './pair.ts';
import { assembleAll, DATA, Pair, type Program, TABLE } from './programs.ts';

/** An address whose page is code of one kind or another, and the next page, of data. */
const HERE = 0x5000_0000;
/** Tables of stage 2 for two guests, and small pages of stage 1. */
const [FIRST, SECOND, SMALL] = [RAM + 0x1c_0000, RAM + 0x1c_8000, RAM + 0x1d_8000];
/** Pages that lie there: code and data of each kind. */
const PAGES = [RAM + 0x12_0000, RAM + 0x13_0000] as const;
const SECTION = 0x11c0e;

/** 50 times as a guest to R8 and back, after what changes stage 2. R6 and R7 are tables of it. */
const hypervisor = (enter: string) => `
    adr r0, 9f
    mcr p15, 4, r0, c12, c0, 0
    mov r0, #1
    mcr p15, 4, r0, c1, c1, 0
    ldr r0, =0x80000040
    mcr p15, 4, r0, c2, c1, 2
    mov r5, #50
    b 1f
    .balign 32
  9: b 8f
    b 8f
    b 8f
    b 8f
    b 8f
    b 2f
    b 8f
    b 8f
  8: wfi
  1: ${enter}
    isb
    msr elr_hyp, r8
    mov r0, #0xd3
    msr spsr_fsxc, r0
    mov r9, #4
    eret
  2: mrs r0, elr_hyp
    add r4, r4, r0
    subs r5, r5, #1
    bne 1b`;

const TEXTS = {
  vmids: hypervisor(`
    ands r1, r5, #1
    moveq r0, r6
    movne r0, r7
    add r1, r1, #1
    lsl r1, r1, #16
    mcrr p15, 6, r0, r1, c2`),
  'one VMID, invalidated': hypervisor(`
    tst r5, #1
    moveq r0, r6
    movne r0, r7
    mov r1, #0x30000
    mcrr p15, 6, r0, r1, c2
    mcr p15, 4, r0, c8, c7, 4`),
  'one VMID, not invalidated': hypervisor(`
    tst r5, #4
    moveq r0, r6
    movne r0, r7
    mov r1, #0x30000
    mcrr p15, 6, r0, r1, c2
    tst r5, #8
    mcrne p15, 4, r0, c8, c7, 4`),
  'stage 2 off and on': hypervisor(`
    mov r1, #0x10000
    mcrr p15, 6, r6, r1, c2
    and r0, r5, #1
    mcr p15, 4, r0, c1, c1, 0`),
  'maintenance that Hyp mode traps': hypervisor(`
    mov r1, #0x10000
    mcrr p15, 6, r6, r1, c2
    mov r0, #1
    and r1, r5, #0xe
    orr r0, r0, r1, lsl #21
    and r1, r5, #16
    orr r0, r0, r1, lsl #13
    mcr p15, 4, r0, c1, c1, 0
    and r1, r5, #1
    lsl r1, r1, #7
    mcr p15, 4, r1, c1, c1, 3`),
  /** R6: the descriptor of a page of code, R7 and R3 what alternates in it, R8 a function there. */
  'a page at a time': `
    mov r5, #60
  1: mov r9, #3
  2: blx r8
    subs r9, r9, #1
    bne 2b
    eor r7, r7, r3
    eor r3, r7, r3
    eor r7, r7, r3
    str r7, [r6]
    dsb
    tst r5, #4
    bicne r0, r8, #0xff
    mcrne p15, 0, r0, c8, c7, 1
    tst r5, #8
    mcrne p15, 0, r0, c8, c7, 3
    tst r5, #16
    mcrne p15, 0, r5, c8, c7, 2
    isb
    subs r5, r5, #1
    bne 1b`,
  domains: `
    mov r5, #60
  1: mov r0, #0x1
    tst r5, #3
    orrne r0, r0, #0x4
    tst r5, #8
    orrne r0, r0, #0xc
    mcr p15, 0, r0, c3, c0, 0
    isb
    mov r9, #3
  2: ldr r1, [r11]
    add r4, r4, r1
    str r4, [r11, #4]
    subs r9, r9, #1
    bne 2b
    subs r5, r5, #1
    bne 1b
    mov r0, #1
    mcr p15, 0, r0, c3, c0, 0`,
  'exceptions in big-endian state': `
    mrc p15, 0, r6, c1, c0, 0
    orr r7, r6, #0x2000000
    mcr p15, 0, r7, c1, c0, 0
    isb
    mov r5, #40
  1: mov r9, #3
  2: ldr r1, [r10]
    add r4, r4, r1
    str r4, [r10, #4]
    subs r9, r9, #1
    bne 2b
    svc #1
    mrs r0, spsr
    add r4, r4, r0
    tst r5, #1
    setend be
    bne 3f
    setend le
  3: subs r5, r5, #1
    bne 1b
    setend le
    mcr p15, 0, r6, c1, c0, 0`,
  worlds: `
    cps #0x16
    adr r0, 9f
    mcr p15, 0, r0, c12, c0, 1
    mov r7, #0
    mov r5, #40
    b 1f
    .balign 32
  9: b 8f
    b 8f
    b 2f
    b 8f
    b 8f
    b 8f
    b 8f
    b 8f
  8: wfi
  1: eor r7, r7, #1
    mcr p15, 0, r7, c1, c1, 0
    isb
    mov r0, #0xd3
    msr spsr_fsxc, r0
    adr lr, 3f
    movs pc, lr
  3: mov r9, #4
  4: ldr r0, [r11]
    add r4, r4, r0
    str r4, [r10, #8]
    subs r9, r9, #1
    bne 4b
    smc #0
  2: mrc p15, 0, r0, c1, c0, 0
    eor r4, r4, r0
    subs r5, r5, #1
    bne 1b
    mov r0, #0
    mcr p15, 0, r0, c1, c1, 0
    cps #0x13`,
  /** What lies at `HERE`: ended by HVC where it is a guest, by a return where it is a function. */
  add: `
  1: add r4, r4, #1
    ldr r0, [r12]
    add r4, r4, r0
    str r4, [r12, #4]
    subs r9, r9, #1
    bne 1b
    hvc #0`,
  shift: `
  1: add r4, r9, r4, ror #7
    str r4, [r12, #8]
    ldr r0, [r12, #4]
    eor r4, r4, r0
    subs r9, r9, #1
    bne 1b
    hvc #0`,
  maintain: `
  1: add r4, r4, #1
    mcr p15, 0, r4, c7, c5, 6
    add r4, r4, #2
    mcr p15, 0, r12, c7, c11, 1
    add r4, r4, #4
    mcr p15, 0, r12, c7, c10, 1
    add r4, r4, #8
    mcr p15, 0, r9, c7, c14, 2
    add r4, r4, #16
    mrc p15, 0, r2, c0, c0, 1
    add r4, r4, r2
    subs r9, r9, #1
    bne 1b
    hvc #0`,
  'add, called': `
    add r4, r4, #1
    bx lr`,
  'shift, called': `
    add r4, r5, r4, ror #7
    bx lr`,
} as const;

type Name = keyof typeof TEXTS;

const ALL = 0x7fc;
const words = (pair: Pair) => (at: number, value: number) => {
  for (const side of pair.sides) side.poke(at, [value, 0]);
};

/** Tables of stage 2 that exchange the two pages of code. */
function exchanged(pair: Pair, table: number): void {
  const word = words(pair);
  word(table + 8, (table + 0x1000) | 3);
  word(table + 0x1000, (table + 0x2000) | 3);
  const [first, second] = PAGES.map((page) => (page - RAM) >>> 12) as [number, number];
  for (let i = 0; i < 512; i++) {
    const page = i === first ? second : i === second ? first : i;
    word(table + 0x2000 + 8 * i, (RAM + 0x1000 * page) | ALL | 3);
  }
}

/** Flat tables of stage 2 for the RAM, and at `HERE` a page of code and one of data. */
function stage2(pair: Pair, table: number, pages: number): void {
  const word = words(pair);
  word(table + 8, (table + 0x1000) | 3);
  word(table + 0x1000, RAM | ALL | 1);
  word(table + 0x1000 + 8 * ((HERE - RAM) >>> 21), (table + 0x2000) | 3);
  word(table + 0x2000, pages | ALL | 3);
  word(table + 0x2008, (pages + 0x1000) | ALL | 3);
}

describe.skipIf(!have('arm-none-eabi-as'))('translated as interpreted', () => {
  const programs: Readonly<Record<Name, Program>> = have('arm-none-eabi-as') ? assembleAll(TEXTS) : ({} as Record<Name, Program>);

  function prepared(code: readonly [Name, Name], options: SideOptions = {}): Pair {
    const pair = new Pair(options);
    for (const [i, name] of code.entries()) {
      const page = PAGES[i] as number;
      for (const side of pair.sides) {
        side.map.arena.copyIn(side.map.page(page, true), programs[name].bytes.slice(0, 0x100));
        side.poke(page + 0x1000, [3 + i, 5 + i, 7 + i]);
      }
    }
    return pair;
  }

  const inHyp = (cpu: Cpu) => {
    cpu.s[S.M] = 0x1a;
    cpu.words.set([FIRST, SECOND, HERE], 6);
    cpu.words[12] = HERE + 0x1000;
    cpu.mem.privilegeChanged();
  };

  for (const mmu of ['off', 'on']) {
    it.each(['vmids', 'one VMID, invalidated', 'one VMID, not invalidated'] as const)(
      `guests with other code and data at the same address, their MMU ${mmu}: %s`,
      (name) => {
        const pair = prepared(['add', 'shift'], { virtualization: true });
        if (mmu === 'on') pair.mmu();
        for (const side of pair.sides) side.poke(TABLE + (HERE >>> 18), [HERE | SECTION]);
        stage2(pair, FIRST, PAGES[0]);
        stage2(pair, SECOND, PAGES[1]);
        expect(pair.compare(programs[name], { change: inHyp })).toBe(undefined);
        expect(pair.translated.inside).toBeGreaterThan(300);
        // Both ran, each on its own data.
        const [first, second] = PAGES.map((page) => [page + 0x1004, page + 0x1008].map((at) => pair.interpreted.peek(at)));
        expect([first?.[0] === 5, first?.[1] === 7, second?.[0] === 6, second?.[1] === 8]).toEqual([false, true, true, false]);
      },
    );

    it(`stage 2 off and on, the guest's MMU ${mmu}`, () => {
      const pair = prepared(['add', 'shift'], { virtualization: true });
      if (mmu === 'on') pair.mmu();
      exchanged(pair, FIRST);
      const change = (cpu: Cpu) => {
        inHyp(cpu);
        [cpu.words[8], cpu.words[12]] = [PAGES[0], PAGES[0] + 0x1000];
      };
      expect(pair.compare(programs['stage 2 off and on'], { change })).toBe(undefined);
      expect(pair.translated.inside).toBeGreaterThan(300);
    });
  }

  it('maintenance of caches that Hyp mode traps, by each bit that tells it to', () => {
    const pair = prepared(['maintain', 'add'], { virtualization: true });
    stage2(pair, FIRST, PAGES[0]);
    expect(pair.compare(programs['maintenance that Hyp mode traps'], { change: inHyp })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(300);
  });

  it('a page of code that is mapped elsewhere, with and without maintenance of the TLB', () => {
    const pair = prepared(['add, called', 'shift, called']).mmu();
    const entries = PAGES.map((page) => page | 0x47e) as [number, number];
    const change = (cpu: Cpu) => {
      for (const side of pair.sides) {
        side.poke(SMALL, [entries[0]]);
        side.poke(TABLE + (HERE >>> 18), [SMALL | 1]);
      }
      [cpu.words[6], cpu.words[7], cpu.words[3], cpu.words[8]] = [SMALL, entries[0], entries[1], HERE];
    };
    expect(pair.compare(programs['a page at a time'], { change })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(300);
  });

  it('domains that are opened and closed', () => {
    const pair = new Pair().mmu();
    const other = HERE + 0x10_0000;
    for (const side of pair.sides) {
      // Read only, so that it matters whether the domain's permissions are checked at all.
      side.poke(TABLE + (other >>> 18), [(RAM + 0x10_0000) | 0x18c0e | (1 << 5)]);
    }
    const change = (cpu: Cpu) => {
      cpu.words[11] = other + (DATA - RAM - 0x10_0000);
    };
    expect(pair.compare(programs.domains, { change })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(300);
  });

  it('exceptions that are taken in big-endian state', () => {
    const pair = new Pair();
    expect(pair.compare(programs['exceptions in big-endian state'])).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(300);
  });

  it('the Secure and the Non-secure world with other memory at the same address', () => {
    const pair = new Pair({ security: true, secure: true }).mmu();
    const other = RAM + 0x18_0100;
    for (const side of pair.sides) side.poke(other, [12345]);
    const change = (cpu: Cpu) => {
      cpu.words[11] = other;
    };
    expect(pair.compare(programs.worlds, { change })).toBe(undefined);
    expect(pair.translated.inside).toBeGreaterThan(300);
  });
});
