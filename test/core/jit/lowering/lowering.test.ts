import { beforeAll, describe, expect, it } from 'vitest';
import { NEON } from '../../../../core/jit/lowering/neon.ts';
import { VFP } from '../../../../core/jit/lowering/vfp.ts';
import { bundled } from '../../../support/bundled.ts';
import type { Filling, Outcome } from './vectors.ts';

let mixed: (names: readonly string[], length: number, programs: number, states: number) => Outcome;
let run: (seed: number, name: string, filling: Filling, encodings: number, states: number) => Outcome;
beforeAll(async () => {
  const { Vectors } = await bundled<typeof import('./vectors.ts')>('test/core/jit/lowering/vectors.ts');
  const vectors = new Vectors(20);
  mixed = (...all) => new Vectors(21).mixed(...all);
  run = (_, ...rest) => vectors.run(...rest);
});

const isFloat = (name: string): boolean => /f32|VRECP|VRSQ|VACG|VCVT/.test(name);
const isAccess = (name: string): boolean => /^V(LD|ST)\d/.test(name);

describe('every instruction that is lowered leaves the bits that its definition leaves', () => {
  it.each(Object.keys(NEON).filter((name) => !isFloat(name) && !isAccess(name)))('%s, without the interpreter', (name) => {
    const { different, interpreted } = run(1, name, 'integers', 12, 20);
    expect(different).toEqual([]);
    expect(interpreted).toBe(0);
  });

  it.each(Object.keys(NEON).filter(isAccess))('%s, at any address', (name) => {
    const { different, interpreted, runs } = run(2, name, 'integers', 16, 20);
    expect(different).toEqual([]);
    expect(interpreted).toBeLessThan(0.9 * runs);
  });

  it.each(Object.keys(NEON).filter(isFloat))('%s, on lanes of all kinds', (name) => {
    const { different, interpreted, runs } = run(3, name, 'singles', 12, 30);
    expect(different).toEqual([]);
    expect(interpreted).toBeLessThan(0.95 * runs);
  });

  it.each(Object.keys(VFP).filter((name) => !/^VM[RS]/.test(name)))('%s, in both precisions and all modes', (name) => {
    for (const filling of ['singles', 'doubles'] as const) {
      const { different, interpreted, runs } = run(4, name, filling, 10, 30);
      expect(different).toEqual([]);
      expect(interpreted).toBeLessThan(0.9 * runs);
    }
  });

  it.each(['VMRS', 'VMSR', 'VLDR', 'VSTR', 'VLDM', 'VSTM'])('%s', (name) => {
    expect(run(5, name, 'integers', 16, 20).different).toEqual([]);
  });

  it('what a block knows of registers is what they hold, whatever wrote them and under whatever condition', () => {
    const moves = ['VMOV_core_to_single', 'VMOV_single_to_core', 'VMOV_core_to_double', 'VMOV_double_to_core', 'VLDR', 'VSTR'];
    const names = [...Object.keys(VFP), ...Object.keys(VFP), ...Object.keys(NEON), ...moves, ...moves, 'VLDM', 'VSTM'];
    const { different } = mixed(
      names.filter((name) => name !== 'VMSR'),
      14,
      200,
      12,
    );
    expect(different).toEqual([]);
  });
});
