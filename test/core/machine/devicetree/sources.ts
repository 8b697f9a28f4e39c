/** Sources for tests: those of this folder, and texts given in the test. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseDts } from '../../../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../../../core/machine/devicetree/dts-preprocessor.ts';
import { DeviceTreeError } from '../../../../core/machine/devicetree/error.ts';
import type { DeviceTree } from '../../../../core/machine/devicetree/tree.ts';

export const SOURCES = fileURLToPath(new URL('sources', import.meta.url));

/** The files of the disk. */
export function disk(...includeDirs: string[]): Files {
  const isFile = (path: string) => existsSync(path) && statSync(path).isFile();
  return { readFile: (path) => (isFile(path) ? readFileSync(path) : undefined), includeDirs };
}

/** Reads `test.dts` of the given files. */
export function parseFiles(files: Readonly<Record<string, string | Uint8Array>>, ...includeDirs: string[]): DeviceTree {
  const readFile = (path: string) => {
    const content = Object.hasOwn(files, path) ? files[path] : undefined;
    return typeof content === 'string' ? Buffer.from(content) : content;
  };
  return parseDts('test.dts', { readFile, includeDirs });
}

/** Reads a source that begins on the line after /dts-v1/;. */
export function parse(text: string): DeviceTree {
  return parseFiles({ 'test.dts': `/dts-v1/;\n${text}` });
}

/** The complaint about a source. */
export function complaint(action: () => unknown): DeviceTreeError {
  try {
    action();
  } catch (error) {
    if (error instanceof DeviceTreeError) return error;
    throw error;
  }
  throw new Error('there was no complaint');
}

/** What dtc makes of its input, without its warnings. */
export function dtc(from: 'dts' | 'dtb', input: Uint8Array, cwd = SOURCES): Buffer {
  const result = spawnSync('dtc', ['-q', '-I', from, '-O', 'dtb', '-'], { input, cwd, maxBuffer: 64 << 20 });
  if (result.status !== 0) throw new Error(`dtc: ${result.stderr.toString()}`);
  return result.stdout;
}
