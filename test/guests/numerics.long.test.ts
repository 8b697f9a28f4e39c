/** Five of the six builds of `guests/numerics`; `numerics.test.ts` has the sixth. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';
import { compileNumerics, inPartita, inQemuArm, SECTIONS } from './numerics.ts';

describe.skipIf(!have('qemu-arm', 'arm-none-eabi-gcc'))('guests/numerics against qemu-arm, the other builds', () => {
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
  ])('built with %s %s prints the same figures and ends with the same status', (...options) => {
    const image = compileNumerics(program, ...options);
    const theirs = inQemuArm(program, image);
    expect(theirs.status).toBe(SECTIONS);
    expect(inPartita(program, image)).toEqual(theirs);
  });
});
