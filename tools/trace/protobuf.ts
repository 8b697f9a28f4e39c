/** Protocol Buffers' wire format, as far as a trace needs it. Reference: protobuf.dev, "Encoding". */

/** Wire types. */
const [VARINT, FIXED64, BYTES] = [0, 1, 2];
/** Bytes of a nested message's length: a varint may be padded, so it can be filled in when the message has been written. */
const LENGTH = 4;
const MOST = 2 ** (7 * LENGTH) - 1;

export class ProtobufWriter {
  #bytes = new Uint8Array(1024);
  #at = 0;
  readonly #text = new TextEncoder();

  /** What was written since the last `clear`; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** uint64, bool and enum: an integer from 0 below 2^53. */
  uint(field: number, value: number): void {
    this.#tag(field, VARINT as number);
    this.#varint(value);
  }

  /** int64: a negative one takes all ten bytes. */
  int(field: number, value: number): void {
    if (value >= 0) return this.uint(field, value);
    this.#tag(field, VARINT as number);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#byte(Number(rest & 0x7fn) | 0x80);
    this.#byte(Number(rest));
  }

  fixed64(field: number, value: number): void {
    this.#tag(field, FIXED64 as number);
    for (let i = 0, rest = value; i < 8; i++, rest = Math.floor(rest / 256)) this.#byte(rest % 256);
  }

  string(field: number, value: string): void {
    const start = this.open(field);
    this.#reserve(3 * value.length);
    this.#at += this.#text.encodeInto(value, this.#bytes.subarray(this.#at)).written;
    this.close(start);
  }

  /** Begins a nested message. Returns what its `close` needs. */
  open(field: number): number {
    this.#tag(field, BYTES as number);
    this.#reserve(LENGTH);
    this.#at += LENGTH;
    return this.#at;
  }

  close(start: number): void {
    const length = this.#at - start;
    if (length > MOST) throw new RangeError(`a message of ${length} bytes`);
    for (let i = 0; i < LENGTH; i++)
      this.#bytes[start - LENGTH + i] = ((length >>> (7 * i)) & 0x7f) | (i < LENGTH - 1 ? 0x80 : 0);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + count));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
