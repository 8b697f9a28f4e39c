/** Where a debugger wants to stop: by virtual address of a space. They stand here and nowhere in the machine. */

import type { Translation } from '../../mmu/translation.ts';
import type { Space } from './threads.ts';

export type BreakpointKind = 'software' | 'hardware';
export type Access = 'read' | 'write' | 'access';

/** A range in the addresses of a space: virtual or, of a partition, intermediate physical; or physical, whoever accesses it. */
export interface Watchpoint {
  readonly by: 'va' | 'ipa' | 'pa';
  readonly space: Space;
  readonly address: number;
  readonly length: number;
  readonly access: Access;
}

const PAGE = 4096;
const pageOf = (address: number): number => (address & ~(PAGE - 1)) >>> 0;

export class Breakpoints {
  readonly #places = new Map<string, { readonly space: Space; readonly address: number; readonly kinds: Set<BreakpointKind> }>();
  /** How many breakpoints a page has, in whatever space. */
  readonly #pages = new Map<number, number>();
  readonly #addresses = new Map<number, number>();

  get pages(): Iterable<number> {
    return this.#pages.keys();
  }

  add(space: Space, address: number, kind: BreakpointKind): void {
    const key = keyOf(space, address);
    const known = this.#places.get(key);
    known?.kinds.add(kind);
    if (known !== undefined) return;
    this.#places.set(key, { space, address, kinds: new Set([kind]) });
    count(this.#pages, pageOf(address), 1);
    count(this.#addresses, address >>> 0, 1);
  }

  remove(space: Space, address: number, kind: BreakpointKind): void {
    const key = keyOf(space, address);
    const known = this.#places.get(key);
    if (known?.kinds.delete(kind) !== true || known.kinds.size > 0) return;
    this.#places.delete(key);
    count(this.#pages, pageOf(address), -1);
    count(this.#addresses, address >>> 0, -1);
  }

  /** Those of one space, or all. */
  clear(space?: Space): void {
    for (const { space: own, address, kinds } of [...this.#places.values()]) {
      if (space === undefined || own === space) for (const kind of [...kinds]) this.remove(own, address, kind);
    }
  }

  inPage(va: number): boolean {
    return this.#pages.size > 0 && this.#pages.has(pageOf(va));
  }

  anyAt(address: number): boolean {
    return this.#addresses.has(address);
  }

  at(space: Space, address: number): BreakpointKind | undefined {
    const [kind] = this.#places.get(keyOf(space, address))?.kinds ?? [];
    return kind;
  }
}

function count(counts: Map<number, number>, key: number, change: 1 | -1): void {
  const left = (counts.get(key) ?? 0) + change;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

const keyOf = (space: Space, address: number): string => `${space.id}:${address >>> 0}`;

/** The address in a page by which a watchpoint goes. */
const inPage = ({ by }: Watchpoint, page: Translation): number => (by === 'va' ? page.va : by === 'ipa' ? page.ipa : page.pa);

export const watchesPage = (watchpoint: Watchpoint, page: Translation): boolean => {
  const base = inPage(watchpoint, page);
  return watchpoint.address < base + PAGE && watchpoint.address + watchpoint.length > base;
};

/** Whether an access touches the range, and is of the kind. */
export function watches(watchpoint: Watchpoint, page: Translation, va: number, size: number, write: boolean): boolean {
  const { address, length, access } = watchpoint;
  if (access !== 'access' && (access === 'write') !== write) return false;
  const at = inPage(watchpoint, page) + (va & (PAGE - 1));
  return at < address + length && at + size > address;
}
