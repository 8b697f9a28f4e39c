/** Reads the nodes of ivshmem: links, which say how a memory is shared by sections, and a partition's functions, which join them. */
import { regions } from '../devicetree/addresses.ts';
import type { Node, Property } from '../devicetree/tree.ts';

export const IVSHMEM = 'partita,ivshmem';
export const IVSHMEM_LINK = 'partita,ivshmem-link';

/** A link as the description has it; its sections have whole pages. */
export interface GuestLink {
  readonly node: Node;
  readonly name: string;
  readonly peers: number;
  readonly stateTable: number;
  readonly readWrite: number;
  readonly output: number;
  readonly protocol: number;
  /** Which physical memory; any that is free if undefined. */
  readonly memory: { readonly property: Property; readonly address: number; readonly size: number } | undefined;
}

/** A partition's function: which peer it is of which link. */
export interface GuestIvshmem {
  readonly node: Node;
  readonly link: Property;
  readonly peer: Property;
  /** Where the guest sees the memory, instead of the usual place. */
  readonly place: { readonly property: Property; readonly address: number; readonly size: number } | undefined;
}

const PAGE = 4096;
const MOST_PEERS = 32;
/** Bytes of one section. */
const LARGEST = 0x400_0000;
/** What the specification leaves to users. */
const USER_DEFINED = 0x4000;
/** Devices of a bus. */
const MOST_FUNCTIONS = 32;

const COMMON = ['compatible', 'status', 'phandle'];
const OF_LINK = ['partita,peers', 'partita,read-write-size', 'partita,output-size', 'partita,protocol', 'partita,static-mem'];
const OF_FUNCTION = ['partita,link', 'partita,peer', 'reg'];

function checkKnown(node: Node, own: readonly string[], what: string): void {
  for (const property of node.properties) {
    if (![...COMMON, ...own].includes(property.name))
      throw property.fail(`is not known for ${what}`, { advice: 'See docs/bindings.md.' });
  }
}

/** All links, wherever they stand. Their names are what functions call them by. */
export function readLinks(root: Node): GuestLink[] {
  const lost = [...root.walk()].find((node) => node.isCompatible(IVSHMEM) && node.parent?.isCompatible('xen,domain') !== true);
  if (lost !== undefined) throw lost.fail('is in no partition', { expected: 'a node of a partition, beside its modules' });
  const links = [...root.walk()].filter((node) => node.isCompatible(IVSHMEM_LINK) && node.okay).map(readLink);
  for (const [i, { node, name }] of links.entries()) {
    const same = links.slice(0, i).find((other) => other.name === name);
    if (same !== undefined) throw node.fail(`the link ${same.node.path} has the same name`, { advice: 'Give it another.' });
  }
  return links;
}

function readLink(node: Node): GuestLink {
  checkKnown(node, [...OF_LINK, '#address-cells', '#size-cells'], 'an ivshmem link');
  const peers = node.need('partita,peers');
  if (peers.cell() < 2 || peers.cell() > MOST_PEERS)
    throw peers.fail(`is ${peers.cell()}`, { expected: `2 to ${MOST_PEERS} peers` });
  const protocol = node.get('partita,protocol');
  if (protocol !== undefined && protocol.cell() > 0xffff)
    throw protocol.fail(`is 0x${protocol.cell().toString(16)}`, { expected: 'a number of 16 bits' });
  const memory = node.get('partita,static-mem');
  const cellsOf = (name: string) => node.get(name)?.cell() ?? 2;
  return {
    node,
    name: node.name,
    peers: peers.cell(),
    stateTable: PAGE,
    readWrite: sectionSize(node, 'partita,read-write-size'),
    output: sectionSize(node, 'partita,output-size'),
    protocol: protocol?.cell() ?? USER_DEFINED,
    memory: memory && { property: memory, ...oneRange(memory, cellsOf('#address-cells'), cellsOf('#size-cells'), 2 ** 40) },
  };
}

function sectionSize(node: Node, name: string): number {
  const size = node.get(name)?.cell() ?? 0;
  if (size % PAGE === 0 && size <= LARGEST) return size;
  throw node.need(name).fail(`is 0x${size.toString(16)} bytes`, { expected: 'whole 4 KiB pages, 64 MiB at most' });
}

/** A partition's functions, whose ranges have so many cells. */
export function readIvshmem(domain: Node, addressCells: number, sizeCells: number): GuestIvshmem[] {
  const nodes = domain.children.filter((child) => child.isCompatible(IVSHMEM) && child.okay);
  const extra = nodes[MOST_FUNCTIONS];
  if (extra !== undefined)
    throw extra.fail(`is one of ${nodes.length} ivshmem functions`, { expected: `at most ${MOST_FUNCTIONS}` });
  return nodes.map((node) => {
    checkKnown(node, OF_FUNCTION, 'an ivshmem function');
    const [link, peer] = [node.need('partita,link'), node.need('partita,peer')];
    link.string();
    peer.cell();
    const property = node.get('reg');
    const place = property && { property, ...oneRange(property, addressCells, sizeCells, 2 ** 32) };
    return { node, link, peer, place };
  });
}

function oneRange(property: Property, addressCells: number, sizeCells: number, end: number) {
  const [range, more] = regions(property, addressCells, sizeCells);
  const pages = range !== undefined && range.address % PAGE === 0 && range.size % PAGE === 0 && range.size > 0;
  if (range !== undefined && more === undefined && pages && range.address + range.size <= end) return range;
  throw property.fail('is no place for a memory', {
    expected: `one range of whole 4 KiB pages below ${end === 2 ** 32 ? '4 GiB' : '2^40'}`,
  });
}
