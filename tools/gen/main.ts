/** Writes what is generated from the sources: `npx tsx tools/gen/main.ts`, or the bundle that the build makes of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { header, manual } from './abi.ts';

/** Generated files, by their path in the checkout. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'guests/lib/hyp_abi.h': header,
  'docs/hypercalls.md': manual,
};

for (const [path, text] of Object.entries(GENERATED)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text());
}
