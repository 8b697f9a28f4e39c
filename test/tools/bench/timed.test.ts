import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { geometricMean, median, medians, timed } from '../../../tools/bench/timed.ts';
import { have } from '../../support/oracles.ts';

const scratch = mkdtempSync(join(tmpdir(), 'timed-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const node = (program: string) => [process.execPath, '-e', program];

describe.skipIf(!have('time'))('a timed run', () => {
  it('counts the CPU time of all threads, and memory', async () => {
    const busy = 'const end = Date.now() + 300; while (Date.now() < end);';
    const program = `const kept = Buffer.alloc(60e6, 1); new (require('worker_threads').Worker)('${busy}', { eval: true }); ${busy}`;
    const { cpu, wall, memory } = await timed(node(program), scratch);
    expect(wall).toBeGreaterThanOrEqual(0.3);
    expect(cpu).toBeGreaterThan(0.02);
    expect(memory).toBeGreaterThan(60e6 / 2 ** 20);
  });

  it('types what it is told to when a text is shown', async () => {
    const program =
      "process.stdout.write('name?'); process.stdin.once('data', (d) => { console.log('hello ' + d); process.exit(); });";
    const { output } = await timed(node(program), scratch, [{ shown: 'name?', typed: 'you' }]);
    expect(output).toBe('name?hello you\n');
  });

  it('fails when the program fails, with what it printed', async () => {
    await expect(timed(node("console.log('oh'); process.exit(3)"), scratch)).rejects.toThrow(/status 3: oh/);
  });
});

describe('the middle of runs', () => {
  it('is the middle one, or between the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(median([7])).toBe(7);
  });

  it('is taken of each time by itself, while memory is the most', () => {
    const runs = [
      { cpu: 1, wall: 9, memory: 5 },
      { cpu: 2, wall: 8, memory: 7 },
      { cpu: 3, wall: 7, memory: 6 },
    ];
    expect(medians(runs)).toEqual({ cpu: 2, wall: 8, memory: 7 });
  });

  it('of ratios is geometric', () => {
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  });
});
