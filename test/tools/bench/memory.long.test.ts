import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { withRounds } from '../../../tools/bench/rounds.ts';
import { MOST } from '../../../tools/bench/tables.ts';
import { timed } from '../../../tools/bench/timed.ts';
import type { Translated } from '../../../tools/bench/translation.ts';
import { have } from '../../support/oracles.ts';
import { Program } from '../cli/program.ts';

/** Of 64 functions: several times as many as there is room for in threaded code, and more than there are places for regions. */
const [ROUNDS, ROUNDS_OF_REGIONS] = [1100, 400];

it.skipIf(!have('time'))('a guest that writes new code all the time takes no more memory than other runs may', async () => {
  const program = await Program.build();
  try {
    const { folder } = program;
    await promisify(execFile)(process.execPath, ['tools/build.mjs', 'bench', '--outdir', join(folder, 'dist')]);
    const fresh = (rounds: number) =>
      join(folder, program.file('fresh.elf', withRounds(readFileSync('guests/bench/fresh-a.elf'), rounds)));
    const run = (name: string, ...more: readonly string[]) =>
      timed([process.execPath, join(folder, 'dist', name), ...more], folder);
    const threaded = await run('partita.js', 'boot', '--board', 'virt', '--engine', 'jit', fresh(ROUNDS));
    expect(threaded.output).toContain(`fresh: ${ROUNDS} rounds`);
    expect(threaded.memory).toBeLessThan(MOST);
    const regions = await run('bench.js', '--translate', fresh(ROUNDS_OF_REGIONS));
    expect((JSON.parse(regions.output) as Translated).regions).toBeGreaterThan(20_000);
    expect(regions.memory).toBeLessThan(MOST);
  } finally {
    program.remove();
  }
});
