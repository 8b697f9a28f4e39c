/** Reads the nodes `partita,virtio` of a partition: devices that the hypervisor emulates for it. */
import { regions } from '../devicetree/addresses.ts';
import type { Node } from '../devicetree/tree.ts';
import { kindOf } from '../virtio.ts';

/** A device as the description has it. */
export interface GuestVirtio {
  readonly node: Node;
  readonly kind: string;
  /** Where the guest sees it, instead of the usual place. */
  readonly address: number | undefined;
}

export const VIRTIO = 'partita,virtio';
/** Bytes of registers: what Linux and Xen take for one device. */
export const SIZE = 0x200;
const MOST = 32;

/** What a device may have, beside `compatible` and the like. */
const COMMON = ['compatible', 'status', 'phandle', 'reg', 'partita,virtio', 'partita,virtio-version'];
const OWN: Readonly<Record<string, readonly string[]>> = {
  console: [],
  block: ['partita,disk', 'partita,format', 'partita,read-only', 'partita,snapshot'],
  net: ['partita,network', 'partita,port', 'local-mac-address', 'partita,mtu'],
  entropy: ['partita,seed'],
  balloon: ['partita,balloon-pages'],
  '9p': ['partita,folder', 'partita,tag', 'partita,writable'],
  vsock: ['partita,cid', 'partita,sockets'],
};

/** Reads the devices of a partition's node, whose ranges have so many cells. */
export function readVirtio(domain: Node, addressCells: number, sizeCells: number): GuestVirtio[] {
  const nodes = domain.children.filter((child) => child.isCompatible(VIRTIO) && child.okay);
  const extra = nodes[MOST];
  if (extra !== undefined) throw extra.fail(`is one of ${nodes.length} virtio devices`, { expected: `at most ${MOST}` });
  return nodes.map((node) => {
    const kind = kindOf(node);
    const known = [...COMMON, ...(OWN[kind] ?? [])];
    for (const property of node.properties) {
      if (!known.includes(property.name))
        throw property.fail(`is not known for a virtio device of kind "${kind}"`, { advice: 'See docs/bindings.md.' });
    }
    return { node, kind, address: addressOf(node, addressCells, sizeCells) };
  });
}

function addressOf(node: Node, addressCells: number, sizeCells: number): number | undefined {
  const property = node.get('reg');
  if (property === undefined) return undefined;
  const [range, more] = regions(property, addressCells, sizeCells);
  if (range !== undefined && more === undefined && range.size === SIZE && range.address % SIZE === 0 && range.address < 2 ** 32)
    return range.address;
  throw property.fail('is no place for a virtio device', {
    expected: 'one range of 0x200 bytes at a multiple of that, below 4 GiB',
  });
}
