/**
 * What the hypervisor is told: plain data, made by the machine from the device-tree description. Addresses are numbers below 2^40;
 * `ipa` is a guest's intermediate physical address, `pa` a physical one. Everything is static: nothing is added while the system runs.
 */

import type { Stateful } from '../base/state.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import type { Window } from '../bus/window.ts';
import type { GuestDma } from './guest-dma.ts';
import type { JobReport, LimitReport, VcpuReport } from './measurements.ts';
import type { ScheduleConfig } from './schedule-config.ts';

export interface HypervisorConfig {
  /** Physical cores that the hypervisor owns: numbers 0 to cores - 1. */
  readonly cores: number;
  /** Physical addresses of the four blocks of the GICv2. */
  readonly gic: {
    readonly distributor: number;
    readonly cpuInterface: number;
    readonly virtualControl: number;
    readonly virtualCpu: number;
  };
  /** RAM of the hypervisor's own, page-aligned: stage-2 tables live there. About 64 KiB per partition, plus 4 KiB per 2 MiB mapped in pages. */
  readonly heap: { readonly base: number; readonly size: number };
  /** Virtual nanoseconds that a vCPU runs while others of its core wait for their turn. */
  readonly slice: number;
  /** How cores are shared; round robin if absent. */
  readonly schedule?: ScheduleConfig;
  /** Hz of the system counter, as CNTFRQ. */
  readonly timerFrequency: number;
  readonly partitions: readonly PartitionConfig[];
  /** Memories that ivshmem functions of partitions share. None if absent. */
  readonly links?: readonly LinkConfig[];
}

export interface PartitionConfig {
  readonly name: string;
  /** 0-based, the index in `partitions`. */
  readonly id: number;
  /** One to eight. Without a core the hypervisor chooses the one with fewest vCPUs, once. */
  readonly vcpus: readonly { readonly core?: number }[];
  /** How vCPU 0 starts: SVC mode, MMU off, interrupts masked. Registers from R0; those not given are 0. */
  readonly entry: { readonly address: number; readonly thumb: boolean; readonly registers: readonly number[] };
  readonly regions: readonly RegionConfig[];
  /** Where the guest sees its GIC; 4 KiB and 8 KiB. */
  readonly guestGic: { readonly distributor: number; readonly cpuInterface: number };
  /** Interrupt IDs of the virtual distributor, the 32 private ones included: a multiple of 32, at most 992 (96 is usual). */
  readonly interruptCount: number;
  /** Emulated PL011. */
  readonly console?: { readonly ipa: number; readonly irq: number };
  /** Devices that the machine models for the partition (`Hooks.device`), each with an edge-triggered interrupt. None if absent. */
  readonly devices?: readonly DeviceConfig[];
  /** Physical shared interrupts that belong to the partition. `edge` is how the board wires them, level if absent. */
  readonly interrupts: readonly { readonly physical: number; readonly virtual: number; readonly edge?: boolean }[];
  readonly channels: readonly ChannelConfig[];
  /** A PCI host with ivshmem functions. None if absent. */
  readonly pci?: PciConfig;
  readonly health: HealthPolicy;
  /** It may manage the others. */
  readonly management?: boolean;
  /** Where its management page is. None if absent. */
  readonly managementPage?: { readonly ipa: number };
  /** What it may ask for how often; the usual limits if absent, for exits none. */
  readonly limits?: { readonly console?: RateLimit; readonly doorbell?: RateLimit; readonly exits?: RateLimit };
  /** What RAM holds at the start; a restart puts it back and clears the rest. */
  readonly image: readonly SegmentConfig[];
}

/** A device beside the processors that reaches the partition's RAM alone. `ipa` is a multiple of its size, which is a power of two below 4 KiB. */
export interface DeviceConfig {
  readonly name: string;
  readonly ipa: number;
  readonly size: number;
  readonly irq: number;
}

/** A part of the guest's address space that stage 2 maps, in whole pages. 'ram' is cleared and loaded at every start; a channel is not. */
export interface RegionConfig {
  readonly kind: 'ram' | 'device' | 'channel';
  readonly name: string;
  readonly ipa: number;
  readonly pa: number;
  readonly size: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** Shared memory between partitions; its pages are a region of kind 'channel' at the same `ipa`. */
export interface ChannelConfig {
  readonly name: string;
  readonly ipa: number;
  readonly size: number;
  readonly writable: boolean;
  /** Virtual interrupt that rings when a peer notifies; 0 for none. */
  readonly doorbell: number;
  /** Who hears this partition's notification: a partition and the channel's index there. */
  readonly peers: readonly { readonly partition: number; readonly channel: number }[];
}

/** Memory that is shared by sections (`ivshmem-sections.ts`), at `pa`: whole pages each, or none. Peers are numbered from 0. */
export interface LinkConfig {
  readonly name: string;
  readonly pa: number;
  readonly peers: number;
  readonly stateTable: number;
  readonly readWrite: number;
  readonly output: number;
  /** 16 bits that tell drivers what the memory is used for. */
  readonly protocol: number;
}

/** Configuration space of one bus, a window for the functions' registers, and functions: device 0, 1 and so on. */
export interface PciConfig {
  readonly ecam: { readonly ipa: number; readonly size: number };
  readonly window: { readonly ipa: number; readonly size: number };
  readonly functions: readonly FunctionConfig[];
}

/** An ivshmem function: a peer of a link, whose memory the guest sees at `ipa` (its sections are regions of kind 'channel'), and its INTx. */
export interface FunctionConfig {
  /** Index in `links`. */
  readonly link: number;
  readonly peer: number;
  readonly ipa: number;
  readonly irq: number;
}

/** So many at once, then one in each interval. */
export interface RateLimit {
  readonly burst: number;
  readonly intervalNs: number;
}

export interface HealthPolicy {
  readonly onFault: 'log' | 'restart' | 'stop';
  /** Restarts by `onFault` before the partition is stopped instead. */
  readonly maxRestarts: number;
}

export interface SegmentConfig {
  readonly ipa: number;
  readonly bytes: Uint8Array;
}

export type PartitionState = 'running' | 'off' | 'stopped' | 'paused';

/** Why a guest was refused something. */
export interface FaultReport {
  /** 'data abort', 'prefetch abort', 'undefined', 'abort storm' or 'health report'. */
  readonly kind: FaultKind;
  readonly vcpu: number;
  /** Virtual nanoseconds since reset. */
  readonly at: number;
  readonly pc: number;
  readonly va: number;
  readonly ipa: number;
  /** Sentences down to the descriptor. */
  readonly why: string;
}

export type FaultKind = 'data abort' | 'prefetch abort' | 'undefined' | 'abort storm' | 'health report';

/** Something that whoever watches over the system may want to know at once. */
export interface HealthEvent {
  readonly partition: number;
  readonly kind: 'fault' | 'restart' | 'stop' | 'off' | 'info' | 'warning' | 'fatal' | 'managed' | 'denied';
  readonly at: number;
  readonly text: string;
}

export interface PartitionReport {
  readonly name: string;
  readonly state: PartitionState;
  /** Those that its vCPUs executed, at one a virtual nanosecond. Waits are the hypervisor's. */
  readonly instructions: number;
  readonly restarts: number;
  /** The policy, and how often it has restarted the partition. */
  readonly health: HealthPolicy & { readonly recoveries: number };
  readonly vcpus: readonly VcpuReport[];
  readonly jobs: readonly JobReport[];
  readonly limits: readonly LimitReport[];
  /** What was told of it but faults, the first 256. */
  readonly events: readonly Pick<HealthEvent, 'kind' | 'at' | 'text'>[];
  /** Exits to the hypervisor, by cause. */
  readonly exits: Readonly<Record<string, number>>;
  /** The first faults, and how many there were in all. */
  readonly faults: readonly FaultReport[];
  readonly faultCount: number;
}

/** What a device of a partition has of its surroundings. */
export interface DevicePorts {
  readonly irq: IrqLine;
  readonly memory: GuestDma;
  /** The core of the partition's first virtual processor, whose clock the device goes by. */
  readonly core: number;
}

/** A device as the hypervisor sees it. Its reset is a power-on: what the description gives it stays. */
export interface DeviceModel extends Stateful {
  readonly window: Window;
}

/** What the machine gives the hypervisor. None of it is needed for a guest to run as it does. */
export interface Hooks {
  /** A byte for a partition's console. */
  console(partition: number, byte: number): void;
  /** The next byte typed on it, taken away; `waits`: for an interrupt. When one arrives later, the machine calls `Hypervisor.inputWaits`. */
  input(partition: number, waits: boolean): number | undefined;
  event(event: HealthEvent): void;
  /** Makes the device `index` of a partition's `devices`. Needed if there are any. */
  device?(partition: number, index: number, ports: DevicePorts): DeviceModel;
  /** All partitions are off or stopped. */
  ended(): void;
  /** Virtual nanoseconds since reset: the stop-watch of the reports. */
  now(): number;
}
