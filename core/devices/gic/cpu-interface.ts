/**
 * The physical CPU interfaces of a GICv2, one bank for each core. Reference: IHI 0048B §4.4. Without Security Extensions all software
 * has the Secure view. The interrupt bypass bits are kept, but there are no legacy inputs that could be passed on.
 */
import type { State } from '../../base/state.ts';
import type { Device, Initiator, Readable, Writable } from '../../bus/registers.ts';
import { type CoreBank, CTLR } from './core-bank.ts';
import type { Interrupts } from './interrupts.ts';
import { fromNonSecure, toNonSecure } from './priority.ts';
import { GICC, IDLE } from './registers.ts';
import type { InterfaceWatcher } from './virtual-interface.ts';

export interface CpuInterfaceOptions {
  readonly securityExtensions: boolean;
  readonly priorityMask: number;
  /** Told which cores (one bit each) may see another highest pending interrupt. */
  changed(cores: number): void;
}

export class CpuInterface implements Device<typeof GICC> {
  readonly registers = GICC;
  readonly #interrupts: Interrupts;
  readonly #banks: readonly CoreBank[];
  readonly #options: CpuInterfaceOptions;
  /** Told of interrupts that cores take and end. */
  watcher: InterfaceWatcher | undefined;

  constructor(interrupts: Interrupts, banks: readonly CoreBank[], options: CpuInterfaceOptions) {
    this.#interrupts = interrupts;
    this.#banks = banks;
    this.#options = options;
  }

  read(register: Readable<typeof GICC>, index: number, from: Initiator): number {
    const bank = this.#banks[from.core] as CoreBank;
    const nonSecure = this.#options.securityExtensions && !from.secure;
    switch (register) {
      case 'CTLR':
        return nonSecure ? nonSecureControl(bank.control) : bank.control;
      case 'PMR':
        return nonSecure ? toNonSecure(bank.priorityMask) : bank.priorityMask;
      case 'BPR':
        return nonSecure ? nonSecureBinaryPoint(bank) : bank.binaryPoint;
      case 'IAR':
        return this.#acknowledge(bank, nonSecure);
      case 'RPR':
        return runningPriority(bank, nonSecure);
      case 'HPPIR':
        return bank.highestPending(nonSecure);
      case 'APR':
        return nonSecure ? nonSecureActive(bank, index) : (bank.active[0].words[index] ?? 0);
      case 'IIDR':
        return 0x0002_043b;
      default:
        return nonSecure ? 0 : this.#readSecure(register, index, bank);
    }
  }

  write(register: Writable<typeof GICC>, value: number, index: number, from: Initiator): void {
    const bank = this.#banks[from.core] as CoreBank;
    const nonSecure = this.#options.securityExtensions && !from.secure;
    if (register === 'EOIR') this.#end(bank, value & 0x3ff, nonSecure, false);
    else if (register === 'DIR') this.#deactivateBy(bank, value & 0x3ff, nonSecure);
    else if (register === 'CTLR') this.#writeControl(bank, value, nonSecure);
    else if (register === 'PMR') this.#writePriorityMask(bank, value, nonSecure);
    else if (register === 'BPR') writeBinaryPoint(bank, value, nonSecure);
    else if (register === 'APR') writeActive(bank, value, index, nonSecure);
    else if (!nonSecure) this.#writeSecure(register, value, index, bank);
    bank.update();
  }

  save(): State {
    return { banks: this.#banks.map((bank) => bank.save()) };
  }

  load(state: State): void {
    const saved = state['banks'] as readonly State[];
    this.#banks.forEach((bank, core) => {
      bank.load(saved[core] as State);
    });
  }

  reset(): void {
    for (const bank of this.#banks) bank.reset();
  }

  /** The registers that a Non-secure access does not have. */
  #readSecure(register: 'ABPR' | 'AIAR' | 'AHPPIR' | 'NSAPR', index: number, bank: CoreBank): number {
    switch (register) {
      case 'ABPR':
        return bank.aliasedBinaryPoint;
      case 'AIAR':
        return this.#acknowledge(bank, true);
      case 'AHPPIR':
        return bank.highestPending(true);
      case 'NSAPR':
        return bank.active[1].words[index] ?? 0;
    }
  }

  #writeSecure(register: 'ABPR' | 'AEOIR' | 'NSAPR', value: number, index: number, bank: CoreBank): void {
    if (register === 'AEOIR') this.#end(bank, value & 0x3ff, false, true);
    else if (register === 'ABPR') bank.aliasedBinaryPoint = Math.max(value & 7, bank.minimum + 1);
    else if (index < bank.active[1].words.length) bank.active[1].words[index] = value;
  }

  #acknowledge(bank: CoreBank, nonSecure: boolean): number {
    const id = bank.acknowledge(nonSecure);
    this.watcher?.(bank.core, id & 0x3ff, 'acknowledge');
    if ((id & 0x3ff) < this.#interrupts.count)
      this.#options.changed(this.#interrupts.concerned(bank.core, id & 0x3ff) | (1 << bank.core));
    return id;
  }

  /**
   * End of interrupt: priority drop and, unless GICC_CTLR.EOImode splits them, deactivation. UNPREDICTABLE: an ID that was not the last one
   * acknowledged drops the highest active priority of its group; with none active nothing happens; a Secure write that ends a
   * Group 1 interrupt while AckCtl is 0 does so.
   */
  #end(bank: CoreBank, id: number, nonSecure: boolean, aliased: boolean): void {
    if (id >= this.#interrupts.count) return;
    const group = this.#interrupts.groupOf(bank.core, id);
    if ((nonSecure || aliased) && group === 0) return;
    if (bank.running === IDLE) return;
    bank.active[group].drop();
    this.watcher?.(bank.core, id, 'end');
    if (!this.#splits(bank, nonSecure)) this.#interrupts.deactivate(bank.core, id);
    this.#options.changed(this.#interrupts.concerned(bank.core, id) | (1 << bank.core));
  }

  /** GICC_DIR. UNPREDICTABLE unless GICC_CTLR.EOImode is set: we ignore the write. */
  #deactivateBy(bank: CoreBank, id: number, nonSecure: boolean): void {
    if (id >= this.#interrupts.count || !this.#splits(bank, nonSecure)) return;
    if (nonSecure && this.#interrupts.groupOf(bank.core, id) === 0) return;
    this.#interrupts.deactivate(bank.core, id);
    this.#options.changed(this.#interrupts.concerned(bank.core, id));
  }

  #splits(bank: CoreBank, nonSecure: boolean): boolean {
    return (bank.control & (nonSecure ? CTLR.EOImodeNS : CTLR.EOImode)) !== 0;
  }

  #writeControl(bank: CoreBank, value: number, nonSecure: boolean): void {
    if (!nonSecure) bank.control = value & (this.#options.securityExtensions ? 0x7ff : 0x3ff);
    else bank.control = (bank.control & ~NONSECURE_CONTROL) | secureControl(value);
  }

  /** A Non-secure write reaches the mask only while that lies in the Non-secure half (IHI 0048B §4.4.2). */
  #writePriorityMask(bank: CoreBank, value: number, nonSecure: boolean): void {
    if (nonSecure && bank.priorityMask < 0x80) return;
    bank.priorityMask = (nonSecure ? fromNonSecure(value) : value) & this.#options.priorityMask;
  }
}

/** EnableGrp1, the bypass disables of Group 1 and EOImodeNS, which the Non-secure view has at bits 0, 5, 6 and 9. */
const NONSECURE_CONTROL = CTLR.EnableGrp1 | (0x3 << 7) | CTLR.EOImodeNS;

const nonSecureControl = (control: number): number =>
  ((control >>> 1) & 1) | (((control >>> 7) & 3) << 5) | (((control >>> 10) & 1) << 9);

const secureControl = (view: number): number => ((view & 1) << 1) | (((view >>> 5) & 3) << 7) | (((view >>> 9) & 1) << 10);

/** With CBPR, Non-secure software sees the common binary point as its own would be, and cannot change it. */
const nonSecureBinaryPoint = (bank: CoreBank): number =>
  (bank.control & CTLR.CBPR) !== 0 ? Math.min(bank.binaryPoint + 1, 7) : bank.aliasedBinaryPoint;

function writeBinaryPoint(bank: CoreBank, value: number, nonSecure: boolean): void {
  if (!nonSecure) bank.binaryPoint = Math.max(value & 7, bank.minimum);
  else if ((bank.control & CTLR.CBPR) === 0) bank.aliasedBinaryPoint = Math.max(value & 7, bank.minimum + 1);
}

function runningPriority(bank: CoreBank, nonSecure: boolean): number {
  const running = bank.running;
  if (running === IDLE) return 0xff;
  return nonSecure ? toNonSecure(running) : running;
}

/** The upper half of the Group 1 priorities, moved to the start: those that Non-secure software can set. */
function nonSecureActive(bank: CoreBank, index: number): number {
  const { words } = bank.active[1];
  if (words.length === 1) return index === 0 ? (words[0] as number) >>> (64 >>> bank.minimum) : 0;
  return words[index + words.length / 2] ?? 0;
}

function writeActive(bank: CoreBank, value: number, index: number, nonSecure: boolean): void {
  const words = bank.active[nonSecure ? 1 : 0].words;
  const half = 64 >>> bank.minimum;
  if (nonSecure && words.length === 1) {
    if (index === 0) words[0] = ((words[0] as number) & ((1 << half) - 1)) | (value << half);
    return;
  }
  const at = nonSecure ? index + words.length / 2 : index;
  if (at < words.length) words[at] = value;
}
