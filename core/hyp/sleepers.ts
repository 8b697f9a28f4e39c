/** Who waits for time to pass: guests in WFI, such as left too often, and consoles that have no room. */
import type { Partition } from './partition.ts';
import type { CoreSchedule } from './scheduler.ts';
import { wakingTime } from './vtimer.ts';

/** Guests whose time to go on has come, and consoles that have room again. */
export function wakeSleepers(core: CoreSchedule, partitions: readonly Partition[], now: number): void {
  for (const vcpu of core.vcpus) {
    const partition = partitions[vcpu.partition] as Partition;
    if (wakingTime(partition, vcpu, core.loadedVcpu === vcpu) <= now) vcpu.blocked = false;
    if (vcpu.heldUntil <= now) vcpu.heldUntil = 0;
    if (partition.console !== undefined && partition.console.deadline <= now) partition.console.poll();
  }
}

/** Whatever comes first: the schedule's next choice, a sleeper's timer, room on a console. */
export function nextAlarm(core: CoreSchedule, partitions: readonly Partition[]): number {
  let at = core.until;
  for (const vcpu of core.vcpus) {
    if (!core.hears(vcpu)) continue;
    const partition = partitions[vcpu.partition] as Partition;
    at = Math.min(at, wakingTime(partition, vcpu, core.loadedVcpu === vcpu), vcpu.heldUntil || Number.POSITIVE_INFINITY);
    if (partition.console !== undefined) at = Math.min(at, partition.console.deadline);
  }
  return at;
}
