/**
 * A PrimeCell that is present but not modelled: it answers only its identification registers, so that a driver may find it. Every other
 * access reads as zero or is ignored, and its window counts it as a stray one.
 */
import type { State } from '../base/state.ts';
import { type Device, type Readable, registerMap } from '../bus/registers.ts';

export const PRIMECELL_ID = registerMap({
  PeriphID: { at: 0xfe0, access: 'ro', mask: 0xff, count: 4 },
  PCellID: { at: 0xff0, access: 'ro', mask: 0xff, count: 4, reset: 0x0d },
});

/** Peripheral IDs: part number, designer (0x41, Arm), revision, configuration; as QEMU's models of them show. */
export const PERIPHERAL_IDS: Readonly<Record<string, number>> = {
  'arm,pl041': 0x29041041, // audio codec interface
  'arm,pl050': 0x00041050, // keyboard and mouse interface
  'arm,pl110': 0x00041110, // colour LCD controller
  'arm,pl111': 0x00241111, // colour LCD controller
  'arm,pl180': 0x00041180, // multimedia card interface
  'arm,pl181': 0x00041181, // multimedia card interface
};

export class PrimeCellId implements Device<typeof PRIMECELL_ID> {
  readonly registers = PRIMECELL_ID;
  readonly #id: number;

  constructor(peripheralId: number) {
    this.#id = peripheralId;
  }

  read(register: Readable<typeof PRIMECELL_ID>, index: number): number {
    const word = register === 'PeriphID' ? this.#id : 0xb105f00d;
    return (word >>> (8 * index)) & 0xff;
  }

  write(): void {}

  save(): State {
    return {};
  }

  load(): void {}

  reset(): void {}
}
