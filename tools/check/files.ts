/** Rules for everything that is committed, whatever it is: nothing in it may depend on the machine it was made on. */
import type { Finding } from './finding.ts';

/** Folders of one machine, where a name follows. A path in a compiled file's debug information counts too. */
const MACHINE_PATH = /(?<![\w.])\/(?:work|home|root|Users)\/[\w.-]+/;
/** Addresses of registries other than the public one. */
const REGISTRY = /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/;

export function checkFiles(files: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const own = file === 'tools/check/files.ts' || file === 'test/tools/check/files.test.ts';
    const path = own ? undefined : find(file, text, MACHINE_PATH, (found) => `names a path of one machine: ${found}`);
    const registry =
      file === 'package-lock.json'
        ? find(file, text, REGISTRY, () => 'names a registry other than registry.npmjs.org')
        : undefined;
    return [path, registry].filter((finding) => finding !== undefined);
  });
}

function find(file: string, text: string, pattern: RegExp, say: (found: string) => string): Finding | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : { file, line: text.slice(0, match.index).split('\n').length, problem: say(match[0]) };
}
