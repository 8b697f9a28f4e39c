/** npm run oracle -- --set a32|t16|t32|vfp|neon|sequences --cases N --seed S: compares random instructions with QEMU and prints what differs. */
import arg from 'arg';
import type { SetName } from './cases.ts';
import { compareWithQemu } from './oracle.ts';
import { compareSequences } from './sequence-oracle.ts';

const SETS = ['a32', 't16', 't32', 'vfp', 'neon', 'sequences'] as const satisfies readonly (SetName | 'sequences')[];
const SHOWN = 2;

const options = arg({ '--set': [String], '--cases': Number, '--seed': Number });
const cases = options['--cases'] ?? 20_000;
const seed = options['--seed'] ?? 1;

/** One line for a set, after what differs; the number of differences. */
function compare(set: SetName): number {
  const { covered, uncovered, different } = compareWithQemu(set, cases, seed);
  for (const [name, descriptions] of different) {
    console.log(`${name}: ${descriptions.length} differ`);
    for (const text of descriptions.slice(0, SHOWN)) console.log(text);
  }
  const total = [...different.values()].reduce((sum, { length }) => sum + length, 0);
  if (uncovered.length > 0) console.log(`no case for ${uncovered.join(', ')}`);
  console.log(`${set}: ${cases} cases of ${covered} encodings, ${total} differ`);
  return total;
}

function sequences(): number {
  const { exceptions, used, different } = compareSequences(cases, seed);
  for (const text of different.slice(0, SHOWN)) console.log(text);
  console.log(`sequences: ${cases} of ${used.size} encodings with ${exceptions} exceptions, ${different.length} differ`);
  return different.length;
}

const chosen = (options['--set'] ?? SETS) as (typeof SETS)[number][];
const unknown = chosen.filter((set) => !SETS.includes(set));
if (unknown.length > 0) throw new Error(`no set ${unknown.join(', ')}: there are ${SETS.join(', ')}`);
let total = 0;
for (const set of chosen) {
  const started = Date.now();
  total += set === 'sequences' ? sequences() : compare(set);
  console.log(`  ${Date.now() - started} ms`);
}
process.exitCode = total > 0 ? 1 : 0;
