/** Sections and symbols of an ELF executable for 32-bit Arm, for who reads what was executed. References: System V ABI, chapter 4; IHI 0044. */
import { inflateSync } from 'node:zlib';

const SHT_SYMTAB = 2;
const SHF_COMPRESSED = 0x800;
const [STT_NOTYPE, STT_FUNC] = [0, 2];
const SHN_UNDEF = 0;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly link: number;
}

export interface FunctionSymbol {
  readonly name: string;
  readonly address: number;
  /** 0 where nobody says. */
  readonly size: number;
}

export class ElfSections {
  readonly #sections: readonly Section[];

  /** The file is one that the simulator has loaded, or that claims to belong to it. Throws RangeError where it is cut off. */
  constructor(bytes: Uint8Array) {
    const view = viewOf(bytes);
    const [table, size, count, names] = [
      view.getUint32(32, true),
      view.getUint16(46, true),
      view.getUint16(48, true),
      view.getUint16(50, true),
    ];
    const headers = Array.from({ length: count }, (_, i) => header(bytes, view, table + i * size));
    const texts = headers[names]?.bytes ?? new Uint8Array();
    this.#sections = headers.map(({ nameAt, ...rest }) => ({ ...rest, name: textAt(texts, nameAt) }));
  }

  /** Contents of a section, unpacked. */
  bytes(name: string): Uint8Array | undefined {
    const found = this.#sections.find((section) => section.name === name);
    if (found === undefined) return undefined;
    return (found.flags & SHF_COMPRESSED) === 0 ? found.bytes : inflateSync(found.bytes.subarray(COMPRESSION_HEADER));
  }

  /** Whether instructions of the program stand there. What the linker dropped has addresses, too, but from 0 on. */
  isCode(address: number): boolean {
    return this.#sections.some(
      (section) =>
        (section.flags & SHF_EXECINSTR) !== 0 && address >= section.address && address < section.address + section.bytes.length,
    );
  }

  /** Functions, and labels of code that was written in assembly language, by address. */
  get functions(): readonly FunctionSymbol[] {
    const found: FunctionSymbol[] = [];
    for (const table of this.#sections) {
      if (table.type !== SHT_SYMTAB) continue;
      const names = this.#sections[table.link]?.bytes ?? new Uint8Array();
      const view = viewOf(table.bytes);
      for (let at = 0; at + 16 <= table.bytes.length; at += 16) {
        const symbol = this.#symbol(view, at, names);
        if (symbol !== undefined) found.push(symbol);
      }
    }
    // Where several names stand for one address, the one with a size is the function's.
    found.sort((a, b) => a.address - b.address || b.size - a.size);
    return found.filter(({ address }, i) => address !== found[i - 1]?.address && this.isCode(address));
  }

  #symbol(view: DataView, at: number, names: Uint8Array): FunctionSymbol | undefined {
    const type = view.getUint8(at + 12) & 0xf;
    const section = this.#sections[view.getUint16(at + 14, true)];
    const name = textAt(names, view.getUint32(at, true));
    const isCode = section !== undefined && (section.flags & SHF_EXECINSTR) !== 0;
    if (view.getUint16(at + 14, true) === SHN_UNDEF || name === '' || !isCode) return undefined;
    // $a, $t and $d tell instructions from data (IHI 0044).
    if (type !== STT_FUNC && (type !== STT_NOTYPE || name.startsWith('$'))) return undefined;
    const value = view.getUint32(at + 4, true);
    return { name, address: type === STT_FUNC ? value & ~1 : value, size: view.getUint32(at + 8, true) };
  }
}

const SHF_EXECINSTR = 4;
const COMPRESSION_HEADER = 12;
const SHT_NOBITS = 8;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function header(bytes: Uint8Array, view: DataView, at: number): Omit<Section, 'name'> & { readonly nameAt: number } {
  const word = (n: number) => view.getUint32(at + 4 * n, true);
  const type = word(1);
  const contents = type === SHT_NOBITS ? new Uint8Array() : bytes.subarray(word(4), word(4) + word(5));
  return { nameAt: word(0), type, flags: word(2), address: word(3), bytes: contents, link: word(6) };
}

export function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return new TextDecoder().decode(bytes.subarray(at, end < 0 ? bytes.length : end));
}
