/** npm run oracle -- --set a32|t16|t32|vfp|neon --cases N --seed S: compares random instructions with QEMU and prints what differs. */
import arg from 'arg';
import type { SetName } from './cases.ts';
import { compareWithQemu } from './oracle.ts';

const SETS: readonly SetName[] = ['a32', 't16', 't32', 'vfp', 'neon'];
const SHOWN = 2;

const options = arg({ '--set': [String], '--cases': Number, '--seed': Number });
const sets = (options['--set'] ?? SETS) as SetName[];
let failed = false;
for (const set of sets) {
  const started = Date.now();
  const { cases, covered, uncovered, different } = compareWithQemu(set, options['--cases'] ?? 20_000, options['--seed'] ?? 1);
  for (const [name, descriptions] of different) {
    console.log(`${name}: ${descriptions.length} differ`);
    for (const text of descriptions.slice(0, SHOWN)) console.log(text);
  }
  const total = [...different.values()].reduce((sum, { length }) => sum + length, 0);
  if (uncovered.length > 0) console.log(`no case for ${uncovered.join(', ')}`);
  console.log(`${set}: ${cases} cases of ${covered} encodings, ${total} differ, ${Date.now() - started} ms`);
  failed ||= total > 0;
}
process.exitCode = failed ? 1 : 0;
