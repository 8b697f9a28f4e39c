/** What the virtual interface of a GICv2 keeps for one core: list registers, virtual machine control, active priorities. IHI 0048B §5.3. */
import { bits } from '../../base/bits.ts';
import type { State } from '../../base/state.ts';
import { CTLR, type Signals } from './core-bank.ts';
import { ActivePriorities, groupPriorityMask } from './priority.ts';
import { IDLE, LIST_REGISTERS, OTHER_GROUP, SPURIOUS } from './registers.ts';

/** 5 bits of priority; the lowest binary point is therefore 2. */
const MINIMUM = 2;
const VMCR_RESET = 0x004c_0000;
const HCR_EN = 1;
const ONE_EOI = 1 << 27;

const PENDING = 1 << 28;
const ACTIVE = 1 << 29;
const VALID = PENDING | ACTIVE;

/** Fields of GICH_LRn (IHI 0048B §5.3.8). */
const isHardware = (lr: number): boolean => lr < 0;
const groupOf = (lr: number): 0 | 1 => bits(lr, 30, 30) as 0 | 1;
const priorityOf = (lr: number): number => bits(lr, 27, 23) << 3;
const virtualId = (lr: number): number => lr & 0x3ff;
const wantsEoi = (lr: number): boolean => !isHardware(lr) && bits(lr, 19, 19) === 1;
/** What GICV_IAR reads: a software-made SGI tells the virtual processor that sent it. */
const acknowledged = (lr: number): number => virtualId(lr) | (!isHardware(lr) && virtualId(lr) < 16 ? bits(lr, 12, 10) << 10 : 0);

export interface VirtualPorts extends Signals {
  /** The maintenance interrupt. */
  maintenance(level: boolean): void;
  /** A list register with HW set was deactivated by its guest. */
  deactivate(physicalId: number): void;
}

export class ListRegisters {
  readonly lr = new Int32Array(LIST_REGISTERS);
  readonly active = new ActivePriorities(MINIMUM);
  #hypervisorControl = 0;
  #machineControl = VMCR_RESET;
  readonly #ports: VirtualPorts;

  constructor(ports: VirtualPorts) {
    this.#ports = ports;
  }

  get hypervisorControl(): number {
    return this.#hypervisorControl;
  }

  set hypervisorControl(value: number) {
    this.#hypervisorControl = value & 0xf800_00ff;
  }

  /** GICH_VMCR. A binary point below the lowest is set to that. */
  get machineControl(): number {
    return this.#machineControl;
  }

  set machineControl(value: number) {
    const binaryPoint = Math.max(bits(value, 23, 21), MINIMUM);
    const aliased = Math.max(bits(value, 20, 18), MINIMUM + 1);
    this.#machineControl = (value & 0xf800_021f) | (binaryPoint << 21) | (aliased << 18);
  }

  /** GICH_EISR0: list registers whose end of interrupt the hypervisor wants to know. */
  get ended(): number {
    return this.#select((lr) => (lr & VALID) === 0 && wantsEoi(lr));
  }

  /** GICH_ELRSR0: list registers that can be used again. */
  get empty(): number {
    return this.#select((lr) => (lr & VALID) === 0 && !wantsEoi(lr));
  }

  /** GICH_MISR: the conditions of the maintenance interrupt (IHI 0048B §5.3.4). */
  get maintenance(): number {
    const control = this.#hypervisorControl;
    const valid = this.#select((lr) => (lr & VALID) !== 0);
    const pending = this.#select((lr) => (lr & VALID) === PENDING);
    const group0 = this.#machineControl & CTLR.EnableGrp0;
    const group1 = (this.#machineControl & CTLR.EnableGrp1) >>> 1;
    return (
      (this.ended !== 0 ? 1 << 0 : 0) |
      ((valid & (valid - 1)) === 0 ? control & (1 << 1) : 0) |
      (control >>> 27 !== 0 ? control & (1 << 2) : 0) |
      (pending === 0 ? control & (1 << 3) : 0) |
      (control & ((group0 << 4) | ((group0 ^ 1) << 5) | (group1 << 6) | ((group1 ^ 1) << 7)))
    );
  }

  update(): void {
    const enabled = (this.#hypervisorControl & HCR_EN) !== 0;
    const lr = this.#signalled();
    const fiq = lr !== 0 && groupOf(lr) === 0 && (this.#machineControl & CTLR.FIQEn) !== 0;
    this.#ports.fiq.set(fiq);
    this.#ports.irq.set(lr !== 0 && !fiq);
    this.#ports.maintenance(enabled && this.maintenance !== 0);
  }

  /** GICV_HPPIR, or GICV_AHPPIR if `aliased`. */
  highestPending(aliased: boolean): number {
    const lr = this.#highest();
    return lr === 0 ? SPURIOUS : this.#withheld(groupOf(lr), aliased) || acknowledged(lr);
  }

  /** GICV_IAR, or GICV_AIAR if `aliased`. */
  acknowledge(aliased: boolean): number {
    const lr = this.#signalled();
    if (lr === 0) return SPURIOUS;
    const special = this.#withheld(groupOf(lr), aliased);
    if (special !== 0) return special;
    this.active.add(priorityOf(lr) & this.#groupMask(groupOf(lr)));
    this.lr[this.lr.indexOf(lr)] = lr ^ VALID;
    this.update();
    return acknowledged(lr);
  }

  /**
   * GICV_EOIR, or GICV_AEOIR if `aliased`. A write that drops no priority does nothing; one that finds no list register to deactivate
   * is counted (GICH_HCR.EOICount).
   */
  end(id: number, aliased: boolean): void {
    if ((id & 0x3ff) >= 1020) return;
    const index = this.#find(id);
    if (aliased && index >= 0 && groupOf(this.lr[index] as number) === 0) return;
    if (!this.active.drop()) return;
    if ((this.#machineControl & CTLR.EOImode) === 0) this.#deactivate(index);
    this.update();
  }

  /** GICV_DIR. UNPREDICTABLE unless GICV_CTLR.EOImode is set: we ignore the write. */
  deactivate(id: number): void {
    if ((id & 0x3ff) >= 1020 || (this.#machineControl & CTLR.EOImode) === 0) return;
    this.#deactivate(this.#find(id));
    this.update();
  }

  save(): State {
    return {
      hcr: this.#hypervisorControl,
      vmcr: this.#machineControl,
      apr: this.active.words.slice(),
      lr: this.lr.slice(),
    };
  }

  load(state: State): void {
    this.#hypervisorControl = state['hcr'] as number;
    this.#machineControl = state['vmcr'] as number;
    this.active.words.set(state['apr'] as Int32Array);
    this.lr.set(state['lr'] as Int32Array);
  }

  reset(): void {
    this.#hypervisorControl = 0;
    this.#machineControl = VMCR_RESET;
    this.active.words.fill(0);
    this.lr.fill(0);
  }

  #select(condition: (lr: number) => boolean): number {
    let mask = 0;
    for (let i = 0; i < LIST_REGISTERS; i++) if (condition(this.lr[i] as number)) mask |= 1 << i;
    return mask;
  }

  /** The pending list register of highest priority in an enabled group, the first of equals; 0 if none, or if GICH_HCR.En is 0. */
  #highest(): number {
    let best = 0;
    let bestPriority = IDLE;
    if ((this.#hypervisorControl & HCR_EN) === 0) return 0;
    for (let i = 0; i < LIST_REGISTERS; i++) {
      const lr = this.lr[i] as number;
      if ((lr & VALID) !== PENDING || ((this.#machineControl >>> groupOf(lr)) & 1) === 0 || priorityOf(lr) >= bestPriority)
        continue;
      best = lr;
      bestPriority = priorityOf(lr);
    }
    return best;
  }

  /** The same, if its priority suffices for it to be signalled. */
  #signalled(): number {
    const lr = this.#highest();
    if (lr === 0 || priorityOf(lr) >= bits(this.#machineControl, 31, 27) << 3) return 0;
    const mask = this.#groupMask(groupOf(lr));
    const running = this.active.highest;
    return running === IDLE || (priorityOf(lr) & mask) < (running & mask) ? lr : 0;
  }

  #groupMask(group: 0 | 1): number {
    const aliased = group === 1 && (this.#machineControl & CTLR.CBPR) === 0;
    return groupPriorityMask(aliased ? bits(this.#machineControl, 20, 18) - 1 : bits(this.#machineControl, 23, 21));
  }

  #withheld(group: 0 | 1, aliased: boolean): number {
    if (aliased) return group === 0 ? SPURIOUS : 0;
    return group === 1 && (this.#machineControl & CTLR.AckCtl) === 0 ? OTHER_GROUP : 0;
  }

  /** The active list register of an ID; one with the same source if there are several. */
  #find(id: number): number {
    const exact = this.lr.findIndex((lr) => (lr & ACTIVE) !== 0 && acknowledged(lr) === id);
    return exact >= 0 ? exact : this.lr.findIndex((lr) => (lr & ACTIVE) !== 0 && virtualId(lr) === (id & 0x3ff));
  }

  #deactivate(index: number): void {
    if (index < 0) {
      this.#hypervisorControl = (this.#hypervisorControl + ONE_EOI) | 0;
      return;
    }
    const lr = this.lr[index] as number;
    this.lr[index] = lr & ~ACTIVE;
    if (isHardware(lr)) this.#ports.deactivate(bits(lr, 19, 10));
  }
}
