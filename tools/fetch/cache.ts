/** Where fetched things are kept: `.cache/` of the project, which git ignores. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above that has a package.json: the same for a source file and for the bundle in dist/. */
function projectFolder(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : projectFolder(above);
}

export const CACHE = join(projectFolder(dirname(fileURLToPath(import.meta.url))), '.cache');
