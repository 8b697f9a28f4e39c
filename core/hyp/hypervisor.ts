/**
 * The Type-1 hypervisor. The processor enters Hyp mode as the architecture has it, and this takes the place of the code at HVBAR: it does nothing
 * that such code could not do, and leaves by an exception return or waits for an interrupt. References: Arm DDI 0406C, B1.8, B1.14; IHI 0048B.
 */
import type { State, Stateful } from '../base/state.ts';
import type { AddressMap } from '../bus/address-map.ts';
import { VECTOR } from '../cpu/exception-entry.ts';
import * as S from '../cpu/scalars.ts';
import { type Cpu, WAIT } from '../cpu/state.ts';
import type { Caller, FaultFound, Services } from './caller.ts';
import type { DevicePorts, HealthEvent, Hooks, HypervisorConfig, PartitionReport } from './config.ts';
import { AT } from './context.ts';
import { type Link, makeLinks } from './ivshmem-link.ts';
import { Lifecycle, type Verb } from './lifecycle.ts';
import { counter, readBanked } from './machine-registers.ts';
import { Measurements } from './measurements.ts';
import { PageHeap } from './page-heap.ts';
import { type Ending, Partition } from './partition.ts';
import { PhysicalGic } from './physical-gic.ts';
import { admitInterrupts, takeInterrupts } from './physical-interrupts.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { type CoreSchedule, placeVcpus } from './scheduler.ts';
import { makeSchedules, type ScheduleObserver } from './schedules.ts';
import { nextAlarm, wakeSleepers } from './sleepers.ts';
import { handleTrap } from './traps.ts';
import type { Vcpu } from './vcpu.ts';
import { setAlarm, timerDeadline } from './vtimer.ts';
import { Watch } from './watch.ts';
import { configureCore, kick, load, toHypMode, unload } from './world-switch.ts';

/** Behind the vectors, where the idle loop's WFI stands. */
const IDLE = 0x20;
/** Virtual nanoseconds from the end of a partition to its new start, which pay for what a restart costs the host. */
export const RESTART_NS = 1_000_000;
/** Virtual nanoseconds that a vCPU waits for an event. It may have come from where the hypervisor does not see it, and WFE may end for no reason. */
export const EVENT_NS = 10_000;

export class Hypervisor implements Stateful, Services {
  readonly config: HypervisorConfig;
  readonly map: AddressMap;
  readonly memory: PhysicalMemory;
  readonly gic: PhysicalGic;
  readonly partitions: readonly Partition[];
  readonly watch: Watch;
  readonly measurements: Measurements;
  readonly lifecycle: Lifecycle;
  readonly #cpus: readonly Cpu[];
  readonly #cores: readonly CoreSchedule[];
  readonly #hooks: Hooks;
  readonly #vectors: number;
  readonly #event: number;
  /** The processor that is in Hyp mode and runs this. */
  #cpu: Cpu | undefined;
  /** The virtual processor whose trap is being handled. */
  #asking: Vcpu | undefined;
  /** Typed input that its partition has not yet been told of. */
  #inputWaits: boolean[];

  constructor(config: HypervisorConfig, map: AddressMap, cpus: readonly Cpu[], hooks: Hooks) {
    this.config = config;
    this.map = map;
    this.#cpus = cpus.slice(0, config.cores);
    this.#hooks = hooks;
    this.memory = new PhysicalMemory(map);
    this.gic = new PhysicalGic(map, config.gic);
    const heap = new PageHeap(config.heap.base, config.heap.size);
    this.#vectors = heap.allocate();
    const ticks = (ns: number) => Math.max(1, Math.round((ns * config.timerFrequency) / 1e9));
    this.#event = ticks(EVENT_NS);
    const links = makeLinks(config.links, this.memory);
    const places = placeVcpus(config.partitions, config.cores);
    this.partitions = config.partitions.map(
      (partition, i) => new Partition(partition, places[i] as number[], config, this.#ports(heap, links)),
    );
    this.watch = new Watch(this.partitions);
    this.lifecycle = this.#makeLifecycle(ticks(RESTART_NS));
    const limits = this.partitions.map(({ limited }) => limited);
    this.measurements = new Measurements(config, limits, () => hooks.now());
    this.#cores = makeSchedules(config, this.partitions, this.#observer());
    this.#inputWaits = this.partitions.map(() => false);
    for (const cpu of this.#cpus) cpu.ports.hypOwner = this;
  }

  /** Every core goes to Hyp mode, as a boot loader would leave it there, and waits to be entered; every partition is loaded and starts. */
  start(): void {
    for (const cpu of this.#cpus) {
      toHypMode(cpu);
      configureCore(cpu, this.#vectors);
      this.gic.start(cpu);
      setAlarm(cpu, Number.POSITIVE_INFINITY);
      cpu.branch((this.#vectors + IDLE) as never);
    }
    const [first] = this.#cpus;
    if (first === undefined) return;
    this.#cpu = first;
    for (const partition of this.partitions) {
      partition.start(first);
      this.lifecycle.connect(first, partition, true);
    }
    this.#cpu = undefined;
  }

  /** The run loop found the processor in Hyp mode: an exception brought it there, or its WFI is over. */
  enter(cpu: Cpu): void {
    const core = this.#cores[cpu.index];
    if (core === undefined) return;
    this.#cpu = cpu;
    const vcpu = core.loadedVcpu;
    const vector = ((cpu.s[S.NEXT] as number) - this.#vectors) | 0;
    this.#account(core, vcpu);
    if (vector === VECTOR.hypTrap && vcpu !== undefined) this.#trapped(cpu, vcpu);
    else if (vector !== IDLE && vcpu !== undefined) this.watch.exit(cpu, vcpu, 'irq', this.watch.pc(cpu));
    if (vector !== VECTOR.hypTrap) takeInterrupts(cpu, core, this.gic, this.partitions, this.measurements);
    this.#leave(cpu, core);
    this.#cpu = undefined;
  }

  report(): PartitionReport[] {
    for (const core of this.#cores) {
      if (core.since < 0) continue;
      this.#account(core, core.loadedVcpu);
      core.since = this.#hooks.now();
    }
    const { measurements } = this;
    return this.partitions.map((partition, id) => ({
      ...partition.report(),
      vcpus: partition.vcpus.map((vcpu) => measurements.vcpuReport(vcpu)),
      jobs: measurements.jobReports(id),
      limits: measurements.limitReports(id),
      events: measurements.eventsOf(id),
    }));
  }

  /** Bytes wait to be read by `Hooks.input`. */
  inputWaits(partition: number): void {
    const found = this.partitions[partition];
    const vcpu = found?.vcpus[0];
    if (found?.console === undefined || vcpu === undefined) return;
    this.#inputWaits[partition] = true;
    this.#rouse(vcpu);
  }

  /** Takes a region away from a partition. It faults from the next time on that its core is in Hyp mode, which a kick brings about. */
  revoke(partition: number, name: string): boolean {
    const regions = this.partitions[partition]?.config.regions ?? [];
    const index = regions.findIndex((region) => region.name === name);
    if (index < 0) return false;
    this.lifecycle.revoked.push([partition, index]);
    for (const { index: core } of this.#cores) kick(this.gic, this.#cpus, this.#cpu, core);
    return true;
  }

  // Services

  block(vcpu: Vcpu): void {
    this.#collect(vcpu);
    const vgic = this.partitions[vcpu.partition]?.vgic;
    if (vgic?.wakes(vcpu.index, vcpu.context[AT.GICH_VMCR] as number) === false) vcpu.block();
  }

  /** The processor trapped WFE because no interrupt would end it now: one that the guest masks may be pending all the while. */
  pause(vcpu: Vcpu): void {
    this.#collect(vcpu);
    vcpu.block(counter(this.#working) + this.#event);
  }

  yield(vcpu: Vcpu): void {
    this.#cores[vcpu.core]?.yield();
  }

  wake(vcpu: Vcpu): void {
    vcpu.blocked = false;
    this.#rouse(vcpu);
  }

  route(partition: Partition): void {
    for (const { physical, vcpu } of partition.vgic.routes()) {
      this.gic.target(this.#working, physical, partition.vcpus[vcpu]?.core ?? 0);
    }
    this.#admit(partition);
  }

  end(partition: Partition, ending: Ending): void {
    this.lifecycle.end(partition, ending);
  }

  manages(partition: Partition, verb: Verb): boolean {
    return this.lifecycle.allows(partition, verb);
  }

  manage(partition: Partition, verb: Verb, by: string): void {
    this.lifecycle.manage(this.#working, partition, verb, by);
  }

  fault({ cpu, vcpu, partition }: Caller, { kind, va, ipa, why, violation }: FaultFound): void {
    const { log } = partition;
    const pc = readBanked(cpu, 'ELR_hyp') >>> 0;
    log.fault(() => {
      const report = { kind, vcpu: vcpu.index, at: this.#hooks.now(), pc, va, ipa, why: why() };
      this.event(partition, 'fault', report.why);
      return report;
    });
    if (violation) this.lifecycle.violated(partition, kind);
  }

  holds(vcpu: Vcpu): boolean {
    return this.#cores[vcpu.core]?.loadedVcpu === vcpu;
  }

  jobDone(partition: Partition, job: number, ticks: number): void {
    this.measurements.jobDone(partition.config.id, job, ticks);
  }

  put(partition: Partition, byte: number): void {
    this.#hooks.console(partition.config.id, byte);
  }

  event(partition: Partition, kind: HealthEvent['kind'], text: string): void {
    if (!partition.log.tells(kind)) return;
    this.watch.health(partition, kind, text);
    const event = { partition: partition.config.id, kind, at: this.#hooks.now(), text };
    this.measurements.event(event);
    this.#hooks.event(event);
  }

  save(): State {
    return {
      cores: this.#cores.map((core) => core.save()),
      partitions: this.partitions.map((partition) => partition.save()),
      inputWaits: [...this.#inputWaits],
      revoked: this.lifecycle.revoked.map((pair) => [...pair]),
    };
  }

  load(state: State): void {
    this.#cores.forEach((core, i) => {
      core.load((state['cores'] as readonly State[])[i] as State);
    });
    this.partitions.forEach((partition, i) => {
      partition.load((state['partitions'] as readonly State[])[i] as State);
    });
    this.#inputWaits = [...(state['inputWaits'] as readonly boolean[])];
    this.lifecycle.revoked = (state['revoked'] as readonly (readonly [number, number])[]).map(([a, b]) => [a, b]);
  }

  /** Before `start`. */
  reset(): void {
    for (const core of this.#cores) core.reset();
    for (const partition of this.partitions) partition.reset();
    this.#inputWaits.fill(false);
    this.lifecycle.revoked = [];
  }

  /** The processor in Hyp mode. Nobody calls what needs it from outside. */
  get #working(): Cpu {
    return this.#cpu ?? (this.#cpus[0] as Cpu);
  }

  #ports(heap: PageHeap, links: readonly Link[]) {
    return {
      memory: this.memory,
      heap,
      links,
      gic: this.gic,
      cpu: () => this.#working,
      interruptsChanged: (partition: Partition, vcpus: number) => this.#interruptsChanged(partition, vcpus),
      put: (partition: number, byte: number) => this.#hooks.console(partition, byte),
      next: (partition: number, waits: boolean) => this.#hooks.input(partition, waits),
      device: (partition: number, index: number, ports: DevicePorts) => this.#hooks.device?.(partition, index, ports),
    };
  }

  #makeLifecycle(restart: number): Lifecycle {
    return new Lifecycle({
      partitions: this.partitions,
      gic: this.gic,
      restart,
      held: ({ config }) => this.#cores.some((core) => core.loadedVcpu?.partition === config.id),
      rouse: (vcpu) => this.#rouse(vcpu),
      route: (partition) => this.route(partition),
      event: (partition, kind, text) => this.event(partition, kind, text),
      ending: (partition, ending) => this.watch.ended(partition, ending),
      ended: () => this.#hooks.ended(),
    });
  }

  /** Windows are measured, and open the way for their guest's physical interrupts. */
  #observer(): ScheduleObserver {
    const of = ({ partition }: Vcpu) => this.partitions[partition] as Partition;
    return {
      opened: (vcpu, start) => {
        this.measurements.opened(vcpu, start);
        this.#admit(of(vcpu));
      },
      closed: (vcpu, end, wanted) => {
        this.measurements.closed(vcpu, end, wanted);
        this.#admit(of(vcpu));
      },
      exhausted: (vcpu) => this.measurements.exhausted(vcpu),
    };
  }

  #admit(partition: Partition): void {
    if (this.config.schedule?.kind === 'cyclic')
      admitInterrupts(this.#working, this.gic, partition, (vcpu) => this.#cores[vcpu.core]?.keeps(vcpu) === true);
  }

  #collect(vcpu: Vcpu): void {
    const cpu = this.#working;
    this.partitions[vcpu.partition]?.vgic.collect(cpu, vcpu);
    vcpu.context[AT.GICH_VMCR] = this.gic.readVirtual(cpu, 'VMCR');
  }

  #account(core: CoreSchedule, vcpu: Vcpu | undefined): void {
    if (core.since >= 0 && vcpu !== undefined) vcpu.ran += this.#hooks.now() - core.since;
    core.since = -1;
  }

  #trapped(cpu: Cpu, vcpu: Vcpu): void {
    const partition = this.partitions[vcpu.partition] as Partition;
    this.#asking = vcpu;
    const pc = this.watch.pc(cpu);
    this.watch.exit(cpu, vcpu, handleTrap({ cpu, vcpu, partition, services: this }), pc);
    this.#asking = undefined;
    if (partition.exitLimit !== undefined) partition.countExit(counter(cpu), vcpu);
  }

  #interruptsChanged(partition: Partition, vcpus: number): void {
    for (const vcpu of partition.vcpus) {
      if (((vcpus >>> vcpu.index) & 1) === 0 || vcpu.power === 'off') continue;
      vcpu.interruptsChanged = true;
      if (vcpu !== this.#asking) this.measurements.pending(vcpu);
      const running = !vcpu.blocked && this.#cores[vcpu.core]?.loadedVcpu === vcpu;
      if (vcpu.blocked && partition.vgic.wakes(vcpu.index, vcpu.context[AT.GICH_VMCR] as number)) this.wake(vcpu);
      else if (running) this.#rouse(vcpu);
    }
  }

  /**
   * Something happened to a virtual processor: its core looks up, unless its schedule has another one in mind, which must not notice. What comes
   * from outside of the machine is not kept waiting, but that the next window is soon enough.
   */
  #rouse(vcpu: Vcpu): void {
    const core = this.#cores[vcpu.core];
    const outside = this.#cpu === undefined && this.config.schedule?.kind !== 'cyclic';
    if (outside || core?.hears(vcpu) === true || core?.loadedVcpu?.partition === vcpu.partition)
      kick(this.gic, this.#cpus, this.#cpu, vcpu.core);
  }

  /** The end of every stay in Hyp mode: somebody's turn, or nobody's. */
  #leave(cpu: Cpu, core: CoreSchedule): void {
    if (core.loadedVcpu?.present === false) unload(cpu, core, this.partitions);
    this.#housekeeping(cpu);
    const now = counter(cpu);
    wakeSleepers(core, this.partitions, now);
    const vcpu = core.choose(now);
    this.watch.leave(cpu, vcpu);
    if (vcpu === undefined) return this.#idle(cpu, core);
    if (core.loadedVcpu !== vcpu) {
      unload(cpu, core, this.partitions);
      const deadline = timerDeadline(this.partitions[vcpu.partition] as Partition, vcpu);
      this.measurements.loading(vcpu, deadline, now);
      load(cpu, core, this.partitions, core.turn);
    }
    if (vcpu.interruptsChanged) this.partitions[vcpu.partition]?.vgic.fill(cpu, vcpu);
    this.#arm(cpu, core);
    core.since = this.#hooks.now();
    this.measurements.entered(vcpu, core.since);
    cpu.sys.eret();
  }

  /** WFI in the idle loop. Physical interrupts end it, masked as they are. */
  #idle(cpu: Cpu, core: CoreSchedule): void {
    if (core.loadedVcpu !== undefined && !core.keeps(core.loadedVcpu)) unload(cpu, core, this.partitions);
    this.#arm(cpu, core);
    cpu.branch((this.#vectors + IDLE) as never);
    cpu.s[S.WAIT] = WAIT.interrupt;
    cpu.s[S.ATTENTION] = 1;
  }

  /** What was asked for and can be done now. */
  #housekeeping(cpu: Cpu): void {
    this.lifecycle.advance(cpu);
    for (const partition of this.partitions) {
      if (this.#inputWaits[partition.config.id]) {
        this.#inputWaits[partition.config.id] = false;
        partition.console?.poll();
      }
    }
  }

  /** Sets the alarm for whatever comes first. */
  #arm(cpu: Cpu, core: CoreSchedule): void {
    const at = nextAlarm(core, this.partitions);
    if (at === core.alarm) return;
    core.alarm = at;
    setAlarm(cpu, at);
  }
}
