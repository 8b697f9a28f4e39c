/** What the translator needs of its host: core itself knows no WebAssembly. */

/** Runs translated code of a processor until it returns; the result is one of `LEAVE`. */
export type Dispatch = (cpu: number, tables: number) => number;
/** Executes the instruction at NEXT. The result is 0 if translated code goes on, at an address that it expects. */
export type Outside = (expected: number) => number;

export interface WasmHost {
  /**
   * Instantiates the dispatcher: imports `e.m`, the memory that is the arena, `e.t`, the table of functions, and `e.o`, which is `outside`;
   * exports `run`, and `outside` as the `e.o` of batches.
   */
  dispatcher(module: Uint8Array, outside: Outside): Dispatch;
  /** Instantiates a batch, which imports `e.m` and `e.o`, and puts its exports `f0`, `f1` … into the table from `first` on. */
  load(module: Uint8Array, first: number, count: number): void;
  /** Forgets functions of the table. */
  unload(first: number, count: number): void;
}
