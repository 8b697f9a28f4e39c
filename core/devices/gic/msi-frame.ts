/**
 * GICv2m: a frame of registers by which a message, a plain write, raises a shared interrupt. Reference: DEN 0029 (SBSA), GICv2m; its
 * identification is that of QEMU's.
 */
import type { State } from '../../base/state.ts';
import type { IrqLine } from '../../bus/irq-line.ts';
import { type Device, type Readable, registerMap, type Writable } from '../../bus/registers.ts';

export const MSI_FRAME = registerMap({
  MSI_TYPER: { at: 0x008, access: 'ro' },
  MSI_SETSPI_NS: { at: 0x040, access: 'wo' },
  MSI_IIDR: { at: 0xfcc, access: 'ro', reset: 0x05100000 },
});

export interface MsiRange {
  /** Interrupt id of the first message, and how many there are. */
  readonly first: number;
  readonly count: number;
}

export class MsiFrame implements Device<typeof MSI_FRAME> {
  readonly registers = MSI_FRAME;
  readonly #range: MsiRange;
  readonly #line: (id: number) => IrqLine;

  /** `line`: the wire of an interrupt id. */
  constructor(range: MsiRange, line: (id: number) => IrqLine) {
    this.#range = range;
    this.#line = line;
  }

  read(register: Readable<typeof MSI_FRAME>): number {
    const { first, count } = this.#range;
    return register === 'MSI_TYPER' ? (first << 16) | count : 0x05100000;
  }

  write(_register: Writable<typeof MSI_FRAME>, value: number): void {
    const { first, count } = this.#range;
    const id = value & 0x3ff;
    if (id >= first && id < first + count) this.#line(id).pulse();
  }

  /** A message leaves nothing behind here. */
  save(): State {
    return {};
  }

  load(): void {}

  reset(): void {}
}
