/**
 * Register maps as data. A device declares its registers once; decoding of offsets, access rights, masks, the generated documentation
 * and the generic register test all read the same rows.
 */
import type { State } from '../base/state.ts';

export interface RegisterRow {
  /** Byte offset of the (first) register in the device's window. */
  readonly at: number;
  readonly access: 'ro' | 'wo' | 'rw';
  /** Bits that are implemented; others read as zero and ignore writes. Default: all of the width. */
  readonly mask?: number;
  /** Number of registers in a row, `stride` bytes apart (default: `width`). Default 1. */
  readonly count?: number;
  readonly stride?: number;
  /** Bytes of one register, default 4. An access wider than that reaches neighbouring rows at once (GICD_IPRIORITYR: 1). */
  readonly width?: 1 | 2 | 4;
  /** Value after reset, for the generic test and the documentation. */
  readonly reset?: number;
  /** Where the register is defined, e.g. "DDI 0183 §3.3.1". */
  readonly ref?: string;
}

export type RegisterMap = Readonly<Record<string, RegisterRow>>;

/** Declares a map; keeps the literal types, so that a device's `read` and `write` are proven complete. */
export const registerMap = <const M extends RegisterMap>(map: M): M => map;

export type Readable<M extends RegisterMap> = { [K in keyof M & string]: M[K]['access'] extends 'wo' ? never : K }[keyof M &
  string];
export type Writable<M extends RegisterMap> = { [K in keyof M & string]: M[K]['access'] extends 'ro' ? never : K }[keyof M &
  string];

/** Who makes an access: banked registers and security depend on it. */
export interface Initiator {
  /** Index of the asking core; 0 for a device or a debugger. */
  readonly core: number;
  readonly secure: boolean;
}

export const NOBODY: Initiator = { core: 0, secure: true };

/** A device sees register names, the number within an array of registers, and values; never its own address. */
export interface Device<M extends RegisterMap = RegisterMap> {
  readonly registers: M;
  read(register: Readable<M>, index: number, from: Initiator): number;
  write(register: Writable<M>, value: number, index: number, from: Initiator): void;
  save(): State;
  load(state: State): void;
  reset(): void;
}

/** The three answers to an access (a fourth party, the CPU, turns the last two into what the board says). */
export type Answer = 'handled' | 'unhandled' | 'denied';
