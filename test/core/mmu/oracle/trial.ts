/** One trial: epochs of random scenarios through our MMU and through QEMU. */
import { compare, type Verdict } from './compare.ts';
import type { Scenario } from './layout.ts';
import { Model } from './model.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';
import { epoch } from './scenarios.ts';

export interface Trial extends Verdict {
  readonly dropped: Model['dropped'];
  /** How many cases ended in which way, by operation. */
  readonly endings: ReadonlyMap<string, number>;
}

/** Every third epoch has big-endian tables. */
export function trial(seed: number, epochs: number, scenarios: number): Trial {
  const random = new Random(seed);
  const model = new Model();
  const all: Scenario[] = Array.from({ length: epochs }, (_, i) => epoch(random, i % 3 === 1, scenarios)).flat();
  const expected = all.map((scenario) => model.run(scenario));
  const cases = (i: number) => (expected[i] ?? []).map((one) => one.case);
  const results = runInQemu(all.map((scenario, i) => ({ ...scenario, cases: cases(i) })));
  const flat = expected.flat();
  const endings = new Map<string, number>();
  for (const { case: one, record } of flat) {
    const name = `${one.operation}: ${record[0]}`;
    endings.set(name, (endings.get(name) ?? 0) + 1);
  }
  return { ...compare(flat, results), dropped: model.dropped, endings };
}
