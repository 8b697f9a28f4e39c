/**
 * What the report says of time: how late windows began, how long interrupts waited, what jobs took, what was used of what was promised.
 * Only measured, nobody acts on it: it is saved with the state, so that a run that goes on reports the whole, and is no part of the state hash.
 */
import { Rate } from '../base/rate.ts';
import type { State, Stateful } from '../base/state.ts';
import type { HealthEvent, HypervisorConfig, RateLimit } from './config.ts';
import { promised } from './schedule-config.ts';
import type { ScheduleObserver } from './schedules.ts';
import { Spread, type SpreadReport } from './spread.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { Vcpu } from './vcpu.ts';

/** Jobs that one partition may measure. */
export const JOBS = 16;
/** Events of one partition that a report keeps; of its end and of what others did to it more. Faults are kept elsewhere. */
const EVENTS_KEPT = 256;
const ENDS_KEPT = 1024;
const ENDS: readonly HealthEvent['kind'][] = ['managed', 'stop', 'off'];

export interface VcpuReport {
  readonly vcpu: number;
  readonly core: number;
  /** Virtual nanoseconds that it ran. */
  readonly ranNs: number;
  /** The same as a fraction of virtual time, and what the schedule promises; null if it promises nothing. */
  readonly share: number;
  readonly asked: number | null;
  /** From the virtual timer's deadline to its interrupt being there for the guest; of those, the ones that were due while it had no core. */
  readonly timer: SpreadReport;
  readonly lateTimer: SpreadReport;
  /** From any other interrupt's becoming pending to the guest's next instruction. */
  readonly interrupts: SpreadReport;
  /** How late its windows began (cyclic). */
  readonly windows: SpreadReport;
  /** Windows at whose end it still ran, and the longest that one ran beyond. */
  readonly cut: number;
  readonly overrunNs: number;
  /** Times that it used up its budget and wanted more (fixed priority). */
  readonly exhausted: number;
}

export interface JobReport extends SpreadReport {
  readonly job: number;
}

/** What a partition may ask for how often, and what it did. */
export interface LimitReport {
  readonly what: 'console' | 'doorbell' | 'exits';
  readonly burst: number;
  readonly askedPerSecond: number;
  readonly used: number;
  /** What was used beyond the burst, in a second of virtual time. */
  readonly perSecond: number;
}

/** The limits of a partition, as they stand in its configuration and as they are kept. */
export interface Limited {
  readonly what: LimitReport['what'];
  readonly rate: RateLimit;
  readonly bucket: TokenBucket;
}

class VcpuUse implements Stateful {
  readonly timer = new Spread();
  readonly lateTimer = new Spread();
  readonly interrupts = new Spread();
  readonly windows = new Spread();
  cut = 0;
  overrun = 0;
  exhausted = 0;
  /** Since when an interrupt waits to be seen, or -1. */
  pending = -1;
  /** The deadline, in ticks, that had come when it got its core, or -1; whether it had come before; and when it last went on. */
  due = -1;
  outside = false;
  entered = 0;

  save(): State {
    const { cut, overrun, exhausted, pending, due, outside, entered } = this;
    const spreads = this.#spreads().map((spread) => spread.save());
    return { cut, overrun, exhausted, pending, due, outside, entered, spreads };
  }

  load(state: State): void {
    this.cut = state['cut'] as number;
    this.overrun = state['overrun'] as number;
    this.exhausted = state['exhausted'] as number;
    this.pending = state['pending'] as number;
    this.due = state['due'] as number;
    this.outside = state['outside'] as boolean;
    this.entered = state['entered'] as number;
    for (const [i, spread] of this.#spreads().entries()) spread.load((state['spreads'] as readonly State[])[i] as State);
  }

  reset(): void {
    this.cut = 0;
    this.overrun = 0;
    this.exhausted = 0;
    this.pending = -1;
    this.due = -1;
    this.outside = false;
    this.entered = 0;
    for (const spread of this.#spreads()) spread.reset();
  }

  #spreads(): readonly Spread[] {
    return [this.timer, this.lateTimer, this.interrupts, this.windows];
  }
}

export class Measurements implements Stateful, ScheduleObserver {
  readonly #config: HypervisorConfig;
  readonly #now: () => number;
  readonly #rate: Rate;
  /** By partition, then by virtual processor; and by partition, then by job. */
  readonly #vcpus: readonly (readonly VcpuUse[])[];
  readonly #jobs: readonly (readonly Spread[])[];
  readonly #limits: readonly (readonly Limited[])[];
  #events: HealthEvent[] = [];
  /** How many there are of each partition, which follows from them. */
  #kept: number[] = [];

  constructor(config: HypervisorConfig, limits: readonly (readonly Limited[])[], now: () => number) {
    this.#config = config;
    this.#limits = limits;
    this.#now = now;
    this.#rate = new Rate(config.timerFrequency);
    this.#vcpus = config.partitions.map(({ vcpus }) => vcpus.map(() => new VcpuUse()));
    this.#jobs = config.partitions.map(() => Array.from({ length: JOBS }, () => new Spread()));
  }

  /** What was told of a partition. */
  eventsOf(id: number): Pick<HealthEvent, 'kind' | 'at' | 'text'>[] {
    return this.#events.filter(({ partition }) => partition === id).map(({ kind, at, text }) => ({ kind, at, text }));
  }

  opened(vcpu: Vcpu, start: number): void {
    this.#of(vcpu).windows.add(this.#now() - start);
  }

  /** The hypervisor is back just before the end, or after it if something kept the core. */
  closed(vcpu: Vcpu, end: number, wanted: boolean): void {
    const use = this.#of(vcpu);
    if (wanted) use.cut++;
    use.overrun = Math.max(use.overrun, this.#now() - end);
  }

  exhausted(vcpu: Vcpu): void {
    this.#of(vcpu).exhausted++;
  }

  /** The virtual processor gets its core, at tick `now`; `deadline` is that of its virtual timer. */
  loading(vcpu: Vcpu, deadline: number, now: number): void {
    const use = this.#of(vcpu);
    use.due = deadline <= now ? deadline : -1;
    use.outside = deadline < now;
  }

  /** The virtual timer's interrupt reaches the guest. A deadline that the guest has set in the past is not late. */
  timer(vcpu: Vcpu, deadline: number): void {
    const use = this.#of(vcpu);
    const [now, at] = [this.#now(), this.#rate.timeOf(deadline)];
    const waited = use.due === deadline;
    const late = waited || at >= use.entered ? Math.max(0, now - at) : 0;
    use.timer.add(late);
    if (waited && use.outside) use.lateTimer.add(late);
    use.due = -1;
    if (use.pending === now) use.pending = -1;
  }

  /** An interrupt became pending, from outside of what the virtual processor does itself. */
  pending(vcpu: Vcpu): void {
    const use = this.#of(vcpu);
    if (use.pending < 0) use.pending = this.#now();
  }

  /** The guest goes on, and sees what is pending. A core that stands a little earlier in time than who sent it sees it at once. */
  entered(vcpu: Vcpu, now: number): void {
    const use = this.#of(vcpu);
    use.entered = now;
    if (use.pending < 0) return;
    use.interrupts.add(Math.max(0, now - use.pending));
    use.pending = -1;
  }

  /** It took so many ticks. */
  jobDone(partition: number, job: number, ticks: number): void {
    this.#jobs[partition]?.[job]?.add(this.#rate.timeOf(ticks));
  }

  event(event: HealthEvent): void {
    const kept = this.#kept[event.partition] ?? 0;
    if (event.kind === 'fault' || kept >= (ENDS.includes(event.kind) ? ENDS_KEPT : EVENTS_KEPT)) return;
    this.#kept[event.partition] = kept + 1;
    this.#events.push(event);
  }

  vcpuReport({ partition, index, core, ran }: Vcpu): VcpuReport {
    const use = this.#vcpus[partition]?.[index] as VcpuUse;
    const now = this.#now();
    return {
      vcpu: index,
      core,
      ranNs: ran,
      share: now === 0 ? 0 : Math.round((ran / now) * 1e6) / 1e6,
      asked: promised(this.#config.schedule, partition, index) ?? null,
      timer: use.timer.report(),
      lateTimer: use.lateTimer.report(),
      interrupts: use.interrupts.report(),
      windows: use.windows.report(),
      cut: use.cut,
      overrunNs: use.overrun,
      exhausted: use.exhausted,
    };
  }

  jobReports(partition: number): JobReport[] {
    const all = (this.#jobs[partition] ?? []).map((spread, job) => ({ job, ...spread.report() }));
    return all.filter(({ count }) => count > 0);
  }

  limitReports(partition: number): LimitReport[] {
    const now = this.#now();
    return (this.#limits[partition] ?? []).map(({ what, rate: { burst, intervalNs }, bucket: { used } }) => ({
      what,
      burst,
      askedPerSecond: 1e9 / intervalNs,
      used,
      perSecond: now === 0 ? 0 : Math.round((Math.max(0, used - burst) * 1e9) / now),
    }));
  }

  save(): State {
    return {
      used: this.#limits.map((limits) => limits.map(({ bucket }) => bucket.used)),
      vcpus: this.#vcpus.map((uses) => uses.map((use) => use.save())),
      jobs: this.#jobs.map((jobs) => jobs.map((job) => job.save())),
      events: this.#events.map((event) => ({ ...event })),
    };
  }

  load(state: State): void {
    for (const [i, limits] of this.#limits.entries())
      for (const [k, { bucket }] of limits.entries()) bucket.used = (state['used'] as number[][])[i]?.[k] ?? 0;
    for (const [i, uses] of this.#vcpus.entries())
      for (const [k, use] of uses.entries()) use.load((state['vcpus'] as State[][])[i]?.[k] as State);
    for (const [i, jobs] of this.#jobs.entries())
      for (const [k, job] of jobs.entries()) job.load((state['jobs'] as State[][])[i]?.[k] as State);
    this.#events = [];
    this.#kept = [];
    for (const event of state['events'] as unknown as readonly HealthEvent[]) this.event({ ...event });
  }

  reset(): void {
    for (const use of this.#vcpus.flat()) use.reset();
    for (const job of this.#jobs.flat()) job.reset();
    this.#events = [];
    this.#kept = [];
  }

  #of({ partition, index }: Vcpu): VcpuUse {
    return this.#vcpus[partition]?.[index] as VcpuUse;
  }
}
