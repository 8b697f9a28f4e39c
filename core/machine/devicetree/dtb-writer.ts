/**
 * Flattens a tree as `dtc` does, byte for byte: blocks in the order header, reservations, structure, strings; no padding;
 * a property's name shares the bytes of any earlier name that it is the end of.
 * Reference: Devicetree Specification v0.4, chapter 5.
 */
import { BEGIN_NODE, END, END_NODE, HEADER, HEADER_BYTES, LAST_COMPATIBLE_VERSION, MAGIC, PROP, VERSION } from './dtb-layout.ts';
import { toLatin1 } from './text.ts';
import type { DeviceTree, Node } from './tree.ts';
import { cells, concat, join, wideCells } from './values.ts';

/** The strings block. */
class Strings {
  readonly #offsets = new Map<string, number>();
  #text = '';

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const start = this.#text.length;
    // The lowest offset wins, so an end that an earlier name already offers is left as it is.
    for (let at = 0; at <= name.length; at++) {
      const end = name.slice(at);
      if (!this.#offsets.has(end)) this.#offsets.set(end, start + at);
    }
    this.#text += `${name}\0`;
    return start;
  }

  bytes(): Uint8Array {
    return toLatin1(this.#text);
  }
}

export function writeDtb(tree: DeviceTree): Uint8Array {
  const strings = new Strings();
  const structure: Uint8Array[] = [];
  writeNode(tree.root, structure, strings);
  structure.push(cells(END));
  const reservations = [...tree.reservations, { address: 0n, size: 0n }];
  const reserved = join(...reservations.map(({ address, size }) => wideCells(2, address, size)));
  const parts = [reserved, concat(structure), strings.bytes()] as const;
  return join(header(tree, parts), ...parts);
}

function writeNode(node: Node, out: Uint8Array[], strings: Strings): void {
  out.push(cells(BEGIN_NODE), padded(toLatin1(`${node.name}\0`)));
  for (const { name, value } of node.properties) out.push(cells(PROP, value.length, strings.offset(name)), padded(value));
  for (const child of node.children) writeNode(child, out, strings);
  out.push(cells(END_NODE));
}

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : join(bytes, new Uint8Array(4 - (bytes.length % 4)));
}

function header(tree: DeviceTree, [reserved, structure, strings]: readonly [Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const fields: Record<keyof typeof HEADER, number> = {
    magic: MAGIC,
    totalsize: HEADER_BYTES + reserved.length + structure.length + strings.length,
    off_dt_struct: HEADER_BYTES + reserved.length,
    off_dt_strings: HEADER_BYTES + reserved.length + structure.length,
    off_mem_rsvmap: HEADER_BYTES,
    version: VERSION,
    last_comp_version: LAST_COMPATIBLE_VERSION,
    boot_cpuid_phys: tree.bootCpu,
    size_dt_strings: strings.length,
    size_dt_struct: structure.length,
  };
  for (const [name, value] of Object.entries(fields)) view.setUint32(HEADER[name as keyof typeof HEADER], value >>> 0);
  return bytes;
}
