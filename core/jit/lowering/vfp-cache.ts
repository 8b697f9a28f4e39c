/**
 * What a block knows of the extension registers: each that it has read or written is also in a local, so that memory, which always has it too,
 * is not read again. A register may be known as several types; a write forgets the others.
 */
import type { Code } from '../code.ts';
import { inLocal, type Value } from '../value.ts';
import { F32, F64, I32, I64, V128, type ValueType } from '../wasm.ts';

const BYTES: { readonly [type: number]: number } = { [F32]: 4, [F64]: 8, [I32]: 4, [I64]: 8, [V128]: 16 };

/** A type and the offset of the first byte. */
type Key = number;
const keyOf = (type: ValueType, offset: number): Key => (type << 16) | offset;

export class FpCache {
  readonly #code: Code;
  /** The locals, which a region keeps. */
  readonly #homes = new Map<Key, number>();
  /** Those that hold what memory does. */
  #known: readonly Key[] = [];

  constructor(code: Code) {
    this.#code = code;
  }

  #home(type: ValueType, offset: number): number {
    const key = keyOf(type, offset);
    let local = this.#homes.get(key);
    if (local === undefined) {
      local = this.#code.newLocal(type);
      this.#homes.set(key, local);
    }
    return local;
  }

  /** What is known at this point, and what is at another. */
  get known(): readonly Key[] {
    return this.#known;
  }
  set known(known: readonly Key[]) {
    this.#known = known;
  }

  /** Where two ways meet only what both know counts. */
  meet(other: readonly Key[]): void {
    this.#known = this.#known.filter((key) => other.includes(key));
  }

  /** The value at an offset, if it is known. */
  get(type: ValueType, offset: number): Value | undefined {
    return this.#known.includes(keyOf(type, offset)) ? inLocal(type, this.#home(type, offset)) : undefined;
  }

  /** What is pushed is what memory has, or will have, at an offset. */
  set(type: ValueType, offset: number): Value {
    const local = this.#home(type, offset);
    this.#code.setLocal(local);
    if (!this.#known.includes(keyOf(type, offset))) this.#known = [...this.#known, keyOf(type, offset)];
    return inLocal(type, local);
  }

  /** Bytes change. */
  forget(offset: number, bytes: number): void {
    if (this.#known.length === 0) return;
    this.#known = this.#known.filter((key) => {
      const at = key & 0xffff;
      return at >= offset + bytes || at + (BYTES[key >>> 16] as number) <= offset;
    });
  }

  clear(): void {
    this.#known = [];
  }
}
