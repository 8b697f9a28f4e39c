/**
 * A board: the description as a tree, with what the command line changes in it (memory, cores, processor).
 * The same tree is what a guest gets to see, so the guest is never told of anything that is not there.
 */
import type { CpuModel } from '../cpu/models.ts';
import { GICS } from './bindings.ts';
import { addressCells, cpuRegions, type Region, sizeCells } from './devicetree/addresses.ts';
import { DeviceTree, type Node } from './devicetree/tree.ts';
import { cells, join, wideCells } from './devicetree/values.ts';

export const MAX_CORES = 4;
const CPUS: Readonly<Record<string, CpuModel['name']>> = { 'arm,cortex-a15': 'cortex-a15', 'arm,cortex-a7': 'cortex-a7' };

export interface BoardOptions {
  /** Bytes of RAM, instead of the description's. */
  readonly memory?: number;
  readonly cores?: number;
  readonly cpu?: CpuModel['name'];
  /** Whether the processors have Hyp mode, where the board leaves it open. */
  readonly virtualization: boolean;
  /** Whether the board starts with firmware from its flash. */
  readonly firmware?: boolean;
}

/** Changes the tree as the options ask. Throws DeviceTreeError for a board that cannot have what is asked. */
export function applyOptions(tree: DeviceTree, options: BoardOptions): void {
  if (options.memory !== undefined) setMemory(tree, options.memory);
  setCores(tree, options);
  const psci = tree.root.find('/psci');
  if (psci !== undefined && options.virtualization) psci.set('method', 'smc');
  if (options.firmware === true) moveForFirmware(tree);
}

/** 32-bit firmware may see less of the address space: a PCI host that says so has its configuration space elsewhere then, a MiB a bus. */
function moveForFirmware(tree: DeviceTree): void {
  for (const node of tree.root.walk()) {
    const low = node.get('partita,firmware-reg');
    if (low === undefined) continue;
    node.set('reg', low.value, low.origin);
    const [space] = cpuRegions(node);
    if (space !== undefined && node.has('bus-range')) node.set('bus-range', cells(0, space.size / 0x10_0000 - 1), low.origin);
  }
}

/** A tree of its own with the same content. */
export function copyTree(tree: DeviceTree): DeviceTree {
  const copy = new DeviceTree(tree.root.origin);
  for (const { name, value, origin } of tree.root.properties) copy.root.set(name, value.slice(), origin);
  for (const child of tree.root.children) copy.root.copy(child);
  copy.reservations.push(...tree.reservations);
  return copy;
}

/** The processors that the tree has, with the model of the first; errors name the node. */
export function readCpus(tree: DeviceTree): { readonly count: number; readonly name: CpuModel['name'] } {
  const nodes = cpuNodes(tree);
  const first = nodes[0];
  if (first === undefined)
    throw tree.root.fail('the board has no cpu node', { advice: 'Add /cpus/cpu@0 with compatible = "arm,cortex-a15".' });
  if (nodes.length > MAX_CORES) throw first.fail(`the board has ${nodes.length} cores`, { expected: `one to ${MAX_CORES}` });
  const name = first.compatible.map((compatible) => CPUS[compatible]).find((known) => known !== undefined);
  if (name !== undefined) return { count: nodes.length, name };
  throw first.fail(`unknown processor "${first.compatible.join('", "')}"`, { expected: Object.keys(CPUS).join(' or ') });
}

/** The ranges of RAM. */
export function memoryRegions(tree: DeviceTree): readonly (Region & { readonly node: Node })[] {
  return memoryNodes(tree).flatMap((node) => cpuRegions(node).map((region) => ({ ...region, node })));
}

const memoryNodes = (tree: DeviceTree): Node[] =>
  tree.root.children.filter((node) => node.get('device_type')?.string() === 'memory' || node.baseName === 'memory');

const cpuNodes = (tree: DeviceTree): Node[] =>
  (tree.root.find('/cpus')?.children ?? []).filter((node) => node.baseName === 'cpu' && node.okay);

function setMemory(tree: DeviceTree, size: number): void {
  const node = memoryNodes(tree)[0];
  const region = node === undefined ? undefined : cpuRegions(node)[0];
  if (node === undefined || region === undefined) throw tree.root.fail('the board has no memory node');
  if (region.address + size > 2 ** 40) throw node.fail(`${size} bytes of memory do not fit below 2^40`);
  node.set('reg', wideCells(2, region.address, size), node.origin);
}

/** Makes another tree, such as one from a file, say the memory that the board has. */
export function tellMemory(tree: DeviceTree, regions: readonly Region[]): void {
  for (const node of memoryNodes(tree)) tree.root.remove(node);
  for (const { address, size } of regions) {
    const node = tree.root.append(`memory@${address.toString(16)}`, tree.root.origin);
    node.set('device_type', 'memory');
    node.set('reg', join(wideCells(addressCells(tree.root), address), wideCells(sizeCells(tree.root), size)));
  }
}

/**
 * Makes another tree know the slots of the board that have a virtio device, if it knows of none: QEMU adds them to the kernel's own trees of the
 * V2P-CA15, too.
 */
export function tellSlots(tree: DeviceTree, board: DeviceTree): void {
  const nodes = [...tree.root.walk()];
  const gic = nodes.find((node) => node.isCompatible(...GICS))?.phandle;
  if (gic === undefined || nodes.some(isSlot)) return;
  for (const slot of board.root.walk()) {
    const place = isSlot(slot) && slot.has('partita,virtio') ? cpuRegions(slot)[0] : undefined;
    if (place === undefined) continue;
    const node = tree.root.append(`virtio_mmio@${place.address.toString(16)}`, tree.root.origin);
    node.set('compatible', 'virtio,mmio');
    const { address, size } = place;
    node.set('reg', join(wideCells(addressCells(tree.root), address), wideCells(sizeCells(tree.root), size)));
    node.set('interrupt-parent', gic);
    node.set('interrupts', slot.need('interrupts').value);
  }
}

const isSlot = (node: Node): boolean => node.isCompatible('virtio,mmio');

function setCores(tree: DeviceTree, { cores, cpu }: BoardOptions): void {
  const parent = tree.root.find('/cpus');
  const first = cpuNodes(tree)[0];
  if (parent === undefined || first === undefined) return;
  if (cores !== undefined) {
    for (const node of cpuNodes(tree).slice(cores)) parent.remove(node);
    for (let i = cpuNodes(tree).length; i < cores; i++) {
      const copy = parent.append(`cpu@${i}`, first.origin);
      for (const { name, value } of first.properties) if (name !== 'phandle') copy.set(name, value, first.origin);
      copy.set('reg', cells(i), first.origin);
    }
  }
  const several = cpuNodes(tree).length > 1 && tree.root.find('/psci') !== undefined;
  for (const node of cpuNodes(tree)) {
    if (several) node.set('enable-method', 'psci', node.origin);
    if (cpu !== undefined) node.set('compatible', `arm,${cpu}`, node.origin);
  }
}
