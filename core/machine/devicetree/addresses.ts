/**
 * `reg`, `ranges` and what they mean to a processor.
 * Reference: Devicetree Specification v0.4, 2.3.5 (#address-cells), 2.3.6 (reg), 2.3.8 (ranges).
 */
import type { Node, Property } from './tree.ts';

export interface Region {
  readonly address: number;
  readonly size: number;
}

interface Window {
  readonly child: number;
  readonly parent: number;
  readonly size: number;
}

/** How many cells an address below this node takes; two if the node does not say. */
export function addressCells(bus: Node): number {
  return cellCount(bus, '#address-cells', 2);
}

/** How many cells a size below this node takes; one if the node does not say. */
export function sizeCells(bus: Node): number {
  return cellCount(bus, '#size-cells', 1);
}

function cellCount(bus: Node, name: string, otherwise: number): number {
  const property = bus.get(name);
  const count = property?.cell() ?? otherwise;
  if (property !== undefined && count > 4) throw property.fail(`is ${count}`, { expected: '0 to 4 cells' });
  return count;
}

/** The number in some cells of a property. */
function wide(property: Property, list: readonly number[], at: number, count: number): number {
  let value = 0;
  for (let cell = 0; cell < count; cell++) value = value * 2 ** 32 + list[at + cell]!;
  if (Number.isSafeInteger(value)) return value;
  throw property.fail(`has a number beyond 2^53 in cell ${at}`, { expected: 'an address or size that a machine can have' });
}

/** The cells of a property in rows of so many. */
function rows(property: Property, width: number, meaning: string): number[][] {
  const list = property.cells();
  if (width === 0 ? list.length !== 0 : list.length % width !== 0) {
    const advice = "Check '#address-cells' and '#size-cells' of the parent node.";
    throw property.fail(`has ${list.length} cells`, { expected: `groups of ${width} (${meaning})`, advice });
  }
  return Array.from({ length: width === 0 ? 0 : list.length / width }, (_, row) => list.slice(row * width, (row + 1) * width));
}

/** The node's `reg` in the address space of its bus. Empty when there is none. */
export function reg(node: Node): Region[] {
  const property = node.get('reg');
  if (property === undefined || node.parent === undefined) return [];
  return regions(property, addressCells(node.parent), sizeCells(node.parent));
}

/** A property of (address, size) pairs of these widths. */
export function regions(property: Property, forAddress: number, forSize: number): Region[] {
  const found = rows(property, forAddress + forSize, `address ${forAddress}, size ${forSize}`);
  return found.map((row) => ({ address: wide(property, row, 0, forAddress), size: wide(property, row, forAddress, forSize) }));
}

/** The node's `reg` as a processor sees it. */
export function cpuRegions(node: Node): Region[] {
  return reg(node).map((region) => toCpu(node, region));
}

/** Takes a region from the address space that the node's `reg` is in to that of the processors. */
export function toCpu(node: Node, region: Region): Region {
  let { address } = region;
  for (let bus = node.parent; bus?.parent !== undefined; bus = bus.parent) address = upThrough(bus, node, address, region.size);
  return { address, size: region.size };
}

function upThrough(bus: Node, node: Node, address: number, size: number): number {
  const property = bus.get('ranges');
  if (property === undefined) {
    const advice = `Add 'ranges;' to ${bus.path} if its addresses are those of its parent.`;
    throw node.fail(`address 0x${address.toString(16)} does not reach the processor: ${bus.path} has no 'ranges'`, { advice });
  }
  if (property.value.length === 0) return address;
  const window = windows(property, bus).find(({ child, size: length }) => address >= child && address + size <= child + length);
  if (window !== undefined) return window.parent + (address - window.child);
  const advice = `Correct 'reg' of the node or 'ranges' of ${bus.path}.`;
  throw node.fail(`0x${address.toString(16)} (size 0x${size.toString(16)}) is in no window of ${bus.path}`, { advice });
}

function windows(property: Property, bus: Node): Window[] {
  const forChild = addressCells(bus);
  const forParent = addressCells(bus.parent!);
  const forSize = sizeCells(bus);
  const meaning = `child address ${forChild}, parent address ${forParent}, size ${forSize}`;
  return rows(property, forChild + forParent + forSize, meaning).map((row) => ({
    child: wide(property, row, 0, forChild),
    parent: wide(property, row, forChild, forParent),
    size: wide(property, row, forChild + forParent, forSize),
  }));
}
