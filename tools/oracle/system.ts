/** The modes of the bench for the system side: the MMU, and system registers with exceptions. */

import { compareMmu } from './mmu-oracle.ts';
import type { Mode, Options } from './mode.ts';
import { compareSystem } from './system-oracle.ts';

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** What is known, with its reason and how often it was met. */
function known(differences: ReadonlyMap<string, number>): void {
  for (const [name, count] of differences) console.log(`  ${count} known: ${name}`);
}

function mmu({ cases, seed, engine, shown }: Options): number {
  const outcome = compareMmu(cases, seed, engine);
  for (const text of outcome.unexplained.slice(0, shown)) console.log(text);
  known(outcome.known);
  const { compared, endings, unexplained } = outcome;
  console.log(`mmu: ${compared} cases, ${endings.size} operations and endings, ${unexplained.length} differ`);
  return unexplained.length;
}

function system({ cases, seed, engine, shown }: Options): number {
  const outcome = compareSystem(cases, seed, engine);
  for (const text of outcome.different.slice(0, shown)) console.log(text);
  known(outcome.known);
  const { events, different } = outcome;
  console.log(`system: ${cases} cases of ${events.size} events, ${total(outcome.known)} known, ${different.length} differ`);
  return different.length;
}

export const SYSTEM_MODES = {
  mmu: { about: 'random tables, and accesses and fetches from each privilege under them', run: mmu },
  system: { about: 'system registers and exceptions in all modes, Monitor and Hyp mode among them', run: system },
} as const satisfies Readonly<Record<string, Mode>>;
