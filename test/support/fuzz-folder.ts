/** An image folder with all that a name in an image may try: links to the outside, loops of links, folders, pipes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function fuzzFolder(): { readonly folder: string; readonly outer: string; remove(): void } {
  const outer = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const folder = join(outer, 'images');
  mkdirSync(join(folder, 'folder'), { recursive: true });
  writeFileSync(join(outer, 'secret.raw'), 'SECRET'.repeat(10_000));
  writeFileSync(join(folder, 'base.raw'), new Uint8Array(200_000).fill(0xba));
  symlinkSync('../secret.raw', join(folder, 'link.raw'));
  symlinkSync('loop', join(folder, 'loop'));
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  return { folder, outer, remove: () => rmSync(outer, { recursive: true }) };
}
