/**
 * The device tree as a model: nodes, properties, and how to find and build them.
 * Reference: Devicetree Specification v0.4, chapter 2.
 */
import { DeviceTreeError, type ErrorDetails, type Origin } from './error.ts';
import { fromUtf8 } from './text.ts';
import { cells, readCells, strings } from './values.ts';

/** Origin of what this program builds itself. */
export const BUILT: Origin = { file: '<built>', line: 0, column: 0 };

export class Property {
  readonly node: Node;
  readonly name: string;
  value: Uint8Array;
  readonly labels: string[] = [];
  readonly origin: Origin;

  constructor(node: Node, name: string, value: Uint8Array, origin: Origin) {
    this.node = node;
    this.name = name;
    this.value = value;
    this.origin = origin;
  }

  fail(problem: string, details: ErrorDetails = {}): DeviceTreeError {
    return new DeviceTreeError(this.origin, `property '${this.name}' ${problem}`, { path: this.node.path, ...details });
  }

  /** The value as 32-bit cells. */
  cells(): number[] {
    if (this.value.length % 4 === 0) return readCells(this.value);
    throw this.fail(`has ${this.value.length} bytes`, { expected: 'whole 32-bit cells', advice: 'Write it as <…>.' });
  }

  /** The value of a property that is one cell. */
  cell(): number {
    if (this.value.length === 4) return this.cells()[0]!;
    throw this.fail(`has ${this.value.length} bytes`, { expected: 'one 32-bit cell', advice: 'Write it as <number>.' });
  }

  /** The value as a list of strings. */
  strings(): string[] {
    if (this.value.length === 0) return [];
    if (this.value[this.value.length - 1] !== 0) {
      throw this.fail('does not end in a NUL', { expected: 'strings', advice: 'Write it as "…".' });
    }
    return fromUtf8(this.value.subarray(0, -1)).split('\0');
  }

  /** The value of a property that is one string. */
  string(): string {
    const found = this.strings();
    if (found.length === 1) return found[0]!;
    throw this.fail(`has ${found.length} strings`, { expected: 'one string', advice: 'Write it as "…".' });
  }
}

export class Node {
  readonly name: string;
  readonly parent: Node | undefined;
  readonly labels: string[] = [];
  readonly children: Node[] = [];
  readonly origin: Origin;
  readonly #properties = new Map<string, Property>();

  constructor(name: string, parent: Node | undefined = undefined, origin: Origin = BUILT) {
    this.name = name;
    this.parent = parent;
    this.origin = origin;
  }

  get baseName(): string {
    return this.name.split('@')[0]!;
  }

  /** What follows the `@`, as written. */
  get unitAddress(): string | undefined {
    const at = this.name.indexOf('@');
    return at < 0 ? undefined : this.name.slice(at + 1);
  }

  get path(): string {
    let path = '';
    for (let node: Node = this; node.parent !== undefined; node = node.parent) path = `/${node.name}${path}`;
    return path === '' ? '/' : path;
  }

  get root(): Node {
    let node: Node = this;
    while (node.parent !== undefined) node = node.parent;
    return node;
  }

  /** In their order in the source. */
  get properties(): readonly Property[] {
    return [...this.#properties.values()];
  }

  fail(problem: string, details: ErrorDetails = {}): DeviceTreeError {
    return new DeviceTreeError(this.origin, problem, { path: this.path, ...details });
  }

  has(name: string): boolean {
    return this.#properties.has(name);
  }

  get(name: string): Property | undefined {
    return this.#properties.get(name);
  }

  /** Whether a property is there of which that is all that it says. */
  flag(name: string): boolean {
    const property = this.get(name);
    if (property === undefined || property.value.length === 0) return property !== undefined;
    throw property.fail('has a value', { expected: 'none: that the property is there is what it says' });
  }

  /** A property that the node's binding requires. */
  need(name: string): Property {
    const found = this.#properties.get(name);
    if (found !== undefined) return found;
    throw this.fail(`property '${name}' is missing`, { advice: `Add '${name}' to this node.` });
  }

  /** The nodes below this one, itself first, in the order of the source. */
  *walk(): Generator<Node, void, undefined> {
    const pending: Node[] = [this];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      yield node;
      for (let index = node.children.length - 1; index >= 0; index--) pending.push(node.children[index]!);
    }
  }

  /**
   * The node at a path: from the root if it starts with `/`, else from an alias if there is one of that name, else from
   * here. A component without unit address finds the one child of that name, as firmware does.
   */
  find(path: string): Node | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    if (path.startsWith('/')) return descend(this.root, parts);
    const alias = this.byAlias(parts[0] ?? '');
    return alias === undefined ? descend(this, parts) : descend(alias, parts.slice(1));
  }

  byAlias(name: string): Node | undefined {
    const target = descend(this.root, ['aliases'])?.get(name)?.strings()[0];
    return target?.startsWith('/') ? descend(this.root, target.split('/').slice(1)) : undefined;
  }

  byLabel(label: string): Node | undefined {
    for (const node of this.root.walk()) if (node.labels.includes(label)) return node;
    return undefined;
  }

  byPhandle(phandle: number): Node | undefined {
    for (const node of this.root.walk()) if (node.phandle === phandle) return node;
    return undefined;
  }

  /** The node's phandle, if it has a valid one. */
  get phandle(): number | undefined {
    const property = this.get('phandle') ?? this.get('linux,phandle');
    if (property?.value.length !== 4) return undefined;
    const phandle = property.cell();
    return phandle === 0 || phandle === 0xffff_ffff ? undefined : phandle;
  }

  get compatible(): readonly string[] {
    return this.get('compatible')?.strings() ?? [];
  }

  isCompatible(...names: readonly string[]): boolean {
    return this.compatible.some((name) => names.includes(name));
  }

  /** Whether the device is operational (Devicetree Specification 2.3.4). */
  get okay(): boolean {
    const status = this.get('status');
    return status === undefined || ['okay', 'ok'].includes(status.string());
  }

  /** Sets a property, in its old place if it had one. No value makes an empty property, a string or number one of each. */
  set(name: string, value: Uint8Array | string | number = new Uint8Array(0), origin: Origin = BUILT): Property {
    const bytes = typeof value === 'string' ? strings(value) : typeof value === 'number' ? cells(value) : value;
    const property = new Property(this, name, bytes, origin);
    this.#properties.set(name, property);
    return property;
  }

  delete(name: string): void {
    this.#properties.delete(name);
  }

  /** The child of that very name, created if there is none. */
  child(name: string, origin: Origin = BUILT): Node {
    return this.children.find((child) => child.name === name) ?? this.append(name, origin);
  }

  /** A new last child; the caller knows that there is none of that name. */
  append(name: string, origin: Origin = BUILT): Node {
    const child = new Node(name, this, origin);
    this.children.push(child);
    return child;
  }

  /** Takes a child out of the tree. */
  remove(child: Node): void {
    const index = this.children.indexOf(child);
    if (index >= 0) this.children.splice(index, 1);
  }

  /** Copies a node of any tree, with all below it, as a child of this one. Phandles and labels are kept. */
  copy(original: Node): Node {
    const copy = this.child(original.name, original.origin);
    copy.labels.push(...original.labels);
    for (const { name, value, origin, labels } of original.properties)
      copy.set(name, value.slice(), origin).labels.push(...labels);
    for (const child of original.children) copy.copy(child);
    return copy;
  }

  /** The node's phandle; a node without one is given the smallest free one. */
  ensurePhandle(): number {
    if (this.phandle !== undefined) return this.phandle;
    const taken = new Set<number | undefined>();
    for (const node of this.root.walk()) taken.add(node.phandle);
    let phandle = 1;
    while (taken.has(phandle)) phandle++;
    this.set('phandle', phandle);
    return phandle;
  }
}

function descend(from: Node, parts: readonly string[]): Node | undefined {
  let node: Node | undefined = from;
  for (const part of parts) node = node === undefined ? undefined : childCalled(node, part);
  return node;
}

function childCalled(node: Node, name: string): Node | undefined {
  const exact = node.children.find((child) => child.name === name);
  if (exact !== undefined || name.includes('@')) return exact;
  const alike = node.children.filter((child) => child.baseName === name);
  return alike.length === 1 ? alike[0] : undefined;
}

/** Memory that the boot program must leave alone: an entry of the memory reservation block. */
export interface Reservation {
  readonly address: bigint;
  readonly size: bigint;
}

/** A whole tree, with what the flattened form says besides the nodes. */
export class DeviceTree {
  readonly root: Node;
  readonly reservations: Reservation[] = [];
  /** Physical identifier of the processor that boots. */
  bootCpu = 0;

  constructor(origin: Origin = BUILT) {
    this.root = new Node('', undefined, origin);
  }
}
