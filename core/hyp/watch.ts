/** Where the hypervisor tells what it does, for whoever watches. Nothing of this is state, and without a watcher each is one comparison. */
import type { MmioEvent, Trace } from '../base/trace.ts';
import type { Cpu } from '../cpu/state.ts';
import type { Caller } from './caller.ts';
import { readBanked } from './machine-registers.ts';
import type { Partition } from './partition.ts';
import type { Vcpu } from './vcpu.ts';

export class Watch {
  #trace: Trace | undefined;
  readonly #partitions: readonly Partition[];

  constructor(partitions: readonly Partition[]) {
    this.#partitions = partitions;
  }

  set trace(trace: Trace | undefined) {
    this.#trace = trace;
    for (const partition of this.#partitions) partition.trace = trace;
  }

  /** Where the guest left, for the report of the exit. */
  pc(cpu: Cpu): number {
    return this.#trace === undefined ? 0 : readBanked(cpu, 'ELR_hyp') >>> 0;
  }

  /** An exit, as the report counts it. */
  exit({ index: core }: Cpu, { partition, index: vcpu }: Vcpu, cause: string, pc: number): void {
    this.#partitions[partition]?.log.exit(cause);
    this.#trace?.({ kind: 'exit', core, partition, vcpu, cause, pc });
  }

  /** The end of a stay in Hyp mode: who has the core now, if anyone. */
  leave({ index: core }: Cpu, vcpu: Vcpu | undefined): void {
    if (this.#trace === undefined) return;
    if (vcpu === undefined) this.#trace({ kind: 'idle', core });
    else this.#trace({ kind: 'enter', core, partition: vcpu.partition, vcpu: vcpu.index });
  }

  ended({ config: { id: partition } }: Partition, how: 'restart' | 'off' | 'stopped'): void {
    this.#trace?.({ kind: 'ended', partition, how });
  }

  health({ config: { id: partition } }: Partition, what: string, text: string): void {
    this.#trace?.({ kind: 'health', partition, what, text });
  }
}

/** A hypercall or firmware call that was answered. */
export function tellCall({ partition, vcpu }: Caller, id: number, args: readonly number[], results: readonly number[]): void {
  partition.trace?.({ kind: 'call', partition: vcpu.partition, vcpu: vcpu.index, id, args, results });
}

/** An access of an emulated device that was carried out. */
export function tellAccess(
  { partition: { trace }, vcpu: { partition, index: vcpu } }: Caller,
  access: Omit<MmioEvent, 'kind' | 'partition' | 'vcpu'>,
): void {
  trace?.({ kind: 'mmio', partition, vcpu, ...access });
}

/** A doorbell that rings at a peer. */
export function tellMessage(
  { partition, vcpu }: Pick<Caller, 'partition' | 'vcpu'>,
  channel: string,
  to: Partition,
  interrupt: number,
): void {
  const from = { partition: vcpu.partition, vcpu: vcpu.index };
  partition.trace?.({ kind: 'message', ...from, channel, to: to.config.id, interrupt });
}

/** An SGI was sent: to whom, the distributor knows. */
export function tellSgi(partition: Partition, id: number): void {
  if (partition.trace === undefined) return;
  const { sources } = partition.vgic.interrupts;
  for (const { index } of partition.vcpus) if (sources[index * 16 + id] !== 0) tellPending(partition, index, id);
}

/** A shared interrupt that was to come is no longer wanted. */
export function tellWithdrawn({ trace, config: { id: partition } }: Partition, id: number): void {
  trace?.({ kind: 'interrupt', partition, vcpu: 0, id, step: 'withdraw' });
}

/** An interrupt of the partition became pending. */
export function tellPending({ trace, config: { id: partition } }: Partition, vcpu: number, id: number): void {
  trace?.({ kind: 'interrupt', partition, vcpu, id, step: 'pend' });
}
