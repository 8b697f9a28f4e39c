/** ThumbEE state. Encodings are those of DDI 0406C, A9.3, written down by hand: neither QEMU nor binutils has it any more. */
import { describe, expect, it } from 'vitest';
import { makeModel } from '../../../core/cpu/models.ts';
import * as S from '../../../core/cpu/scalars.ts';
import { SLOT } from '../../../core/cpu/slots.ts';
import { makeRig, RAM, type Rig } from './rig.ts';

const HANDLERS = RAM + 0x4000;
const DATA = RAM + 0x2000;
const [ENTERX, LEAVEX] = [
  [0xf3bf, 0x8f1f],
  [0xf3bf, 0x8f0f],
] as const;

/** Executes halfwords in ThumbEE state, with TEEHBR and registers as given; where execution went on, from the start of RAM. */
function run(halfwords: readonly number[], registers: Readonly<Record<number, number>>, count = 1): { rig: Rig; next: number } {
  const rig = makeRig({ mode: 'svc', secure: false });
  rig.cpu.system[SLOT.TEEHBR] = HANDLERS;
  rig.cpu.words.fill(1);
  for (const [n, value] of Object.entries(registers)) rig.cpu.words[Number(n)] = value;
  rig.poke(DATA, 0x89abcdef);
  rig.poke(DATA + 4, 0x01234567);
  rig.poke(DATA + 8, 0x55667788);
  rig.executeThumb([...ENTERX, ...halfwords], count + 1);
  return { rig, next: (rig.cpu.s[S.NEXT] as number) - RAM };
}
const CODE = 4;
const [NULL_HANDLER, INDEX_HANDLER] = [HANDLERS - 4 - RAM, HANDLERS - 8 - RAM];

describe('the state', () => {
  it('is on both processors, as ID_PFR0 says', () => {
    for (const name of ['cortex-a15', 'cortex-a7'] as const) {
      expect(makeModel(name, { security: true, virtualization: true }).id.ID_PFR0 >>> 12).toBe(1);
    }
  });

  it('is entered by ENTERX and left by LEAVEX', () => {
    const { rig, next } = run([...LEAVEX], {});
    expect([rig.cpu.s[S.J], rig.cpu.s[S.T], next]).toEqual([0, 1, CODE + 4]);
    expect(run([0xbf00], {}).rig.cpu.s[S.J]).toBe(1);
  });

  it('goes into SPSR with an exception, whose handler is in another, and comes back with the return', () => {
    const { rig } = run([0xdf00], {});
    const spsr = rig.cpu.sys.readSpsr();
    expect((spsr >>> 5) & 1).toBe(1);
    expect((spsr >>> 24) & 1).toBe(1);
    expect(rig.cpu.s[S.J]).toBe(0);
    rig.cpu.sys.returnFrom((RAM + CODE + 2) as never, spsr);
    expect([rig.cpu.s[S.J], rig.cpu.s[S.T]]).toEqual([1, 1]);
  });

  it('is not entered by a return with J alone, which would be Jazelle state', () => {
    const rig = makeRig({ mode: 'svc', secure: false });
    rig.cpu.sys.returnFrom(RAM as never, 0x010001d3 as never);
    expect([rig.cpu.s[S.J], rig.cpu.s[S.T]]).toEqual([0, 0]);
  });

  it('leaves for A32 code by BX', () => {
    const { rig, next } = run([0x4718], { 3: RAM + 0x100 });
    expect([rig.cpu.s[S.J], rig.cpu.s[S.T], next]).toEqual([0, 0, 0x100]);
  });

  it('stays by BX to a Thumb address', () => {
    const { rig, next } = run([0x4718], { 3: RAM + 0x101 });
    expect([rig.cpu.s[S.J], next]).toEqual([1, 0x100]);
  });

  it('is UNDEFINED in Hyp mode', () => {
    const rig = makeRig({ mode: 'hyp', secure: false });
    rig.executeThumb(ENTERX, 1);
    expect(rig.cpu.s[S.J]).toBe(0);
    expect((rig.cpu.s[S.NEXT] as number) - (rig.cpu.system[SLOT.HVBAR] as number)).toBe(4);
  });

  it.each([
    ['BXJ R3', [0xf3c3, 0x8f00]],
    ['SETEND BE', [0xb658]],
    ['BLX to A32', [0xf000, 0xe800]],
    ['1100 0001 xxxxxxxx', [0xc100]],
  ])('has no %s', (_name, halfwords) => {
    expect(run(halfwords, {}).rig.cpu.s[S.M]).toBe(0x1b);
  });

  it('is as exact after saving and loading', () => {
    const { rig } = run([0xbf00], {});
    const other = makeRig({ mode: 'svc', secure: false });
    other.cpu.load(rig.cpu.save());
    other.sys.regimeChanged();
    other.poke(RAM + CODE, 0xc205bf00);
    other.cpu.s[S.REMAINING] = 1;
    other.run();
    expect(other.cpu.s[S.NEXT]).toBe(HANDLERS + 5 * 32);
  });
});

describe('handlers', () => {
  it('HB goes to one', () => {
    const { rig, next } = run([0xc2c8], { 14: 77 });
    expect([next, rig.cpu.words[14]]).toEqual([HANDLERS - RAM + 200 * 32, 77]);
  });

  it('HBL remembers where from', () => {
    const { rig, next } = run([0xc305], {});
    expect([next, rig.cpu.words[14]]).toEqual([HANDLERS - RAM + 5 * 32, RAM + CODE + 2 + 1]);
  });

  it('HBP and HBLP have a parameter in R8', () => {
    const parameter = run([0xc000 | (5 << 5) | 9], { 14: 77 });
    expect([parameter.next, parameter.rig.cpu.words[8], parameter.rig.cpu.words[14]]).toEqual([HANDLERS - RAM + 9 * 32, 5, 77]);
    const linked = run([0xc400 | (17 << 5) | 9], {});
    expect([linked.next, linked.rig.cpu.words[8], linked.rig.cpu.words[14]]).toEqual([
      HANDLERS - RAM + 9 * 32,
      17,
      RAM + CODE + 3,
    ]);
  });
});

describe('CHKA', () => {
  const R11_R4 = 0xca00 | (1 << 7) | (4 << 3) | 3;

  it.each([
    [5, 4, false],
    [5, 5, true],
    [4, 5, true],
    [5, -1, true],
    [-1, 5, false],
  ])('with %i elements and index %i: fails %s', (size, index, fails) => {
    const { rig, next } = run([R11_R4], { 11: size, 4: index, 14: 77 });
    expect(next).toBe(fails ? INDEX_HANDLER : CODE + 2);
    expect(rig.cpu.words[14]).toBe(fails ? RAM + CODE + 5 : 77);
  });
});

describe('loads and stores', () => {
  const loaded = (halfword: number, registers: Record<number, number>) => run([halfword], registers).rig.cpu.words[1];

  it('scale the register by the size', () => {
    expect(loaded(0x5800 | (3 << 6) | (2 << 3) | 1, { 2: DATA, 3: 1 })).toBe(0x01234567);
    expect(loaded(0x5a00 | (3 << 6) | (2 << 3) | 1, { 2: DATA, 3: 3 })).toBe(0x0123);
    expect(loaded(0x5e00 | (3 << 6) | (2 << 3) | 1, { 2: DATA, 3: 1 })).toBe(0xffff89ab | 0);
    expect(loaded(0x5c00 | (3 << 6) | (2 << 3) | 1, { 2: DATA, 3: 3 })).toBe(0x89);
    expect(run([0x5000 | (3 << 6) | (2 << 3) | 1], { 1: 42, 2: DATA, 3: 2 }).rig.peek(DATA + 8)).toBe(42);
    expect(run([0x5200 | (3 << 6) | (2 << 3) | 1], { 1: 42, 2: DATA, 3: 4 }).rig.peek(DATA + 8)).toBe(0x5566002a);
  });

  it('have a negative offset, R10 for literal pools, R9 for frames', () => {
    expect(loaded(0xc800 | (1 << 6) | (2 << 3) | 1, { 2: DATA + 8 })).toBe(0x01234567);
    expect(loaded(0xcb00 | (2 << 3) | 1, { 10: DATA })).toBe(0x55667788);
    expect(loaded(0xcc00 | (1 << 3) | 1, { 9: DATA })).toBe(0x01234567);
    expect(run([0xce00 | (2 << 3) | 1], { 1: 42, 9: DATA }).rig.peek(DATA + 8)).toBe(42);
  });

  it.each([
    ['LDR R1, [R2, #4]', [0x6851], 2],
    ['STRB R1, [R2, #4]', [0x7111], 2],
    ['LDRH R1, [R2, #4]', [0x8891], 2],
    ['LDR R1, [R2, R3]', [0x58d1], 2],
    ['LDRB R1, [R2, R3]', [0x5cd1], 2],
    ['LDR R1, [R2, #-4]', [0xc851], 2],
    ['LDR R1, [R9, #4]', [0xcc09], 9],
    ['LDR R1, [R10, #4]', [0xcb09], 10],
    ['STR R1, [R9, #4]', [0xce09], 9],
    ['LDR.W R1, [R2, #4]', [0xf8d2, 0x1004], 2],
    ['STR.W R1, [R2, R3]', [0xf842, 0x1003], 2],
    ['LDRD R4, R5, [R2]', [0xe9d2, 0x4500], 2],
    ['LDM.W R2, {R4, R5}', [0xe892, 0x0030], 2],
    ['STMDB R2!, {R4, R5}', [0xe922, 0x0030], 2],
    ['LDREX R1, [R2]', [0xe852, 0x1f00], 2],
    ['STREX R1, R4, [R2]', [0xe842, 0x4100], 2],
    ['LDRT R1, [R2]', [0xf852, 0x1e00], 2],
    ['TBB [R2, R3]', [0xe8d2, 0xf003], 2],
    ['VLDR D0, [R2]', [0xed92, 0x0b00], 2],
    ['VST1.8 {D0}, [R2]', [0xf902, 0x070f], 2],
  ])('%s is given to the null handler, and changes nothing', (_name, halfwords, base) => {
    const { rig, next } = run(halfwords, { [base]: 0, 1: 42 });
    expect([next, rig.cpu.words[14], rig.cpu.words[1]]).toEqual([NULL_HANDLER, RAM + CODE + 5, 42]);
    expect(rig.cpu.s[S.J]).toBe(1);
  });

  it('check nothing where there is no base to be null', () => {
    expect(run([0x4900], {}).next).toBe(CODE + 2); // LDR R1, [PC]
    expect(run([0xf892, 0xf000], { 2: 0 }).next).toBe(CODE + 4); // PLD [R2]
    expect(run([0xb402], { 13: DATA + 0x100 }).next).toBe(CODE + 2); // PUSH {R1}
  });

  it('leave the IT block with the check', () => {
    // ITT AL; LDR R1, [R2]
    const { rig, next } = run([0xbf04, 0x6811, 0xbf00], { 2: 0 }, 2);
    // EQ does not hold: the load is not executed.
    expect(next).toBe(CODE + 4);
    const always = run([0xbfe4, 0x6811, 0xbf00], { 2: 0 }, 2);
    expect([always.next, always.rig.cpu.s[S.IT]]).toEqual([NULL_HANDLER, 0]);
    expect(rig.cpu.s[S.IT]).not.toBe(0);
  });
});
