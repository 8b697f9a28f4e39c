/**
 * A module of the tests as one bundle. The test runner reads every imported name through an object, which makes an interpreter ten times slower;
 * within a bundle names are plain variables, as they are in the program that people run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * `entry` is relative to the project's folder. Its own module state is apart from that of a plain import. Where coverage is measured it is a
 * plain import after all, since a bundle is not seen.
 */
export async function bundled<T>(entry: string): Promise<T> {
  if (process.env['COVERAGE'] !== undefined) return (await import(/* @vite-ignore */ resolve(entry))) as T;
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      logLevel: 'error',
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
