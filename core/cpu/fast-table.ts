/**
 * The fast path of an access: virtual page to arena offset, for one privilege and one kind of access. It only repeats what the TLB said, so
 * emptying it is never wrong. An entry is a pair (tag, offset - va); one comparison checks both the page and the alignment.
 */

const ENTRIES = 4096;
const LAST = 2 * (ENTRIES - 1);
/** Tags of empty entries: an address with the same page bits would be looked for elsewhere. -1 would be found in the last one. */
const [EMPTY, LAST_EMPTY] = [-1, 0];

export class FastTable {
  static readonly BYTES = 8 * ENTRIES;
  readonly pairs: Int32Array;
  #empty = true;

  /** On memory of the caller, where translated code reads it too. */
  constructor(buffer: ArrayBuffer, offset: number) {
    this.pairs = new Int32Array(buffer, offset, 2 * ENTRIES);
    this.#fill();
  }

  set(va: number, offset: number): void {
    const at = slot(va);
    this.pairs[at] = va & ~0xfff;
    this.pairs[at + 1] = (offset & ~0xfff) - (va & ~0xfff);
    this.#empty = false;
  }

  clear(): void {
    if (this.#empty) return;
    this.#fill();
    this.#empty = true;
  }

  #fill(): void {
    this.pairs.fill(EMPTY);
    this.#drop(LAST);
  }

  drop(va: number): void {
    this.#drop(slot(va));
  }

  #drop(at: number): void {
    this.pairs[at] = at === LAST ? LAST_EMPTY : EMPTY;
  }

  /** Drops every address of a page of the arena. */
  dropPlace(offset: number): void {
    if (this.#empty) return;
    const { pairs } = this;
    for (let at = 0; at < pairs.length; at += 2) {
      if ((((pairs[at] as number) + (pairs[at + 1] as number)) | 0) === (offset | 0)) this.#drop(at);
    }
  }
}

/** Fast tables of one privilege: User, PL1 or Hyp mode. */
export class View {
  static readonly BYTES = 4 * FastTable.BYTES;
  readonly offset: number;
  readonly read: FastTable;
  readonly write: FastTable;
  readonly execute: FastTable;
  /** Pages in which unaligned accesses are allowed; only tags. */
  readonly unaligned: FastTable;

  constructor(buffer: ArrayBuffer, offset: number) {
    this.offset = offset;
    this.read = new FastTable(buffer, offset);
    this.write = new FastTable(buffer, offset + FastTable.BYTES);
    this.execute = new FastTable(buffer, offset + 2 * FastTable.BYTES);
    this.unaligned = new FastTable(buffer, offset + 3 * FastTable.BYTES);
  }

  clear(): void {
    this.read.clear();
    this.write.clear();
    this.execute.clear();
    this.unaligned.clear();
  }

  drop(va: number): void {
    this.read.drop(va);
    this.write.drop(va);
    this.execute.drop(va);
    this.unaligned.drop(va);
  }
}

/** Index of the pair for an address. */
export const slot = (va: number): number => (va >>> 11) & (2 * ENTRIES - 2);

/** Where an access that crosses a page goes on: the address that a fault there reports. */
export const nextPage = (va: number): number => ((va & ~0xfff) + 0x1000) | 0;
