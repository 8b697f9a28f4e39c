/** Random tables and random accesses from every privilege, in QEMU and here; the MMU alone says what to expect, and what cannot be put to QEMU. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, type Ran } from './mmu-compare.ts';
import { buildMmuImage } from './mmu-image.ts';
import type { Scenario } from './mmu-layout.ts';
import { ENDED, type Expected, Model } from './mmu-model.ts';
import { Random } from './mmu-random.ts';
import { epoch } from './mmu-scenarios.ts';
import { type Engine, runInPartita } from './partita.ts';
import { runInQemu } from './qemu.ts';

export interface MmuOutcome {
  readonly compared: number;
  /** Cases in which a named difference was met. */
  readonly known: ReadonlyMap<string, number>;
  readonly unexplained: readonly string[];
  readonly dropped: Model['dropped'];
  /** How many cases ended in which way, by operation. */
  readonly endings: ReadonlyMap<string, number>;
}

/** Scenarios of an epoch, unless fewer are wanted, and epochs of a batch: one in three has big-endian tables. */
const SCENARIOS = 310;
const EPOCHS = 3;
/** Cases of a scenario that can be put to QEMU, on average, a little less. */
const CASES = 36;
const RECORD_WORDS = 8;

/** At least `count` cases. */
export function compareMmu(count: number, seed: number, engine?: Engine): MmuOutcome {
  const random = new Random(seed);
  const scenarios = Math.min(SCENARIOS, Math.ceil(count / EPOCHS / CASES));
  const outcome = {
    compared: 0,
    known: new Map<string, number>(),
    unexplained: [] as string[],
    endings: new Map<string, number>(),
  };
  const dropped: Record<string, number> = {};
  while (outcome.compared < count) {
    const model = new Model();
    const epochs = Array.from({ length: EPOCHS }, (_, i) => epoch(random, i === 1, scenarios));
    const all = epochs.flat();
    const expected = all.map((scenario) => model.run(scenario));
    const chosen = all.map((scenario, i) => ({ ...scenario, cases: (expected[i] ?? []).map((one) => one.case) }));
    for (const { one, ours, theirs } of runBoth(expected.flat(), chosen, engine)) {
      const name = `${one.case.operation.name}: ${ending(theirs)}`;
      outcome.endings.set(name, (outcome.endings.get(name) ?? 0) + 1);
      const text = compare({ one, ours, theirs }, outcome.known);
      if (text !== undefined) outcome.unexplained.push(text);
      outcome.compared++;
    }
    for (const [name, n] of Object.entries(model.dropped)) dropped[name] = (dropped[name] ?? 0) + n;
  }
  return { ...outcome, dropped: dropped as Model['dropped'] };
}

/** The image's status, and of a trap its class. */
const ending = ([status = 0, hsr = 0]: readonly number[]): string =>
  status === ENDED.trapped ? `${status} ${hsr >>> 26}` : `${status}`;

function runBoth(cases: readonly Expected[], scenarios: readonly Scenario[], engine: Engine | undefined): Ran[] {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const image = buildMmuImage(folder, scenarios);
    const theirs = runInQemu(folder, image, 'virt,virtualization=on,highmem=off', ['-device', `loader,file=${image}`]);
    const ours = runInPartita(image, { level: 'Hyp', ...(engine === undefined ? {} : { engine }) });
    const part = (words: Uint32Array, i: number) => [...words.subarray(RECORD_WORDS * i, RECORD_WORDS * (i + 1))];
    return cases.map((one, i) => ({ one, ours: part(ours, i), theirs: part(theirs, i) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
