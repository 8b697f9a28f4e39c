/**
 * A partition's PCI host: one bus with ECAM, on which each ivshmem function is a device of its own, and the window of their registers.
 * What no function answers reads as ones, as on a bus where nobody takes the cycle. Reference: PCI Express Base Specification 3.0, 7.2.2 (ECAM).
 */
import type { State, Stateful } from '../base/state.ts';
import type { Width } from '../bus/window.ts';
import type { Caller } from './caller.ts';
import type { PciConfig } from './config.ts';
import { Ivshmem } from './ivshmem.ts';
import { REGISTERS_SIZE } from './ivshmem-header.ts';
import type { Link } from './ivshmem-link.ts';
import type { Partition } from './partition.ts';

/** Bytes of configuration space of a function, and functions of a device. */
const [FUNCTION, FUNCTIONS] = [0x1000, 8];

const ones = (width: Width): number => 0xffff_ffff >>> (32 - 8 * width);

export class PciHost implements Stateful {
  readonly #config: PciConfig;
  readonly #functions: readonly Ivshmem[];

  constructor(config: PciConfig, links: readonly Link[], partition: Partition) {
    this.#config = config;
    this.#functions = config.functions.map((own) => {
      const link = links[own.link];
      if (link === undefined) throw new RangeError(`${partition.config.name}: there is no link ${own.link}`);
      return new Ivshmem(link, own, partition);
    });
  }

  readConfig(offset: number, width: Width): number {
    return this.#at(offset)?.readConfig(offset % FUNCTION, width) ?? ones(width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    this.#at(offset)?.writeConfig(offset % FUNCTION, width, value);
  }

  /** Offsets count from the start of the window, whose PCI addresses are those of the guest. */
  read(offset: number, width: Width): number {
    return this.#decoding(offset)?.read(offset % REGISTERS_SIZE, width) ?? ones(width);
  }

  write(caller: Caller, offset: number, width: Width, value: number): void {
    this.#decoding(offset)?.write(caller, offset % REGISTERS_SIZE, width, value);
  }

  disconnect(): void {
    for (const one of this.#functions) one.disconnect();
  }

  save(): State {
    return { functions: this.#functions.map((one) => one.save()) };
  }

  load(state: State): void {
    for (const [i, one] of this.#functions.entries()) one.load((state['functions'] as readonly State[])[i] as State);
  }

  reset(): void {
    for (const one of this.#functions) one.reset();
  }

  /** Devices have function 0 alone. */
  #at(offset: number): Ivshmem | undefined {
    const number = Math.floor(offset / FUNCTION);
    return number % FUNCTIONS === 0 ? this.#functions[number / FUNCTIONS] : undefined;
  }

  #decoding(offset: number): Ivshmem | undefined {
    const address = this.#config.window.ipa + offset;
    return this.#functions.find((one) => one.decodes(address));
  }
}
