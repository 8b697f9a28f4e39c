/**
 * The state hash: 64 bits over plain values, independent of host byte order and of the order in which keys were added.
 * It is a fast mixing hash (two lanes of multiply-and-rotate), made for telling runs apart, not against forgers.
 */
import type { Plain } from './state.ts';

const KIND = { null: 1, boolean: 2, number: 3, bigint: 4, string: 5, bytes: 6, words: 7, list: 8, record: 9 } as const;

export class Hash {
  #a = 0x9e3779b9 | 0;
  #b = 0x85ebca6b | 0;

  /** Mixes in one 32-bit word. */
  word(value: number): this {
    const a = Math.imul(this.#a ^ value, 0xcc9e2d51);
    this.#a = Math.imul((a << 15) | (a >>> 17), 0x1b873593) + this.#b;
    const b = Math.imul(this.#b + value, 0x2545f491) ^ a;
    this.#b = ((b << 13) | (b >>> 19)) + 0x5bd1e995;
    return this;
  }

  /** Mixes in 32-bit words, `count` of them from index `from`. */
  words(values: Int32Array, from = 0, count = values.length - from): this {
    for (let i = from; i < from + count; i++) this.word(values[i] as number);
    return this;
  }

  plain(value: Plain): this {
    if (value === null) return this.word(KIND.null);
    if (typeof value === 'boolean') return this.word(KIND.boolean).word(value ? 1 : 0);
    if (typeof value === 'number') return this.word(KIND.number).#number(value);
    if (typeof value === 'bigint') return this.word(KIND.bigint).#text(value.toString(16));
    if (typeof value === 'string') return this.word(KIND.string).#text(value);
    if (value instanceof Uint8Array) return this.word(KIND.bytes).#bytes(value);
    if (value instanceof Int32Array) return this.word(KIND.words).word(value.length).words(value);
    if (Array.isArray(value)) return this.#list(value);
    return this.#record(value as { readonly [key: string]: Plain });
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    const finish = (x: number) => {
      const y = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
      const z = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
      return ((z ^ (z >>> 16)) >>> 0).toString(16).padStart(8, '0');
    };
    return finish(this.#a) + finish(this.#b ^ Math.imul(this.#a, 31));
  }

  #number(value: number): this {
    if (Number.isInteger(value)) return this.word(value | 0).word(Math.floor(value / 0x1_0000_0000) | 0);
    return this.#text(String(value));
  }

  #text(text: string): this {
    this.word(text.length);
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
    return this;
  }

  #bytes(bytes: Uint8Array): this {
    this.word(bytes.length);
    for (const byte of bytes) this.word(byte);
    return this;
  }

  #list(list: readonly Plain[]): this {
    this.word(KIND.list).word(list.length);
    for (const item of list) this.plain(item);
    return this;
  }

  #record(record: { readonly [key: string]: Plain }): this {
    const keys = Object.keys(record).sort();
    this.word(KIND.record).word(keys.length);
    for (const key of keys) this.#text(key).plain(record[key] as Plain);
    return this;
  }
}
