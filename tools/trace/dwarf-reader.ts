/** Reads the bytes of DWARF sections. Reference: DWARF 5, 7.5.6 (forms), 7.6 (LEB128). */
import { textAt } from './elf-sections.ts';

/** What forms refer to. */
export interface Strings {
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
}

export const FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  sec_offset: 0x17,
  exprloc: 0x18,
  flag_present: 0x19,
  data16: 0x1e,
  line_strp: 0x1f,
} as const;

export class DwarfReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  i8(): number {
    return this.#view.getInt8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  /** Numbers beyond 53 bits are for nobody here. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 128;
    }
  }

  string(): string {
    const text = textAt(this.#bytes, this.at);
    this.at = this.#bytes.indexOf(0, this.at) + 1;
    return text;
  }

  /** The value of an attribute: a number or a text, or undefined for one that is only passed over. Throws RangeError for an unknown form. */
  form(form: number, { str, lineStr }: Strings): number | string | undefined {
    switch (form) {
      case FORM.data1:
      case FORM.flag:
        return this.u8();
      case FORM.data2:
        return this.u16();
      case FORM.addr:
      case FORM.data4:
      case FORM.sec_offset:
        return this.u32();
      case FORM.udata:
        return this.uleb();
      case FORM.sdata:
        return this.sleb();
      case FORM.string:
        return this.string();
      case FORM.strp:
        return textAt(str, this.u32());
      case FORM.line_strp:
        return textAt(lineStr, this.u32());
      case FORM.flag_present:
        return 1;
      default:
        this.at += this.#blockLength(form);
        return undefined;
    }
  }

  #blockLength(form: number): number {
    if (form === FORM.data8) return 8;
    if (form === FORM.data16) return 16;
    if (form === FORM.block1) return this.u8();
    if (form === FORM.block2) return this.u16();
    if (form === FORM.block4) return this.u32();
    if (form === FORM.block || form === FORM.exprloc) return this.uleb();
    throw new RangeError(`DWARF form 0x${form.toString(16)}`);
  }
}
