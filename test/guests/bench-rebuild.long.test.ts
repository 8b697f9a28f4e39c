/** All committed images of the bench are what their sources compile to, byte for byte, in whatever folder that is done. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { differing } from './bench-rebuild.ts';

it.skipIf(!have('arm-none-eabi-gcc'))('every image of the bench, rebuilt elsewhere, is byte for byte the committed file', () => {
  const files = readdirSync('guests/bench').filter((name) => name.endsWith('.elf') && name !== 'bench.elf');
  expect(files.length).toBeGreaterThan(20);
  expect(differing(['all'], files)).toEqual([]);
});
