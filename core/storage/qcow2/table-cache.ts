/**
 * Clusters of an image that are tables, kept in memory while they are in use. The least recently used goes first; a changed one only after
 * `settle` has written it, in the order that the image needs.
 */
import type { BlockFile } from '../block-file.ts';
import { viewOf } from '../bytes.ts';

export interface Table {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  dirty: boolean;
}

const BUDGET = 2 ** 20;

export class TableCache {
  readonly #file: BlockFile;
  readonly #clusterSize: number;
  readonly #settle: () => void;
  readonly #room: number;
  /** By offset; the order is that of use. */
  readonly #tables = new Map<number, Table>();

  constructor(file: BlockFile, clusterSize: number, settle: () => void) {
    this.#file = file;
    this.#clusterSize = clusterSize;
    this.#settle = settle;
    this.#room = Math.max(4, BUDGET / clusterSize);
  }

  /** Not to be kept: the next call may drop it. */
  get(offset: number): Table {
    const known = this.#tables.get(offset);
    if (known !== undefined) {
      this.#tables.delete(offset);
      this.#tables.set(offset, known);
      return known;
    }
    const bytes = new Uint8Array(this.#clusterSize);
    this.#file.read(offset, bytes);
    return this.#keep(offset, bytes, false);
  }

  /** A new table, not yet in the file. */
  add(offset: number, bytes: Uint8Array): void {
    this.#keep(offset, bytes, true);
  }

  drop(offset: number): void {
    this.#tables.delete(offset);
  }

  get dirty(): boolean {
    for (const table of this.#tables.values()) if (table.dirty) return true;
    return false;
  }

  write(): void {
    for (const [offset, table] of this.#tables) {
      if (!table.dirty) continue;
      this.#file.write(offset, table.bytes);
      table.dirty = false;
    }
  }

  #keep(offset: number, bytes: Uint8Array, dirty: boolean): Table {
    for (const [old, table] of this.#tables) {
      if (this.#tables.size < this.#room) break;
      if (table.dirty) this.#settle();
      this.#tables.delete(old);
    }
    const table = { bytes, view: viewOf(bytes), dirty };
    this.#tables.set(offset, table);
    return table;
  }
}
