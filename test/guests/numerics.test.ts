/** `guests/numerics` in one of its builds, in part; `numerics.long.test.ts` has all builds, whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';
import { compileNumerics, inPartita, inQemuArm, linesOfC } from './numerics.ts';

describe('guests/numerics', () => {
  it('is a program of more than 2,000 lines of C', () => {
    expect(linesOfC()).toBeGreaterThan(2000);
  });
});

describe.skipIf(!have('qemu-arm', 'arm-none-eabi-gcc'))('guests/numerics against qemu-arm', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.build();
  });
  afterAll(() => program.remove());

  it('built with -O0 -marm does so in the sections that depend on FPSCR, the stack and vectors', () => {
    const image = compileNumerics(program, '-O0', '-marm');
    const sections = ['vectors', 'half_precision', 'rounding', 'control_flow'];
    const theirs = inQemuArm(program, image, ...sections);
    expect(theirs.status).toBe(sections.length);
    expect(inPartita(program, image, ...sections)).toEqual(theirs);
  });
});
