/**
 * A generic PCI Express host with ECAM and nothing behind it but its own bridge, as QEMU's gpex shows on an empty bus.
 * Reference: PCI Express Base Specification 3.0, 7.2.2 (ECAM), 7.5 (configuration space).
 */
import type { State, Stateful } from '../base/state.ts';
import type { Width, Window } from '../bus/window.ts';

const ID = 0x0008_1b36;
/** Host bridge, revision 0. */
const CLASS = 0x0600_0000;
const COMMAND = 0x04;
/** I/O, memory, bus master, SERR. */
const COMMAND_MASK = 0x0107;
const CACHE_LINE = 0x0c;
const INTERRUPT_LINE = 0x3c;

const ones = (width: Width): number => 0xffffffff >>> (32 - 8 * width);

/** Configuration space: bus 0, device 0, function 0 is the bridge; all else reads as ones. */
export class PciEcam implements Window, Stateful {
  readonly name: string;
  #command = 0;
  #cacheLine = 0;
  #line = 0;

  constructor(name: string) {
    this.name = name;
  }

  read(offset: number, width: Width): number {
    if (offset >= 0x1000) return ones(width);
    return (this.#register(offset & 0xffc) >>> (8 * (offset & 3))) & ones(width);
  }

  write(offset: number, width: Width, value: number): void {
    if (offset === COMMAND && width >= 2) this.#command = value & COMMAND_MASK;
    if (offset === CACHE_LINE) this.#cacheLine = value & 0xff;
    if (offset === INTERRUPT_LINE) this.#line = value & 0xff;
  }

  save(): State {
    return { command: this.#command, cacheLine: this.#cacheLine, line: this.#line };
  }

  load(state: State): void {
    this.#command = state['command'] as number;
    this.#cacheLine = state['cacheLine'] as number;
    this.#line = state['line'] as number;
  }

  reset(): void {
    this.#command = 0;
    this.#cacheLine = 0;
    this.#line = 0;
  }

  #register(at: number): number {
    if (at === 0x00) return ID;
    if (at === COMMAND) return this.#command;
    if (at === 0x08) return CLASS;
    if (at === CACHE_LINE) return this.#cacheLine;
    if (at === 0x2c) return 0x1100_1af4; // subsystem, as QEMU's
    return at === INTERRUPT_LINE ? this.#line : 0;
  }
}

/** A range of PCI addresses that no function answers: reads give ones, writes go nowhere. */
export const emptyPciWindow = (name: string): Window => ({ name, read: (_offset, width) => ones(width), write: () => {} });
