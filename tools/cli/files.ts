/** Files of the host, with one clear line where one cannot be read. */
import { readFileSync, statSync } from 'node:fs';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import { UsageError } from './usage.ts';

/** No image or description is larger than this. */
const LIMIT = 2 ** 31;

export function readFile(path: string, what: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > LIMIT) throw new UsageError(`${what} ${path} has ${size} bytes: too large`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : (error as Error).message;
    throw new UsageError(`${what} ${path} cannot be read: ${why}`);
  }
}

/** How the device-tree reader finds its sources. */
export const hostFiles: Files = {
  readFile(path) {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
};
