/**
 * The shape of a region's control flow: an order in which every block comes after those that lead to it (but for loops), and the block through
 * which each one is always reached. From it follows how to nest WebAssembly's blocks and loops.
 * Reference: N. Ramsey, "Beyond Relooper", ICFP 2022; K. Cooper et al., "A Simple, Fast Dominance Algorithm".
 */
import type { Block } from './region.ts';

export class Node {
  readonly block: Block;
  /** Place in the order. */
  readonly order: number;
  /** Where it goes on, as in the block; undefined also for edges that no nesting allows. */
  next: Node | undefined;
  taken: Node | undefined;
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

  constructor(block: Block, order: number) {
    this.block = block;
    this.order = order;
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
  const of = new Map(nodes.map((node) => [node.block, node]));
  const edges = nodes.map(({ block }) => block.successors.map((successor) => of.get(successor) as Node));
  findDominators(nodes, edges);
  for (const node of nodes) {
    node.next = link(node, node.block.next && of.get(node.block.next));
    node.taken = link(node, node.block.taken && of.get(node.block.taken));
  }
  findChecks(nodes);
  return nodes;
}

/** Reverse postorder. */
function inOrder(entry: Block): Node[] {
  const seen = new Set<Block>();
  const finished: Block[] = [];
  const visit = (block: Block) => {
    seen.add(block);
    for (const successor of block.successors) if (!seen.has(successor)) visit(successor);
    finished.push(block);
  };
  visit(entry);
  return finished.reverse().map((block, order) => new Node(block, order));
}

function findDominators(nodes: readonly Node[], edges: readonly (readonly Node[])[]): void {
  const before: Node[][] = nodes.map(() => []);
  for (const [i, successors] of edges.entries()) for (const { order } of successors) before[order]?.push(nodes[i] as Node);
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes.slice(1)) {
      const known = (before[node.order] as Node[]).filter((p) => p.order === 0 || p.dominator !== undefined);
      const found = known.reduce((a, b) => common(a, b));
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
  for (const node of [...nodes].reverse()) {
    const rest = [node.next, node.taken].map((to) => (to === undefined || to.checked || to.order <= node.order ? 0 : to.longest));
    node.longest = node.block.items.length + Math.max(...rest);
    node.checked = node.order === 0 || node.loops || node.longest > LONG;
  }
}
