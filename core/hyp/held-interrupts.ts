/**
 * Physical interrupts that were taken for a guest and are still active, so that the hardware does not raise them again. Counted, as a guest may
 * have ended one, and the hardware raised the next, before its list register is looked at.
 */
import type { State, Stateful } from '../base/state.ts';
import type { Interrupts } from '../devices/gic/interrupts.ts';

export class HeldInterrupts implements Stateful {
  readonly #interrupts: Interrupts;
  /** By `Interrupts.place`. */
  readonly #counts: Uint8Array;

  constructor(interrupts: Interrupts) {
    this.#interrupts = interrupts;
    this.#counts = new Uint8Array((interrupts.cores + interrupts.words - 1) * 32);
  }

  has(vcpu: number, id: number): boolean {
    return this.#counts[this.#interrupts.place(vcpu, id)] !== 0;
  }

  /** It was taken. */
  add(vcpu: number, id: number): void {
    const place = this.#interrupts.place(vcpu, id);
    this.#counts[place] = (this.#counts[place] as number) + 1;
  }

  /** It was deactivated, or is going to be. False: it was not held. */
  remove(vcpu: number, id: number): boolean {
    const place = this.#interrupts.place(vcpu, id);
    const held = this.#counts[place] as number;
    if (held > 0) this.#counts[place] = held - 1;
    return held > 0;
  }

  /** Forgets the private ones of a virtual processor. */
  removePrivate(vcpu: number): void {
    this.#counts.fill(0, this.#interrupts.place(vcpu, 0), this.#interrupts.place(vcpu, 31) + 1);
  }

  save(): State {
    return { counts: this.#counts.slice() };
  }

  load(state: State): void {
    this.#counts.set(state['counts'] as Uint8Array);
  }

  reset(): void {
    this.#counts.fill(0);
  }
}
