/**
 * RAM of a partition that starts: zeros, but for its image. A restart finds most of the code as it was, and leaves it alone: so what was decoded
 * and translated of it stays, and a partition that begins anew for ever does not make the host decode its code each time.
 */
import type { AddressMap } from '../bus/address-map.ts';
import { type Arena, CODE, PAGE, PAGE_BITS } from '../bus/memory.ts';

/** Bytes of an image, by physical address. */
export interface Piece {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** What is compared and, if it differs, written at once. */
const GRAIN = 32;

/**
 * Of whole pages. Those that are cleared count as never written, as `Arena.clear` has it: the TLBs must be invalidated before a guest that may
 * write there goes on. Later pieces win.
 */
export function restoreMemory(map: AddressMap, address: number, size: number, pieces: readonly Piece[]): void {
  const region = map.find(address);
  if (region === undefined || region.kind !== 'memory') return;
  const { arena } = map;
  const shift = region.offset - region.base;
  const placed = pieces.map(({ address: at, bytes }) => ({ address: at + shift, bytes }));
  const kept = new Set<number>();
  for (const { address: at, bytes } of placed) for (const page of pagesOf(at, bytes)) if (isCode(arena, page)) kept.add(page);
  for (const page of kept) renew(arena, page << PAGE_BITS, expected(page, placed));
  for (let at = address + shift; at < address + shift + size; at += PAGE) {
    if (!kept.has(at >>> PAGE_BITS)) arena.clear(at, PAGE);
  }
  for (const { address: at, bytes } of placed) {
    for (const page of pagesOf(at, bytes)) if (!kept.has(page)) put(arena, page, at, bytes);
  }
}

const isCode = (arena: Arena, page: number): boolean => ((arena.marks[page] as number) & CODE) !== 0;

function* pagesOf(at: number, bytes: Uint8Array): Iterable<number> {
  if (bytes.length === 0) return;
  for (let page = at >>> PAGE_BITS; page <= (at + bytes.length - 1) >>> PAGE_BITS; page++) yield page;
}

/** The part of the bytes that is in a page. */
function part(page: number, at: number, bytes: Uint8Array): { readonly from: number; readonly bytes: Uint8Array } {
  const start = page * PAGE;
  const from = Math.max(start, at);
  return { from, bytes: bytes.subarray(from - at, Math.max(from, Math.min(start + PAGE, at + bytes.length)) - at) };
}

function put(arena: Arena, page: number, at: number, bytes: Uint8Array): void {
  const { from, bytes: own } = part(page, at, bytes);
  arena.copyIn(from, own);
}

function expected(page: number, pieces: readonly Piece[]): Uint8Array {
  const content = new Uint8Array(PAGE);
  for (const { address, bytes } of pieces) {
    const { from, bytes: own } = part(page, address, bytes);
    if (own.length > 0) content.set(own, from - page * PAGE);
  }
  return content;
}

/** Writes what is not as it should be. */
function renew(arena: Arena, offset: number, content: Uint8Array): void {
  for (let at = 0; at < PAGE; at += GRAIN) {
    const wanted = content.subarray(at, at + GRAIN);
    if (wanted.some((byte, i) => arena.u8[offset + at + i] !== byte)) arena.copyIn(offset + at, wanted);
  }
}
