/** A partition: its virtual processors, its stage-2 tables, its interrupts and what stands for its devices. */
import type { State, Stateful } from '../base/state.ts';
import type { Trace } from '../base/trace.ts';
import { IrqLine } from '../bus/irq-line.ts';
import type { Cpu } from '../cpu/state.ts';
import type {
  DeviceConfig,
  DeviceModel,
  DevicePorts,
  HypervisorConfig,
  PartitionConfig,
  PartitionReport,
  PartitionState,
  RateLimit,
  RegionConfig,
} from './config.ts';
import { GuestDma } from './guest-dma.ts';
import { HealthLog } from './health.ts';
import type { Link } from './ivshmem-link.ts';
import { counter } from './machine-registers.ts';
import { ManagementPage, PAGE_BYTES } from './management-page.ts';
import type { Limited } from './measurements.ts';
import type { PageHeap } from './page-heap.ts';
import { PciHost } from './pci-host.ts';
import type { PhysicalGic } from './physical-gic.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Piece } from './power-on-memory.ts';
import { Stage2Tables } from './stage2-tables.ts';
import { TokenBucket } from './token-bucket.ts';
import { Vcpu } from './vcpu.ts';
import { VirtualGic } from './vgic.ts';
import { VPl011 } from './vpl011.ts';

/** Limits in virtual time. Console: 16 KiB at once, then a byte each microsecond. Doorbells: 256 at once, then one each 5 microseconds. */
export const LIMIT = { consoleBurst: 16384, consoleNs: 1000, doorbellBurst: 256, doorbellNs: 5000 } as const;

const CONSOLE_LIMIT: RateLimit = { burst: LIMIT.consoleBurst, intervalNs: LIMIT.consoleNs };
const DOORBELL_LIMIT: RateLimit = { burst: LIMIT.doorbellBurst, intervalNs: LIMIT.doorbellNs };

/** What happens when the last virtual processor has left its core. */
export type Ending = 'restart' | 'off' | 'stopped';
const STATES: readonly PartitionState[] = ['running', 'off', 'stopped', 'paused'];
const ENDINGS: readonly (Ending | undefined)[] = [undefined, 'restart', 'off', 'stopped'];

export interface PartitionPorts {
  readonly memory: PhysicalMemory;
  readonly heap: PageHeap;
  readonly gic: PhysicalGic;
  readonly links: readonly Link[];
  /** The processor that works for the hypervisor at the moment. */
  cpu(): Cpu;
  interruptsChanged(partition: Partition, vcpus: number): void;
  put(partition: number, byte: number): void;
  next(partition: number, waits: boolean): number | undefined;
  device(partition: number, index: number, ports: DevicePorts): DeviceModel | undefined;
}

export class Partition implements Stateful {
  readonly config: PartitionConfig;
  readonly vcpus: readonly Vcpu[];
  readonly tables: Stage2Tables;
  readonly vgic: VirtualGic;
  readonly console: VPl011 | undefined;
  /** What the machine models for it, in the order of the description. */
  readonly devices: readonly DeviceModel[];
  readonly pci: PciHost | undefined;
  readonly page: ManagementPage | undefined;
  /** Bytes to the console, by whichever way. */
  readonly consoleLimit: TokenBucket;
  readonly doorbellLimit: TokenBucket;
  /** Traps to the hypervisor; no limit if undefined. */
  readonly exitLimit: TokenBucket | undefined;
  /** All of these, for the report. */
  readonly limited: readonly Limited[];
  readonly log = new HealthLog();
  /** Whoever watches; no part of the state. */
  trace: Trace | undefined;
  state: PartitionState = 'off';
  /** It is to end, and waits for its virtual processors to leave their cores. */
  ending: Ending | undefined;
  /** System counter at its start, in ticks: its virtual time begins there. */
  offset = 0;
  readonly #memory: PhysicalMemory;
  readonly #dma: GuestDma;
  /** State is being loaded: the lines of the devices are part of it. */
  #loading = false;

  constructor(config: PartitionConfig, cores: readonly number[], system: HypervisorConfig, ports: PartitionPorts) {
    const ticks = (ns: number) => (ns * system.timerFrequency) / 1e9;
    this.config = config;
    this.#memory = ports.memory;
    this.vcpus = cores.map((core, index) => new Vcpu(config.id, index, core));
    const { console = CONSOLE_LIMIT, doorbell = DOORBELL_LIMIT, exits } = config.limits ?? {};
    this.consoleLimit = new TokenBucket(console.burst, ticks(console.intervalNs));
    this.doorbellLimit = new TokenBucket(doorbell.burst, ticks(doorbell.intervalNs));
    this.exitLimit = exits && new TokenBucket(exits.burst, ticks(exits.intervalNs));
    this.limited = [
      { what: 'console', rate: console, bucket: this.consoleLimit },
      { what: 'doorbell', rate: doorbell, bucket: this.doorbellLimit },
      ...(exits && this.exitLimit ? [{ what: 'exits' as const, rate: exits, bucket: this.exitLimit }] : []),
    ];
    this.tables = buildTables(config, system, ports);
    this.vgic = new VirtualGic({
      vcpus: cores.length,
      count: config.interruptCount,
      assigned: config.interrupts,
      gic: ports.gic,
      changed: (vcpus) => ports.interruptsChanged(this, vcpus),
    });
    this.console = this.#makeConsole(ports);
    this.#dma = new GuestDma(this.tables, ports.memory, config.regions);
    this.devices = (config.devices ?? []).map((device, index) => this.#makeDevice(device, index, ports));
    this.pci = config.pci && new PciHost(config.pci, ports.links, this);
    this.page = config.managementPage && new ManagementPage();
  }

  /** RAM as the description has it, everything else as after a reset, and the first virtual processor on, in `delay` ticks from now. */
  start(cpu: Cpu, delay = 0): void {
    const { config } = this;
    this.halt(cpu);
    const pieces = config.image.flatMap(({ ipa, bytes }) => this.#placed(ipa, bytes));
    for (const { kind, pa, size } of config.regions) {
      if (kind === 'ram')
        this.#memory.restore(
          pa,
          size,
          pieces.filter(({ address }) => address >= pa && address < pa + size),
        );
    }
    this.tables.invalidate(cpu);
    this.offset = counter(cpu) + delay;
    this.state = 'running';
    this.vcpus[0]?.start(config.entry);
    if (delay > 0) this.vcpus[0]?.block(this.offset);
  }

  /** No virtual processor runs and none holds an interrupt. */
  halt(cpu: Cpu): void {
    for (const vcpu of this.vcpus) vcpu.stop();
    for (const device of this.devices) device.reset();
    this.pci?.disconnect();
    this.page?.reset();
    this.vgic.release(cpu);
    this.vgic.reset();
    for (const { doorbell } of this.config.channels) if (doorbell !== 0) this.vgic.configureEdge(doorbell);
    for (const { virtual, edge } of this.config.interrupts) if (edge === true) this.vgic.configureEdge(virtual);
    const emulated = [...(this.config.devices ?? []), ...(this.config.pci?.functions ?? [])];
    for (const { irq } of emulated) this.vgic.configureEdge(irq);
    this.console?.reset();
  }

  /** Nobody runs while it is paused; an end of it ends that too. */
  setPaused(paused: boolean): void {
    if (paused) this.state = 'paused';
    else if (this.state === 'paused') this.state = 'running';
    for (const vcpu of this.vcpus) vcpu.paused = paused;
  }

  /** A virtual processor left to the hypervisor. Who does so too often waits. */
  countExit(now: number, vcpu: Vcpu): void {
    if (this.exitLimit === undefined) return;
    this.exitLimit.take(now, 1);
    if (this.exitLimit.available(now) === 0) vcpu.heldUntil = this.exitLimit.next;
  }

  regionAt(ipa: number): RegionConfig | undefined {
    return this.config.regions.find((region) => ipa >= region.ipa && ipa < region.ipa + region.size);
  }

  /** What it did; what is measured of time is the hypervisor's to add. */
  report(): Omit<PartitionReport, 'vcpus' | 'jobs' | 'limits' | 'events'> {
    const { exits, faults, faultCount, restarts, recoveries } = this.log;
    const instructions = this.vcpus.reduce((sum, { ran }) => sum + ran, 0);
    return {
      name: this.config.name,
      state: this.state,
      instructions,
      restarts,
      health: { ...this.config.health, recoveries },
      exits: { ...exits },
      faults: [...faults],
      faultCount,
    };
  }

  save(): State {
    return {
      state: STATES.indexOf(this.state),
      ending: ENDINGS.indexOf(this.ending),
      offset: this.offset,
      vcpus: this.vcpus.map((vcpu) => vcpu.save()),
      vgic: this.vgic.save(),
      console: this.console?.save() ?? null,
      devices: this.devices.map((device) => device.save()),
      ...(this.pci === undefined ? {} : { pci: this.pci.save() }),
      ...(this.page === undefined ? {} : { page: this.page.save() }),
      consoleLimit: this.consoleLimit.save(),
      doorbellLimit: this.doorbellLimit.save(),
      ...(this.exitLimit === undefined ? {} : { exitLimit: this.exitLimit.save() }),
      log: this.log.save(),
    };
  }

  load(state: State): void {
    this.setPaused(state['state'] === STATES.indexOf('paused'));
    this.state = STATES[state['state'] as number] as PartitionState;
    this.ending = ENDINGS[state['ending'] as number];
    this.offset = state['offset'] as number;
    this.vcpus.forEach((vcpu, i) => {
      vcpu.load((state['vcpus'] as readonly State[])[i] as State);
    });
    this.#loadDevices(state['devices'] as readonly State[]);
    this.pci?.load(state['pci'] as State);
    this.page?.load(state['page'] as State);
    this.vgic.load(state['vgic'] as State);
    if (state['console'] !== null) this.console?.load(state['console'] as State);
    this.consoleLimit.load(state['consoleLimit'] as State);
    this.doorbellLimit.load(state['doorbellLimit'] as State);
    this.exitLimit?.load(state['exitLimit'] as State);
    this.log.load(state['log'] as State);
  }

  reset(): void {
    this.setPaused(false);
    this.state = 'off';
    this.ending = undefined;
    this.offset = 0;
    for (const vcpu of this.vcpus) vcpu.reset();
    for (const device of this.devices) device.reset();
    this.pci?.reset();
    this.page?.reset();
    this.vgic.reset();
    this.console?.reset();
    this.consoleLimit.reset();
    this.doorbellLimit.reset();
    this.exitLimit?.reset();
    this.log.reset();
  }

  #makeConsole(ports: PartitionPorts): VPl011 | undefined {
    const { console, id } = this.config;
    if (console === undefined) return undefined;
    const put = (byte: number) => ports.put(id, byte);
    const { irq } = console;
    const interrupt = (level: boolean) => {
      this.trace?.({ kind: 'interrupt', partition: id, vcpu: 0, id: irq, step: level ? 'pend' : 'withdraw' });
      this.vgic.setLine(irq, level);
    };
    return new VPl011(
      { put, next: (waits) => ports.next(id, waits), interrupt, now: () => counter(ports.cpu()) },
      this.consoleLimit,
    );
  }

  #makeDevice({ name, irq }: DeviceConfig, index: number, ports: PartitionPorts): DeviceModel {
    const line = new IrqLine((level) => {
      if (this.#loading) return;
      if (level) this.trace?.({ kind: 'interrupt', partition: this.config.id, vcpu: 0, id: irq, step: 'pend' });
      this.vgic.setLine(irq, level);
    });
    const made = ports.device(this.config.id, index, { irq: line, memory: this.#dma, core: this.vcpus[0]?.core ?? 0 });
    if (made === undefined) throw new RangeError(`${this.config.name}: nothing models ${name}`);
    return made;
  }

  #loadDevices(states: readonly State[]): void {
    this.#dma.forget();
    this.#loading = true;
    for (const [i, device] of this.devices.entries()) device.load(states[i] as State);
    this.#loading = false;
  }

  /** Image bytes go where the guest's own addresses lead; what leads nowhere is the description's mistake. */
  #placed(ipa: number, bytes: Uint8Array): Piece[] {
    const pieces: Piece[] = [];
    for (let done = 0; done < bytes.length; ) {
      const region = this.regionAt(ipa + done);
      if (region === undefined || region.kind !== 'ram')
        throw new RangeError(`the image of ${this.config.name} does not fit its RAM`);
      const at = ipa + done - region.ipa;
      const count = Math.min(bytes.length - done, region.size - at);
      pieces.push({ address: region.pa + at, bytes: bytes.subarray(done, done + count) });
      done += count;
    }
    return pieces;
  }
}

/** The CPU interface without its second page, where GICC_DIR stands. */
const GICC_SIZE = 0x1000;

/** The regions of the description, and the virtual CPU interface, which the guest uses directly. VMID 0 is nobody's. */
function buildTables(config: PartitionConfig, system: HypervisorConfig, { memory, heap }: PartitionPorts): Stage2Tables {
  const { cpuInterface } = config.guestGic;
  const interfaceRegion: RegionConfig = {
    kind: 'device',
    name: 'GIC virtual CPU interface',
    ipa: cpuInterface,
    pa: system.gic.virtualCpu,
    size: GICC_SIZE,
    writable: true,
    executable: false,
  };
  const regions = [...config.regions, interfaceRegion];
  const top = Math.max(...regions.map(({ ipa, size }) => ipa + size));
  const tables = new Stage2Tables(memory, heap, config.id + 1, top);
  checkOverlaps(config, regions);
  for (const region of regions) tables.map(region);
  return tables;
}

function checkOverlaps(config: PartitionConfig, regions: readonly RegionConfig[]): void {
  const { distributor, cpuInterface } = config.guestGic;
  const emulated = [
    { name: 'virtual distributor', ipa: distributor, size: 0x1000 },
    { name: 'GICC_DIR', ipa: cpuInterface + GICC_SIZE, size: 0x1000 },
  ];
  if (config.console !== undefined) emulated.push({ name: 'console', ipa: config.console.ipa, size: 0x1000 });
  emulated.push(...(config.devices ?? []));
  if (config.pci !== undefined)
    emulated.push({ name: 'PCI configuration space', ...config.pci.ecam }, { name: 'PCI memory', ...config.pci.window });
  if (config.managementPage !== undefined)
    emulated.push({ name: 'management page', ipa: config.managementPage.ipa, size: PAGE_BYTES });
  const all = [...regions, ...emulated].sort((a, b) => a.ipa - b.ipa);
  all.forEach((region, i) => {
    const next = all[i + 1];
    if (next !== undefined && region.ipa + region.size > next.ipa)
      throw new RangeError(`${config.name}: ${region.name} overlaps ${next.name}`);
  });
}
