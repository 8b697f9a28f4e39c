/** The boards that come with Partita. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bundled program stands in dist/, one folder below the package. */
const BOARDS = join(dirname(fileURLToPath(import.meta.url)), '..', 'boards');

export const boardNames = (): string[] =>
  readdirSync(BOARDS)
    .filter((name) => existsSync(join(BOARDS, name, 'board.dts')))
    .sort();

export function boardFile(name: string): string | undefined {
  return boardNames().includes(name) ? join(BOARDS, name, 'board.dts') : undefined;
}
