/**
 * QEMU's firmware configuration device, memory-mapped form. Reference: docs/specs/fw_cfg.rst of QEMU.
 * A guest selects an item and reads it byte by byte, or has it copied by DMA. Items are read-only here: writing one is an error.
 */
import type { State } from '../base/state.ts';
import type { GuestMemory } from '../bus/guest-memory.ts';
import { type Device, type Readable, registerMap, type Writable } from '../bus/registers.ts';

export const FW_CFG = registerMap({
  Data: { at: 0x00, access: 'rw', width: 1, count: 8 },
  Selector: { at: 0x08, access: 'wo', width: 2 },
  DMA: { at: 0x10, access: 'rw', count: 2, reset: 0x554d4551 },
});

/** Keys of items that the specification fixes. */
export const SIGNATURE = 0x00;
export const ID = 0x01;
export const NB_CPUS = 0x05;
export const FILE_DIR = 0x19;
const FILE_FIRST = 0x20;

/** Bits of a DMA request's control word; the upper half may select an item. */
const DMA_ERROR = 0x01;
const DMA_READ = 0x02;
const DMA_SKIP = 0x04;
const DMA_SELECT = 0x08;
const DMA_WRITE = 0x10;

const CHUNK = 0x1_0000;

export interface FwCfgFile {
  /** At most 55 characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface FwCfgContents {
  /** Items by key, beside the signature, the ID and the directory, which the device makes itself. */
  readonly items?: Readonly<Record<number, Uint8Array>>;
  readonly files?: readonly FwCfgFile[];
}

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
const swap32 = (value: number): number => ((swap16(value) << 16) | swap16(value >>> 16)) >>> 0;
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Bytes of an item whose number is stored low byte first. */
export function littleEndian(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i < 4 ? (value >>> (8 * i)) & 0xff : 0));
}

const RESET = { key: 0, offset: 0, dmaHigh: 0 };

export class FwCfg implements Device<typeof FW_CFG> {
  readonly registers = FW_CFG;
  readonly #memory: GuestMemory;
  readonly #items = new Map<number, Uint8Array>();
  #r = { ...RESET };

  /** `memory` is what DMA reaches, by physical address. */
  constructor(memory: GuestMemory, contents: FwCfgContents = {}) {
    this.#memory = memory;
    for (const [key, bytes] of Object.entries(contents.items ?? {})) this.#items.set(Number(key), bytes);
    const files = [...(contents.files ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#items.set(SIGNATURE, ascii('QEMU'));
    this.#items.set(ID, littleEndian(3, 4)); // the traditional interface, and DMA
    this.#items.set(FILE_DIR, directory(files));
    for (const [i, file] of files.entries()) this.#items.set(FILE_FIRST + i, file.bytes);
  }

  read(register: Readable<typeof FW_CFG>, index: number): number {
    if (register === 'DMA') return index === 0 ? 0x554d4551 : 0x47464320; // "QEMU CFG", as the interface's mark
    const byte = this.#items.get(this.#r.key)?.[this.#r.offset];
    if (byte !== undefined) this.#r.offset++;
    return byte ?? 0;
  }

  write(register: Writable<typeof FW_CFG>, value: number, index: number): void {
    if (register === 'Selector') this.#select(swap16(value));
    else if (register === 'DMA' && index === 0) this.#r.dmaHigh = swap32(value);
    else if (register === 'DMA') this.#transfer(swap32(value));
  }

  save(): State {
    return { ...this.#r };
  }

  load(state: State): void {
    this.#r = { ...(state as typeof RESET) };
  }

  reset(): void {
    this.load(RESET);
  }

  /** Bits 15 and 14 choose architecture-specific items and the write channel; there are none of the first, and the second is ignored. */
  #select(key: number): void {
    this.#r.key = key & 0xbfff;
    this.#r.offset = 0;
  }

  /** Runs the request at the address: control, length and address, all high byte first. The outcome is written over the control word. */
  #transfer(low: number): void {
    const at = this.#r.dmaHigh * 0x1_0000_0000 + low;
    this.#r.dmaHigh = 0;
    const request = this.#memory.read(at, 16);
    if (request === undefined) return;
    const word = (i: number) => swap32(request.slice(4 * i, 4 * i + 4).reduce((sum, byte, k) => sum + byte * 2 ** (8 * k), 0));
    const [control, length, address] = [word(0), word(1), word(2) * 0x1_0000_0000 + word(3)] as const;
    if (control & DMA_SELECT) this.#select(control >>> 16);
    const done = this.#copy(control, length, address);
    this.#memory.write(at, Uint8Array.of(0, 0, 0, done ? 0 : DMA_ERROR));
  }

  /** What lies beyond the end of an item, or in one that does not exist, is zero. */
  #copy(control: number, length: number, address: number): boolean {
    const item = this.#items.get(this.#r.key) ?? new Uint8Array();
    if (control & DMA_READ) {
      for (let done = 0; done < length; done += CHUNK) {
        const part = new Uint8Array(Math.min(CHUNK, length - done));
        part.set(item.subarray(this.#r.offset, this.#r.offset + part.length));
        this.#advance(item, part.length);
        if (!this.#memory.write(address + done, part)) return false;
      }
      return true;
    }
    if (control & (DMA_WRITE | DMA_SKIP)) this.#advance(item, length);
    return (control & DMA_WRITE) === 0;
  }

  #advance(item: Uint8Array, by: number): void {
    this.#r.offset = Math.min(item.length, this.#r.offset + by);
  }
}

/** The directory: a count, then for each file its size, key, two spare bytes and its name in 56 bytes. */
function directory(files: readonly FwCfgFile[]): Uint8Array {
  const bytes = new Uint8Array(4 + 64 * files.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, files.length);
  for (const [i, { name, bytes: content }] of files.entries()) {
    view.setUint32(4 + 64 * i, content.length);
    view.setUint16(8 + 64 * i, FILE_FIRST + i);
    bytes.set(ascii(name.slice(0, 55)), 12 + 64 * i);
  }
  return bytes;
}
