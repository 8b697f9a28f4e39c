/**
 * The run loop: cores take turns, a quantum of virtual time each, in the order of their numbers; then time advances and alarms fire.
 * The same description and inputs therefore give the same run, whatever the host does.
 */
import type { State, Stateful } from '../base/state.ts';
import type { VirtualClock } from '../bus/clock.ts';
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT } from '../cpu/state.ts';

/** Virtual nanoseconds that one core runs while the others stand still. With one core there is no other to wait for. */
export const QUANTUM = 10_000;
const ALONE = 1_000_000;

export interface Core {
  readonly cpu: Cpu;
  /** Runs the processor until its S.REMAINING is used up or it waits. */
  readonly engine: { run(): void };
  /** Whether an interrupt or event ends the processor's waiting. */
  wakes(): boolean;
}

export type Stop = 'limit' | 'ended' | 'idle';

export class RunLoop implements Stateful {
  readonly #clock: VirtualClock;
  readonly #cores: readonly Core[];
  /** How far each core has got, in virtual time. */
  readonly #times: number[];
  readonly instructions: number[];
  #ended = false;
  /** Brings the deadline of the running core nearer. */
  #cutAt: ((at: number) => void) | undefined;

  constructor(clock: VirtualClock, cores: readonly Core[]) {
    this.#clock = clock;
    this.#cores = cores;
    this.#times = cores.map(() => 0);
    this.instructions = cores.map(() => 0);
  }

  get time(): number {
    return this.#clock.now();
  }

  /** Ends the run: at once for the running core, before their next turn for the others. */
  end(): void {
    this.#ended = true;
    this.#cutAt?.(this.#clock.now());
  }

  save(): State {
    // A core that waits has got as far as the clock, however many stops there were on the way.
    const times = this.#times.map((time, i) => (this.#isRunning(i) ? time : Math.max(time, this.#clock.now())));
    return { times, instructions: [...this.instructions] };
  }

  load(state: State): void {
    for (const i of this.#cores.keys()) {
      this.#times[i] = (state['times'] as number[])[i] ?? 0;
      this.instructions[i] = (state['instructions'] as number[])[i] ?? 0;
    }
    this.#ended = false;
  }

  reset(): void {
    this.load({ times: [], instructions: [] });
  }

  /** Runs until virtual time `until`, the end, or for ever waiting ('idle': no core runs and no alarm is set). */
  run(until: number): Stop {
    const clock = this.#clock;
    while (!this.#ended) {
      const now = clock.now();
      if (now >= until) return 'limit';
      const busy = this.#wake(now);
      const next = clock.next();
      if (!busy && next === Number.POSITIVE_INFINITY) return 'idle';
      // Turns end at multiples of the quantum, so that stopping a run and going on changes nothing.
      const quantum = this.#cores.length === 1 ? ALONE : QUANTUM;
      const turn = busy ? (Math.floor(now / quantum) + 1) * quantum : Number.POSITIVE_INFINITY;
      const horizon = Math.min(until, next, turn);
      clock.advance(busy ? this.#round(Math.max(horizon, now)) : horizon);
    }
    return 'ended';
  }

  #isRunning(i: number): boolean {
    return this.#cores[i]?.cpu.s[S.WAIT] === WAIT.running;
  }

  /** Wakes the cores that need not wait any longer; whether any runs. */
  #wake(now: number): boolean {
    let busy = false;
    for (const [i, core] of this.#cores.entries()) {
      const { s } = core.cpu;
      if (s[S.WAIT] !== WAIT.running) {
        this.#times[i] = Math.max(this.#times[i] as number, now);
        if (core.wakes()) {
          s[S.WAIT] = WAIT.running;
          s[S.ATTENTION] = 1;
        }
      }
      if (s[S.WAIT] === WAIT.running) busy = true;
    }
    return busy;
  }

  /** Lets each core catch up with the horizon, which an alarm that a core sets may bring nearer. Returns the horizon reached. */
  #round(until: number): number {
    let horizon = until;
    for (const [i, core] of this.#cores.entries()) {
      const start = this.#times[i] as number;
      if (start >= horizon || core.cpu.s[S.WAIT] !== WAIT.running) continue;
      horizon = Math.min(horizon, this.#turn(core, i, start, horizon));
      if (this.#ended) break;
    }
    return horizon;
  }

  #turn(core: Core, i: number, start: number, until: number): number {
    const { s } = core.cpu;
    let deadline = until;
    const now = () => deadline - (s[S.REMAINING] as number);
    s[S.REMAINING] = until - start;
    this.#cutAt = (at) => {
      if (at >= deadline) return;
      const time = now();
      deadline = Math.max(at, time);
      s[S.REMAINING] = deadline - time;
      s[S.ATTENTION] = 1; // the engine may hold the count in a local of its own
    };
    this.#clock.runWith(now, this.#cutAt);
    core.engine.run();
    const reached = now();
    this.instructions[i] = (this.instructions[i] as number) + (reached - start);
    this.#cutAt = undefined;
    this.#clock.runWith(undefined, undefined);
    this.#times[i] = s[S.WAIT] === WAIT.running ? reached : deadline;
    s[S.REMAINING] = 0;
    // Others may now write what this core has marked.
    if (this.#cores.length > 1) s[S.EXCLUSIVE] = 0;
    return this.#ended ? reached : deadline;
  }
}
