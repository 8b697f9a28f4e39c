/**
 * The shape of a region's control flow: an order in which every block comes after those that lead to it (but for loops), and the block through
 * which each one is always reached. From it follows how to nest WebAssembly's blocks and loops.
 * Reference: N. Ramsey, "Beyond Relooper", ICFP 2022; K. Cooper et al., "A Simple, Fast Dominance Algorithm".
 */
import type { Block } from './region.ts';

export class Node {
  readonly block: Block;
  /** Place in the order. */
  order = 0;
  /** Where it goes on, as in the block; in the end undefined also for edges that no nesting allows. */
  next: Node | undefined;
  taken: Node | undefined;
  /** Where ways to it come from. */
  readonly before: Node[] = [];
  /** The last block that all ways to this one have in common. */
  dominator: Node | undefined;
  /** Blocks of which this one is the dominator, in order. */
  readonly children: Node[] = [];
  /** Ways to it from blocks before it. */
  entries = 0;
  /** Whether a way leads back to it. */
  loops = false;
  /** Whether the budget is looked at before it. */
  checked = false;
  /** Instructions from here to where the budget is looked at next, at most. */
  longest = 0;
  /** Depth of the label of its loop, and of the end of the block that it follows. */
  loopLevel = 0;
  mergeLevel = 0;
  /** Whether it is known at its end that VFP is enabled. */
  vfpChecked = false;
  /** How its flags are held on entry, once a way to it is written. */
  flags: number | undefined;

  constructor(block: Block) {
    this.block = block;
  }

  get merges(): boolean {
    return this.entries > 1;
  }
}

/** Instructions in a row after which the budget is looked at. */
const LONG = 48;

/** The nodes in order; the first is the entry. */
export function analyse(entry: Block): Node[] {
  const nodes = inOrder(entry);
  findDominators(nodes);
  for (const node of nodes) {
    node.next = link(node, node.next);
    node.taken = link(node, node.taken);
  }
  findChecks(nodes);
  return nodes;
}

/** Reverse postorder, with all edges. */
function inOrder(entry: Block): Node[] {
  const finished: Node[] = [];
  const nodes = new Map<Block, Node>();
  const visit = (block: Block): Node => {
    const known = nodes.get(block);
    if (known !== undefined) return known;
    const node = new Node(block);
    nodes.set(block, node);
    node.taken = block.taken && visit(block.taken);
    node.next = block.next && visit(block.next);
    node.taken?.before.push(node);
    node.next?.before.push(node);
    finished.push(node);
    return node;
  };
  visit(entry);
  finished.reverse();
  for (let order = 0; order < finished.length; order++) (finished[order] as Node).order = order;
  return finished;
}

function findDominators(nodes: readonly Node[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      if (node.order === 0) continue;
      let found: Node | undefined;
      for (const way of node.before) {
        if (way.order !== 0 && way.dominator === undefined) continue;
        found = found === undefined ? way : common(found, way);
      }
      if (node.dominator === found) continue;
      node.dominator = found;
      changed = true;
    }
  }
  for (const node of nodes) node.dominator?.children.push(node);
}

function common(a: Node, b: Node): Node {
  let [x, y] = [a, b];
  while (x !== y) {
    if (x.order > y.order) x = x.dominator as Node;
    else y = y.dominator as Node;
  }
  return x;
}

/** Counts an edge. One that leads back to where not every way has come from cannot be nested: it leaves the region. */
function link(from: Node, to: Node | undefined): Node | undefined {
  if (to === undefined) return undefined;
  if (to.order > from.order) {
    to.entries++;
    return to;
  }
  if (!dominates(to, from)) return undefined;
  to.loops = true;
  return to;
}

function dominates(a: Node, b: Node): boolean {
  let node: Node | undefined = b;
  while (node !== undefined && node.order > a.order) node = node.dominator;
  return node === a;
}

/** The budget is looked at on entry, in each loop, and so often that little is left to interpret when it is short. */
function findChecks(nodes: readonly Node[]): void {
  const rest = (from: Node, to: Node | undefined) => (to === undefined || to.checked || to.order <= from.order ? 0 : to.longest);
  for (let order = nodes.length - 1; order >= 0; order--) {
    const node = nodes[order] as Node;
    node.longest = node.block.items.length + Math.max(rest(node, node.next), rest(node, node.taken));
    node.checked = node.order === 0 || node.loops || node.longest > LONG;
  }
}
