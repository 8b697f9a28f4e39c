/** Threaded code: what the functions of forms may not depend on, and code where addresses change their sign. */
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../core/cpu/decode.ts';
import type { Field } from '../../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { flowOf } from '../../../core/jit/flow.ts';
import { STAGED } from '../../../core/jit/staging.ts';
import { type Form, formOf } from '../../../core/jit/threaded/form.ts';
import { writeHandler } from '../../../core/jit/threaded/handler.ts';
import type { Staged } from '../../../core/jit/translate.ts';
import { Writer } from '../../../core/jit/wasm.ts';
import { Random } from '../../../tools/oracle/random.ts';
import { assemble } from '../../support/assemble.ts';
import { have } from '../../support/oracles.ts';
import { EAGER, RAM, THREADED } from './pair.ts';
import { assembleAll, Pair, TABLE } from './programs.ts';

const decoder = new Decoder(INSTRUCTIONS);
const isStaged = (name: string) => STAGED[name] !== undefined;

function codeOf(form: Form): string {
  const out = new Writer();
  writeHandler(form, STAGED[form.name] as Staged, out);
  return out.bytes.join();
}

/** The form with another word in the place of the immediate, of the same sign but even. */
function withOther(form: Form): Form {
  const { any, operands } = form;
  const other = (any as number) === 0x5ee5 ? 0x6c1a : ((any as number) & ~0x7fff_ffff) | 0x2b5d_184a;
  const changed = Object.entries(operands).map(([name, value]) => [name, (value as number) === any ? other : value]);
  return { ...form, any: other, operands: Object.fromEntries(changed) as Record<string, Field> };
}

it('the function of a form is the same whatever stands for the immediate', () => {
  const random = new Random(20261122);
  const seen = new Map<string, Set<string>>();
  for (let n = 0; n < 40_000; n++) {
    const thumb = random.once(2);
    const narrow = thumb && random.once(2);
    const bits = narrow ? random.below(0xe800) : thumb ? (0xe800_0000 + random.word() / 8) | 0 : random.word() | 0;
    const op = decoder.decode(thumb ? 'T32' : 'A32', bits, narrow, false);
    const { kind } = flowOf(op, 0, thumb, isStaged);
    if (kind === 'interpret' || kind === 'outside' || /^V|^MRRC/.test(op.name)) continue;
    const { form, key } = formOf(op, op.cond, thumb, kind !== 'next');
    const keys = seen.get(op.name) ?? new Set();
    if (form.any === undefined || keys.has(key) || keys.size > 20) continue;
    seen.set(op.name, keys.add(key));
    expect(codeOf(withOther(form)), key).toBe(codeOf(form));
  }
  expect(seen.size).toBeGreaterThan(50);
});

/** The first is at the address that it names. In an IT block a branch that is not the last is UNPREDICTABLE: ITSTATE goes on at its target. */
const RARE = {
  'a branch to an immediate': `
    b 3f
    .balign 16
  1: add r4, r4, #1
    subs r5, r5, #1
    bne 2f
    b 4f
  3: mov r5, #40
  2: mov pc, #0x40000010
  4:`,
  'a branch that is not the last of its IT block': `
    mov r5, #40
    adr r6, 2f + 1
    bx r6
    .thumb
  2: movs r1, #1
  1: cmp r5, #20
    .short 0xbf0c  @ ite eq
    .short 0xe001  @ beq .+6
    .short 0x3401  @ addne r4, #1
    nop
    adds r3, #1
    adds r3, #4
    subs r5, #1
    bne 1b
    bx pc
    nop
    .arm`,
  'an indirect branch that is not the last of its IT block': `
    mov r5, #40
    adr r6, 2f + 1
    bx r6
    .thumb
  2: adr r7, 3f
    adds r7, #1
  1: cmp r5, #20
    .short 0xbf0c  @ ite eq
    .short 0x4738  @ bxeq r7
    .short 0x3401  @ addne r4, #1
    nop
    .balign 4
  3: adds r3, #1
    adds r3, #4
    subs r5, #1
    bne 1b
    bx pc
    nop
    .arm`,
} as const;

describe.skipIf(!have('arm-none-eabi-as'))('as the interpreter does it, in windows of any size:', () => {
  const programs = Object.entries(assembleAll<string>(RARE));
  it.each(programs)('%s', (_, program) => {
    for (const translations of [EAGER, { ...THREADED, hot: 0xffff }]) {
      const pair = new Pair({ translations });
      expect(pair.compare(program, { total: 2000 })).toBe(undefined);
      expect(pair.interpreted.cpu.words[5]).toBe(0);
    }
  });
});

/** R4 is counted up, R5 down, and in the middle the addition to R3 becomes another. It fills the end of a page. */
const CHANGING = `
1:  add r4, r4, #1
    subs r5, r5, #1
    bxeq r9
    cmp r5, #20
    streq r1, [r0]
    b 2f
2:  add r3, r3, #1
    b 1b`;
const [SIZE, CHANGED, END] = [0x20, 0x18, RAM + 0x8000];
const [SECTION, WFI, ADD_100] = [RAM | 0x11c0e, 0xe320_f003, 0xe283_3064 | 0];

describe.skipIf(!have('arm-none-eabi-as'))('code at the end of', () => {
  const cases = [0x7fff_ffe0, 0x7fef_ffe0, 0xffff_ffe0].flatMap((at) =>
    [THREADED, EAGER].map((translations) => [at.toString(16), at, translations] as const),
  );
  it.each(cases)('a page, at 0x%s, is dropped when it changes', (_, at, translations) => {
    const pair = new Pair({ translations: { ...translations, hot: translations === EAGER ? 1 : 0xffff } }).mmu();
    const place = RAM + 0x10_0000 - SIZE;
    for (const side of pair.sides) {
      side.poke(TABLE + (at >>> 20) * 4, [SECTION]);
      side.poke(END, [WFI]);
      const { arena } = side.map;
      arena.copyIn(side.map.page(place, true) + (place & 0xfff), assemble(CHANGING, at).slice(0, SIZE));
      pair.restart(side, at, ({ words }) => {
        words.set([place + CHANGED, ADD_100], 0);
        [words[3], words[5], words[9]] = [0, 60, END];
      });
    }
    expect(pair.run(3000, 3000)).toBe(undefined);
    expect(pair.sides.map(({ cpu }) => cpu.words[3])).toEqual([39 + 100 * 20, 39 + 100 * 20]);
  });
});
