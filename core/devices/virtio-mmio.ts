/**
 * A virtio-mmio slot with no device behind it. Reference: OASIS Virtual I/O Device 1.1, section 4.2 (Virtio Over MMIO).
 * DeviceID zero tells a driver to leave the slot alone; all other registers read as zero and ignore writes.
 */
import type { State } from '../base/state.ts';
import { type Device, type Readable, registerMap } from '../bus/registers.ts';

export const EMPTY_SLOT = registerMap({
  MagicValue: { at: 0x000, access: 'ro', reset: 0x74726976 },
  Version: { at: 0x004, access: 'ro' },
  DeviceID: { at: 0x008, access: 'ro', reset: 0 },
  VendorID: { at: 0x00c, access: 'ro', reset: 0x554d4551 },
});

export class EmptySlot implements Device<typeof EMPTY_SLOT> {
  readonly registers = EMPTY_SLOT;
  readonly #version: number;

  /** Version 1 is the legacy interface, as QEMU's machines show it. */
  constructor(version: 1 | 2 = 1) {
    this.#version = version;
  }

  read(register: Readable<typeof EMPTY_SLOT>): number {
    switch (register) {
      case 'MagicValue':
        return 0x74726976; // "virt"
      case 'Version':
        return this.#version;
      case 'DeviceID':
        return 0;
      case 'VendorID':
        return 0x554d4551; // "QEMU"
    }
  }

  write(): void {}

  save(): State {
    return {};
  }

  load(): void {}

  reset(): void {}
}
