/** What a physical CPU interface of a GICv2 keeps for one core: control, binary points, active priorities, and the signals it drives. */
import type { State } from '../../base/state.ts';
import type { IrqLine } from '../../bus/irq-line.ts';
import type { Interrupts } from './interrupts.ts';
import { ActivePriorities, groupPriorityMask } from './priority.ts';
import { IDLE, OTHER_GROUP, SPURIOUS } from './registers.ts';

/** GICC_CTLR as Secure software, or a GIC without Security Extensions, has it (IHI 0048B §4.4.1). GICV_CTLR has the same bits. */
export const CTLR = {
  EnableGrp0: 1 << 0,
  EnableGrp1: 1 << 1,
  AckCtl: 1 << 2,
  FIQEn: 1 << 3,
  CBPR: 1 << 4,
  EOImode: 1 << 9,
  EOImodeNS: 1 << 10,
} as const;

export interface Signals {
  readonly irq: IrqLine;
  readonly fiq: IrqLine;
}

export class CoreBank {
  readonly core: number;
  readonly minimum: number;
  readonly active: readonly [ActivePriorities, ActivePriorities];
  control = 0;
  priorityMask = 0;
  binaryPoint: number;
  aliasedBinaryPoint: number;
  readonly #interrupts: Interrupts;
  readonly #forwarded: () => number;
  readonly #signals: Signals;
  #highest = SPURIOUS;
  #signalled = false;

  /** `minimum` is the lowest binary point; `forwarded` gives the groups that the distributor forwards. */
  constructor(core: number, minimum: number, interrupts: Interrupts, forwarded: () => number, signals: Signals) {
    this.core = core;
    this.minimum = minimum;
    this.active = [new ActivePriorities(minimum), new ActivePriorities(minimum)];
    this.binaryPoint = minimum;
    this.aliasedBinaryPoint = minimum + 1;
    this.#interrupts = interrupts;
    this.#forwarded = forwarded;
    this.#signals = signals;
  }

  /** The group priority of the highest active interrupt, or IDLE. */
  get running(): number {
    return Math.min(this.active[0].highest, this.active[1].highest);
  }

  /** Looks again for the highest pending interrupt, and signals it if its priority suffices (IHI 0048B §3.3). */
  update(): void {
    const id = this.#interrupts.highestPending(this.core, this.#forwarded());
    this.#highest = id;
    const group = id === SPURIOUS ? 0 : this.#interrupts.groupOf(this.core, id);
    this.#signalled =
      id !== SPURIOUS && this.#enables(group) && this.#suffices(this.#interrupts.priorityOf(this.core, id), group);
    const fiq = this.#signalled && group === 0 && (this.control & CTLR.FIQEn) !== 0;
    this.#signals.fiq.set(fiq);
    this.#signals.irq.set(this.#signalled && !fiq);
  }

  /** GICC_HPPIR, or GICC_AHPPIR and the Non-secure view if `nonSecure`: whatever the priority mask and the running priority. */
  highestPending(nonSecure: boolean): number {
    const id = this.#highest;
    if (id === SPURIOUS) return SPURIOUS;
    const group = this.#interrupts.groupOf(this.core, id);
    if (!this.#enables(group)) return SPURIOUS;
    const special = this.#withheld(group, nonSecure);
    if (special !== 0) return special;
    if (id >= 16) return id;
    const sources = this.#interrupts.sources[this.core * 16 + id] as number;
    return id | ((31 - Math.clz32(sources & -sources)) << 10);
  }

  /** GICC_IAR, or GICC_AIAR and the Non-secure view if `nonSecure`. The caller lets the other cores look again. */
  acknowledge(nonSecure: boolean): number {
    if (!this.#signalled) return SPURIOUS;
    const id = this.#highest;
    const group = this.#interrupts.groupOf(this.core, id);
    const special = this.#withheld(group, nonSecure);
    if (special !== 0) return special;
    this.active[group].add(this.#interrupts.priorityOf(this.core, id) & this.#groupMask(group));
    return this.#interrupts.activate(this.core, id);
  }

  save(): State {
    const { control, priorityMask, binaryPoint, aliasedBinaryPoint, active } = this;
    return {
      control,
      priorityMask,
      binaryPoint,
      aliasedBinaryPoint,
      active: active[0].words.slice(),
      activeGroup1: active[1].words.slice(),
    };
  }

  load(state: State): void {
    this.control = state['control'] as number;
    this.priorityMask = state['priorityMask'] as number;
    this.binaryPoint = state['binaryPoint'] as number;
    this.aliasedBinaryPoint = state['aliasedBinaryPoint'] as number;
    this.active[0].words.set(state['active'] as Int32Array);
    this.active[1].words.set(state['activeGroup1'] as Int32Array);
  }

  reset(): void {
    this.control = 0;
    this.priorityMask = 0;
    this.binaryPoint = this.minimum;
    this.aliasedBinaryPoint = this.minimum + 1;
    for (const priorities of this.active) priorities.words.fill(0);
  }

  #enables(group: 0 | 1): boolean {
    return (this.control & (group === 0 ? CTLR.EnableGrp0 : CTLR.EnableGrp1)) !== 0;
  }

  /** Priority masking and preemption. */
  #suffices(priority: number, group: 0 | 1): boolean {
    const mask = this.#groupMask(group);
    const running = this.running;
    return priority < this.priorityMask && (running === IDLE || (priority & mask) < (running & mask));
  }

  #groupMask(group: 0 | 1): number {
    const aliased = group === 1 && (this.control & CTLR.CBPR) === 0;
    return groupPriorityMask(aliased ? this.aliasedBinaryPoint - 1 : this.binaryPoint);
  }

  /** The special ID that is read in place of an interrupt of `group` (IHI 0048B §3.2.5), or 0 if the interrupt itself is. */
  #withheld(group: 0 | 1, nonSecure: boolean): number {
    if (nonSecure) return group === 0 ? SPURIOUS : 0;
    return group === 1 && (this.control & CTLR.AckCtl) === 0 ? OTHER_GROUP : 0;
  }
}
