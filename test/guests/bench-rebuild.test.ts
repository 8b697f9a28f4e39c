/** The committed images of the bench are what their sources compile to: two here, all of them in the long tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IMAGES } from '../../tools/bench/images.ts';
import { have } from '../support/oracles.ts';
import { differing } from './bench-rebuild.ts';

describe.skipIf(!have('arm-none-eabi-gcc'))('images of the bench, rebuilt elsewhere', () => {
  it('are byte for byte the committed files', () => {
    const files = ['neon-integer-a.elf', 'mmio-a.elf'];
    expect(differing(files, files)).toEqual([]);
  });
});

describe('the committed images of the bench', () => {
  const committed = readdirSync('guests/bench').filter((name) => name.endsWith('.elf'));

  it('are those that the bench runs, and bench.elf', () => {
    const listed = IMAGES.flatMap(({ file, partition }) => [file, ...(partition === undefined ? [] : [partition])]);
    expect([...new Set([...listed, 'bench.elf'])].sort()).toEqual(committed.sort());
  });

  it.each(committed)('%s names no folder of the machine it was built on', (name) => {
    expect(readFileSync(`guests/bench/${name}`, 'latin1')).not.toMatch(/\/(home|root|tmp|work|usr|Users)\//);
  });
});
