/** Compiles images of guests/bench in a folder elsewhere. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GUESTS = join(import.meta.dirname, '../../guests');

/** Makes the targets; returns those of the files that are not, byte for byte, what is committed. */
export function differing(targets: readonly string[], files: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'partita-bench-'));
  try {
    cpSync(GUESTS, folder, { recursive: true, filter: (path) => !path.endsWith('.elf') });
    const made = spawnSync('make', ['-s', '-j2', '-C', join(folder, 'bench'), ...targets], { encoding: 'utf8' });
    if (made.status !== 0 || made.stderr !== '') throw new Error(made.stderr);
    const same = (file: string) => read(folder, file).equals(read(GUESTS, file));
    return files.filter((file) => !same(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const read = (guests: string, file: string): Buffer => readFileSync(join(guests, 'bench', file));
