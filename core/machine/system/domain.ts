/**
 * Reads a partition's node under /chosen: Xen's dom0less binding (docs/misc/arm/device-tree/booting.txt, passthrough.txt and
 * domU-memory of Xen 4.17), with `partita,` properties for what it lacks (docs/bindings.md).
 */
import { regions } from '../devicetree/addresses.ts';
import type { Node, Property } from '../devicetree/tree.ts';
import { isDevice } from '../wiring.ts';
import { type GuestIvshmem, IVSHMEM, readIvshmem } from './ivshmem-nodes.ts';
import { RIGHTS, type Rights, readRights } from './rights.ts';
import { type GuestVirtio, readVirtio, VIRTIO } from './virtio-nodes.ts';

export interface Range {
  readonly address: number;
  readonly size: number;
}

/** A boot module: a kernel to enter, or an initial RAM disk. */
export interface Module {
  readonly node: Node;
  readonly kind: 'kernel' | 'ramdisk';
  /** File name as written, relative to the description's file. */
  readonly image: Property;
  readonly bootargs: string | undefined;
  /** Guest address of a raw image, and where to enter it, instead of the usual ones. */
  readonly load: number | undefined;
}

/** A window of shared memory, as one domain sees it. */
export interface SharedMemory {
  readonly node: Node;
  readonly property: Property;
  readonly id: string;
  readonly role: 'owner' | 'borrower';
  readonly pa: number;
  readonly ipa: number;
  readonly size: number;
  readonly writable: boolean;
}

/** One end of an event channel: the doorbell of the shared memory `channel`. */
export interface EventChannel {
  readonly node: Node;
  readonly property: Property;
  readonly remote: number;
  readonly channel: string;
}

export interface Domain {
  readonly node: Node;
  readonly name: string;
  readonly vcpus: number;
  /** Core of each vCPU that is pinned. */
  readonly pins: readonly number[];
  /** Bytes of RAM. */
  readonly memory: number;
  /** Where the guest sees its RAM; empty for the usual place. */
  readonly memoryMap: readonly Range[];
  readonly staticMemory: readonly (Range & { readonly property: Property })[];
  readonly directMap: boolean;
  readonly console: boolean;
  /** Where the guest sees its UART, instead of the usual place. */
  readonly consoleAddress: number | undefined;
  readonly modules: readonly Module[];
  readonly shared: readonly SharedMemory[];
  readonly events: readonly EventChannel[];
  readonly virtio: readonly GuestVirtio[];
  readonly ivshmem: readonly GuestIvshmem[];
  readonly devices: readonly { readonly node: Node; readonly property: Property }[];
  readonly dtbAddress: number | undefined;
  readonly health: { readonly onFault: 'log' | 'restart' | 'stop'; readonly maxRestarts: number };
  readonly rights: Rights;
}

const PAGE = 4096;
/** Physical addresses, and those of guests, have 40 bits. */
export const ADDRESS_SPACE = 2 ** 40;
/** VMIDs have 8 bits, and 0 is nobody's. */
const MOST_DOMAINS = 255;

const KNOWN = [
  'compatible',
  '#address-cells',
  '#size-cells',
  'cpus',
  'memory',
  'vpl011',
  'direct-map',
  'xen,static-mem',
  'nr_spis',
  'phandle',
  'status',
  'partita,cores',
  'partita,memory-map',
  'partita,devices',
  'partita,device-tree-address',
  'partita,vpl011-address',
  'partita,on-fault',
  'partita,max-restarts',
  ...RIGHTS,
] as const;

/** Nodes of a partition. */
const PARTS = ['multiboot,module', 'xen,domain-shared-memory-v1', 'xen,evtchn-v1', VIRTIO, IVSHMEM];

/** The partitions of a system, in the order of the description. */
export function readDomains(root: Node): Domain[] {
  const chosen = root.find('/chosen');
  const domains = (chosen?.children ?? []).filter((node) => node.isCompatible('xen,domain') && node.okay).map(readDomain);
  const extra = domains[MOST_DOMAINS];
  if (extra !== undefined)
    throw extra.node.fail(`there are ${domains.length} partitions`, { expected: `at most ${MOST_DOMAINS}` });
  if (domains.length > 0) return domains;
  throw (chosen ?? root).fail('the system has no partitions', { expected: 'nodes with compatible = "xen,domain" under /chosen' });
}

function readDomain(node: Node): Domain {
  for (const property of node.properties) {
    if (!(KNOWN as readonly string[]).includes(property.name))
      throw property.fail('is not known for a partition', { advice: 'See docs/bindings.md.' });
  }
  const [address, size] = [node.get('#address-cells')?.cell() ?? 2, node.get('#size-cells')?.cell() ?? 2];
  const ranges = (property: Property | undefined) =>
    property === undefined ? [] : regions(property, address, size).map((range) => ({ ...wholePages(property, range), property }));
  for (const child of node.children) {
    if (child.okay && child.compatible.length > 0 && !child.isCompatible(...PARTS))
      throw child.fail('is nothing that a partition has', { expected: `compatible = "${PARTS.join('" or "')}"` });
  }
  const of = (compatible: string) => node.children.filter((child) => child.isCompatible(compatible) && child.okay);
  return {
    node,
    name: node.name,
    vcpus: vcpuCount(node),
    pins: node.get('partita,cores')?.cells() ?? [],
    memory: memorySize(node),
    memoryMap: ranges(node.get('partita,memory-map')),
    staticMemory: ranges(node.get('xen,static-mem')),
    directMap: node.flag('direct-map'),
    console: node.flag('vpl011'),
    consoleAddress: address32(node.get('partita,vpl011-address'), PAGE),
    modules: of('multiboot,module').map(readModule),
    shared: of('xen,domain-shared-memory-v1').map((child) => readShared(child, address, size)),
    events: of('xen,evtchn-v1').map(readEvent),
    virtio: readVirtio(node, address, size),
    ivshmem: readIvshmem(node, address, size),
    devices: readDevices(node),
    dtbAddress: address32(node.get('partita,device-tree-address'), 8),
    health: readHealth(node),
    rights: readRights(node),
  };
}

function vcpuCount(node: Node): number {
  const property = node.need('cpus');
  const count = property.cell();
  if (count < 1 || count > 8) throw property.fail(`is ${count}`, { expected: '1 to 8 vCPUs' });
  return count;
}

/** `memory` counts KiB in two cells. */
function memorySize(node: Node): number {
  const property = node.need('memory');
  const kib = wide(property) ?? 0;
  if (kib < 64 || kib % 4 !== 0 || kib > 3 * 2 ** 20)
    throw property.fail(`is ${kib} KiB`, { expected: 'a multiple of 4 from 64 KiB to 3 GiB, as <0x0 KiB>' });
  return kib * 1024;
}

function wide(property: Property | undefined): number | undefined {
  if (property === undefined) return undefined;
  const [high, low] = property.cells();
  if (high === undefined || low === undefined || property.value.length !== 8)
    throw property.fail('is no 64-bit number', { expected: 'two cells, as <0x0 0x40000000>' });
  return high * 0x1_0000_0000 + low;
}

/** An address that a guest's own 32-bit addresses reach. */
function address32(property: Property | undefined, alignment: number): number | undefined {
  const address = wide(property);
  if (property === undefined || address === undefined || (address % alignment === 0 && address < 2 ** 32)) return address;
  throw property.fail(`is 0x${address.toString(16)}`, {
    expected: alignment === PAGE ? 'the address of a 4 KiB page below 4 GiB' : `a multiple of ${alignment} below 4 GiB`,
  });
}

/** What stage 2 can map: pages, at least one, within 40 bits of address. */
function wholePages(property: Property, range: Range): Range {
  const { address, size } = range;
  if (size > 0 && address % PAGE === 0 && size % PAGE === 0 && address + size <= ADDRESS_SPACE) return range;
  throw property.fail(`has the range 0x${address.toString(16)}, size 0x${size.toString(16)}`, {
    expected: 'whole 4 KiB pages, at least one, below 2^40',
  });
}

function readModule(node: Node): Module {
  const kind = node.isCompatible('multiboot,kernel') ? 'kernel' : node.isCompatible('multiboot,ramdisk') ? 'ramdisk' : undefined;
  if (kind === undefined)
    throw node.fail('a boot module of unknown kind', { expected: 'compatible "multiboot,kernel" or "multiboot,ramdisk"' });
  return {
    node,
    kind,
    image: node.need('partita,image'),
    bootargs: node.get('bootargs')?.string(),
    load: address32(node.get('partita,load-address'), 4),
  };
}

function readShared(node: Node, address: number, size: number): SharedMemory {
  const property = node.need('xen,shared-mem');
  const cells = property.cells();
  if (cells.length !== 2 * address + size) {
    throw property.fail(`has ${cells.length} cells`, {
      expected: `physical address, guest address, size: ${2 * address + size} cells`,
    });
  }
  const number = (from: number, count: number) =>
    cells.slice(from, from + count).reduce((value, cell) => value * 0x1_0000_0000 + cell, 0);
  const role = node.get('role')?.string() ?? 'borrower';
  if (role !== 'owner' && role !== 'borrower')
    throw node.need('role').fail(`is "${role}"`, { expected: '"owner" or "borrower"' });
  const access = node.get('partita,access')?.string() ?? 'read-write';
  if (access !== 'read-write' && access !== 'read-only')
    throw node.need('partita,access').fail(`is "${access}"`, { expected: '"read-write" or "read-only"' });
  const range = { pa: number(0, address), ipa: number(address, address), size: number(2 * address, size) };
  for (const from of [range.pa, range.ipa]) wholePages(property, { address: from, size: range.size });
  return { node, property, id: node.need('xen,shm-id').string(), role, ...range, writable: access === 'read-write' };
}

function readEvent(node: Node): EventChannel {
  const property = node.need('xen,evtchn');
  const [, remote] = property.cells();
  if (remote === undefined) throw property.fail('has one cell', { expected: 'a local port and the remote end: <port &node>' });
  return { node, property, remote, channel: node.need('partita,channel').string() };
}

function readDevices(node: Node): Domain['devices'] {
  const property = node.get('partita,devices');
  return (property?.cells() ?? []).map((phandle) => {
    const device = node.byPhandle(phandle);
    if (property === undefined || device === undefined)
      throw node.fail(`'partita,devices' names phandle ${phandle}, which no node has`);
    if (!isDevice(device))
      throw property.fail(`names ${device.path}, which is no device of the board`, {
        expected: "a node with 'compatible' and 'reg' whose 'status' is okay",
      });
    return { node: device, property };
  });
}

function readHealth(node: Node): Domain['health'] {
  const property = node.get('partita,on-fault');
  const named = property?.string() ?? 'log';
  const onFault = named === 'ignore' ? 'log' : named;
  if (onFault !== 'log' && onFault !== 'restart' && onFault !== 'stop')
    throw node.need('partita,on-fault').fail(`is "${onFault}"`, { expected: '"log", "restart" or "stop"' });
  return { onFault, maxRestarts: node.get('partita,max-restarts')?.cell() ?? 3 };
}
