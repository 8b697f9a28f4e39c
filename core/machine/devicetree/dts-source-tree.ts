/**
 * The tree as its sources build it up: what a later node of the same path adds, replaces and deletes. Like dtc, what is
 * deleted keeps its place, so that it returns there when it is defined again.
 */
import { DeviceTreeError, type Origin } from './error.ts';

export interface Reference {
  /** What `&name` or `&{/path}` says. */
  readonly to: { readonly label: string } | { readonly path: string };
  /** A phandle in cells; the path as a string elsewhere. */
  readonly kind: 'phandle' | 'path';
  readonly origin: Origin;
}

/** Names, and where each is given. */
export type Labels = Map<string, Origin>;

export type Piece = Uint8Array | Reference;

export interface SourceProperty {
  readonly name: string;
  origin: Origin;
  readonly labels: Labels;
  pieces: readonly Piece[];
  /** Labels within the value: they name bytes, which only their uniqueness concerns here. */
  innerLabels: readonly (readonly [string, Origin])[];
  deleted: boolean;
}

/** Deletions, of nodes with all below them, that one source may ask for. */
const MAX_DELETIONS = 20_000_000;

export class SourceNode {
  readonly name: string;
  readonly origin: Origin;
  parent: SourceNode | undefined;
  readonly labels: Labels = new Map();
  /** As written; in a node that is part of the tree each name stands once. */
  readonly properties: SourceProperty[] = [];
  readonly children: SourceNode[] = [];
  readonly propertyNamed = new Map<string, SourceProperty>();
  readonly childNamed = new Map<string, SourceNode>();
  deleted = false;
  omitIfNoRef = false;

  constructor(name: string, parent: SourceNode | undefined, origin: Origin) {
    this.name = name;
    this.parent = parent;
    this.origin = origin;
  }

  get path(): string {
    let path = '';
    for (let node: SourceNode = this; node.parent !== undefined; node = node.parent) path = `/${node.name}${path}`;
    return path === '' ? '/' : path;
  }
}

export class SourceTree {
  #root: SourceNode | undefined;
  readonly #labelled = new Map<string, SourceNode>();
  #deletions = 0;

  get root(): SourceNode | undefined {
    return this.#root;
  }

  /** Adds a root node's body to the tree. */
  mergeRoot(body: SourceNode): void {
    if (this.#root !== undefined) this.merge(this.#root, body);
    else this.#attach(body);
    this.#root ??= body;
  }

  find(to: Reference['to']): SourceNode | undefined {
    if ('label' in to) return this.#labelled.get(to.label);
    let node = this.#root;
    for (const part of to.path.split('/').filter((name) => name !== '')) {
      node = node?.childNamed.get(part);
      if (node?.deleted) return undefined;
    }
    return to.path.startsWith('/') ? node : undefined;
  }

  label(node: SourceNode, name: string, origin: Origin): void {
    if (!node.labels.has(name)) node.labels.set(name, origin);
    if (!this.#labelled.has(name)) this.#labelled.set(name, node);
  }

  /** Adds what a body says to a node of the tree. */
  merge(node: SourceNode, body: SourceNode): void {
    node.deleted = false;
    for (const [name, origin] of body.labels) this.label(node, name, origin);
    for (const property of body.properties) mergeProperty(node, property);
    for (const child of body.children) {
      const known = node.childNamed.get(child.name);
      if (child.deleted) {
        if (known !== undefined) this.delete(known);
      } else if (known !== undefined) this.merge(known, child);
      else this.#adopt(node, child);
    }
  }

  delete(node: SourceNode): void {
    this.#deletions += 1 + node.properties.length;
    if (this.#deletions > MAX_DELETIONS)
      throw new DeviceTreeError(node.origin, `more than ${MAX_DELETIONS} deletions`, { path: node.path });
    node.deleted = true;
    for (const name of node.labels.keys()) if (this.#labelled.get(name) === node) this.#labelled.delete(name);
    node.labels.clear();
    for (const property of node.properties) forget(property);
    for (const child of node.children) this.delete(child);
  }

  #adopt(node: SourceNode, child: SourceNode): void {
    child.parent = node;
    node.children.push(child);
    node.childNamed.set(child.name, child);
    this.#attach(child);
  }

  /** Makes a node that is read as it stands part of the tree. */
  #attach(node: SourceNode): void {
    for (const [name, origin] of node.labels) this.label(node, name, origin);
    for (const property of node.properties.splice(0)) {
      // In the body that defines a property its deletion has no effect, in dtc either.
      if (property.deleted) continue;
      if (node.propertyNamed.has(property.name)) throw twice(node, `property '${property.name}'`, property.origin);
      node.properties.push(property);
      node.propertyNamed.set(property.name, property);
    }
    for (const child of node.children.splice(0)) {
      if (node.childNamed.has(child.name)) throw twice(node, `node '${child.name}'`, child.origin);
      if (!child.deleted) this.#adopt(node, child);
    }
  }
}

function twice(node: SourceNode, what: string, origin: Origin): DeviceTreeError {
  const advice = 'Remove one, or change the first from outside with &label { … }.';
  return new DeviceTreeError(origin, `${what} is mentioned twice in one node`, { path: node.path, advice });
}

function forget(property: SourceProperty): void {
  property.deleted = true;
  property.labels.clear();
}

function mergeProperty(node: SourceNode, property: SourceProperty): void {
  const known = node.propertyNamed.get(property.name);
  if (property.deleted) {
    if (known !== undefined) forget(known);
  } else if (known === undefined) {
    node.properties.push(property);
    node.propertyNamed.set(property.name, property);
  } else {
    const { origin, pieces, innerLabels } = property;
    Object.assign(known, { origin, pieces, innerLabels, deleted: false });
    for (const [name, place] of property.labels) known.labels.set(name, place);
  }
}
