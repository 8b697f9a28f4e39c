/**
 * Fixed priorities with budgets: the most urgent virtual processor that has something to do and budget left runs. A budget is a deferrable
 * server's: what is not used is kept until the end of the period, and at each multiple of the period it is full again, no more.
 * Those of equal priority take turns, each at most a slice.
 */
import type { Rate } from '../base/rate.ts';
import type { State } from '../base/state.ts';
import { CoreSchedule } from './scheduler.ts';
import type { Vcpu } from './vcpu.ts';

/** Of one virtual processor of the core; capacity in ticks, period in nanoseconds. */
export interface Server {
  readonly priority: number;
  readonly budget?: { readonly capacity: number; readonly period: number };
}

export interface BudgetObserver {
  /** Its budget is used up, and it could have gone on. */
  exhausted(vcpu: Vcpu): void;
}

const NEVER = Number.POSITIVE_INFINITY;

export class FixedPriority extends CoreSchedule {
  readonly #servers: readonly Server[];
  readonly #rate: Rate;
  readonly #slice: number;
  readonly #observer: BudgetObserver;
  /** Ticks that are left of each budget, and how many periods have begun. */
  readonly #left: number[];
  readonly #periods: number[];
  /** The one that has been running since `#mark`, or -1. */
  #running = -1;
  #mark = 0;
  #sliceEnd = 0;
  #yielded = false;

  constructor(
    place: { readonly index: number; readonly vcpus: readonly Vcpu[]; readonly partitions: number },
    servers: readonly Server[],
    timing: { readonly rate: Rate; readonly slice: number },
    observer: BudgetObserver,
  ) {
    super(place.index, place.vcpus, place.partitions);
    this.#servers = servers;
    this.#rate = timing.rate;
    this.#slice = timing.slice;
    this.#observer = observer;
    this.#left = servers.map(({ budget }) => budget?.capacity ?? NEVER);
    this.#periods = servers.map(() => 1);
  }

  choose(now: number): Vcpu | undefined {
    const before = this.#running;
    this.#charge(now);
    this.#replenish(now);
    const chosen = this.#pick(now, before);
    if (chosen !== before) {
      this.#chargeBegun(before);
      this.#sliceEnd = now + this.#slice;
    }
    this.#yielded = false;
    this.#running = chosen;
    this.#mark = now;
    this.until = this.#end(chosen, now);
    if (chosen >= 0) this.turn = chosen;
    return this.vcpus[chosen];
  }

  yield(): void {
    this.#yielded = true;
  }

  /** Less urgent ones do not disturb. */
  override hears(vcpu: Vcpu): boolean {
    const running = this.#servers[this.#running];
    const server = this.#servers[this.vcpus.indexOf(vcpu)];
    return running === undefined || server === undefined || server.priority >= running.priority;
  }

  protected savePolicy(): State {
    return {
      // A full budget without end is no number that plain state has.
      left: this.#left.map((ticks) => (ticks === NEVER ? -1 : ticks)),
      periods: [...this.#periods],
      running: this.#running,
      mark: this.#mark,
      sliceEnd: this.#sliceEnd,
      yielded: this.#yielded,
    };
  }

  protected loadPolicy(state: State): void {
    for (const [i, ticks] of (state['left'] as number[]).entries()) this.#left[i] = ticks < 0 ? NEVER : ticks;
    for (const [i, periods] of (state['periods'] as number[]).entries()) this.#periods[i] = periods;
    this.#running = state['running'] as number;
    this.#mark = state['mark'] as number;
    this.#sliceEnd = state['sliceEnd'] as number;
    this.#yielded = state['yielded'] as boolean;
  }

  protected resetPolicy(): void {
    for (const [i, { budget }] of this.#servers.entries()) {
      this.#left[i] = budget?.capacity ?? NEVER;
      this.#periods[i] = 1;
    }
    this.#running = -1;
    this.#mark = 0;
    this.#sliceEnd = 0;
    this.#yielded = false;
  }

  #charge(now: number): void {
    const vcpu = this.vcpus[this.#running];
    if (vcpu === undefined) return;
    const left = this.#left[this.#running] as number;
    this.#left[this.#running] = Math.max(0, left - (now - this.#mark));
    this.#mark = now;
    if (left > 0 && this.#left[this.#running] === 0 && vcpu.runnable) this.#observer.exhausted(vcpu);
  }

  /** A tick that was begun is charged whole when the core goes to somebody else, or one could run between the ticks for nothing. */
  #chargeBegun(server: number): void {
    if (server >= 0) this.#left[server] = Math.max(0, (this.#left[server] as number) - 1);
  }

  #replenish(now: number): void {
    for (const [i, { budget }] of this.#servers.entries()) {
      if (budget === undefined || now < this.#due(i)) continue;
      const time = this.#rate.timeOf(now);
      this.#periods[i] = Math.floor(time / budget.period) + 1;
      this.#left[i] = budget.capacity;
    }
  }

  /** The tick at which a budget is full again. */
  #due(server: number): number {
    const budget = this.#servers[server]?.budget;
    if (budget === undefined) return NEVER;
    const time = (this.#periods[server] as number) * budget.period;
    const tick = this.#rate.ticksAt(time);
    return this.#rate.timeOf(tick) < time ? tick + 1 : tick;
  }

  #ready(i: number): boolean {
    return this.vcpus[i]?.runnable === true && (this.#left[i] as number) > 0;
  }

  /** From the one after the last turn on, so that equals take turns; the one that runs stays within its slice. */
  #pick(now: number, before: number): number {
    let best = -1;
    for (let k = 1; k <= this.vcpus.length; k++) {
      const i = (this.turn + k + this.vcpus.length) % this.vcpus.length;
      if (this.#ready(i) && (best < 0 || this.#priority(i) > this.#priority(best))) best = i;
    }
    const stays = before >= 0 && this.#ready(before) && !this.#yielded && now < this.#sliceEnd;
    return stays && best >= 0 && this.#priority(best) === this.#priority(before) ? before : best;
  }

  #priority(i: number): number {
    return this.#servers[i]?.priority ?? 0;
  }

  /** When to choose again: the budget's end, an equal's turn, or the moment at which somebody who waits for budget has it again. */
  #end(chosen: number, now: number): number {
    let at = chosen < 0 ? NEVER : now + (this.#left[chosen] as number);
    for (const [i, vcpu] of this.vcpus.entries()) {
      if (i === chosen || !vcpu.runnable) continue;
      if (chosen >= 0 && this.#priority(i) < this.#priority(chosen)) continue;
      if (!this.#ready(i)) at = Math.min(at, this.#due(i));
      else if (chosen >= 0 && this.#priority(i) === this.#priority(chosen)) at = Math.min(at, this.#sliceEnd);
    }
    return at;
  }
}
