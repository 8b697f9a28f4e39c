/** What tools/host uses of WebAssembly: without the types of a browser, there are none. */
declare namespace WebAssembly {
  type Exports = Record<string, (...args: number[]) => number>;
  type Imports = Record<string, Record<string, Memory | Table | Exports[string]>>;
  class Memory {
    constructor(size: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class Table {
    constructor(size: { element: 'anyfunc'; initial: number });
    readonly length: number;
    grow(by: number): number;
    set(index: number, value: Exports[string] | null): void;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Exports;
  }
}
