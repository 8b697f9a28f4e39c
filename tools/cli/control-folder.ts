/** Where running simulations are found: a socket for each that has a name, in a folder that is its user's alone. */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from './usage.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/;
const SUFFIX = '.sock';
/** What a socket's address holds, with its NUL. */
const LONGEST = 107;

/** $PARTITA_RUNTIME, else a folder in $XDG_RUNTIME_DIR, else one in the folder for temporary files. */
export function runtimeFolder(): string {
  const { PARTITA_RUNTIME: own, XDG_RUNTIME_DIR: session } = process.env;
  if (own === '') throw new UsageError('PARTITA_RUNTIME is empty: set it to a folder, or unset it');
  return (
    own ??
    (session === undefined || session === '' ? join(tmpdir(), `partita-${process.getuid?.() ?? 0}`) : join(session, 'partita'))
  );
}

/** Makes the folder. Somebody else's, or one in which others may write, is not used. */
export function makeFolder(): string {
  const folder = runtimeFolder();
  try {
    makeAll(folder);
  } catch (error) {
    throw new UsageError(`${folder}: cannot be made (${(error as Error).message})`);
  }
  const { uid, mode } = statSync(folder);
  if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0)
    throw new UsageError(`${folder}: is not yours alone; set PARTITA_RUNTIME to a folder that is`);
  return folder;
}

/** Not by `recursive`, which never returns where the kernel lets nobody make a folder, as in /proc. */
function makeAll(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeAll(parent);
  mkdirSync(folder, { mode: 0o700 });
}

export function checkName(name: string): string {
  if (NAME.test(name)) return name;
  throw new UsageError(`--name ${name}: give 1 to 48 letters, digits, '.', '_' or '-'`);
}

export function socketOf(name: string): string {
  const path = join(runtimeFolder(), `${checkName(name)}${SUFFIX}`);
  if (Buffer.byteLength(path) > LONGEST)
    throw new UsageError(`${path}: is too long for a socket; set PARTITA_RUNTIME to a shorter folder`);
  return path;
}

/** Whether a simulation could be found there. */
export const isSocket = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;

/** Takes away what a dead simulation left behind. What is no socket is somebody else's, and stays. */
export function clearAway(path: string): void {
  try {
    if (isSocket(path)) rmSync(path, { force: true });
  } catch {}
}

/** Names of simulations that run or left their socket behind, in the order of the alphabet. */
export function knownNames(): string[] {
  const folder = runtimeFolder();
  try {
    const files = readdirSync(folder, { withFileTypes: true });
    const sockets = files.filter((file) => file.isSocket() && file.name.endsWith(SUFFIX));
    return sockets.map(({ name }) => name.slice(0, -SUFFIX.length)).sort();
  } catch {
    return [];
  }
}
