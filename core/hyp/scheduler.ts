/**
 * Which virtual processor a core runs: those that belong to it take turns, in the order of their partitions, each at most a slice of virtual
 * time while others wait. Nothing else moves them, so the same system schedules the same in every run.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Vcpu } from './vcpu.ts';

/** What the hypervisor keeps for one physical core. */
export class CoreSchedule implements Stateful {
  readonly index: number;
  /** The virtual processors that belong to it. */
  readonly vcpus: readonly Vcpu[];
  /** Whose registers the core holds, also while it waits for interrupts; -1 for nobody. An index in `vcpus`. */
  loaded = -1;
  /** Whose turn it is, or was last. */
  turn = -1;
  /** System counter at which the turn ends if others wait. */
  sliceEnd = 0;
  /** The one whose turn it is asked to let others run. */
  yielded = false;
  /** What CNTHP_CVAL was last set to. */
  alarm = Number.POSITIVE_INFINITY;
  /** Virtual nanoseconds at which the guest was entered, or -1 while it is not in the guest. */
  since = -1;
  /** By partition: the virtual processor that last used this core's TLB, or -1. */
  readonly lastUser: Int32Array;

  constructor(index: number, vcpus: readonly Vcpu[], partitions: number) {
    this.index = index;
    this.vcpus = vcpus;
    this.lastUser = new Int32Array(partitions).fill(-1);
  }

  get loadedVcpu(): Vcpu | undefined {
    return this.vcpus[this.loaded];
  }

  /** Whether anyone but `than` could run. */
  othersRunnable(than: Vcpu): boolean {
    return this.vcpus.some((vcpu) => vcpu !== than && vcpu.runnable);
  }

  /** The one to run now; undefined if none can. A turn lasts until it waits, yields, or its slice is over and others want to run. */
  choose(now: number, slice: number): Vcpu | undefined {
    const current = this.vcpus[this.turn];
    const stays = current?.runnable === true && !this.yielded && (now < this.sliceEnd || !this.othersRunnable(current));
    this.yielded = false;
    if (stays) return current;
    for (let i = 1; i <= this.vcpus.length; i++) {
      const turn = (this.turn + i) % this.vcpus.length;
      const vcpu = this.vcpus[turn] as Vcpu;
      if (!vcpu.runnable) continue;
      this.turn = turn;
      this.sliceEnd = now + slice;
      return vcpu;
    }
    return undefined;
  }

  save(): State {
    const { loaded, turn, sliceEnd, yielded, since } = this;
    return { loaded, turn, sliceEnd, yielded, since, alarm: String(this.alarm), lastUser: this.lastUser.slice() };
  }

  load(state: State): void {
    this.loaded = state['loaded'] as number;
    this.turn = state['turn'] as number;
    this.sliceEnd = state['sliceEnd'] as number;
    this.yielded = state['yielded'] as boolean;
    this.since = state['since'] as number;
    this.alarm = Number(state['alarm']);
    this.lastUser.set(state['lastUser'] as Int32Array);
  }

  reset(): void {
    this.loaded = -1;
    this.turn = -1;
    this.sliceEnd = 0;
    this.yielded = false;
    this.since = -1;
    this.alarm = Number.POSITIVE_INFINITY;
    this.lastUser.fill(-1);
  }
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
