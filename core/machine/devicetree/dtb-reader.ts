/**
 * Reads a flattened device tree, version 16 or 17. Nothing in the file is believed before it is checked.
 * Reference: Devicetree Specification v0.4, chapter 5.
 */
import {
  BEGIN_NODE,
  END,
  END_NODE,
  HEADER,
  HEADER_BYTES,
  LAST_COMPATIBLE_VERSION,
  MAGIC,
  MAX_DEPTH,
  NOP,
  PROP,
  VERSION,
} from './dtb-layout.ts';
import { DeviceTreeError, type Origin } from './error.ts';
import { checkName, checkNameProperty, MAX_NAME } from './names.ts';
import { fromLatin1 } from './text.ts';
import { DeviceTree, type Node } from './tree.ts';

interface Block {
  readonly start: number;
  readonly end: number;
}

export function readDtb(bytes: Uint8Array, file: string): DeviceTree {
  return new Reader(bytes, file).read();
}

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #origin: Origin;
  readonly #names = new Map<number, string>();
  #at = 0;
  #node: Node | undefined;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#origin = { file, line: 0, column: 0 };
  }

  read(): DeviceTree {
    const structure = this.#header();
    const tree = new DeviceTree(this.#origin);
    tree.bootCpu = this.#field('boot_cpuid_phys');
    this.#reservations(tree);
    this.#structure(tree, structure);
    return tree;
  }

  #fail(problem: string, expected?: string, advice?: string): DeviceTreeError {
    return new DeviceTreeError(this.#origin, problem, { path: this.#node?.path, expected, advice });
  }

  #field(name: keyof typeof HEADER): number {
    return this.#view.getUint32(HEADER[name]);
  }

  /** Checks the header and returns the structure block. */
  #header(): Block {
    const length = this.#bytes.length;
    if (length < 4 || this.#view.getUint32(0) !== MAGIC) {
      throw this.#fail(
        'is not a flattened device tree',
        'the magic number d00dfeed',
        'Give a .dtb file, or a .dts source under that name.',
      );
    }
    if (length < HEADER_BYTES) throw this.#fail(`ends after ${length} bytes, within the header`, `${HEADER_BYTES} bytes`);
    const version = this.#field('version');
    if (version < LAST_COMPATIBLE_VERSION || this.#field('last_comp_version') > VERSION) {
      throw this.#fail(`has format version ${version}`, 'version 16 or 17', 'Convert it with dtc -I dtb -O dtb.');
    }
    const total = this.#field('totalsize');
    if (total > length)
      throw this.#fail(`says that it has ${total} bytes, but has ${length}`, 'a complete file', 'Copy the file again.');
    this.#block('strings', this.#field('off_dt_strings'), this.#field('size_dt_strings'));
    const start = this.#field('off_dt_struct');
    const size = version === LAST_COMPATIBLE_VERSION ? Math.max(0, total - start) : this.#field('size_dt_struct');
    return this.#block('structure', start, size);
  }

  #block(name: string, start: number, size: number): Block {
    const total = this.#field('totalsize');
    if (start >= HEADER_BYTES && start + size <= total && (name === 'strings' || start % 4 === 0))
      return { start, end: start + size };
    throw this.#fail(
      `the ${name} block at offset ${hex(start)} with ${hex(size)} bytes is not within the file`,
      `an end before ${hex(total)}`,
    );
  }

  #reservations(tree: DeviceTree): void {
    const total = this.#field('totalsize');
    for (let at = this.#field('off_mem_rsvmap'); ; at += 16) {
      if (at < HEADER_BYTES || at % 8 !== 0 || at + 16 > total) {
        throw this.#fail(`the memory reservation block has no end at offset ${hex(at)}`, 'an entry of zeros');
      }
      const entry = { address: this.#view.getBigUint64(at), size: this.#view.getBigUint64(at + 8) };
      if (entry.address === 0n && entry.size === 0n) return;
      tree.reservations.push(entry);
    }
  }

  #structure(tree: DeviceTree, block: Block): void {
    this.#at = block.start;
    let depth = 0;
    let finished = false;
    for (let token = this.#word(block); token !== END; token = this.#word(block)) {
      if (token === NOP) continue;
      if (token === BEGIN_NODE && !finished) {
        depth++;
        if (depth > MAX_DEPTH) throw this.#fail(`nodes are nested deeper than ${MAX_DEPTH}`);
        this.#beginNode(tree, block);
      } else if (token === PROP && this.#node !== undefined) {
        this.#property(this.#node, block);
      } else if (token === END_NODE && this.#node !== undefined) {
        depth--;
        this.#endNode(this.#node);
        finished = depth === 0;
      } else {
        throw this.#fail(`has token ${hex(token)} at offset ${hex(this.#at - 4)}`, 'a node, a property or an end');
      }
    }
    if (!finished) throw this.#fail('ends before its last node does', 'an end for each node');
  }

  #word(block: Block): number {
    if (this.#at + 4 > block.end) throw this.#fail(`ends at offset ${hex(this.#at)}, within the structure block`, 'FDT_END');
    const word = this.#view.getUint32(this.#at);
    this.#at += 4;
    return word;
  }

  #beginNode(tree: DeviceTree, block: Block): void {
    const name = this.#string(this.#at, block, 'node name');
    this.#at = align(this.#at + name.length + 1);
    if (this.#node === undefined) {
      if (name !== '') throw this.#fail(`the root node is called '${name}'`, 'no name');
      this.#node = tree.root;
      return;
    }
    const complaint = checkName(name);
    if (complaint !== undefined) throw this.#fail(`node name '${name}' ${complaint}`);
    this.#node = this.#node.append(name, this.#origin);
  }

  #endNode(node: Node): void {
    checkNameProperty(node);
    const names = new Set<string>();
    for (const { name } of node.children) {
      if (names.has(name)) throw this.#fail(`has two nodes called '${name}'`);
      names.add(name);
    }
    this.#node = node.parent;
  }

  #property(node: Node, block: Block): void {
    const length = this.#word(block);
    const offset = this.#word(block);
    const name = this.#name(offset);
    if (this.#at + length > block.end) {
      throw this.#fail(
        `property '${name}' has ${hex(length)} bytes at offset ${hex(this.#at)}`,
        `an end before ${hex(block.end)}`,
      );
    }
    if (node.has(name)) throw this.#fail(`has property '${name}' twice`);
    node.set(name, this.#bytes.slice(this.#at, this.#at + length), this.#origin);
    this.#at = align(this.#at + length);
  }

  #name(offset: number): string {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const start = this.#field('off_dt_strings');
    const block = { start, end: start + this.#field('size_dt_strings') };
    const name = this.#string(start + offset, block, 'property name');
    if (name === '') throw this.#fail(`the property name at offset ${hex(start + offset)} is empty`);
    this.#names.set(offset, name);
    return name;
  }

  #string(start: number, block: Block, what: string): string {
    const limit = Math.min(block.end, start + MAX_NAME + 1);
    let end = start;
    while (end < limit && this.#bytes[end] !== 0) end++;
    if (end >= limit) throw this.#fail(`the ${what} at offset ${hex(start)} does not end`, `at most ${MAX_NAME} bytes and a NUL`);
    return fromLatin1(this.#bytes.subarray(start, end));
  }
}

function align(offset: number): number {
  return (offset + 3) & ~3;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
