/** A virtual processor: what stands for it while another one has the core. Its registers are in `context`, laid out by `context.ts`. */
import type { State, Stateful } from '../base/state.ts';
import { CONTEXT_WORDS, FP_WORDS, resetContext, type StartState } from './context.ts';

/** 'starting': turned on, and not yet run. */
export type Power = 'off' | 'starting' | 'on';

const POWERS: readonly Power[] = ['off', 'starting', 'on'];

export class Vcpu implements Stateful {
  /** Index of its partition, and its own there: the affinity that its MPIDR shows. */
  readonly partition: number;
  readonly index: number;
  /** The physical core that it runs on, always. */
  readonly core: number;
  readonly context = new Int32Array(CONTEXT_WORDS);
  readonly fp = new Int32Array(FP_WORDS);
  power: Power = 'off';
  /** Waits for an interrupt. */
  blocked = false;
  /** System counter at which it goes on even if none came. */
  wakeAt = Number.POSITIVE_INFINITY;
  /** Its partition is paused. Follows from the partition's state, so it is none of its own. */
  paused = false;
  /** System counter before which it does not go on, having left too often; 0 if it may. */
  heldUntil = 0;
  /** Its virtual interrupts changed: the list registers must be filled anew before it runs. */
  interruptsChanged = false;
  /** Prefetch aborts in a row at its own abort vector, from which nothing can come but the next. */
  abortStorm = 0;
  /** Virtual nanoseconds that it ran. */
  ran = 0;

  constructor(partition: number, index: number, core: number) {
    this.partition = partition;
    this.index = index;
    this.core = core;
  }

  get runnable(): boolean {
    return this.power !== 'off' && !this.blocked && !this.paused && this.heldUntil === 0;
  }

  /** Whether it may keep its registers on a core. */
  get present(): boolean {
    return this.power !== 'off' && !this.paused;
  }

  /** MPIDR: multiprocessing extensions, Aff0. */
  get mpidr(): number {
    return (1 << 31) | this.index;
  }

  /** It does not run before an interrupt, or `until`. */
  block(until = Number.POSITIVE_INFINITY): void {
    this.blocked = true;
    this.wakeAt = until;
  }

  /** Turns it on, with the registers that PSCI or the description gives and everything else as after a reset. */
  start(state: StartState): void {
    resetContext(this.context, this.fp, state);
    this.power = 'starting';
    this.blocked = false;
    this.interruptsChanged = true;
    this.abortStorm = 0;
  }

  stop(): void {
    this.power = 'off';
    this.blocked = false;
    this.heldUntil = 0;
    this.wakeAt = Number.POSITIVE_INFINITY;
  }

  save(): State {
    const { context, fp, power, blocked, wakeAt, interruptsChanged, abortStorm, ran } = this;
    return {
      context: context.slice(),
      fp: fp.slice(),
      power: POWERS.indexOf(power),
      blocked,
      wakeAt: String(wakeAt),
      interruptsChanged,
      abortStorm,
      ran,
      ...(this.heldUntil === 0 ? {} : { heldUntil: this.heldUntil }),
    };
  }

  load(state: State): void {
    this.context.set(state['context'] as Int32Array);
    this.fp.set(state['fp'] as Int32Array);
    this.power = POWERS[state['power'] as number] as Power;
    this.blocked = state['blocked'] as boolean;
    this.wakeAt = Number(state['wakeAt']);
    this.interruptsChanged = state['interruptsChanged'] as boolean;
    this.abortStorm = state['abortStorm'] as number;
    this.ran = state['ran'] as number;
    this.heldUntil = (state['heldUntil'] as number | undefined) ?? 0;
  }

  reset(): void {
    this.context.fill(0);
    this.fp.fill(0);
    this.stop();
    this.interruptsChanged = false;
    this.abortStorm = 0;
    this.ran = 0;
  }
}
