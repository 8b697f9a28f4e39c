/**
 * dist/partita.js: runs the program, dist/partita.cjs, with the code that V8 compiled for an earlier run, as compiling it takes a quarter of the
 * time to the first instruction. Where none can be kept, or what is found cannot be trusted, V8 compiles as ever: slower, and the same otherwise.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { readCache, replaceCache } from './cache-files.ts';

/** What surrounds the program's text: see tools/build.mjs. */
type Wrapper = (require: NodeJS.Require, module: { exports: typeof import('./main.ts') }, bundleUrl: string) => void;

/**
 * A guest that makes new code all the time makes WebAssembly modules that die soon, and their machine code goes only when the garbage of
 * JavaScript does. By default that may grow to four times what is in use; with this, to twice. Code is good for the flags alone that it was
 * compiled with, so they are set before.
 */
setFlagsFromString('--heap-growing-percent=100');
/**
 * Translated code has no recursion that the stack could be too small for, and ends its turn soon: it need not look at the stack's end in each of
 * its loops, which costs it a tenth of its speed. Where floating-point arithmetic rarely calls a function, it says so (core/jit/module.ts).
 */
setFlagsFromString('--no-wasm-stack-checks');
setFlagsFromString('--experimental-wasm-branch-hinting');
/** Node 20 optimises translated code late, three times as late as is best; later versions count in another way, and what they take is as good. */
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--wasm-tiering-budget=600000');

/** Files in the folder, bytes of each, and of the sum at its end. */
const [FILES, MOST, SUM_BYTES] = [8, 32 << 20, 4];
const PREFIX = 'partita-';
const folder = dirname(fileURLToPath(import.meta.url));
const filename = join(folder, 'partita.cjs');
const source = readFileSync(filename);
const program = crc32(source);
/** Each Node and each set of V8's flags has its own, so that none takes turns with another in writing it. */
const cache = join(folder, `${PREFIX}${process.version}-${process.arch}-${cachedDataVersionTag()}.cache`);

const cachedData = cached();
// Comments apart the program is ASCII, and bytes become a string several times faster than UTF-8 does.
const script = new Script(source.toString('latin1'), { filename, ...(cachedData && { cachedData }) });
let wanted = script.cachedDataRejected !== false;

const module = { exports: {} as typeof import('./main.ts') };
(script.runInThisContext() as Wrapper)(createRequire(import.meta.url), module, import.meta.url);
await module.exports.program({ keepCode, folder, sum: program });

/** V8 compares no more of the source than its length, and trusts the code: the sum at the end is of both. */
function cached(): Buffer | undefined {
  const bytes = readCache(cache, MOST);
  if (bytes === undefined || bytes.length < SUM_BYTES) return undefined;
  const code = bytes.subarray(0, -SUM_BYTES);
  return crc32(code, program) === bytes.readUInt32LE(code.length) ? code : undefined;
}

/** Keeps what is compiled by now. */
function keepCode(): void {
  if (!wanted) return;
  wanted = false;
  if (!isWritable()) return;
  const code = script.createCachedData();
  const end = Buffer.alloc(SUM_BYTES);
  end.writeUInt32LE(crc32(code, program));
  replaceCache(cache, [code, end], PREFIX, FILES);
}

/** What cannot be written need not be made. */
function isWritable(): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
