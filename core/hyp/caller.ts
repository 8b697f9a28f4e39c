/** Who asks the hypervisor for something, and what those who answer may use of it. */
import type { AddressMap } from '../bus/address-map.ts';
import type { Cpu } from '../cpu/state.ts';
import type { FaultKind, HealthEvent } from './config.ts';
import type { Verb } from './lifecycle.ts';
import type { Ending, Partition } from './partition.ts';
import type { PhysicalGic } from './physical-gic.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Vcpu } from './vcpu.ts';

/** A fault as its finder knows it. `why` is asked for only if the fault is kept. */
export interface FaultFound {
  readonly kind: FaultKind;
  readonly va: number;
  readonly ipa: number;
  readonly why: () => string;
  /** Whether the health policy acts on it. */
  readonly violation: boolean;
}

export interface Services {
  readonly map: AddressMap;
  readonly memory: PhysicalMemory;
  readonly gic: PhysicalGic;
  readonly partitions: readonly Partition[];
  /** The virtual processor waits until an interrupt comes. */
  block(vcpu: Vcpu): void;
  /** It waits until an interrupt comes, but not for long: events do not come here. */
  pause(vcpu: Vcpu): void;
  /** It lets others of its core run first. */
  yield(vcpu: Vcpu): void;
  /** It became runnable; its core looks up. */
  wake(vcpu: Vcpu): void;
  /** Shared interrupts of the partition may go elsewhere now. */
  route(partition: Partition): void;
  end(partition: Partition, ending: Ending): void;
  /** Whether the partition is in a state for that, and doing it. */
  manages(partition: Partition, verb: Verb): boolean;
  manage(partition: Partition, verb: Verb, by: string): void;
  /** Whether a core has the registers of the virtual processor. */
  holds(vcpu: Vcpu): boolean;
  /** A job of a partition took so many ticks. */
  jobDone(partition: Partition, job: number, ticks: number): void;
  fault(caller: Caller, found: FaultFound): void;
  /** A byte for the console of the partition. */
  put(partition: Partition, byte: number): void;
  event(partition: Partition, kind: HealthEvent['kind'], text: string): void;
}

/** The virtual processor that has the core, and made the call or met the fault. */
export interface Caller {
  readonly cpu: Cpu;
  readonly vcpu: Vcpu;
  readonly partition: Partition;
  readonly services: Services;
  /** Takes what the call writes, if that is for no memory of the guest. */
  readonly answer?: (bytes: Uint8Array) => void;
}
