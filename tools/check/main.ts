/** `npm run check`: the rules of the house that no compiler knows. */
import { readFileSync } from 'node:fs';
import { checkFiles } from './files.ts';
import { show } from './finding.ts';
import { checkHouse } from './house.ts';
import { checkLayers } from './layers.ts';
import { committable, readSources } from './sources.ts';
import { checkSubset } from './subset.ts';

const paths = committable();
const text = Object.fromEntries(paths.flatMap((path) => read(path)));
const sources = readSources(text);
const findings = [...checkLayers(sources), ...checkHouse(sources), ...checkSubset(sources), ...checkFiles(text)];
for (const finding of findings) console.error(show(finding));
console.error(`check: ${sources.size} sources, ${paths.length} files, ${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;

/** The file's text; nothing for one that is deleted but not yet from the list. */
function read(path: string): [string, string][] {
  try {
    return [[path, readFileSync(path, 'utf8')]];
  } catch {
    return [];
  }
}
