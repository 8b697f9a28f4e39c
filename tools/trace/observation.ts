/** A machine that is watched: who has which core, and everyone who wants to know what happens. */
import type { TraceEvent } from '../../core/base/trace.ts';
import type { Hypervisor } from '../../core/hyp/hypervisor.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { bareNames, type Names, systemNames } from './names.ts';
import type { Who } from './record.ts';

/** What runs; without a hypervisor, a bare machine. */
export interface Running {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor | undefined;
}

export class Observation {
  readonly machine: Machine;
  readonly hypervisor: Hypervisor | undefined;
  readonly names: Names;
  readonly #who: (Who | undefined)[];
  readonly #listeners: ((event: TraceEvent) => void)[] = [];

  /** Without a hypervisor, the cores are processors of the one partition that the machine is. */
  constructor({ machine, hypervisor }: Running) {
    this.machine = machine;
    this.hypervisor = hypervisor;
    this.names = hypervisor === undefined ? bareNames : systemNames(hypervisor.config);
    this.#who = machine.cpus.map((_, vcpu) => (hypervisor === undefined ? { partition: 0, vcpu } : undefined));
    if (hypervisor !== undefined) hypervisor.watch.trace = (event) => this.#take(event);
  }

  now(): number {
    return this.machine.clock.now();
  }

  /** Whose registers a core had last. */
  on(core: number): Who | undefined {
    return this.#who[core];
  }

  onEvent(listener: (event: TraceEvent) => void): void {
    this.#listeners.push(listener);
  }

  #take(event: TraceEvent): void {
    if (event.kind === 'enter') {
      const { core, partition, vcpu } = event;
      const before = this.#who[core];
      if (before?.partition !== partition || before.vcpu !== vcpu) this.#who[core] = { partition, vcpu };
    }
    for (const listener of this.#listeners) listener(event);
  }
}
