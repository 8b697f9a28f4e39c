/**
 * Which virtual processor a core runs. Those that belong to a core are told apart by its schedule: round robin, cyclic or by priority, each in a
 * file of its own. Nothing but virtual time and what the guests do moves a schedule, so the same system schedules the same in every run.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Vcpu } from './vcpu.ts';

/** What the hypervisor keeps for one physical core. Times are ticks of the system counter. */
export abstract class CoreSchedule implements Stateful {
  readonly index: number;
  /** The virtual processors that belong to it. */
  readonly vcpus: readonly Vcpu[];
  /** Whose registers the core holds, also while it waits for interrupts; -1 for nobody. An index in `vcpus`. */
  loaded = -1;
  /** Whose turn it is, or was last. */
  turn = -1;
  /** What CNTHP_CVAL was last set to. */
  alarm = Number.POSITIVE_INFINITY;
  /** Virtual nanoseconds at which the guest was entered, or -1 while it is not in the guest. */
  since = -1;
  /** By partition: the virtual processor that last used this core's TLB, or -1. */
  readonly lastUser: Int32Array;
  /** When the schedule wants to choose again, whatever the guest does. Follows from the last choice, so it is no state. */
  until = Number.POSITIVE_INFINITY;

  constructor(index: number, vcpus: readonly Vcpu[], partitions: number) {
    this.index = index;
    this.vcpus = vcpus;
    this.lastUser = new Int32Array(partitions).fill(-1);
  }

  get loadedVcpu(): Vcpu | undefined {
    return this.vcpus[this.loaded];
  }

  /** The one to run now, whose index is then in `turn`; undefined if none can or may. Sets `until`. */
  abstract choose(now: number): Vcpu | undefined;

  /** The one whose turn it is asks to let others run. */
  abstract yield(): void;

  /** Whether the core must look up at once when something happens to this virtual processor. */
  hears(_vcpu: Vcpu): boolean {
    return true;
  }

  /** Whether the core may hold on to its registers while it runs nobody. */
  keeps(_vcpu: Vcpu): boolean {
    return true;
  }

  save(): State {
    const { loaded, turn, since } = this;
    return { loaded, turn, since, alarm: String(this.alarm), lastUser: this.lastUser.slice(), ...this.savePolicy() };
  }

  load(state: State): void {
    this.loaded = state['loaded'] as number;
    this.turn = state['turn'] as number;
    this.since = state['since'] as number;
    this.alarm = Number(state['alarm']);
    this.lastUser.set(state['lastUser'] as Int32Array);
    this.loadPolicy(state);
  }

  reset(): void {
    this.loaded = -1;
    this.turn = -1;
    this.since = -1;
    this.alarm = Number.POSITIVE_INFINITY;
    this.lastUser.fill(-1);
    this.resetPolicy();
  }

  protected abstract savePolicy(): State;
  protected abstract loadPolicy(state: State): void;
  protected abstract resetPolicy(): void;
}

/** Gives every virtual processor a core: the one that is asked for, else the one with the fewest, of the lowest number. */
export function placeVcpus(
  partitions: readonly { readonly vcpus: readonly { readonly core?: number }[] }[],
  cores: number,
): number[][] {
  const load = new Array<number>(cores).fill(0);
  for (const { vcpus } of partitions) for (const { core } of vcpus) if (core !== undefined) addTo(load, core);
  return partitions.map(({ vcpus }) =>
    vcpus.map(({ core }) => {
      if (core !== undefined) return core;
      const least = load.indexOf(Math.min(...load));
      addTo(load, least);
      return least;
    }),
  );
}

function addTo(load: number[], core: number): void {
  if (core < 0 || core >= load.length) throw new RangeError(`a vCPU is pinned to core ${core}, of ${load.length}`);
  load[core] = (load[core] as number) + 1;
}
