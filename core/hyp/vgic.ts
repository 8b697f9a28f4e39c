/**
 * A partition's virtual GICv2: the state of its interrupts, and their way through the list registers. The distributor's registers are the
 * machine's own model of them, with virtual processors in the place of cores. Reference: IHI 0048B §4.3 (distributor), §5.2 (list registers).
 */
import type { State, Stateful } from '../base/state.ts';
import { DeviceWindow, type Width } from '../bus/window.ts';
import type { Cpu } from '../cpu/state.ts';
import { Distributor } from '../devices/gic/distributor.ts';
import { Interrupts } from '../devices/gic/interrupts.ts';
import { GICD, LIST_REGISTERS } from '../devices/gic/registers.ts';
import { AT } from './context.ts';
import { HeldInterrupts } from './held-interrupts.ts';
import { type Candidate, choose, controlFor, entryFor, LR, senderOf } from './list-entry.ts';
import { type PhysicalGic, VIRTUAL_TIMER_IRQ } from './physical-gic.ts';
import type { Vcpu } from './vcpu.ts';

/** A physical interrupt that belongs to the partition. */
export interface Assigned {
  readonly physical: number;
  readonly virtual: number;
}

const ALL_PRIORITIES = 0xf8;
const NOBODY = -1;
/** GICV_CTLR.EOImode, in GICH_VMCR. */
const EOI_MODE = 1 << 9;
/** Offsets in the distributor that show what list registers hold, or change it. A new SGI only adds to what is there. */
const isStateOffset = (offset: number): boolean =>
  (offset >= GICD.ISPENDR.at && offset < GICD.IPRIORITYR.at) || offset >= GICD.CPENDSGIR.at;

export class VirtualGic implements Stateful {
  readonly interrupts: Interrupts;
  readonly #distributor: Distributor;
  readonly #window: DeviceWindow<typeof GICD>;
  readonly #gic: PhysicalGic;
  readonly #assigned: readonly Assigned[];
  /** Virtual interrupts that have a physical side. */
  readonly #backed: readonly number[];
  /** Physical interrupt behind a virtual one, by virtual ID. */
  readonly #physical: Int16Array;
  /** Told which virtual processors (one bit each) may see other interrupts than before. */
  readonly #changed: (vcpus: number) => void;
  readonly #held: HeldInterrupts;
  /** The virtual processor that has a shared interrupt in a list register or active, by ID. */
  readonly #owner: Int8Array;
  /** Who sent the SGI that is active, by vcpu * 16 + ID. */
  readonly #sender: Uint8Array;
  /** What each list register of a virtual processor was last filled with, 0 for nothing; and whether a latch went into it. */
  readonly #lists: Int32Array;
  readonly #latched: Uint8Array;

  constructor(options: {
    readonly vcpus: number;
    readonly count: number;
    readonly assigned: readonly Assigned[];
    readonly gic: PhysicalGic;
    readonly changed: (vcpus: number) => void;
  }) {
    const { vcpus, count, assigned, gic, changed } = options;
    this.interrupts = new Interrupts(vcpus, count);
    this.#distributor = new Distributor(this.interrupts, {
      securityExtensions: false,
      priorityMask: ALL_PRIORITIES,
      changed,
    });
    this.#window = new DeviceWindow('virtual distributor', this.#distributor);
    this.#gic = gic;
    this.#changed = changed;
    this.#assigned = assigned;
    this.#backed = [VIRTUAL_TIMER_IRQ, ...assigned.map(({ virtual }) => virtual)];
    this.#physical = new Int16Array(count).fill(NOBODY);
    this.#physical[VIRTUAL_TIMER_IRQ] = VIRTUAL_TIMER_IRQ;
    for (const { physical, virtual } of assigned) this.#physical[virtual] = physical;
    this.#held = new HeldInterrupts(this.interrupts);
    this.#owner = new Int8Array(count).fill(NOBODY);
    this.#sender = new Uint8Array(vcpus * 16);
    this.#lists = new Int32Array(vcpus * LIST_REGISTERS);
    this.#latched = new Uint8Array(vcpus * LIST_REGISTERS);
  }

  // The distributor's registers

  read(cpu: Cpu, vcpu: Vcpu, offset: number, width: Width): number {
    if (isStateOffset(offset)) this.collect(cpu, vcpu);
    return this.#window.read(offset, width, { core: vcpu.index, secure: false });
  }

  write(cpu: Cpu, vcpu: Vcpu, offset: number, width: Width, value: number): void {
    const state = isStateOffset(offset);
    if (state) this.collect(cpu, vcpu);
    this.#window.write(offset, width, value, { core: vcpu.index, secure: false });
    if (state) this.#settle(cpu, vcpu);
  }

  /**
   * GICC_DIR, which stands in a page of its own and is trapped: a list register may be missing for the interrupt, and the hardware would then
   * not tell which it was. UNPREDICTABLE unless GICC_CTLR.EOImode is set: ignored, as the hardware's is.
   */
  deactivate(cpu: Cpu, vcpu: Vcpu, value: number): void {
    const id = value & 0x3ff;
    if (id >= this.interrupts.count || (this.#gic.readVirtual(cpu, 'VMCR') & EOI_MODE) === 0) return;
    this.collect(cpu, vcpu);
    if (!this.interrupts.isActive(vcpu.index, id)) return;
    if (id >= 32 && this.#owner[id] !== vcpu.index) return;
    this.#setActive(vcpu.index, id, false);
    this.#free(cpu, vcpu.index, id);
    vcpu.interruptsChanged = true;
  }

  // Where interrupts come from

  /** A software-made interrupt: a doorbell, or a device model's edge. */
  pend(id: number): void {
    const slot = this.interrupts.slot(0, id >>> 5);
    this.interrupts.latched[slot] = (this.interrupts.latched[slot] as number) | (1 << (id & 31));
    this.#changed(this.interrupts.concerned(0, id));
  }

  /** The level of an emulated device's line. */
  setLine(id: number, level: boolean): void {
    if (this.interrupts.lineOf(0, id) === level) return;
    this.interrupts.setLine(0, id, level);
    this.#changed(this.interrupts.concerned(0, id));
  }

  /** How an emulated or assigned interrupt is wired. Guests may write GICD_ICFGR as they like. */
  configureEdge(id: number): void {
    const slot = this.interrupts.slot(0, id >>> 5);
    this.interrupts.edge[slot] = (this.interrupts.edge[slot] as number) | (1 << (id & 31));
  }

  /** A physical interrupt of the partition was taken: it stays active until the guest, or we, deactivate it. */
  taken(vcpu: number, id: number): void {
    const slot = this.interrupts.slot(vcpu, id >>> 5);
    this.#held.add(vcpu, id);
    this.interrupts.latched[slot] = (this.interrupts.latched[slot] as number) | (1 << (id & 31));
    const owner = id < 32 ? NOBODY : (this.#owner[id] as number);
    this.#changed(this.interrupts.concerned(vcpu, id) | (owner === NOBODY ? 0 : 1 << owner));
  }

  /** Where the shared interrupts that have a physical side should go: the first virtual processor that each is meant for. */
  *routes(): Iterable<{ readonly physical: number; readonly vcpu: number }> {
    for (const { physical, virtual } of this.#assigned) {
      const targets = this.interrupts.targets[virtual] as number;
      yield { physical, vcpu: targets === 0 ? 0 : 31 - Math.clz32(targets & -targets) };
    }
  }

  virtualOf(physical: number): number | undefined {
    return this.#assigned.find((assigned) => assigned.physical === physical)?.virtual;
  }

  /** Whether the virtual timer's interrupt is on its way, so that the timer itself has nothing more to say. */
  timerHeld(vcpu: number): boolean {
    return this.#held.has(vcpu, VIRTUAL_TIMER_IRQ);
  }

  /** Whether something ends a WFI: an interrupt that the virtual processor's interface (GICH_VMCR) would signal. Collected before. */
  wakes(vcpu: number, vmcr: number): boolean {
    const mask = (vmcr >>> 27) << 3;
    return this.#candidates(vcpu).some(
      ({ state, priority, group }) =>
        (state & LR.PENDING) !== 0 && (state & LR.ACTIVE) === 0 && priority < mask && ((vmcr >>> group) & 1) !== 0,
    );
  }

  // The list registers of the core that the virtual processor has

  /** Takes the state of the list registers back. Those of the hardware keep their contents until `fill`. */
  collect(cpu: Cpu, vcpu: Vcpu): void {
    const from = vcpu.index * LIST_REGISTERS;
    if (this.#anyListed(from)) this.#countEnds(cpu, vcpu.index);
    for (let i = 0; i < LIST_REGISTERS; i++) {
      const filled = this.#lists[from + i] as number;
      if (filled === 0) continue;
      this.#lists[from + i] = 0;
      this.#takeBack(vcpu.index, filled, this.#gic.readList(cpu, i), this.#latched[from + i] !== 0);
      vcpu.interruptsChanged = true;
    }
  }

  /** Fills the list registers with the most urgent interrupts, and asks to be told when there is room for more. */
  fill(cpu: Cpu, vcpu: Vcpu): void {
    this.collect(cpu, vcpu);
    this.#resample(cpu, vcpu.index);
    const candidates = this.#candidates(vcpu.index);
    const chosen = choose(candidates);
    const overflow = candidates.length > LIST_REGISTERS;
    for (let i = 0; i < LIST_REGISTERS; i++) {
      const candidate = chosen[i];
      const value = candidate === undefined ? 0 : entryFor(candidate, overflow);
      this.#gic.writeList(cpu, i, value);
      this.#lists[vcpu.index * LIST_REGISTERS + i] = value;
      if (candidate !== undefined) this.#handOver(vcpu.index, i, candidate);
    }
    this.#gic.writeVirtual(cpu, 'HCR', controlFor(candidates, chosen));
    vcpu.interruptsChanged = false;
  }

  /** The virtual processor leaves its core: its interface's registers, and the activity of its private physical interrupt. */
  leave(cpu: Cpu, vcpu: Vcpu): void {
    this.collect(cpu, vcpu);
    vcpu.context[AT.GICH_VMCR] = this.#gic.readVirtual(cpu, 'VMCR');
    vcpu.context[AT.GICH_APR] = this.#gic.readVirtual(cpu, 'APR');
    this.#gic.writeVirtual(cpu, 'HCR', 0);
    if (this.timerHeld(vcpu.index)) this.#gic.setActive(cpu, VIRTUAL_TIMER_IRQ, false);
    vcpu.interruptsChanged = true;
  }

  enter(cpu: Cpu, vcpu: Vcpu): void {
    this.#gic.writeVirtual(cpu, 'VMCR', vcpu.context[AT.GICH_VMCR] as number);
    this.#gic.writeVirtual(cpu, 'APR', vcpu.context[AT.GICH_APR] as number);
    if (this.timerHeld(vcpu.index)) this.#gic.setActive(cpu, VIRTUAL_TIMER_IRQ, true);
  }

  /** A virtual processor is turned on: of its private interrupts nothing is pending or active. It must not have a core. */
  startPrivate(vcpu: number): void {
    const { interrupts } = this;
    for (let id = 0; id < 16; id++) interrupts.setSources(vcpu, id, 0);
    const slot = interrupts.slot(vcpu, 0);
    interrupts.latched[slot] = 0;
    interrupts.active[slot] = 0;
    this.#held.removePrivate(vcpu);
  }

  /** All physical interrupts that the partition held are free again. No virtual processor may have a core. */
  release(cpu: Cpu): void {
    for (const { physical, virtual } of this.#assigned) {
      if (this.#held.has(0, virtual)) this.#gic.setActive(cpu, physical, false);
    }
    this.#held.reset();
  }

  save(): State {
    return {
      interrupts: this.interrupts.save(),
      distributor: this.#distributor.save(),
      held: this.#held.save(),
      owner: new Uint8Array(this.#owner),
      sender: this.#sender.slice(),
      lists: this.#lists.slice(),
      latched: this.#latched.slice(),
    };
  }

  load(state: State): void {
    this.interrupts.load(state['interrupts'] as State);
    this.#distributor.load(state['distributor'] as State);
    this.#held.load(state['held'] as State);
    this.#owner.set(new Int8Array(state['owner'] as Uint8Array));
    this.#sender.set(state['sender'] as Uint8Array);
    this.#lists.set(state['lists'] as Int32Array);
    this.#latched.set(state['latched'] as Uint8Array);
  }

  /** As after a reset, lines of emulated devices low. */
  reset(): void {
    this.interrupts.reset();
    this.interrupts.line.fill(0);
    this.#distributor.reset();
    this.#held.reset();
    for (const words of [this.#sender, this.#lists, this.#latched]) words.fill(0);
    this.#owner.fill(NOBODY);
  }

  #anyListed(from: number): boolean {
    for (let i = 0; i < LIST_REGISTERS; i++) if (this.#lists[from + i] !== 0) return true;
    return false;
  }

  /** GICH_HCR.EOICount: ends of interrupts that were active without a list register. The guest ends the most urgent first. */
  #countEnds(cpu: Cpu, vcpu: number): void {
    const count = this.#gic.readVirtual(cpu, 'HCR') >>> 27;
    if (count === 0) return;
    const from = vcpu * LIST_REGISTERS;
    const listed = new Set(Array.from(this.#lists.subarray(from, from + LIST_REGISTERS), (lr) => lr & LR.ID));
    const unlisted = this.#candidates(vcpu).filter(({ state, id }) => (state & LR.ACTIVE) !== 0 && !listed.has(id));
    for (const { id } of unlisted.slice(0, count)) {
      this.#setActive(vcpu, id, false);
      this.#free(cpu, vcpu, id);
    }
  }

  /** One list register: what it was filled with, and what it says now. */
  #takeBack(vcpu: number, filled: number, now: number, latched: boolean): void {
    const { interrupts } = this;
    const id = filled & LR.ID;
    const pending = (now & LR.PENDING) !== 0;
    const active = (now & LR.ACTIVE) !== 0;
    this.#setActive(vcpu, id, active);
    if (id < 16 && active && (filled & LR.ACTIVE) === 0) this.#sender[vcpu * 16 + id] = senderOf(filled);
    if (id >= 32) this.#owner[id] = active ? vcpu : NOBODY;
    if ((filled & LR.HARDWARE) !== 0 && !pending && !active) this.#held.remove(vcpu, id);
    if (!pending || !latched) return;
    if (id < 16) {
      interrupts.setSources(vcpu, id, (interrupts.sources[vcpu * 16 + id] as number) | (1 << senderOf(filled)));
    } else {
      const slot = interrupts.slot(vcpu, id >>> 5);
      interrupts.latched[slot] = (interrupts.latched[slot] as number) | (1 << (id & 31));
    }
  }

  /** What a list register now holds is no longer pending here. */
  #handOver(vcpu: number, index: number, { id, state, sender }: Candidate): void {
    const { interrupts } = this;
    if (id >= 32) this.#owner[id] = vcpu;
    const pending = (state & LR.PENDING) !== 0;
    const slot = interrupts.slot(vcpu, id >>> 5);
    const latch = pending && ((interrupts.latched[slot] as number) & (1 << (id & 31))) !== 0;
    this.#latched[vcpu * LIST_REGISTERS + index] = latch ? 1 : 0;
    if (!latch) return;
    if (id < 16) interrupts.setSources(vcpu, id, (interrupts.sources[vcpu * 16 + id] as number) & ~(1 << sender));
    else interrupts.latched[slot] = (interrupts.latched[slot] as number) & ~(1 << (id & 31));
  }

  /** Interrupts for the virtual processor, the most urgent first: enabled and pending, or active. */
  #candidates(vcpu: number): Candidate[] {
    const { interrupts } = this;
    const forwarded = this.#distributor.groups;
    const found: Candidate[] = [];
    for (let word = 0; word < interrupts.words; word++) {
      const slot = interrupts.slot(vcpu, word);
      const enabled = interrupts.pending(slot) & (interrupts.enabled[slot] as number);
      let bits = enabled | (interrupts.active[slot] as number);
      for (; bits !== 0; bits &= bits - 1) {
        const id = word * 32 + 31 - Math.clz32(bits & -bits);
        const candidate = this.#candidate(vcpu, id, (enabled >>> (id & 31)) & 1, forwarded);
        if (candidate !== undefined) found.push(candidate);
      }
    }
    return found.sort((a, b) => a.priority - b.priority || a.id - b.id);
  }

  #candidate(vcpu: number, id: number, enabled: number, forwarded: number): Candidate | undefined {
    const { interrupts } = this;
    if (id >= 32 && this.#owner[id] !== NOBODY && this.#owner[id] !== vcpu) return undefined;
    const group = interrupts.groupOf(vcpu, id);
    const active = interrupts.isActive(vcpu, id) && (id < 32 || this.#owner[id] === vcpu);
    const targeted = id < 32 || (((interrupts.targets[id] as number) >>> vcpu) & 1) !== 0;
    const pending = enabled !== 0 && targeted && ((forwarded >>> group) & 1) !== 0;
    if (!active && !pending) return undefined;
    const held = this.#held.has(vcpu, id);
    const sources = id < 16 ? (interrupts.sources[vcpu * 16 + id] as number) : 0;
    const edge = (((interrupts.edge[interrupts.slot(vcpu, id >>> 5)] as number) >>> (id & 31)) & 1) !== 0;
    return {
      id,
      group,
      priority: interrupts.priorityOf(vcpu, id),
      // An active SGI and a pending one may have different senders, and hardware does not make active interrupts pending: those wait.
      state: (active ? LR.ACTIVE : 0) | (pending && !(active && (id < 16 || held || !edge)) ? LR.PENDING : 0),
      physical: held ? (this.#physical[id] as number) : NOBODY,
      sender: active ? (this.#sender[vcpu * 16 + id] ?? 0) : sources === 0 ? 0 : 31 - Math.clz32(sources & -sources),
      again: id < 16 ? (sources & (active ? -1 : sources - 1)) !== 0 : !edge && pending,
    };
  }

  #setActive(vcpu: number, id: number, active: boolean): void {
    const slot = this.interrupts.slot(vcpu, id >>> 5);
    const mask = 1 << (id & 31);
    const before = this.interrupts.active[slot] as number;
    this.interrupts.active[slot] = active ? before | mask : before & ~mask;
    if (id >= 32 && !active) this.#owner[id] = NOBODY;
  }

  /** The physical side of an interrupt is done with. */
  #free(cpu: Cpu, vcpu: number, id: number): void {
    if (this.#held.remove(vcpu, id)) this.#gic.setActive(cpu, this.#physical[id] as number, false);
  }

  /** A level-sensitive physical interrupt whose line fell before the guest took it is no longer pending. */
  #resample(cpu: Cpu, vcpu: number): void {
    const { interrupts } = this;
    for (const id of this.#backed) {
      if (!this.#held.has(vcpu, id) || interrupts.isActive(vcpu, id)) continue;
      if (id >= 32 && this.#owner[id] !== NOBODY) continue;
      const slot = interrupts.slot(vcpu, id >>> 5);
      const edge = (((interrupts.edge[slot] as number) >>> (id & 31)) & 1) !== 0;
      if (edge || this.#gic.isPending(cpu, this.#physical[id] as number)) continue;
      interrupts.latched[slot] = (interrupts.latched[slot] as number) & ~(1 << (id & 31));
      this.#free(cpu, vcpu, id);
    }
  }

  /** After a write of the guest: what it cleared is held no longer, and what it made active is its own. */
  #settle(cpu: Cpu, vcpu: Vcpu): void {
    const { interrupts } = this;
    for (const id of this.#backed) {
      if (id >= 32 && this.#owner[id] !== NOBODY && this.#owner[id] !== vcpu.index) continue;
      const slot = interrupts.slot(vcpu.index, id >>> 5);
      const alive = (interrupts.latched[slot] as number) | (interrupts.active[slot] as number);
      if (((alive >>> (id & 31)) & 1) === 0) this.#free(cpu, vcpu.index, id);
    }
    for (let id = 32; id < interrupts.count; id++) {
      const active = interrupts.isActive(0, id);
      if (active && this.#owner[id] === NOBODY) this.#owner[id] = vcpu.index;
      else if (!active && this.#owner[id] === vcpu.index) this.#owner[id] = NOBODY;
    }
  }
}
