/** WebAssembly in Node, whose garbage V8 would let pile up. */
import { setFlagsFromString } from 'node:v8';
import { Wasm } from './wasm.ts';

/**
 * A guest that makes new code all the time makes modules that die soon, and their machine code goes only when the garbage of JavaScript does. By
 * default that may grow to four times what is in use; with this, to twice.
 */
export function nodeWasm(): Wasm {
  setFlagsFromString('--heap-growing-percent=100');
  return new Wasm();
}
