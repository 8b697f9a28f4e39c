/**
 * Makes the tree of what the sources said: phandles for nodes that are referred to, paths, labels, nodes to omit. The order
 * is that of dtc, so that the same phandles come out.
 */
import type { Piece, Reference, SourceNode, SourceProperty, SourceTree } from './dts-source-tree.ts';
import { DeviceTreeError, type Origin } from './error.ts';
import { checkNameProperty } from './names.ts';
import { toLatin1 } from './text.ts';
import type { DeviceTree, Node } from './tree.ts';
import { cells, concat, readCells } from './values.ts';

/** Bytes that all values may have together; a path for each reference can be far longer than its source. */
const MAX_BYTES = 32 * 1024 * 1024;

const PHANDLE_NAMES = ['phandle', 'linux,phandle'];

export function resolve(source: SourceTree, root: SourceNode, tree: DeviceTree): void {
  new Resolver(source).resolve(root, tree);
}

class Resolver {
  readonly #source: SourceTree;
  readonly #nodes: SourceNode[] = [];
  readonly #phandles = new Map<SourceNode, number>();
  readonly #taken = new Map<number, SourceNode>();
  readonly #labels = new Map<string, Origin>();
  readonly #referenced = new Set<SourceNode>();
  #next = 1;
  #bytes = 0;

  constructor(source: SourceTree) {
    this.#source = source;
  }

  resolve(root: SourceNode, tree: DeviceTree): void {
    this.#collect(root);
    for (const node of this.#nodes) this.#checkLabels(node);
    for (const node of this.#nodes) this.#explicitPhandle(node);
    for (const node of this.#nodes) {
      for (const property of live(node)) this.#number(node, property);
    }
    this.#emit(root, tree.root);
    tree.bootCpu = bootCpu(root);
  }

  #collect(node: SourceNode): void {
    this.#nodes.push(node);
    for (const child of node.children) if (!child.deleted) this.#collect(child);
  }

  #checkLabels(node: SourceNode): void {
    for (const [name, origin] of node.labels) this.#claim(name, origin, node);
    for (const { labels, innerLabels } of live(node)) {
      for (const [name, origin] of [...labels, ...innerLabels]) this.#claim(name, origin, node);
    }
  }

  #claim(name: string, origin: Origin, node: SourceNode): void {
    const other = this.#labels.get(name);
    this.#labels.set(name, origin);
    if (other === undefined) return;
    const advice = `It also stands at ${other.file}:${other.line}:${other.column}.`;
    throw new DeviceTreeError(origin, `label '${name}' is given twice`, { path: node.path, advice });
  }

  /** Takes note of a phandle that the source gives itself. */
  #explicitPhandle(node: SourceNode): void {
    for (const property of live(node)) {
      if (!PHANDLE_NAMES.includes(property.name)) continue;
      const phandle = this.#ownPhandle(node, property);
      if (phandle === undefined) continue;
      const other = this.#taken.get(phandle);
      if (other !== undefined && other !== node)
        throw fault(node, property.origin, `phandle ${phandle} is that of ${other.path} too`);
      this.#phandles.set(node, phandle);
      this.#taken.set(phandle, node);
    }
  }

  #ownPhandle(node: SourceNode, property: SourceProperty): number | undefined {
    const reference = property.pieces.find((piece) => !(piece instanceof Uint8Array));
    if (reference !== undefined) {
      // `phandle = <&itself>` asks for any phandle.
      if (this.#target(reference as Reference, node) === node && property.pieces.length <= 3) return undefined;
      throw fault(node, property.origin, `property '${property.name}' refers to another node`);
    }
    const value = concat(property.pieces as Uint8Array[]);
    const phandle = value.length === 4 ? readCells(value)[0]! : 0;
    if (phandle !== 0 && phandle !== 0xffff_ffff) return phandle;
    throw fault(node, property.origin, `property '${property.name}' is no valid phandle`, 'one cell other than 0 and 0xffffffff');
  }

  /** Numbers the nodes that a property refers to. */
  #number(node: SourceNode, property: SourceProperty): void {
    for (const piece of property.pieces) {
      if (piece instanceof Uint8Array) continue;
      const target = this.#target(piece, node);
      this.#referenced.add(target);
      if (piece.kind === 'path' || this.#phandles.has(target)) continue;
      while (this.#taken.has(this.#next)) this.#next++;
      this.#phandles.set(target, this.#next);
      this.#taken.set(this.#next, target);
    }
  }

  #target(reference: Reference, node: SourceNode): SourceNode {
    const { to, origin } = reference;
    const found = this.#source.find(to);
    if (found !== undefined) return found;
    if ('label' in to)
      throw fault(
        node,
        origin,
        `label '${to.label}' does not exist`,
        'the label of a node',
        'Labels are written before the name: label: node@0 { … }.',
      );
    throw fault(node, origin, `node ${to.path} does not exist`, 'the full path of a node');
  }

  #emit(from: SourceNode, to: Node): void {
    to.labels.push(...from.labels.keys());
    for (const property of live(from)) {
      const value = concat(property.pieces.map((piece) => this.#bytesOf(piece, from)));
      to.set(property.name, value, property.origin).labels.push(...property.labels.keys());
    }
    const phandle = this.#phandles.get(from);
    if (phandle !== undefined && !PHANDLE_NAMES.some((name) => to.has(name))) to.set('phandle', phandle, from.origin);
    checkNameProperty(to);
    for (const child of from.children) {
      if (child.deleted || (child.omitIfNoRef && !this.#referenced.has(child))) continue;
      this.#emit(child, to.append(child.name, child.origin));
    }
  }

  #bytesOf(piece: Piece, node: SourceNode): Uint8Array {
    const bytes = piece instanceof Uint8Array ? piece : this.#resolved(piece, this.#target(piece, node));
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) throw fault(node, node.origin, `the values of the tree have more than ${MAX_BYTES} bytes`);
    return bytes;
  }

  #resolved(reference: Reference, target: SourceNode): Uint8Array {
    return reference.kind === 'phandle' ? cells(this.#phandles.get(target)!) : toLatin1(`${target.path}\0`);
  }
}

function live(node: SourceNode): SourceProperty[] {
  return node.properties.filter((property) => !property.deleted);
}

function fault(node: SourceNode, origin: Origin, problem: string, expected?: string, advice?: string): DeviceTreeError {
  return new DeviceTreeError(origin, problem, { path: node.path, expected, advice });
}

/** As dtc has it: `reg` of the first child of /cpus, if that is one cell. */
function bootCpu(root: SourceNode): number {
  const cpus = root.childNamed.get('cpus');
  const first = cpus === undefined || cpus.deleted ? undefined : cpus.children[0];
  const reg = first?.propertyNamed.get('reg');
  if (reg === undefined || reg.deleted) return 0;
  const bytes = reg.pieces.map((piece) => (piece instanceof Uint8Array ? piece : new Uint8Array(4)));
  const value = concat(bytes);
  return value.length === 4 ? readCells(value)[0]! : 0;
}
