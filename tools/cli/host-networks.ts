/** The ways out of a machine: connected to the host, recorded, or replayed; and how virtual time keeps pace with the host meanwhile. */
import type { Asked, OutsideLink } from '../../core/machine/outside.ts';
import { HostNetwork } from './host-network.ts';
import { type Journal, JournalFile, readJournal } from './journal.ts';
import { UsageError } from './usage.ts';

export interface NetworkOptions {
  readonly record?: string | undefined;
  readonly replay?: string | undefined;
  /** Nothing is opened or written: the description is only looked at. */
  readonly dry?: boolean;
}

/** Nanoseconds in a millisecond. */
const MS = 1e6;
const LONGEST_WAIT_MS = 10;

export class HostNetworks {
  readonly #live: boolean;
  readonly #journal: Journal | undefined;
  readonly #record: string | undefined;
  #file: JournalFile | undefined;
  readonly #networks: HostNetwork[] = [];
  #differs: number | undefined;
  #asked = false;
  #wake: () => void = () => {};
  #came = false;
  /** Where both times were when something was expected first. */
  #since: { readonly virtual: number; readonly host: number } | undefined;

  /** `live`: whether the host may be used, if there is nothing to replay. */
  constructor({ record, replay, dry = false }: NetworkOptions, live: boolean) {
    this.#live = live;
    this.#journal = dry ? new Map() : replay === undefined ? undefined : readJournal(replay);
    this.#record = record;
  }

  /** What is beyond a port; undefined if it wants nothing of the host. */
  link(path: string, asked: Asked): OutsideLink | undefined {
    if (asked.services.length + asked.forwards.length === 0 && !asked.resolve) return undefined;
    this.#asked = true;
    if (this.#journal !== undefined) {
      const differs = (at: number) => {
        this.#differs ??= at;
      };
      return { replay: this.#journal.get(path) ?? [], differs, open: () => ({ ask: () => {}, restored: () => {} }) };
    }
    if (!this.#live)
      throw new UsageError(
        `--verify: what comes from the host by ${path} need not be the same twice: give a recording with --replay`,
      );
    return {
      record: (recorded) => this.#file?.write(path, recorded),
      open: (put) => {
        const network = new HostNetwork(asked, put, () => this.#arrive());
        this.#networks.push(network);
        return network;
      },
    };
  }

  /** When all ports are forwarded. Throws a UsageError for one that cannot be, and for options that nothing is there for. */
  async ready(): Promise<void> {
    const option = this.#record !== undefined ? '--record' : this.#journal !== undefined ? '--replay' : undefined;
    if (option !== undefined && !this.#asked)
      throw new UsageError(`${option}: nothing here leads to the host's network (host, forward or resolve of a network)`);
    if (this.#record !== undefined) this.#file = new JournalFile(this.#record);
    for (const network of this.#networks) await network.ready();
  }

  get active(): boolean {
    return this.#networks.some(({ active }) => active);
  }

  /**
   * Between two pieces of a run. While something is expected from the host, virtual time goes no faster than the host's, else a guest that
   * does nothing but wait would wait for years until an answer is there.
   */
  async keepPace(virtual: number): Promise<void> {
    if (!this.active) this.#since = undefined;
    if (!this.active || this.#came) {
      this.#came = false;
      return;
    }
    this.#since ??= { virtual, host: performance.now() };
    const { virtual: start, host } = this.#since;
    const ahead = (virtual - start) / MS - (performance.now() - host);
    if (ahead > 0) await this.#wait(Math.min(ahead, LONGEST_WAIT_MS));
    else this.#since = { virtual, host: performance.now() }; // time that a busy guest has lost is not made up for
  }

  /** A while of the host's time, for a machine in which nothing can happen by itself. */
  async idle(): Promise<void> {
    if (!this.#came) await this.#wait(LONGEST_WAIT_MS);
    this.#came = false;
  }

  /** Returns what went wrong, a line each. */
  close(): string[] {
    for (const network of this.#networks) network.close();
    const problem = this.#file?.close();
    const problems = problem === undefined ? [] : [problem];
    if (this.#differs === undefined) return problems;
    const at = (this.#differs / MS).toFixed(6);
    return [...problems, `--replay: this is not the run that was recorded: by ${at} ms it had asked for something else`];
  }

  #arrive(): void {
    this.#came = true;
    this.#wake();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
