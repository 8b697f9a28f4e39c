/**
 * The run loop: virtual time is cut into windows of one quantum, at its multiples, and in each the cores take turns in the order of their
 * numbers. A core's own alarms fire at their instruction within its turn; nothing that another core does moves the end of a turn. The same
 * description and inputs therefore give the same run, whatever the host does, and no core's course depends on what has nothing to do with it.
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
  engine: { run(): void };
  /** Whether an interrupt or event ends the processor's waiting. */
  wakes(): boolean;
}

export type Stop = 'limit' | 'ended' | 'idle' | 'paused';

/** A window in which a core has its turn, and the time that it has got to. */
type Held = Readonly<Record<'start' | 'end' | 'core' | 'time', number>>;

export class RunLoop implements Stateful {
  readonly #clock: VirtualClock;
  readonly #cores: readonly Core[];
  readonly instructions: number[];
  #ended = false;
  /** Asked for by the engine that runs, and where it then holds the run. */
  #pausing = false;
  #held: Held | undefined;
  /** Instructions until the limit. */
  #left = Number.POSITIVE_INFINITY;
  /** The core that has its turn. */
  #running: number | undefined;
  /** When the present turn of the running core began. */
  #since: number | undefined;
  /** Brings the end of the running core's turn nearer. */
  #cutAt: ((at: number) => void) | undefined;

  constructor(clock: VirtualClock, cores: readonly Core[]) {
    this.#clock = clock;
    this.#cores = cores;
    this.instructions = cores.map(() => 0);
  }

  get time(): number {
    return this.#clock.now();
  }

  /** The core that has its turn, or undefined between turns. */
  get running(): number | undefined {
    return this.#running;
  }

  /** What a core has executed, exact within its turn too: one for each unit of time that it did not wait. */
  retired(core: number): number {
    const turn = this.#running === core && this.#since !== undefined ? this.#clock.now() - this.#since : 0;
    return (this.instructions[core] as number) + turn;
  }

  /** Ends the run, at the running core's instruction. */
  end(): void {
    this.#ended = true;
    this.#cutAt?.(this.#clock.now());
  }

  /** For an engine, which returns before its time is up: the run stops here, and goes on with the next `run` as if it never had. */
  pause(): void {
    this.#pausing = true;
  }

  save(): State {
    return { instructions: [...this.instructions], ...(this.#held === undefined ? {} : { held: { ...this.#held } }) };
  }

  load(state: State): void {
    for (const i of this.#cores.keys()) this.instructions[i] = (state['instructions'] as number[])[i] ?? 0;
    this.#ended = false;
    this.#hold(state['held'] as Held | undefined);
  }

  reset(): void {
    this.load({ instructions: [] });
  }

  /**
   * Runs until virtual time `until`, the end, or for ever waiting ('idle': no core runs and no alarm is set). `limit`: instructions, counted
   * from the machine's start, after which it stops as well.
   */
  run(until: number, limit = Number.POSITIVE_INFINITY): Stop {
    const clock = this.#clock;
    this.#left = limit - this.instructions.reduce((sum, count) => sum + count, 0);
    const quantum = this.#cores.length === 1 ? ALONE : QUANTUM;
    this.#pausing = false;
    while (!this.#ended) {
      if (this.#pausing) return 'paused';
      if (this.#held !== undefined) {
        this.#window(this.#held);
        continue;
      }
      const start = clock.now();
      if (start >= until || this.#left <= 0) return 'limit';
      const next = this.#cores.some((core) => canRun(core)) ? start : clock.next();
      if (next === Number.POSITIVE_INFINITY) return 'idle';
      // Windows in which nothing happens are passed over.
      const window = Math.max(start, Math.floor(next / quantum) * quantum);
      clock.skip(Math.min(window, until));
      const end = Math.min(until, (Math.floor(window / quantum) + 1) * quantum);
      if (window < until) this.#window({ start: window, end, core: 0, time: window });
    }
    return 'ended';
  }

  #window({ start, end, core: first, time }: Held): void {
    this.#hold(undefined);
    for (const [i, core] of this.#cores.entries()) {
      if (i < first) continue;
      const reached = this.#through(core, i, i === first ? time : start, end);
      if (this.#holds) {
        this.#hold({ start, end, core: i, time: reached });
        return;
      }
      // Others may now write what this core has marked.
      if (this.#cores.length > 1) core.cpu.s[S.EXCLUSIVE] = 0;
      if (this.#ended || this.#left <= 0) return this.#clock.skip(reached);
    }
    this.#clock.skip(end);
    // What is due now, such as a signal from a later core, is part of the state at this time.
    for (const i of this.#cores.keys()) this.#clock.fire(i, end);
  }

  /** One core, from `start` to `end`: its alarms, its waiting, its instructions. Returns how far it got. */
  #through(core: Core, i: number, start: number, end: number): number {
    let time = start;
    this.#running = i;
    while (time < end && !this.#ended && !this.#pausing && this.#left > 0) {
      this.#clock.runWith(() => time);
      this.#clock.fire(i, time);
      if (canRun(core)) time = this.#turn(core, i, time, Math.min(end, this.#clock.next(i), time + this.#left));
      else time = Math.min(end, this.#clock.next(i));
    }
    this.#running = undefined;
    this.#clock.runWith(undefined);
    return time;
  }

  /** Time stays that of the held core. */
  #hold(held: Held | undefined): void {
    this.#held = held;
    this.#running = held?.core;
    this.#clock.runWith(held && (() => held.time));
  }

  /** The end of the run, whatever brings it, comes before a pause. */
  get #holds(): boolean {
    return this.#pausing && !this.#ended && this.#left > 0;
  }

  #turn({ cpu: { s }, engine }: Core, i: number, start: number, until: number): number {
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
    this.#clock.runWith(now, (at, owner) => {
      if (owner === i) this.#cutAt?.(at);
    });
    this.#since = start;
    engine.run();
    const reached = now();
    this.#since = undefined;
    this.#cutAt = undefined;
    s[S.REMAINING] = 0;
    this.instructions[i] = (this.instructions[i] as number) + (reached - start);
    this.#left -= reached - start;
    return reached;
  }
}

/** Whether a core executes, having been woken if it need not wait any longer. */
function canRun(core: Core): boolean {
  const { s } = core.cpu;
  if (s[S.WAIT] !== WAIT.running && core.wakes()) {
    s[S.WAIT] = WAIT.running;
    s[S.ATTENTION] = 1;
  }
  return s[S.WAIT] === WAIT.running;
}
