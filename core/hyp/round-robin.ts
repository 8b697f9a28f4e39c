/** Round robin: the virtual processors of a core take turns in the order of their partitions, each at most a slice while others wait. */
import type { State } from '../base/state.ts';
import { CoreSchedule } from './scheduler.ts';
import type { Vcpu } from './vcpu.ts';

export class RoundRobin extends CoreSchedule {
  /** When the turn ends if others wait. */
  sliceEnd = 0;
  /** The one whose turn it is asked to let others run. */
  yielded = false;
  readonly #slice: number;

  constructor(index: number, vcpus: readonly Vcpu[], partitions: number, slice: number) {
    super(index, vcpus, partitions);
    this.#slice = slice;
  }

  yield(): void {
    this.yielded = true;
  }

  /** A turn lasts until it waits, yields, or its slice is over and others want to run. */
  choose(now: number): Vcpu | undefined {
    const current = this.vcpus[this.turn];
    const stays = current?.runnable === true && !this.yielded && (now < this.sliceEnd || !this.#othersRunnable(current));
    this.yielded = false;
    const chosen = stays ? current : this.#next(now);
    this.until = chosen !== undefined && this.#othersRunnable(chosen) ? this.sliceEnd : Number.POSITIVE_INFINITY;
    return chosen;
  }

  protected savePolicy(): State {
    return { sliceEnd: this.sliceEnd, yielded: this.yielded };
  }

  protected loadPolicy(state: State): void {
    this.sliceEnd = state['sliceEnd'] as number;
    this.yielded = state['yielded'] as boolean;
  }

  protected resetPolicy(): void {
    this.sliceEnd = 0;
    this.yielded = false;
  }

  #next(now: number): Vcpu | undefined {
    for (let i = 1; i <= this.vcpus.length; i++) {
      const turn = (this.turn + i) % this.vcpus.length;
      const vcpu = this.vcpus[turn] as Vcpu;
      if (!vcpu.runnable) continue;
      this.turn = turn;
      this.sliceEnd = now + this.#slice;
      return vcpu;
    }
    return undefined;
  }

  #othersRunnable(than: Vcpu): boolean {
    return this.vcpus.some((vcpu) => vcpu !== than && vcpu.runnable);
  }
}
