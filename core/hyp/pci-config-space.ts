/**
 * The configuration space of a PCI function, byte by byte, so that an access of any width does what it should: what each byte holds after a
 * reset, and which of its bits a guest can write. Reference: PCI Local Bus Specification 3.0, 6.1 (organization), 6.2 (header).
 */
import type { State, Stateful } from '../base/state.ts';
import type { Width } from '../bus/window.ts';

/** A conventional function has as much; what ECAM shows behind it reads as zero. */
const SIZE = 0x100;

/** Value at reset, and writable bits; little-endian. */
export interface ConfigField {
  readonly at: number;
  readonly width: Width;
  readonly reset: number;
  readonly writable?: number;
}

export class ConfigSpace implements Stateful {
  readonly #reset = new Uint8Array(SIZE);
  readonly #writable = new Uint8Array(SIZE);
  readonly #bytes: Uint8Array;

  constructor(fields: readonly ConfigField[]) {
    for (const { at, width, reset, writable = 0 } of fields) {
      for (let i = 0; i < width; i++) {
        this.#reset[at + i] = reset >>> (8 * i);
        this.#writable[at + i] = writable >>> (8 * i);
      }
    }
    this.#bytes = this.#reset.slice();
  }

  read(offset: number, width: Width): number {
    let value = 0;
    for (let i = 0; i < width; i++) value |= (this.#bytes[offset + i] ?? 0) << (8 * i);
    return value >>> 0;
  }

  /** Bits that are not writable keep what they are. */
  write(offset: number, width: Width, value: number): void {
    for (let i = 0; i < width && offset + i < SIZE; i++) {
      const mask = this.#writable[offset + i] as number;
      const byte = value >>> (8 * i);
      this.#bytes[offset + i] = ((this.#bytes[offset + i] as number) & ~mask) | (byte & mask);
    }
  }

  save(): State {
    return { bytes: this.#bytes.slice() };
  }

  load(state: State): void {
    this.#bytes.set(state['bytes'] as Uint8Array);
  }

  reset(): void {
    this.#bytes.set(this.#reset);
  }
}
