/**
 * A console: what a UART (or a partition) prints, and what is typed to it. A key is there for the guest's next look, as on a terminal.
 * A script is patient: its bytes wait for a guest that wants them. Programs such as U-Boot look for a ctrl-C between two lines of
 * output and throw away what else they find, so that text typed ahead would be lost.
 */
import type { State, Stateful } from '../base/state.ts';

export class Console implements Stateful {
  readonly name: string;
  readonly #listeners: ((byte: number) => void)[] = [];
  readonly #input: number[] = [];
  readonly #script: number[] = [];
  /** Looks of the guest that found nothing, since it last printed or got a byte. */
  #looks = 0;
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
    this.#looks = 0;
    if (this.#output.length < LIMIT) this.#output.push(byte);
    for (const listener of this.#listeners) listener(byte);
  }

  onOutput(listener: (byte: number) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * The next typed byte, taken away; undefined if there is none for the guest now.
   * `waits`: its interrupt asks for input; otherwise it only looks, and a script goes on when it looks again and again.
   */
  next(waits = true): number | undefined {
    if (this.#input.length > 0) return this.#input.shift();
    if (this.#script.length === 0 || (!waits && ++this.#looks < PATIENCE)) return undefined;
    this.#looks = 0;
    return this.#script.shift();
  }

  /** Types bytes; whoever waits for input is told. */
  type(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#input.push(byte);
    for (const listener of this.#awaited) listener();
  }

  /** Types a script: each byte when the guest waits for one. */
  typePatiently(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#script.push(byte);
    for (const listener of this.#awaited) listener();
  }

  onInput(listener: () => void): void {
    this.#awaited.push(listener);
  }

  /** What was shown and what waits to be read; who listens is the host's business. */
  save(): State {
    const [output, input, script] = [this.#output, this.#input, this.#script].map((bytes) => Uint8Array.from(bytes)) as Bytes;
    return { printed: this.#printed, looks: this.#looks, output, input, script };
  }

  load(state: State): void {
    this.#printed = state['printed'] as number;
    this.#looks = state['looks'] as number;
    for (const [bytes, saved] of [
      [this.#output, state['output']],
      [this.#input, state['input']],
      [this.#script, state['script']],
    ] as const) {
      bytes.length = 0;
      for (const byte of saved as Uint8Array) bytes.push(byte);
    }
  }

  /** Nothing was printed or typed yet. */
  reset(): void {
    this.#printed = 0;
    this.#looks = 0;
    for (const bytes of [this.#output, this.#input, this.#script]) bytes.length = 0;
  }

  /** What was printed, one character a byte. */
  text(): string {
    let text = '';
    for (const byte of this.#output) text += String.fromCharCode(byte);
    return text;
  }
}

type Bytes = [Uint8Array, Uint8Array, Uint8Array];

/** A guest that prints for ever must not use up the host's memory. */
const LIMIT = 1 << 20;

/**
 * Looks in a row, with nothing printed between, of a guest that wants input. A look for a ctrl-C reads the flags up to twice, and the next
 * output once more; twice that many is clear.
 */
const PATIENCE = 6;
