/** Status registers, banked registers, calls and exception returns on random states, in A32 and Thumb, held against QEMU. */
import { expect, it } from 'vitest';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { MODE } from '../../../core/cpu/modes.ts';
import { have } from '../../support/oracles.ts';
import { type Case, type Outcome, runCases, TARGET } from './oracle/image.ts';
import { Random } from './oracle/random.ts';

const MODES = [MODE.usr, MODE.fiq, MODE.irq, MODE.svc, MODE.abt, MODE.und, MODE.sys, MODE.hyp];
/** Modes whose LR and SPSR the image sets. */
const RETURNING: readonly number[] = [MODE.svc, MODE.abt, MODE.und];
const THUMB = 0x20;
/** ITSTATE of an IT block's last instruction: always, EQ, NE. */
const IT = [0, 0xe800, 0x0800, 0x1800];

type Draft = Omit<Case, 'name'>;

/** R selects SPSR; System mode has none, which is UNPREDICTABLE. */
function moves(random: Random, mode: number, base: Draft): Draft[] {
  const [R, mask, SYSm] = [random.below(2), random.below(16), random.below(32)];
  const spsrOfSystem = R === 1 && mode === MODE.sys;
  const banked = (R << 22) | ((SYSm & 15) << 16) | ((SYSm >> 4) << 8);
  // R8 to R12 of User mode are the image's own.
  const harmless = SYSm >= 5 || R === 1 || mode !== MODE.fiq;
  return [
    ...(spsrOfSystem ? [] : [0xe120f000 | (R << 22) | (mask << 16), 0xe10f0000 | (R << 22)]),
    0xe1000200 | banked,
    ...(harmless ? [0xe120f200 | banked] : []),
    0xf1000000 | (random.pick([2, 3, 0]) << 18) | (random.below(2) << 17) | (random.below(8) << 6) | random.pick(MODES),
  ].map((instruction) => ({ ...base, instruction: instruction >>> 0 }));
}

function returns(mode: number, base: Draft): Draft[] {
  if (!RETURNING.includes(mode)) return [];
  return [
    { ...base, instruction: 0xe1b0f00e, after: base.SPSR as number },
    { ...base, instruction: 0xe160006e, after: base.SPSR as number },
    { ...base, instruction: 0xe25ef004, LR: TARGET + 8, after: base.SPSR as number },
    { ...base, instruction: 0xf3de8f00, cpsr: base.cpsr | THUMB, after: base.SPSR as number },
  ];
}

/** SVC, UDF, BKPT, HVC. */
const calls = (base: Draft): Draft[] =>
  [0xef001234, 0xe7f123f4, 0xe1212374, 0xe1412374].map((instruction) => ({ ...base, instruction }));

/** SVC, UDF, BKPT, HVC, UDF.W, MRS and MSR; 16-bit ones are followed by NOP. */
function thumb(random: Random, mode: number, base: Draft): Draft[] {
  const words = [0xdf11bf00, 0xde22bf00, 0xbe33bf00, 0xf7e18002, 0xf7f0a000, 0xf3ef8000, 0xf3808100, 0xf3808f00];
  const list = mode === MODE.sys ? words : [...words, 0xf3ff8000];
  return list.map((instruction) => ({ ...base, instruction, cpsr: base.cpsr | THUMB | random.pick(IT) }));
}

const decoder = new Decoder(INSTRUCTIONS);
/** UNPREDICTABLE forms are left out, and BKPT in an IT block, which is executed whatever the condition. */
function isPredictable({ cpsr, instruction }: Draft): boolean {
  const inIT = (cpsr & 0xfc00) !== 0;
  if ((cpsr & THUMB) === 0) return !decoder.decode('A32', instruction | 0, false, false).unpredictable;
  const narrow = instruction >>> 27 < 0x1d;
  if (narrow && inIT && instruction >>> 24 === 0xbe) return false;
  return !decoder.decode('T32', narrow ? instruction >>> 16 : instruction | 0, narrow, inIT).unpredictable;
}

function drafts(random: Random, rounds: number): Draft[] {
  return Array.from({ length: rounds }).flatMap(() => {
    const mode = random.pick(MODES);
    // Reserved bits <23:20> of SPSR are left out: QEMU stores bit 20, which ARMv8 uses.
    const r0 = (random.word() & ~0xf0001f) | random.pick(MODES);
    const cpsr = (random.word() & 0xf80f03c0) | mode;
    const base = { cpsr, r0, instruction: 0, LR: TARGET + 4, SPSR: (random.word() & 0xf80f03c0) | random.pick(MODES) };
    return [...moves(random, mode, base), ...returns(mode, base), ...calls(base), ...thumb(random, mode, base)].filter(
      isPredictable,
    );
  });
}

/** IL of HSR for BKPT in Hyp mode is UNK/SBZP: QEMU sets it, ours is 0. */
const comparable = ({ vector, HSR, ELR, SPSR, r0, banked }: Outcome): string =>
  JSON.stringify([vector, (HSR >>> 26 === 0x21 ? HSR & ~(1 << 25) : HSR) >>> 0, ELR, SPSR, r0, banked]);

it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-gcc'))('ends where QEMU ends, with the same registers', () => {
  const list = drafts(new Random(4242), 700);
  const cases = list.map((draft) => ({
    ...draft,
    name: `${(draft.instruction >>> 0).toString(16)} from ${(draft.cpsr >>> 0).toString(16)}`,
  }));
  expect(cases.length).toBeGreaterThan(8000);
  const { qemu, ours } = runCases(cases);
  const differing = cases.flatMap(({ name }, i) => {
    const [theirs, mine] = [comparable(qemu[i] as Outcome), comparable(ours[i] as Outcome)];
    return theirs === mine ? [] : [`${name}: QEMU ${theirs}, ours ${mine}`];
  });
  expect(differing).toEqual([]);
});
