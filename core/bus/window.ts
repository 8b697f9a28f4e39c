/** A device's window on the bus: turns offset and width into a register of its map. */
import type { Device, Initiator, RegisterMap, RegisterRow } from './registers.ts';

export type Width = 1 | 2 | 4;

/** What answers physical accesses to a range of addresses. Values are unsigned and as wide as the access. */
export interface Window {
  readonly name: string;
  read(offset: number, width: Width, from: Initiator): number;
  write(offset: number, width: Width, value: number, from: Initiator): void;
}

interface Slot {
  readonly name: string;
  readonly row: RegisterRow;
  readonly index: number;
}

/** Told of accesses that name no register: (offset, write). They read as zero and ignore writes. */
export type Stray = (offset: number, write: boolean) => void;

const MASK = { 1: 0xff, 2: 0xffff, 4: 0xffffffff } as const;

export class DeviceWindow<M extends RegisterMap> implements Window {
  readonly name: string;
  readonly #device: Device<M>;
  readonly #slots = new Map<number, Slot>();
  readonly #stray: Stray;

  constructor(name: string, device: Device<M>, stray: Stray = () => {}) {
    this.name = name;
    this.#device = device;
    this.#stray = stray;
    for (const [register, row] of Object.entries(device.registers)) this.#place(register, row);
  }

  /** A narrow access reads the low part of the register it starts at; a wide one reads several narrow registers. */
  read(offset: number, width: Width, from: Initiator): number {
    let value = 0;
    for (let at = 0; at < width; ) {
      const slot = this.#slot(offset + at, false);
      const row = slot?.row;
      if (slot !== undefined && row !== undefined && row.access !== 'wo') {
        value |= (this.#device.read(slot.name as never, slot.index, from) & (row.mask ?? -1)) << (8 * at);
      }
      at += row?.width ?? 4;
    }
    return (value & MASK[width]) >>> 0;
  }

  write(offset: number, width: Width, value: number, from: Initiator): void {
    for (let at = 0; at < width; ) {
      const slot = this.#slot(offset + at, true);
      const row = slot?.row;
      const own = row?.width ?? 4;
      if (slot !== undefined && row !== undefined && row.access !== 'ro') {
        const part = (value >>> (8 * at)) & MASK[own] & MASK[width] & (row.mask ?? -1);
        this.#device.write(slot.name as never, part >>> 0, slot.index, from);
      }
      at += own;
    }
  }

  #place(name: string, row: RegisterRow): void {
    for (let index = 0; index < (row.count ?? 1); index++) {
      const at = row.at + index * (row.stride ?? row.width ?? 4);
      if (this.#slots.has(at)) throw new Error(`${this.name}: ${name} and ${this.#slots.get(at)?.name} share offset ${at}`);
      this.#slots.set(at, { name, row, index });
    }
  }

  #slot(offset: number, write: boolean): Slot | undefined {
    const slot = this.#slots.get(offset);
    if (slot === undefined) this.#stray(offset, write);
    return slot;
  }
}
