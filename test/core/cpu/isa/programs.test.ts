import { describe, expect, it } from 'vitest';
import * as S from '../../../../core/cpu/scalars.ts';
import { assemble } from '../../../support/assemble.ts';
import { have } from '../../../support/oracles.ts';
import { makeRig, RAM } from '../rig.ts';

/** Runs a program until it reaches its end, a branch to itself; gives the registers. */
function run(text: string, limit = 200) {
  const rig = makeRig();
  const bytes = assemble(`${text}\nend: b end`, RAM);
  const words = new Uint32Array(bytes.buffer.slice(0, bytes.length & ~3));
  for (const [i, word] of words.entries()) rig.poke(RAM + 4 * i, word);
  const { s, words: r } = rig.cpu;
  s[S.NEXT] = RAM;
  for (let i = 0, last = -1; i < limit && s[S.NEXT] !== last; i++) {
    last = s[S.NEXT] as number;
    s[S.REMAINING] = 1;
    rig.run();
  }
  return { r: Array.from(r), thumb: s[S.T] === 1, it: s[S.IT], peek: rig.peek };
}

describe.skipIf(!have('arm-none-eabi-as'))('assembled programs', () => {
  it('call from ARM to Thumb and back (BLX, BX LR)', () => {
    const { r, thumb } = run(`
      mov r0, #1
      blx double
      add r0, r0, #1
      b end
      .thumb
      .thumb_func
    double: lsls r0, r0, #4
      bx lr
      .arm
      .align 2`);
    expect(r[0]).toBe(17);
    expect(thumb).toBe(false);
  });

  it('give BL in Thumb a return address with bit 0 set, and POP goes back to it', () => {
    const { r, thumb } = run(`
      ldr sp, =0x40010000
      ldr r3, =start + 1
      bx r3
      .ltorg
      .thumb
    start: bl inner
      adds r0, #1
      b.n end
      .thumb_func
    inner: push {r4, lr}
      mov r1, lr
      movs r0, #41
      pop {r4, pc}
      .align 2`);
    expect(r[0]).toBe(42);
    expect((r[1] as number) & 1).toBe(1);
    expect(r[13]).toBe(0x40010000);
    expect(thumb).toBe(true);
  });

  it('execute in an IT block what its conditions let pass, without setting flags', () => {
    const { r, it } = run(`
      ldr r3, =start + 1
      bx r3
      .ltorg
      .thumb
    start: movs r0, #0
      cmp r0, #0
      itete eq
      addeq r1, r0, #1
      addne r2, r0, #2
      moveq r4, r1
      movne r5, r1
      beq.n end
      movs r6, #1
      .align 2`);
    expect([r[1], r[2], r[4], r[5], r[6]]).toEqual([1, 0, 1, 0, 0]);
    expect(it).toBe(0);
  });

  it('branch through tables (TBB, TBH)', () => {
    const { r } = run(`
      ldr r3, =start + 1
      bx r3
      .ltorg
      .thumb
    start: movs r1, #1
      tbb [pc, r1]
    table: .byte (one - table) / 2, (two - table) / 2
    one: movs r0, #1
    two: adds r0, #2
      tbh [pc, r1, lsl #1]
    wide: .hword (three - wide) / 2, (four - wide) / 2
    three: adds r0, #4
    four: adds r0, #8
      .align 2`);
    expect(r[0]).toBe(10);
  });

  it('copy with LDM and STM in all directions', () => {
    const { r, peek } = run(`
      ldr r0, =0x40010000
      mov r1, #1
      mov r2, #2
      mov r3, #3
      stmia r0!, {r1-r3}
      stmib r0, {r1, r3}
      ldmdb r0!, {r4-r6}
      ldmib r0, {r7, r8}
      ldmda r0, {r9}
      stmda r0!, {r2}`);
    expect(r.slice(4, 10)).toEqual([1, 2, 3, 2, 3, 1]);
    expect(r[0]).toBe(0x4000fffc);
    expect([0, 4, 8, 16, 20].map((offset) => peek(0x40010000 + offset))).toEqual([2, 2, 3, 1, 3]);
  });

  it('count with exclusive accesses, and fail after CLREX', () => {
    const { r, peek } = run(`
      ldr r0, =0x40010000
      ldrex r1, [r0]
      add r1, r1, #5
      strex r2, r1, [r0]
      ldrex r1, [r0]
      clrex
      strex r3, r0, [r0]
      strex r4, r0, [r0]`);
    expect([r[2], r[3], r[4]]).toEqual([0, 1, 1]);
    expect(peek(0x40010000)).toBe(5);
  });

  it('compute a checksum with shifts, multiplication and division', () => {
    const { r } = run(
      `
      mov r0, #0
      mov r1, #1
      ldr r2, =0x9e3779b1
    loop: mla r0, r1, r2, r0
      eor r0, r0, r0, ror #7
      udiv r3, r0, r1
      sub r0, r0, r3, lsr #3
      add r1, r1, #1
      cmp r1, #11
      bne loop`,
      500,
    );
    let sum = 0;
    for (let i = 1; i <= 10; i++) {
      sum = (Math.imul(i, 0x9e3779b1) + sum) | 0;
      sum ^= (sum >>> 7) | (sum << 25);
      sum = (sum - (Math.floor((sum >>> 0) / i) >>> 3)) | 0;
    }
    expect(r[0]).toBe(sum);
  });
});
