/**
 * Which controller a device's interrupts go to, through nexus nodes where there are some.
 * Reference: Devicetree Specification v0.4, 2.4 (interrupts and interrupt mapping).
 */
import { addressCells } from './addresses.ts';
import type { Node, Property } from './tree.ts';

export interface Interrupt {
  readonly controller: Node;
  /** As the controller's binding has it; for a GIC: kind, number, flags. */
  readonly specifier: readonly number[];
}

/** Longer chains of nexus nodes, or of interrupt parents, are taken for a cycle. */
const MAX_HOPS = 64;

/** The node's interrupts, in order. `interrupts-extended` goes before `interrupts`. */
export function interrupts(node: Node): Interrupt[] {
  const extended = node.get('interrupts-extended');
  if (extended !== undefined) return fromExtended(node, extended);
  const plain = node.get('interrupts');
  if (plain === undefined) return [];
  const parent = interruptParent(node, plain);
  const width = parent.need('#interrupt-cells').cell();
  const list = plain.cells();
  if (width === 0 || list.length % width !== 0) {
    throw plain.fail(`has ${list.length} cells`, { expected: `groups of ${width}, the #interrupt-cells of ${parent.path}` });
  }
  const found: Interrupt[] = [];
  for (let at = 0; at < list.length; at += width) found.push(throughMaps(node, plain, parent, list.slice(at, at + width)));
  return found;
}

function fromExtended(node: Node, property: Property): Interrupt[] {
  const list = property.cells();
  const found: Interrupt[] = [];
  for (let at = 0; at < list.length; ) {
    const controller = target(property, list[at]!);
    const width = controller.need('#interrupt-cells').cell();
    if (at + 1 + width > list.length) {
      throw property.fail('ends within a specifier', { expected: `${width} cells after the phandle of ${controller.path}` });
    }
    found.push(throughMaps(node, property, controller, list.slice(at + 1, at + 1 + width)));
    at += 1 + width;
  }
  return found;
}

function target(property: Property, phandle: number): Node {
  const found = property.node.byPhandle(phandle);
  if (found !== undefined) return found;
  throw property.fail(`names phandle ${phandle}, which no node has`, {
    advice: 'Refer to the controller by a label: <&label …>.',
  });
}

/** The node that gives `interrupts` its meaning: the first with `#interrupt-cells` on the way of interrupt parents. */
function interruptParent(node: Node, property: Property): Node {
  let at: Node | undefined = node;
  for (let hops = 0; at !== undefined && hops < MAX_HOPS; hops++) {
    const explicit: Property | undefined = at.get('interrupt-parent');
    at = explicit === undefined ? at.parent : target(explicit, explicit.cell());
    if (at?.has('#interrupt-cells')) return at;
  }
  const advice = "Add 'interrupt-parent = <&controller>;' to the node or to one above it.";
  throw property.fail('has no interrupt controller', { advice });
}

/** Follows `interrupt-map`s up to a real controller. */
function throughMaps(node: Node, property: Property, first: Node, cells: readonly number[]): Interrupt {
  let controller = first;
  let specifier = cells;
  let unit: readonly number[] =
    node.parent === undefined ? [] : (node.get('reg')?.cells().slice(0, addressCells(node.parent)) ?? []);
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    if (controller.has('interrupt-controller') || !controller.has('interrupt-map')) return { controller, specifier };
    const row = matchingRow(controller, unit, specifier);
    if (row === undefined) {
      throw property.fail(`has interrupt <${specifier.join(' ')}>, which 'interrupt-map' of ${controller.path} lacks`);
    }
    ({ parent: controller, unit, specifier } = row);
  }
  throw property.fail('runs in a circle of interrupt maps', { advice: `Check 'interrupt-map' of ${controller.path}.` });
}

interface MapRow {
  readonly parent: Node;
  readonly unit: readonly number[];
  readonly specifier: readonly number[];
}

function matchingRow(nexus: Node, unit: readonly number[], specifier: readonly number[]): MapRow | undefined {
  const map = nexus.need('interrupt-map');
  const list = map.cells();
  const unitWidth = addressCells(nexus);
  const width = unitWidth + nexus.need('#interrupt-cells').cell();
  const mask = nexus.get('interrupt-map-mask')?.cells() ?? [];
  const wanted = [...Array.from({ length: unitWidth }, (_, index) => unit[index] ?? 0), ...specifier];
  for (let at = 0; at < list.length; ) {
    if (at + width >= list.length) throw map.fail('ends within a row', { expected: `${width} cells and a phandle` });
    const parent = target(map, list[at + width]!);
    const parentUnit = parent.get('#address-cells')?.cell() ?? 0;
    const parentWidth = parentUnit + parent.need('#interrupt-cells').cell();
    const start = at + width + 1;
    if (start + parentWidth > list.length)
      throw map.fail('ends within a row', { expected: `${parentWidth} cells for ${parent.path}` });
    const row = at;
    at = start + parentWidth;
    if (wanted.every((cell, index) => ((cell ^ list[row + index]!) & (mask[index] ?? 0xffff_ffff)) === 0)) {
      return { parent, unit: list.slice(start, start + parentUnit), specifier: list.slice(start + parentUnit, at) };
    }
  }
  return undefined;
}
