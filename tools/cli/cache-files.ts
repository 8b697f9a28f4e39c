/** Files that only save time: each is written whole or not at all, none is missed, and the oldest of many go. */
import { closeSync, openSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writevSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The content; undefined if there is no file, or what is no file, or a larger one. */
export function readCache(file: string, most: number): Buffer | undefined {
  try {
    const found = statSync(file);
    return found.isFile() && found.size <= most ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a file in the place of another one. Of those of the folder whose names begin with `prefix` at most `most` stay. */
export function replaceCache(file: string, content: readonly Uint8Array[], prefix: string, most: number): void {
  const temporary = `${file}.${process.pid}`;
  try {
    const written = openSync(temporary, 'wx');
    try {
      writevSync(written, content);
    } finally {
      closeSync(written);
    }
    renameSync(temporary, file);
    removeOldest(dirname(file), prefix, most);
  } catch {
    remove(temporary);
  }
}

/** What a run that was killed left half written counts as well. */
function removeOldest(folder: string, prefix: string, most: number): void {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && /\.cache(\.\d+)?$/.test(name));
  if (names.length <= most) return;
  const aged = names.map((name) => ({ file: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  aged.sort((a, b) => b.time - a.time);
  for (const { file } of aged.slice(most)) remove(file);
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Another run was quicker, or it is no file.
  }
}
