/** All six builds of `guests/numerics`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';
import { compileNumerics, inPartita, inQemuArm, SECTIONS } from './numerics.ts';

describe.skipIf(!have('qemu-arm', 'arm-none-eabi-gcc'))('guests/numerics against qemu-arm, all builds', () => {
  let program: Program;
  beforeAll(async () => {
    program = await Program.build();
  });
  afterAll(() => program.remove());

  it.each([
    ['-O0', '-marm'],
    ['-O0', '-mthumb'],
    ['-O2', '-marm'],
    ['-O2', '-mthumb'],
    ['-O3', '-marm'],
    ['-O3', '-mthumb'],
  ])('built with %s %s prints the same figures and ends with the same status', (...options) => {
    const image = compileNumerics(program, ...options);
    const theirs = inQemuArm(program, image);
    expect(theirs.status).toBe(SECTIONS);
    expect(theirs.output.split('\n').length).toBeGreaterThan(1000);
    expect(inPartita(program, image)).toEqual(theirs);
  });
});
