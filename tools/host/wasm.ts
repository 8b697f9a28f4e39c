/** WebAssembly for the translator: one memory, which is the machine's arena, and one table of translated functions. */
import type { Dispatch, Outside, WasmHost } from '../../core/jit/host.ts';

const PAGE = 1 << 16;
/** Functions by which the table grows. */
const GROWTH = 1024;

export class Wasm implements WasmHost {
  #memory: WebAssembly.Memory | undefined;
  #outside: Outside | undefined;
  readonly #table = new WebAssembly.Table({ element: 'anyfunc', initial: GROWTH });

  /** The memory for a machine, to be called once. */
  allocate(bytes: number): ArrayBuffer {
    const pages = Math.ceil(bytes / PAGE);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    return this.#memory.buffer;
  }

  dispatcher(module: Uint8Array, outside: Outside): Dispatch {
    const exports = this.#instantiate(module, { m: this.#memory as WebAssembly.Memory, t: this.#table, o: outside });
    this.#outside = exports['outside'] as Outside;
    return exports['run'] as Dispatch;
  }

  load(module: Uint8Array, first: number, count: number): void {
    const functions = this.#instantiate(module, { m: this.#memory as WebAssembly.Memory, o: this.#outside as Outside });
    const missing = first + count - this.#table.length;
    if (missing > 0) this.#table.grow(Math.max(missing, GROWTH));
    for (let i = 0; i < count; i++) this.#table.set(first + i, functions[`f${i}`] as Dispatch);
  }

  unload(first: number, count: number): void {
    for (let i = 0; i < count; i++) this.#table.set(first + i, null);
  }

  #instantiate(module: Uint8Array, e: WebAssembly.Imports[string]): WebAssembly.Exports {
    return new WebAssembly.Instance(new WebAssembly.Module(module), { e }).exports;
  }
}
