/** Makes the schedule of each core from what the hypervisor is told. */
import { Rate } from '../base/rate.ts';
import type { HypervisorConfig } from './config.ts';
import { Cyclic, type WindowObserver } from './cyclic.ts';
import { type BudgetObserver, FixedPriority, type Server } from './fixed-priority.ts';
import type { Partition } from './partition.ts';
import { RoundRobin } from './round-robin.ts';
import type { CyclicConfig, FixedPriorityConfig } from './schedule-config.ts';
import type { CoreSchedule } from './scheduler.ts';
import type { Vcpu } from './vcpu.ts';

export type ScheduleObserver = WindowObserver & BudgetObserver;

interface Place {
  readonly index: number;
  readonly vcpus: readonly Vcpu[];
  readonly partitions: number;
}

/** One for each core. */
export function makeSchedules(
  config: HypervisorConfig,
  partitions: readonly Partition[],
  observer: ScheduleObserver,
): CoreSchedule[] {
  const all = partitions.flatMap(({ vcpus }) => vcpus);
  const rate = new Rate(config.timerFrequency);
  const slice = Math.max(1, Math.round((config.slice * config.timerFrequency) / 1e9));
  return Array.from({ length: config.cores }, (_, index) => {
    const place = { index, vcpus: all.filter(({ core }) => core === index), partitions: partitions.length };
    const { schedule } = config;
    if (schedule?.kind === 'cyclic') return cyclic(place, schedule, rate, observer);
    if (schedule?.kind === 'fixed-priority') return fixedPriority(place, schedule, { rate, slice }, observer);
    return new RoundRobin(index, place.vcpus, place.partitions, slice);
  });
}

const turnOf = ({ vcpus }: Place, partition: number, vcpu: number): number =>
  vcpus.findIndex((own) => own.partition === partition && own.index === vcpu);

function cyclic(place: Place, { frame, windows }: CyclicConfig, rate: Rate, observer: WindowObserver): Cyclic {
  const own = windows
    .filter(({ core }) => core === place.index)
    .map(({ offset, duration, partition, vcpu }) => ({ offset, duration, turn: turnOf(place, partition, vcpu) }));
  if (own.some(({ turn }) => turn < 0)) throw new RangeError(`a window of core ${place.index} is for a vCPU of another core`);
  return new Cyclic(place, frame, own, rate, observer);
}

function fixedPriority(
  place: Place,
  { servers }: FixedPriorityConfig,
  timing: { readonly rate: Rate; readonly slice: number },
  observer: BudgetObserver,
): FixedPriority {
  const own = place.vcpus.map(({ partition, index }): Server => {
    const server = servers.find((one) => one.partition === partition && one.vcpu === index);
    if (server?.budget === undefined) return { priority: server?.priority ?? 0 };
    const { capacity, period } = server.budget;
    return { priority: server.priority, budget: { capacity: Math.max(1, timing.rate.ticksAt(capacity)), period } };
  });
  return new FixedPriority(place, own, timing, observer);
}
