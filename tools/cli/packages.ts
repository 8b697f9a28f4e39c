/** Packages that not every run needs, loaded when they are used: finding and compiling them takes a twentieth of the time to the first instruction. */
import { createRequire } from 'node:module';
import type Table from 'cli-table3';
import type { decompress } from 'fzstd';

const require = createRequire(import.meta.url);

export function newTable(options: Table.TableConstructorOptions): Table.Table {
  const Loaded: typeof Table = require('cli-table3');
  return new Loaded(options);
}

export function unpackZstd(...packed: Parameters<typeof decompress>): Uint8Array {
  const fzstd: typeof import('fzstd') = require('fzstd');
  return fzstd.decompress(...packed);
}
