/**
 * How partitions end, restart, pause and go on. What is asked for is noted at once; it is done when no core holds a virtual processor of the
 * partition any more, by whichever core is in Hyp mode then.
 */
import type { Cpu } from '../cpu/state.ts';
import type { FaultKind, HealthEvent } from './config.ts';
import type { Ending, Partition } from './partition.ts';
import type { PhysicalGic } from './physical-gic.ts';
import type { Vcpu } from './vcpu.ts';

/** What one may do to a partition from outside of it. */
export type Verb = 'pause' | 'resume' | 'restart' | 'stop';

export interface LifecyclePorts {
  readonly partitions: readonly Partition[];
  readonly gic: PhysicalGic;
  /** Ticks from the end of a partition to its new start. */
  readonly restart: number;
  /** Whether a core has registers of the partition. */
  held(partition: Partition): boolean;
  /** The core of the virtual processor looks up. */
  rouse(vcpu: Vcpu): void;
  route(partition: Partition): void;
  event(partition: Partition, kind: HealthEvent['kind'], text: string): void;
  /** The partition ends now, in this way. */
  ending(partition: Partition, ending: Ending): void;
  /** No partition will run again by itself. */
  ended(): void;
}

export class Lifecycle {
  readonly #ports: LifecyclePorts;
  /** Regions to take away from their partitions, as [partition, index of the region]. */
  revoked: [number, number][] = [];

  constructor(ports: LifecyclePorts) {
    this.#ports = ports;
  }

  /** A partition that runs is to end. */
  end(partition: Partition, ending: Ending): void {
    if (partition.state !== 'running' || partition.ending !== undefined) return;
    this.#end(partition, ending);
  }

  /** What the health policy makes of a violation. */
  violated(partition: Partition, kind: FaultKind): void {
    const { onFault, maxRestarts } = partition.config.health;
    if (onFault === 'restart' && partition.log.recoveries < maxRestarts) {
      partition.log.recoveries++;
      this.end(partition, 'restart');
    } else if (onFault !== 'log' || kind === 'abort storm') this.end(partition, 'stopped');
  }

  /** Whether the partition is in a state in which the verb means something. */
  allows(partition: Partition, verb: Verb): boolean {
    if (partition.ending !== undefined) return false;
    if (verb === 'restart') return true;
    if (verb === 'resume') return partition.state === 'paused';
    return partition.state === 'running' || (verb === 'stop' && partition.state === 'paused');
  }

  /** The verb is allowed. `by`: who asks, for the report. The processor is in Hyp mode, or the machine stands still. */
  manage(cpu: Cpu, partition: Partition, verb: Verb, by: string): void {
    this.#ports.event(partition, 'managed', `${verb} by ${by}`);
    if (verb === 'pause') this.#pause(cpu, partition);
    else if (verb === 'resume') this.#resume(cpu, partition);
    else this.#end(partition, verb === 'restart' ? 'restart' : 'stopped');
  }

  /** What was asked for and can be done now. */
  advance(cpu: Cpu): void {
    const { partitions } = this.#ports;
    for (const [partition, index] of this.revoked.splice(0)) takeAway(cpu, partitions[partition] as Partition, index);
    for (const partition of partitions) {
      if (partition.ending !== undefined && !this.#ports.held(partition)) this.#finish(cpu, partition, partition.ending);
    }
  }

  /** Physical interrupts of a partition come while it runs. */
  connect(cpu: Cpu, partition: Partition, on: boolean): void {
    const { gic } = this.#ports;
    for (const { physical, edge } of partition.config.interrupts) {
      if (!on) gic.disable(cpu, physical);
      else {
        gic.configureEdge(cpu, physical, edge === true);
        gic.enable(cpu, physical);
      }
    }
    if (on) this.#ports.route(partition);
  }

  #end(partition: Partition, ending: Ending): void {
    partition.ending = ending;
    for (const vcpu of partition.vcpus) {
      vcpu.stop();
      this.#ports.rouse(vcpu);
    }
  }

  /** Time goes on for it, as for somebody who sleeps; interrupts wait. */
  #pause(cpu: Cpu, partition: Partition): void {
    partition.setPaused(true);
    this.connect(cpu, partition, false);
    for (const vcpu of partition.vcpus) this.#ports.rouse(vcpu);
  }

  #resume(cpu: Cpu, partition: Partition): void {
    partition.setPaused(false);
    this.connect(cpu, partition, true);
    for (const vcpu of partition.vcpus) this.#ports.rouse(vcpu);
  }

  #finish(cpu: Cpu, partition: Partition, ending: Ending): void {
    partition.ending = undefined;
    this.#ports.ending(partition, ending);
    partition.setPaused(false);
    if (ending === 'restart') {
      partition.log.restarts++;
      partition.start(cpu, this.#ports.restart);
      this.connect(cpu, partition, true);
      this.#ports.event(partition, 'restart', `restart ${partition.log.restarts}`);
      // Its core sets its alarm.
      if (partition.vcpus[0] !== undefined) this.#ports.rouse(partition.vcpus[0]);
      return;
    }
    partition.halt(cpu);
    partition.state = ending;
    this.connect(cpu, partition, false);
    const off = ending === 'off';
    this.#ports.event(partition, off ? 'off' : 'stop', off ? 'the partition turned itself off' : 'the partition was stopped');
    if (this.#ports.partitions.every(({ state }) => state === 'off' || state === 'stopped')) this.#ports.ended();
  }
}

function takeAway(cpu: Cpu, { tables, config }: Partition, index: number): void {
  const region = config.regions[index];
  if (region === undefined) return;
  tables.unmap(region.ipa, region.size);
  tables.invalidate(cpu);
}
