import { expect, it } from 'vitest';
import type { Job } from '../../../tools/browser/job.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

const MILLISECOND = 1_000_000;
const system = 'boards/vexpress-a15/demo.dts';
const jobs: readonly Job[] = [
  { system, engine: 'interpreter', until: 300 * MILLISECOND },
  { system, engine: 'jit', until: 300 * MILLISECOND },
  { system, engine: 'jit', until: 10_000 * MILLISECOND },
];

it.skipIf(!have('chromium'))('a browser ends in the same state as Node, with either engine', async () => {
  const { inChromium } = await import('../../../tools/browser/chromium.ts');
  const { carryOut } = await bundled<typeof import('../../../tools/browser/job.ts')>('tools/browser/job.ts');
  const { hostFiles } = await import('../../../tools/cli/files.ts');
  const ours = jobs.map((job) => carryOut(job, hostFiles).stateHash);
  expect(ours[1]).toBe(ours[0]);
  const theirs = await inChromium(jobs);
  expect(theirs.map(({ stateHash }) => stateHash)).toEqual(ours);
  expect(theirs[1]?.translated).toBeGreaterThan(1000);
});
