/** npm run gen: writes what is generated from the sources. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandLinePage } from '../cli/verb-text.ts';
import { header, manual } from './abi.ts';
import { isaPage } from './isa.ts';
import { stagedFiles } from './staged.ts';

/** Generated files, by their path in the checkout. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'guests/lib/hyp_abi.h': header,
  'docs/hypercalls.md': manual,
  'docs/command-line.md': commandLinePage,
  'docs/isa.md': isaPage,
};

const texts = Object.entries(GENERATED).map(([path, text]) => [path, text()] as const);
for (const [path, text] of [...texts, ...Object.entries(stagedFiles())]) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
