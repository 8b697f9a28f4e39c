/**
 * A console: what a UART (or a partition) prints, and what is typed to it. A key is there for the guest's next look, as on a terminal.
 * A script is patient: its bytes wait for a guest that wants them. Programs such as U-Boot look for a ctrl-C between two lines of
 * output and throw away what else they find, so that text typed ahead would be lost; Linux's driver empties the FIFO when it starts.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Alarm, Clock } from '../bus/clock.ts';

export class Console implements Stateful {
  readonly name: string;
  readonly #listeners: ((byte: number) => void)[] = [];
  readonly #input: number[] = [];
  readonly #script: number[] = [];
  /** Looks of the guest that found nothing, since it last printed or got a byte. */
  #looks = 0;
  /** Since when nothing was printed to a guest that waits for an interrupt, and when that has been long enough. */
  #quietFrom = Number.POSITIVE_INFINITY;
  readonly #clock: Clock | undefined;
  readonly #quiet: Alarm | undefined;
  readonly #awaited: (() => void)[] = [];
  /** Everything printed so far, up to `limit` bytes: what reports and `--expect` look at. */
  readonly #output: number[] = [];
  #printed = 0;

  /** Without a clock, a guest that waits for an interrupt gets a script's bytes at once. */
  constructor(name: string, clock?: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#quiet = clock?.alarm(`${name} is quiet`, () => this.#tell());
  }

  /** Bytes printed in all. */
  get printed(): number {
    return this.#printed;
  }

  put(byte: number): void {
    this.#printed++;
    this.#looks = 0;
    if (this.#clock !== undefined && this.#quietFrom >= 0 && Number.isFinite(this.#quietFrom))
      this.#quietFrom = this.#clock.now();
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
    if (this.#script.length === 0 || !(waits ? this.#isQuiet() : ++this.#looks >= PATIENCE)) return undefined;
    this.#looks = 0;
    const byte = this.#script.shift();
    // The rest of a line follows at once, the next line when the guest has answered.
    this.#quietFrom = byte === NEWLINE || !waits ? Number.POSITIVE_INFINITY : IN_LINE;
    return byte;
  }

  /** Types bytes; whoever waits for input is told. */
  type(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#input.push(byte);
    this.#tell();
  }

  /** Types a script: each byte when the guest waits for one. */
  typePatiently(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#script.push(byte);
    this.#tell();
  }

  onInput(listener: () => void): void {
    this.#awaited.push(listener);
  }

  /** What was shown and what waits to be read; who listens is the host's business. */
  save(): State {
    const [output, input, script] = [this.#output, this.#input, this.#script].map((bytes) => Uint8Array.from(bytes)) as Bytes;
    const quietFrom = Number.isFinite(this.#quietFrom) ? this.#quietFrom : null;
    return { printed: this.#printed, looks: this.#looks, quietFrom, output, input, script };
  }

  load(state: State): void {
    this.#printed = state['printed'] as number;
    this.#looks = state['looks'] as number;
    this.#quietFrom = (state['quietFrom'] as number | null) ?? Number.POSITIVE_INFINITY;
    if (Number.isFinite(this.#quietFrom)) this.#quiet?.set(this.#quietFrom + QUIET);
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
    this.#quietFrom = Number.POSITIVE_INFINITY;
    for (const bytes of [this.#output, this.#input, this.#script]) bytes.length = 0;
  }

  /** What was printed, one character a byte. */
  text(): string {
    let text = '';
    for (const byte of this.#output) text += String.fromCharCode(byte);
    return text;
  }

  #tell(): void {
    for (const listener of this.#awaited) listener();
  }

  /** Whether a guest that waits for an interrupt has done so, printing nothing, long enough to be meant. Drivers enable it while they start, too. */
  #isQuiet(): boolean {
    if (this.#clock === undefined || this.#quiet === undefined) return true;
    const now = this.#clock.now();
    if (this.#quietFrom === Number.POSITIVE_INFINITY) this.#quietFrom = now;
    if (now - this.#quietFrom >= QUIET) return true;
    this.#quiet.set(this.#quietFrom + QUIET);
    return false;
  }
}

const NEWLINE = 0x0a;

type Bytes = [Uint8Array, Uint8Array, Uint8Array];

/** A guest that prints for ever must not use up the host's memory. */
const LIMIT = 1 << 20;

/**
 * Looks in a row, with nothing printed between, of a guest that wants input. A look for a ctrl-C reads the flags up to twice, and the next
 * output once more; twice that many is clear.
 */
const PATIENCE = 6;

/** Virtual nanoseconds of silence after which a guest that waits for an interrupt is taken to want a line. */
const QUIET = 100_000_000;
const IN_LINE = -QUIET;
