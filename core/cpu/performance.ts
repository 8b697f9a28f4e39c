/**
 * Performance monitors, PMUv2. Reference: Arm DDI 0406C, C12.
 *
 * Nothing counts while instructions execute: what virtual time has brought is added when someone looks, when the mode changes, or when an
 * alarm says that a counter overflows. A cycle is a nanosecond, of waiting too; instructions are those that were retired. Events that are
 * rare by nature (exceptions, writes of some registers) are told by those who know of them. Counting in Secure state is always permitted
 * (SPNIDEN is high), so PMCR.DP has nothing to say. Not counted: whatever would need caches, branch prediction or a look at each instruction.
 */
import type { Alarm } from '../bus/clock.ts';
import type { IrqLine } from '../bus/irq-line.ts';
import { HDCR } from './controls.ts';
import { isHyp, isSecure, isUser } from './modes.ts';
import { SLOT } from './slots.ts';
import type { Cpu } from './state.ts';

export const PMCR = { E: 1, P: 2, C: 4, D: 8, X: 16, DP: 32 } as const;

export const EVENT = {
  SW_INCR: 0x00,
  INST_RETIRED: 0x08,
  EXC_TAKEN: 0x09,
  EXC_RETURN: 0x0a,
  CID_WRITE_RETIRED: 0x0b,
  CPU_CYCLES: 0x11,
  TTBR_WRITE_RETIRED: 0x1c,
  /** Of the Cortex-A7 alone. */
  EXC_IRQ: 0x86,
  EXC_FIQ: 0x87,
} as const;

/** PMXEVTYPER and PMCCFILTR. */
const FILTER = { P: 1 << 31, U: 1 << 30, NSK: 1 << 29, NSU: 1 << 28, NSH: 1 << 27 } as const;

/** PMCCNTR's place among the bits; event counters have the low ones. */
export const CYCLES = 31;
const WORD = 0x1_0000_0000;
const DIVIDER = 64;

/** Time and instructions of the core, both exact at every instruction; the alarm and the line of the overflow interrupt. */
export interface PerformancePort {
  now(): number;
  retired(): number;
  alarm?(fire: () => void): Alarm;
  readonly interrupt?: IrqLine | undefined;
}

export class PerformanceMonitors {
  readonly #cpu: Cpu;
  readonly #system: Int32Array;
  readonly #port: PerformancePort;
  readonly #alarm: Alarm | undefined;

  constructor(cpu: Cpu, port: PerformancePort) {
    this.#cpu = cpu;
    this.#system = cpu.system;
    this.#port = port;
    this.#alarm = port.alarm?.(() => this.change(() => {}));
  }

  /** PMCR.N. */
  get implemented(): number {
    return (this.#cpu.model.id.PMCR >>> 11) & 31;
  }

  /** Event counters that a guest has: HDCR.HPMN leaves it the first few. */
  get #guests(): number {
    return this.#cpu.model.virtualization ? Math.min(this.implemented, this.#get(SLOT.HDCR) & HDCR.HPMN) : this.implemented;
  }

  /** Event counters of which the current mode may know. */
  get visible(): number {
    const cpu = this.#cpu;
    return cpu.model.virtualization && !isSecure(cpu) && !isHyp(cpu) ? this.#guests : this.implemented;
  }

  /** The filter bits that the processor has. */
  get filterMask(): number {
    const { security, virtualization } = this.#cpu.model;
    return FILTER.P | FILTER.U | (security ? FILTER.NSK | FILTER.NSU : 0) | (virtualization ? FILTER.NSH : 0);
  }

  /** Brings the counters up to the present, makes the change, and arranges what follows from it. */
  change(act: () => void): void {
    this.sync();
    act();
    this.update();
  }

  /** Mode or security state is now another. */
  contextChanged(): void {
    if (this.#get(SLOT.PM_ENABLED) === 0) return;
    this.sync();
    this.update();
  }

  /** A unit of time that retired no instruction: an exception took it. */
  lost(): void {
    if (this.#get(SLOT.PM_ENABLED) !== 0) this.#system[SLOT.PM_LOST] = this.#get(SLOT.PM_LOST) + 1;
  }

  /** Something countable happened. */
  event(event: number): void {
    if (this.#get(SLOT.PM_COUNTING) !== 0) this.#happened(event, -1);
  }

  /** PMSWINC. */
  softwareIncrement(counters: number): void {
    this.sync();
    this.#happened(EVENT.SW_INCR, counters);
  }

  /** What time has brought since the last look, for the counters that were counting. */
  sync(): void {
    if (this.#get(SLOT.PM_ENABLED) === 0) return;
    const [now, retired] = [this.#port.now(), this.#port.retired()];
    const cycles = now - this.#wide(SLOT.PM_START);
    const instructions = Math.max(0, retired - this.#wide(SLOT.PM_RETIRED) - this.#get(SLOT.PM_LOST));
    this.#mark(now, retired);
    const counting = this.#get(SLOT.PM_COUNTING);
    if (counting < 0) this.#add(CYCLES, this.#divided(cycles));
    for (let n = 0; n < this.implemented; n++) {
      if (((counting >>> n) & 1) === 0) continue;
      const event = this.#eventOf(n);
      if (event === EVENT.CPU_CYCLES) this.#add(n, cycles);
      else if (event === EVENT.INST_RETIRED) this.#add(n, instructions);
    }
  }

  /** Which counters count from now on, whether the interrupt is raised, and when a counter that may raise it overflows at the earliest. */
  update(): void {
    const enabled = this.#get(SLOT.PMCNTEN) & this.#powered();
    if (enabled === 0) this.#mark(0, 0);
    else if (this.#get(SLOT.PM_ENABLED) === 0) this.#mark(this.#port.now(), this.#port.retired());
    this.#system[SLOT.PM_ENABLED] = enabled;
    this.#system[SLOT.PM_COUNTING] = this.#filtered(enabled);
    this.#port.interrupt?.set((this.#get(SLOT.PMOVS) & this.#get(SLOT.PMINTEN) & this.#powered()) !== 0);
    const left = this.#untilOverflow();
    if (left === Number.POSITIVE_INFINITY) this.#alarm?.clear();
    else this.#alarm?.set(this.#wide(SLOT.PM_START) + left);
  }

  /** Counters whose group is on: PMCR.E for the guest's and PMCCNTR, HDCR.HPME for those that HPMN keeps. */
  #powered(): number {
    const guests = (1 << CYCLES) | ((1 << this.#guests) - 1);
    const others = ((1 << this.implemented) - 1) & ~guests;
    const on = (this.#get(SLOT.PMCR) & PMCR.E) !== 0 ? guests : 0;
    return on | ((this.#get(SLOT.HDCR) & HDCR.HPME) !== 0 ? others : 0);
  }

  /** The counters are right up to here; nothing while none is on. */
  #mark(now: number, retired: number): void {
    this.#setWide(SLOT.PM_START, now);
    this.#setWide(SLOT.PM_RETIRED, retired);
    this.#system[SLOT.PM_LOST] = 0;
  }

  /** Of these counters, those whose filter lets them count in the current mode. */
  #filtered(enabled: number): number {
    let counting = enabled < 0 && this.#passes(this.#get(SLOT.PMCCFILTR)) ? 1 << CYCLES : 0;
    for (let n = 0; n < this.implemented; n++) {
      if (((enabled >>> n) & 1) !== 0 && this.#passes(this.#get(SLOT.PMXEVTYPER + n))) counting |= 1 << n;
    }
    return counting;
  }

  #passes(filter: number): boolean {
    const cpu = this.#cpu;
    if (isHyp(cpu)) return (filter & FILTER.NSH) !== 0;
    const off = (filter & (isUser(cpu) ? FILTER.U : FILTER.P)) !== 0;
    if (!cpu.model.security || isSecure(cpu)) return !off;
    // In Non-secure state it counts where the two bits agree.
    return off === ((filter & (isUser(cpu) ? FILTER.NSU : FILTER.NSK)) !== 0);
  }

  #happened(event: number, counters: number): void {
    const counting = this.#get(SLOT.PM_COUNTING) & counters;
    for (let n = 0; n < this.implemented; n++) {
      if (((counting >>> n) & 1) !== 0 && this.#eventOf(n) === event) this.#add(n, 1);
    }
    this.update();
  }

  /** PMCR.D: one count in 64 cycles. */
  #divided(cycles: number): number {
    if ((this.#get(SLOT.PMCR) & PMCR.D) === 0) return cycles;
    const all = cycles + this.#get(SLOT.PM_PHASE);
    this.#system[SLOT.PM_PHASE] = all % DIVIDER;
    return Math.floor(all / DIVIDER);
  }

  #add(n: number, events: number): void {
    const slot = slotOf(n);
    const sum = (this.#get(slot) >>> 0) + events;
    this.#system[slot] = sum | 0;
    if (sum >= WORD) this.#system[SLOT.PMOVS] = this.#get(SLOT.PMOVS) | (1 << n);
  }

  /** Nanoseconds from the last look until the first overflow that may interrupt. An instruction takes one at least. */
  #untilOverflow(): number {
    const waiting = this.#get(SLOT.PM_COUNTING) & this.#get(SLOT.PMINTEN) & ~this.#get(SLOT.PMOVS);
    if (waiting === 0) return Number.POSITIVE_INFINITY;
    let left = Number.POSITIVE_INFINITY;
    const until = (n: number): number => WORD - (this.#get(slotOf(n)) >>> 0);
    if (waiting < 0) {
      const divided = (this.#get(SLOT.PMCR) & PMCR.D) !== 0;
      left = divided ? until(CYCLES) * DIVIDER - this.#get(SLOT.PM_PHASE) : until(CYCLES);
    }
    for (let n = 0; n < this.implemented; n++) {
      const event = this.#eventOf(n);
      const timed = event === EVENT.CPU_CYCLES || event === EVENT.INST_RETIRED;
      if (timed && ((waiting >>> n) & 1) !== 0) left = Math.min(left, until(n));
    }
    return left;
  }

  /** The event of a counter; -1 for one that this processor does not have. */
  #eventOf(n: number): number {
    const event = this.#get(SLOT.PMXEVTYPER + n) & 0xff;
    const others = event === EVENT.EXC_IRQ || event === EVENT.EXC_FIQ;
    return others && this.#cpu.model.name !== 'cortex-a7' ? -1 : event;
  }

  #get(slot: number): number {
    return this.#system[slot] as number;
  }

  #wide(slot: number): number {
    return (this.#get(slot) >>> 0) + (this.#get(slot + 1) >>> 0) * WORD;
  }

  #setWide(slot: number, value: number): void {
    this.#system[slot] = value | 0;
    this.#system[slot + 1] = Math.floor(value / WORD) | 0;
  }
}

/** Where a counter's value stands. */
const slotOf = (n: number): number => (n === CYCLES ? SLOT.PMCCNTR : SLOT.PMXEVCNTR + n);
