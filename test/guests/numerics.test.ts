/** `guests/numerics` in the fastest of its builds, and in part in the slowest; `numerics.long.test.ts` has the rest. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';
import { compileNumerics, inPartita, inQemuArm, linesOfC, SECTIONS } from './numerics.ts';

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

  it('built with -O3 -mthumb prints the same figures and ends with the same status', () => {
    const image = compileNumerics(program, '-O3', '-mthumb');
    const theirs = inQemuArm(program, image);
    expect(theirs.status).toBe(SECTIONS);
    expect(theirs.output.split('\n').length).toBeGreaterThan(1000);
    expect(inPartita(program, image)).toEqual(theirs);
  });

  it('built with -O0 -marm does so in the sections that depend on FPSCR, the stack and vectors', () => {
    const image = compileNumerics(program, '-O0', '-marm');
    const sections = ['vectors', 'half_precision', 'rounding', 'control_flow'];
    const theirs = inQemuArm(program, image, ...sections);
    expect(theirs.status).toBe(sections.length);
    expect(inPartita(program, image, ...sections)).toEqual(theirs);
  });
});
