/** A console: what a UART (or a partition) prints, and what is typed to it. Input waits until the guest looks for it. */

export class Console {
  readonly name: string;
  /** Whether it belongs to the simulated board itself rather than to a partition. */
  readonly #listeners: ((byte: number) => void)[] = [];
  readonly #input: number[] = [];
  readonly #awaited: (() => void)[] = [];
  /** Everything printed so far, up to `limit` bytes: what reports and `--expect` look at. */
  readonly #output: number[] = [];
  #printed = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Bytes printed in all. */
  get printed(): number {
    return this.#printed;
  }

  put(byte: number): void {
    this.#printed++;
    if (this.#output.length < LIMIT) this.#output.push(byte);
    for (const listener of this.#listeners) listener(byte);
  }

  onOutput(listener: (byte: number) => void): void {
    this.#listeners.push(listener);
  }

  /** The next typed byte, taken away; undefined if none waits. */
  next(): number | undefined {
    return this.#input.shift();
  }

  /** Types bytes; whoever waits for input is told. */
  type(bytes: Iterable<number>): void {
    this.#input.push(...bytes);
    for (const listener of this.#awaited) listener();
  }

  onInput(listener: () => void): void {
    this.#awaited.push(listener);
  }

  /** What was printed, one character a byte. */
  text(): string {
    let text = '';
    for (const byte of this.#output) text += String.fromCharCode(byte);
    return text;
  }
}

/** A guest that prints for ever must not use up the host's memory. */
const LIMIT = 1 << 20;
