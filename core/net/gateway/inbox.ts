/**
 * Where the outside's inputs wait for their point of virtual time: one that comes from the host for the next nanosecond after it has come,
 * a recorded one for when it came then. Both go the same way from there, so the replayed run is the recorded one.
 */
import { Hash } from '../../base/hash.ts';
import type { State, Stateful } from '../../base/state.ts';
import type { Timer } from '../port.ts';
import type { Input, Recorded, Request } from './outside.ts';

interface Waiting {
  readonly at: number;
  readonly input: Input;
  readonly asked?: string;
}

export interface InboxOptions {
  /** Inputs of an earlier run, instead of the host's. */
  readonly replay?: readonly Recorded[] | undefined;
  /** Told of each input that was delivered. */
  readonly record?: ((recorded: Recorded) => void) | undefined;
  /** Told of the time at which the run turned out not to be the recorded one. */
  readonly differs?: ((at: number) => void) | undefined;
}

export class Inbox implements Stateful {
  readonly #timer: Timer;
  readonly #alarm: { set(at: number): void };
  readonly #options: InboxOptions;
  readonly #deliver: (input: Input) => void;
  /** Those to come: of the host, or all recorded ones. */
  #waiting: Waiting[];
  /** How many of the recorded ones were delivered, or of the host's. */
  #delivered = 0;
  #asked = '';

  constructor(timer: Timer, name: string, options: InboxOptions, deliver: (input: Input) => void) {
    this.#timer = timer;
    this.#options = options;
    this.#deliver = deliver;
    this.#waiting = [...(options.replay ?? [])];
    this.#alarm = timer.alarm(`inputs of ${name}`, () => this.#fire());
    this.#schedule();
  }

  get replays(): boolean {
    return this.#options.replay !== undefined;
  }

  /** From the host; a replay has no use for it. */
  put(input: Input): void {
    if (this.replays) return;
    this.#waiting.push({ at: this.#timer.now() + 1, input });
    this.#schedule();
  }

  /** Remembers what the gateway asked for. */
  note(request: Request): void {
    this.#asked = new Hash().plain([this.#asked, { ...request }]).digest();
  }

  /** What waits is the host's, not the machine's. */
  save(): State {
    return { delivered: this.#delivered, asked: this.#asked };
  }

  load(state: State): void {
    this.#start(state['delivered'] as number, state['asked'] as string);
  }

  reset(): void {
    this.#start(0, '');
  }

  #start(delivered: number, asked: string): void {
    this.#delivered = delivered;
    this.#asked = asked;
    this.#waiting = this.#options.replay?.slice(delivered) ?? [];
    this.#schedule();
  }

  #fire(): void {
    const now = this.#timer.now();
    for (let next = this.#waiting[0]; next !== undefined && next.at <= now; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#delivered++;
      if (next.asked !== undefined && next.asked !== this.#asked) this.#options.differs?.(now);
      this.#options.record?.({ at: now, asked: this.#asked, input: next.input });
      this.#deliver(next.input);
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#alarm.set(this.#waiting[0]?.at ?? Number.POSITIVE_INFINITY);
  }
}
