/** Physical interrupts that a core takes in Hyp mode: the hypervisor's own, and those of guests. Reference: IHI 0048B §3.2, §5.2. */
import type { Cpu } from '../cpu/state.ts';
import { readWide, toNumber, writeSystem } from './machine-registers.ts';
import type { Measurements } from './measurements.ts';
import type { Partition } from './partition.ts';
import { HYP_TIMER_IRQ, KICK, MAINTENANCE_IRQ, type PhysicalGic, VIRTUAL_TIMER_IRQ } from './physical-gic.ts';
import type { CoreSchedule } from './scheduler.ts';
import type { Vcpu } from './vcpu.ts';
import { setAlarm } from './vtimer.ts';
import { tellPending } from './watch.ts';

const SPECIAL_ID = 1020;
/** Interrupts that one exit takes at most. */
const AT_ONCE = 64;

/** Acknowledges what is pending. What belongs to a guest stays active until the guest ends it; everything else is done with here. */
export function takeInterrupts(
  cpu: Cpu,
  core: CoreSchedule,
  gic: PhysicalGic,
  partitions: readonly Partition[],
  measurements: Measurements,
): void {
  for (let i = 0; i < AT_ONCE; i++) {
    const acknowledged = gic.acknowledge(cpu);
    const id = acknowledged & 0x3ff;
    if (id >= SPECIAL_ID) return;
    gic.drop(cpu, acknowledged);
    const timer = id === VIRTUAL_TIMER_IRQ && virtualTimer(cpu, core, partitions, measurements);
    if (!timer && !belongsToGuest(cpu, core, gic, partitions, id)) gic.deactivate(cpu, acknowledged);
  }
}

function belongsToGuest(cpu: Cpu, core: CoreSchedule, gic: PhysicalGic, partitions: readonly Partition[], id: number): boolean {
  if (id === MAINTENANCE_IRQ) maintenance(cpu, core, gic, partitions);
  else if (id === HYP_TIMER_IRQ) alarm(cpu, core);
  else if (id !== KICK && id !== VIRTUAL_TIMER_IRQ) return deviceInterrupt(cpu, gic, partitions, id);
  return false;
}

/** The alarm is one-shot: whoever leaves Hyp mode sets the next. */
function alarm(cpu: Cpu, core: CoreSchedule): void {
  core.alarm = Number.POSITIVE_INFINITY;
  setAlarm(cpu, core.alarm);
}

/** The list registers want attention. They are emptied, which ends the condition, and filled again before the guest goes on. */
function maintenance(cpu: Cpu, core: CoreSchedule, gic: PhysicalGic, partitions: readonly Partition[]): void {
  const vcpu = core.loadedVcpu;
  if (vcpu !== undefined) {
    partitions[vcpu.partition]?.vgic.collect(cpu, vcpu);
    vcpu.interruptsChanged = true;
  }
  gic.writeVirtual(cpu, 'HCR', 0);
}

/** CNTV is the loaded guest's. Without one it has no business to be on. */
function virtualTimer(cpu: Cpu, core: CoreSchedule, partitions: readonly Partition[], measurements: Measurements): boolean {
  const vcpu = core.loadedVcpu;
  if (vcpu === undefined) {
    writeSystem(cpu, 'CNTV_CTL', 0);
    return false;
  }
  const partition = partitions[vcpu.partition] as Partition;
  tellPending(partition, vcpu.index, VIRTUAL_TIMER_IRQ);
  partition.vgic.taken(vcpu.index, VIRTUAL_TIMER_IRQ);
  measurements.timer(vcpu, toNumber(...readWide(cpu, 'CNTV_CVAL')) + partition.offset);
  return true;
}

/** A shared interrupt: its partition's, or nobody's, and then never again. */
function deviceInterrupt(cpu: Cpu, gic: PhysicalGic, partitions: readonly Partition[], id: number): boolean {
  for (const partition of partitions) {
    const virtual = partition.vgic.virtualOf(id);
    if (virtual === undefined || partition.state !== 'running') continue;
    tellPending(partition, 0, virtual);
    partition.vgic.taken(0, virtual);
    return true;
  }
  gic.disable(cpu, id);
  return false;
}

/** Under a cyclic schedule a partition's physical interrupts come in its own windows only. What is pending meanwhile stays so in the distributor. */
export function admitInterrupts(cpu: Cpu, gic: PhysicalGic, partition: Partition, admits: (vcpu: Vcpu) => boolean): void {
  for (const { physical, vcpu } of partition.vgic.routes()) {
    const target = partition.vcpus[vcpu];
    if (partition.state === 'running' && target !== undefined && admits(target)) gic.enable(cpu, physical);
    else gic.disable(cpu, physical);
  }
}
