import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunReport } from '../../../core/machine/report.ts';
import { withRounds } from '../../../tools/bench/rounds.ts';
import { MOST } from '../../../tools/bench/tables.ts';
import { timed } from '../../../tools/bench/timed.ts';
import { have } from '../../support/oracles.ts';
import { Program } from '../cli/program.ts';

/** 70,000 functions: several times as many as there are places for regions. */
const ROUNDS = 1100;

it.skipIf(!have('time'))('a guest that writes new code all the time takes no more memory than other runs may', async () => {
  const program = await Program.build();
  try {
    const { folder } = program;
    const image = join(folder, program.file('fresh.elf', withRounds(readFileSync('guests/bench/fresh-a.elf'), ROUNDS)));
    const report = join(folder, 'report.json');
    const command = ['boot', '--board', 'virt', '--engine', 'jit', '--report', report, image];
    const { memory, output } = await timed([process.execPath, join(folder, 'dist/partita.js'), ...command], folder);
    const { translated } = JSON.parse(readFileSync(report, 'utf8')) as RunReport;
    expect(output).toContain(`fresh: ${ROUNDS} rounds`);
    expect(translated?.dropped).toBeGreaterThan(20_000);
    expect(memory).toBeLessThan(MOST);
  } finally {
    program.remove();
  }
});
