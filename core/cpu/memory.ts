/**
 * Loads and stores as instructions see them: MemU (unaligned allowed), MemA (aligned), unprivileged and exclusive forms, and instruction fetch.
 * Every one may raise a Data Abort, before which nothing has changed. Reference: DDI 0406C B2.4, A3.2, A3.4.
 */
import type { word } from './insn.ts';

export interface CpuMemory {
  readU8(address: word): word;
  readU16(address: word): word;
  readU32(address: word): word;
  writeU8(address: word, value: word): void;
  writeU16(address: word, value: word): void;
  writeU32(address: word, value: word): void;
  /** MemA: an address that is not a multiple of the size is an Alignment fault. */
  readA16(address: word): word;
  readA32(address: word): word;
  writeA16(address: word, value: word): void;
  writeA32(address: word, value: word): void;
  /** MemU_unpriv: with the rights of User mode (LDRT and the like). */
  readUnprivileged8(address: word): word;
  readUnprivileged16(address: word): word;
  readUnprivileged32(address: word): word;
  writeUnprivileged8(address: word, value: word): void;
  writeUnprivileged16(address: word, value: word): void;
  writeUnprivileged32(address: word, value: word): void;
  /** LDREX family: opens the exclusive monitor for `size` bytes (1, 2, 4, 8); the data is then read with readA32 and the like. */
  openExclusive(address: word, size: 1 | 2 | 4 | 8): void;
  /** STREX family: whether the store may go ahead; closes the monitor. An address that would abort aborts here, even if the monitor is closed. */
  passExclusive(address: word, size: 1 | 2 | 4 | 8): boolean;
  /** CLREX. */
  clearExclusive(): void;
  /** The regime, its rights or the endianness changed: forget what was cached of it. */
  regimeChanged(): void;
}
