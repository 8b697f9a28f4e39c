/**
 * The virtual interface control block (GICH) and the virtual CPU interface (GICV) of a GICv2 with Virtualization Extensions.
 * Reference: IHI 0048B §5.3 and §5.5; four list registers and 32 priorities, as in GIC-400 and Cortex-A15.
 */
import { bits, withBits } from '../../base/bits.ts';
import type { State } from '../../base/state.ts';
import type { Device, Initiator, Readable, Writable } from '../../bus/registers.ts';
import type { ListRegisters } from './list-registers.ts';
import { GICH, GICV, IDLE } from './registers.ts';

const CONTROL = 0x21f;

/** Told of each acknowledgement and each end of interrupt: of the spurious ones, too. */
export type InterfaceWatcher = (core: number, id: number, step: 'acknowledge' | 'end') => void;

/** GICH, of the asking core or always of one `core` (the other processors' view at 0x5000 in GIC-400's address map). */
export class VirtualControl implements Device<typeof GICH> {
  readonly registers = GICH;
  readonly #banks: readonly ListRegisters[];
  readonly #core: number | undefined;

  constructor(banks: readonly ListRegisters[], core?: number) {
    this.#banks = banks;
    this.#core = core;
  }

  read(register: Readable<typeof GICH>, index: number, from: Initiator): number {
    const bank = this.#bank(from);
    switch (register) {
      case 'HCR':
        return bank.hypervisorControl;
      case 'VTR':
        return 0x9000_0003;
      case 'VMCR':
        return bank.machineControl;
      case 'MISR':
        return bank.maintenance;
      case 'EISR':
        return index === 0 ? bank.ended : 0;
      case 'ELRSR':
        return index === 0 ? bank.empty : 0;
      case 'APR':
        return bank.active.words[0] as number;
      case 'LR':
        return bank.lr[index] as number;
    }
  }

  write(register: Writable<typeof GICH>, value: number, index: number, from: Initiator): void {
    const bank = this.#bank(from);
    if (register === 'HCR') bank.hypervisorControl = value;
    else if (register === 'VMCR') bank.machineControl = value;
    else if (register === 'APR') bank.active.words[0] = value;
    else bank.lr[index] = value;
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

  #bank(from: Initiator): ListRegisters {
    return this.#banks[this.#core ?? from.core] as ListRegisters;
  }
}

/** GICV. Its state is that of GICH: GICV_CTLR, PMR, BPR and ABPR are fields of GICH_VMCR. */
export class VirtualCpu implements Device<typeof GICV> {
  readonly registers = GICV;
  readonly #banks: readonly ListRegisters[];
  /** Told of interrupts that processors take and end. */
  watcher: InterfaceWatcher | undefined;

  constructor(banks: readonly ListRegisters[]) {
    this.#banks = banks;
  }

  read(register: Readable<typeof GICV>, _index: number, from: Initiator): number {
    const bank = this.#banks[from.core] as ListRegisters;
    switch (register) {
      case 'CTLR':
        return bank.machineControl & CONTROL;
      case 'PMR':
        return bits(bank.machineControl, 31, 27) << 3;
      case 'BPR':
        return bits(bank.machineControl, 23, 21);
      case 'ABPR':
        return bits(bank.machineControl, 20, 18);
      case 'IAR':
      case 'AIAR':
        return this.#acknowledge(bank, from.core, register === 'AIAR');
      case 'RPR':
        return bank.active.highest === IDLE ? 0xff : bank.active.highest;
      case 'HPPIR':
      case 'AHPPIR':
        return bank.highestPending(register === 'AHPPIR');
      case 'APR':
        return bank.active.words[0] as number;
      case 'IIDR':
        return 0x0002_043b;
    }
  }

  write(register: Writable<typeof GICV>, value: number, _index: number, from: Initiator): void {
    const bank = this.#banks[from.core] as ListRegisters;
    const control = bank.machineControl;
    if (register === 'EOIR' || register === 'AEOIR') {
      bank.end(value, register === 'AEOIR');
      this.watcher?.(from.core, value & 0x3ff, 'end');
    } else if (register === 'DIR') bank.deactivate(value);
    else if (register === 'CTLR') bank.machineControl = (control & ~CONTROL) | (value & CONTROL);
    else if (register === 'PMR') bank.machineControl = withBits(control, 31, 27, bits(value, 7, 3));
    else if (register === 'BPR') bank.machineControl = withBits(control, 23, 21, value & 7);
    else if (register === 'ABPR') bank.machineControl = withBits(control, 20, 18, value & 7);
    else bank.active.words[0] = value;
    bank.update();
  }

  #acknowledge(bank: ListRegisters, core: number, aliased: boolean): number {
    const id = bank.acknowledge(aliased);
    this.watcher?.(core, id & 0x3ff, 'acknowledge');
    return id;
  }

  /** All of it is saved with GICH. */
  save(): State {
    return {};
  }

  load(_state: State): void {}

  reset(): void {}
}
