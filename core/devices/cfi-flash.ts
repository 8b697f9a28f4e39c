/**
 * NOR flash with the Intel/Sharp extended command set: two 16-bit chips side by side on a 32-bit bus, as on QEMU's virt and vexpress.
 * References: JEDEC JESD68.01 (Common Flash Interface), JEP137 (command set 0x0001); the identity is that of QEMU's pflash_cfi01.
 * Each operation ends at once. While the bank is in read-array mode the processor reads the memory behind it directly. Programming only
 * clears bits; erasing, at its confirmation, sets a block to ones. A locked block refuses both.
 */
import type { State } from '../base/state.ts';
import type { AddressMap, MemoryRegion } from '../bus/address-map.ts';
import type { Width, Window } from '../bus/window.ts';

/** Bytes of a block of the bank: 128 KiB of each chip. */
export const FLASH_BLOCK = 0x4_0000;
/** Bytes of the bank that one buffered program takes: 512 words, or twice as many halves for software that takes the bank for one chip. */
const BUFFER_BYTES = 0x800;

/** The memory behind a flash. */
export interface FlashArray {
  readonly size: number;
  read(offset: number, width: Width): number;
  write(offset: number, width: Width, value: number): void;
  fill(offset: number, length: number, byte: number): void;
  /** Whether the processor reads it directly. */
  direct(on: boolean): void;
}

/** Status register: ready, and the errors that stay until they are cleared. */
const READY = 0x80;
const ERASE_ERROR = 0x20;
const PROGRAM_ERROR = 0x10;
const LOCKED_ERROR = 0x02;

type Mode = 'array' | 'status' | 'id' | 'query';
/** What the next write means: a command, or the second and later cycles of one. */
type Cycle = 'command' | 'program' | 'erase' | 'lock' | 'count' | 'buffer' | 'confirm';

interface FlashState {
  mode: Mode;
  cycle: Cycle;
  /** Errors of the status register. */
  errors: number;
  /** Words still to come for the buffer, after the next. */
  left: number;
  /** Buffered writes: offset, width, value, again and again. */
  buffer: number[];
  /** Numbers of the locked blocks, in order. */
  locked: number[];
}

const RESET: FlashState = { mode: 'array', cycle: 'command', errors: 0, left: 0, buffer: [], locked: [] };

export class CfiFlash implements Window {
  readonly name: string;
  readonly #array: FlashArray;
  readonly #query: readonly number[];
  #s: FlashState = { ...RESET };

  constructor(name: string, array: FlashArray) {
    this.name = name;
    this.#array = array;
    this.#query = queryTable(array.size);
  }

  /** Both chips answer: the low half of the bus shows the first, the high half the second. */
  read(offset: number, width: Width): number {
    if (this.#s.mode === 'array') return this.#array.read(offset, width);
    const chip = this.#chip(offset);
    return width === 4 ? chip | (chip << 16) : chip & (width === 2 ? 0xffff : 0xff);
  }

  write(offset: number, width: Width, value: number): void {
    const command = value & 0xff;
    switch (this.#s.cycle) {
      case 'command':
        this.#command(command);
        break;
      case 'program':
        this.#program([offset, width, value]);
        break;
      case 'erase':
        this.#confirm(command === 0xd0, () => this.#erase(offset));
        break;
      case 'lock':
        this.#confirm(command === 0x01 || command === 0x2f || command === 0xd0, () => this.#lock(offset, command !== 0xd0));
        break;
      case 'count':
        this.#count(value & 0xffff, width);
        break;
      case 'buffer':
        this.#s.buffer.push(offset, width, value);
        if (this.#s.left-- === 0) this.#s.cycle = 'confirm';
        break;
      case 'confirm':
        this.#confirm(command === 0xd0, () => this.#program(this.#s.buffer));
        break;
    }
  }

  save(): State {
    return { ...this.#s, buffer: [...this.#s.buffer], locked: [...this.#s.locked] };
  }

  load(state: State): void {
    const { buffer, locked, ...rest } = state as unknown as FlashState;
    this.#s = { ...rest, buffer: [...buffer], locked: [...locked] };
    this.#array.direct(this.#s.mode === 'array');
  }

  /** Blocks are unlocked at power-on; the content stays. */
  reset(): void {
    this.load({ ...RESET });
  }

  /** What one chip puts on its 16 bits in the modes other than read-array. Its addresses count words of the bank. */
  #chip(offset: number): number {
    const word = offset >>> 2;
    switch (this.#s.mode) {
      case 'query':
        return this.#query[word] ?? 0;
      case 'id':
        return [0x89, 0x18, this.#isLocked(offset) ? 1 : 0][word & 0xff] ?? 0;
      default:
        return READY | this.#s.errors;
    }
  }

  #command(command: number): void {
    const cycles: Record<number, Cycle> = { 16: 'program', 64: 'program', 32: 'erase', 96: 'lock', 232: 'count' };
    const cycle = cycles[command];
    if (command === 0x50) this.#s.errors = 0;
    if (cycle !== undefined) this.#enter('status', cycle);
    else if (command === 0x70) this.#enter('status');
    else if (command === 0x90) this.#enter('id');
    else if (command === 0x98) this.#enter('query');
    else this.#enter('array'); // 0xff, 0x50, and what is no command
  }

  #enter(mode: Mode, cycle: Cycle = 'command'): void {
    this.#s.mode = mode;
    this.#s.cycle = cycle;
    this.#s.buffer = cycle === 'buffer' ? this.#s.buffer : [];
    this.#array.direct(mode === 'array');
  }

  /** The last cycle of a command: it is carried out and its status shown, or given up. */
  #confirm(confirmed: boolean, act: () => void): void {
    if (confirmed) act();
    this.#enter(confirmed ? 'status' : 'array');
  }

  #count(count: number, width: Width): void {
    if ((count + 1) * width > BUFFER_BYTES) {
      this.#s.errors |= PROGRAM_ERROR | ERASE_ERROR; // command sequence error
      this.#enter('status');
      return;
    }
    this.#s.left = count;
    this.#enter('status', 'buffer');
  }

  #program(writes: readonly number[]): void {
    for (let i = 0; i < writes.length; i += 3) {
      const [offset, width, value] = [writes[i] as number, writes[i + 1] as Width, writes[i + 2] as number] as const;
      if (this.#isLocked(offset)) this.#s.errors |= PROGRAM_ERROR | LOCKED_ERROR;
      else this.#array.write(offset, width, (this.#array.read(offset, width) & value) >>> 0);
    }
    this.#enter('status');
  }

  #erase(offset: number): void {
    if (this.#isLocked(offset)) this.#s.errors |= ERASE_ERROR | LOCKED_ERROR;
    else this.#array.fill(offset - (offset % FLASH_BLOCK), FLASH_BLOCK, 0xff);
  }

  #isLocked(offset: number): boolean {
    return this.#s.locked.includes(Math.floor(offset / FLASH_BLOCK));
  }

  #lock(offset: number, locked: boolean): void {
    const block = Math.floor(offset / FLASH_BLOCK);
    const others = this.#s.locked.filter((other) => other !== block);
    this.#s.locked = locked ? [...others, block].sort((a, b) => a - b) : others;
  }
}

/** The CFI query of one chip, by word address (JESD68.01: identification at 0x10, system data at 0x1b, geometry at 0x27). */
function queryTable(bankSize: number): number[] {
  const chipSize = bankSize / 2;
  const blocks = bankSize / FLASH_BLOCK - 1;
  const blockUnits = FLASH_BLOCK / 2 / 256;
  const table: number[] = [];
  const put = (at: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) table[at + i] = value & 0xff;
  };
  put(0x10, 0x51, 0x52, 0x59, 0x01, 0x00, 0x31, 0x00); // "QRY", command set 1, extended table at 0x31
  put(0x1b, 0x45, 0x55, 0x00, 0x00, 0x07, 0x07, 0x0a, 0x00, 0x04, 0x04, 0x04, 0x00); // voltages and times
  put(0x27, Math.log2(chipSize), 0x02, 0x00, 0x0b, 0x00); // size, 16 bits wide, 2 KiB buffer
  put(0x2c, 0x01, blocks, blocks >>> 8, blockUnits, blockUnits >>> 8); // one region of equal blocks
  put(0x31, 0x50, 0x52, 0x49, 0x31, 0x30); // "PRI", version 1.0: no optional features
  put(0x3f, 0x01); // one protection field
  return table;
}

/** Places a flash in an address map: a memory that the processor may read, whose writes and other modes go to the flash. */
export function addFlash(map: AddressMap, name: string, base: number, size: number): { flash: CfiFlash; region: MemoryRegion } {
  const { arena } = map;
  const array: FlashArray = {
    size,
    read: (offset, width) => arena.read(region.offset + offset, width),
    write: (offset, width, value) => arena.write(region.offset + offset, width, value),
    fill: (offset, length, byte) => arena.copyIn(region.offset + offset, new Uint8Array(length).fill(byte)),
    direct: (on) => map.setDirect(region, on),
  };
  const flash = new CfiFlash(name, array);
  const region = map.addMemory(name, base, size, { readOnly: true, window: flash });
  return { flash, region };
}
