/** Packets of gdb's remote serial protocol: `$data#checksum`, acknowledged by `+`. Reference: the manual of gdb, appendix E. */

/** What arrived, in order. */
export type Received =
  | { readonly kind: 'packet'; readonly data: Uint8Array }
  | { readonly kind: 'ack' | 'nack' | 'interrupt' | 'broken' };

const [DOLLAR, HASH, ESCAPE, PLUS, MINUS, CTRL_C] = [0x24, 0x23, 0x7d, 0x2b, 0x2d, 3];
/** The longest packet that is taken; a client is told. */
export const PACKET_SIZE = 0x4000;

export class PacketReader {
  #data: number[] | undefined;
  #checksum = '';
  /** Behind the data: the checksum's digits are awaited. */
  #behind = false;

  /** Takes bytes as they come, in whatever pieces. */
  *read(bytes: Uint8Array): Iterable<Received> {
    for (const byte of bytes) {
      const found = this.#data === undefined ? this.#outside(byte) : this.#inside(byte, this.#data);
      if (found !== undefined) yield found;
    }
  }

  #outside(byte: number): Received | undefined {
    if (byte === DOLLAR) this.#begin();
    if (byte === PLUS) return { kind: 'ack' };
    if (byte === MINUS) return { kind: 'nack' };
    return byte === CTRL_C ? { kind: 'interrupt' } : undefined;
  }

  #begin(): void {
    this.#data = [];
    this.#checksum = '';
    this.#behind = false;
  }

  #inside(byte: number, data: number[]): Received | undefined {
    if (this.#behind) return this.#sum(byte, data);
    if (byte === DOLLAR) this.#begin();
    else if (byte === HASH) this.#behind = true;
    else if (data.length <= 2 * PACKET_SIZE) data.push(byte);
    return undefined;
  }

  #sum(byte: number, data: number[]): Received | undefined {
    this.#checksum += String.fromCharCode(byte);
    if (this.#checksum.length < 2) return undefined;
    this.#data = undefined;
    const right = /^[0-9a-f]{2}$/i.test(this.#checksum) && Number.parseInt(this.#checksum, 16) === checksum(data);
    return right && data.length <= PACKET_SIZE ? { kind: 'packet', data: unescaped(data) } : { kind: 'broken' };
  }
}

const checksum = (data: Iterable<number>): number => {
  let sum = 0;
  for (const byte of data) sum = (sum + byte) & 0xff;
  return sum;
};

/** `}` and a byte stand for that byte with bit 5 turned over. */
function unescaped(data: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] as number;
    bytes.push(byte === ESCAPE && i + 1 < data.length ? (data[++i] as number) ^ 0x20 : byte);
  }
  return Uint8Array.from(bytes);
}

const SPECIAL = /[#$}*]/g;

/** A packet around text of 8-bit characters. */
export function packet(text: string): string {
  const escaped = text.replace(SPECIAL, (one) => `}${String.fromCharCode(one.charCodeAt(0) ^ 0x20)}`);
  const sum = checksum(Array.from(escaped, (one) => one.charCodeAt(0)));
  return `$${escaped}#${sum.toString(16).padStart(2, '0')}`;
}

export const toHex = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Undefined where there is anything but pairs of digits. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
