/**
 * The cyclic schedule: a major frame of windows that repeats, as in ARINC 653. A window's guest is entered at its start to the nanosecond, whoever
 * had the core before and whatever it did: the hypervisor takes the core a little before the window's end, and waits for the next start.
 * What happens to others does not disturb a window: their interrupts, timers and wake-ups wait for their own.
 */
import type { Rate } from '../base/rate.ts';
import type { State } from '../base/state.ts';
import { CoreSchedule } from './scheduler.ts';
import type { Vcpu } from './vcpu.ts';

/** A window of one core; `turn` is an index in the core's `vcpus`. */
export interface Window {
  readonly offset: number;
  readonly duration: number;
  readonly turn: number;
}

/** Who is told of windows, to measure them. Times are those of the description, in virtual nanoseconds. */
export interface WindowObserver {
  opened(vcpu: Vcpu, start: number): void;
  /** `wanted`: it could have gone on. */
  closed(vcpu: Vcpu, end: number, wanted: boolean): void;
}

/** Virtual nanoseconds by which the core is surely back in the hypervisor after its alarm: an exception entry and two stays in Hyp mode. */
const RETURN_NS = 4;

export class Cyclic extends CoreSchedule {
  readonly #frame: number;
  /** In the order of their offsets. */
  readonly #windows: readonly Window[];
  readonly #rate: Rate;
  readonly #observer: WindowObserver;
  /** Ticks before a window's end at which the core is taken. */
  readonly #guard: number;
  /** Which frame it is. */
  #round = 0;
  /** The window that is, or comes next. */
  #position = 0;
  /** It has begun. */
  #inside = false;

  constructor(
    place: { readonly index: number; readonly vcpus: readonly Vcpu[]; readonly partitions: number },
    frame: number,
    windows: readonly Window[],
    rate: Rate,
    observer: WindowObserver,
  ) {
    super(place.index, place.vcpus, place.partitions);
    this.#frame = frame;
    this.#windows = [...windows].sort((a, b) => a.offset - b.offset);
    this.#rate = rate;
    this.#observer = observer;
    this.#guard = Math.max(1, Math.ceil((RETURN_NS * rate.hertz) / 1e9));
  }

  choose(now: number): Vcpu | undefined {
    let window: Window | undefined = this.#windows[this.#position];
    while (window !== undefined && now >= this.#tick(window.offset + window.duration) - this.#guard) window = this.#pass(window);
    if (window === undefined) {
      this.until = Number.POSITIVE_INFINITY;
      return undefined;
    }
    const start = this.#tick(window.offset);
    if (now < start) {
      this.until = start;
      return undefined;
    }
    const vcpu = this.vcpus[window.turn] as Vcpu;
    this.turn = window.turn;
    this.until = this.#tick(window.offset + window.duration) - this.#guard;
    if (!this.#inside) {
      this.#inside = true;
      this.#observer.opened(vcpu, this.#round * this.#frame + window.offset);
    }
    return vcpu.runnable ? vcpu : undefined;
  }

  /** What is left of a window is its guest's, and nobody else's. */
  yield(): void {}

  override hears(vcpu: Vcpu): boolean {
    return this.#inside && this.vcpus[this.turn] === vcpu;
  }

  override keeps(vcpu: Vcpu): boolean {
    return this.hears(vcpu);
  }

  protected savePolicy(): State {
    return { round: this.#round, position: this.#position, inside: this.#inside };
  }

  protected loadPolicy(state: State): void {
    this.#round = state['round'] as number;
    this.#position = state['position'] as number;
    this.#inside = state['inside'] as boolean;
  }

  protected resetPolicy(): void {
    this.#round = 0;
    this.#position = 0;
    this.#inside = false;
  }

  /** The window is over. Returns the next. */
  #pass(window: Window): Window | undefined {
    const vcpu = this.vcpus[window.turn] as Vcpu;
    const opened = this.#inside;
    this.#inside = false;
    if (opened) this.#observer.closed(vcpu, this.#round * this.#frame + window.offset + window.duration, vcpu.runnable);
    this.#position++;
    if (this.#position === this.#windows.length) {
      this.#position = 0;
      this.#round++;
    }
    return this.#windows[this.#position];
  }

  /** The first tick at or after so many nanoseconds of the present frame. */
  #tick(offset: number): number {
    const time = this.#round * this.#frame + offset;
    const tick = this.#rate.ticksAt(time);
    return this.#rate.timeOf(tick) < time ? tick + 1 : tick;
  }
}
