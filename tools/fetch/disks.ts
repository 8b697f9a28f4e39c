/**
 * A disk for boards/virt/linux.dts: 16 MiB with words of its own in `base`, under two images that lie over it and over each other. It is made
 * by the project's own command, which must have been built.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.ts';

export const DISKS = join(CACHE, 'linux', 'disk');

const SIZE = 16 << 20;
/** What the disk holds: this line over and over. */
const LINE = 'partita: the base of a chain of three images, never written.\n';

/** Makes the images in a folder, unless they are there. Returns the folder. */
export function makeDisks(program: string, folder = DISKS): string {
  if (existsSync(join(folder, 'top.qcow2'))) return folder;
  mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  writeFileSync(path('base.raw'), LINE.repeat(Math.ceil(SIZE / LINE.length)).slice(0, SIZE));
  const image = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [program, 'image', ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the disk images cannot be made: ${stderr.trim()}`);
  };
  image('convert', '--force', path('base.raw'), path('base.qcow2'));
  image('create', '--force', '--backing', 'base.qcow2', '--backing-format', 'qcow2', path('middle.qcow2'));
  image('create', '--force', '--backing', 'middle.qcow2', '--backing-format', 'qcow2', path('top.qcow2'));
  rmSync(path('base.raw'));
  return folder;
}
