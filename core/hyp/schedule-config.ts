/** How cores are shared among virtual processors: plain data, as the rest of what the hypervisor is told (`config.ts`). Times are virtual nanoseconds. */

export type ScheduleConfig = RoundRobinConfig | CyclicConfig | FixedPriorityConfig;

/** Those of a core take turns, each at most a slice while others wait. */
export interface RoundRobinConfig {
  readonly kind: 'round-robin';
}

/** A major frame that repeats from virtual time 0 on. On each core, whatever is in no window is idle. */
export interface CyclicConfig {
  readonly kind: 'cyclic';
  readonly frame: number;
  readonly windows: readonly WindowConfig[];
}

export interface WindowConfig {
  readonly core: number;
  /** From the start of the frame. Windows of one core do not overlap, and end with the frame at the latest. */
  readonly offset: number;
  readonly duration: number;
  readonly partition: number;
  readonly vcpu: number;
}

/** The most urgent one that has something to do and budget left runs; those of equal priority take turns. */
export interface FixedPriorityConfig {
  readonly kind: 'fixed-priority';
  /** A virtual processor that is not named has priority 0 and no limit. */
  readonly servers: readonly ServerConfig[];
}

export interface ServerConfig {
  readonly partition: number;
  readonly vcpu: number;
  /** A greater number is more urgent. */
  readonly priority: number;
  /** It runs at most `capacity` in each `period`; both are counted from virtual time 0. Without it there is no limit. */
  readonly budget?: { readonly capacity: number; readonly period: number };
}

/** What a virtual processor was promised of its core, as a fraction; undefined if nothing. */
export function promised(schedule: ScheduleConfig | undefined, partition: number, vcpu: number): number | undefined {
  if (schedule?.kind === 'cyclic') {
    const own = schedule.windows.filter((window) => window.partition === partition && window.vcpu === vcpu);
    return own.reduce((sum, { duration }) => sum + duration, 0) / schedule.frame;
  }
  if (schedule?.kind !== 'fixed-priority') return undefined;
  const budget = schedule.servers.find((server) => server.partition === partition && server.vcpu === vcpu)?.budget;
  return budget === undefined ? undefined : budget.capacity / budget.period;
}
