/** The modes of single instructions, as the command line shows them. */
import type { Mode, Options } from './mode.ts';
import { type CompareOptions, compareWithQemu, type Outcome } from './oracle.ts';
import type { SetName } from './sets.ts';

/** What a comparison found, and its closing line last. */
export function report(
  set: SetName,
  { cases, undefined: none, covered, uncovered, leftOut, explained, different }: Outcome,
): string {
  const found = [...different].flatMap(([name, { count, described }]) => [`${name}: ${count} differ`, ...described]);
  const total = totalOf(different);
  const lines = [...found];
  if (uncovered.length > 0) lines.push(`no case for ${uncovered.join(', ')}`);
  lines.push(`  drawn, but left out (--exclusions has the reasons): ${counts(leftOut)}`);
  lines.push(
    `${set}: ${cases} cases of ${covered} encodings, ${none} of them UNDEFINED, ${total} differ; explained: ${counts(explained)}`,
  );
  return lines.join('\n');
}

const counts = (found: ReadonlyMap<string, number>): string =>
  [...found].map(([id, count]) => `${count} ${id}`).join(', ') || 'nothing';

const totalOf = (different: Outcome['different']): number => [...different.values()].reduce((sum, { count }) => sum + count, 0);

/** A mode for one or several sets, which share the number of cases. */
export const single = (sets: readonly SetName[], about: string, more: CompareOptions = {}): Mode => ({
  about,
  run({ cases, seed, shown, engine }: Options): number {
    let total = 0;
    for (const [i, set] of sets.entries()) {
      const share = Math.floor(cases / sets.length) + (i < cases % sets.length ? 1 : 0);
      const outcome = compareWithQemu(set, share, seed, { engine, shown, ...more });
      console.log(report(set, outcome));
      total += totalOf(outcome.different);
    }
    return total;
  },
});
