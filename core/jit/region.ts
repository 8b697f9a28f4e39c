/**
 * Regions: the control flow from an entry that has become hot, over what the interpreter has executed so far. A block is known by its address
 * and by the calls that lead to it, so that a small function called from two places is in the region twice, each time with its return known.
 */
import type { CodeCache, CodePage } from '../cpu/code-cache.ts';
import { isWide, type Op } from '../cpu/decode.ts';

const ALWAYS = 14;

/** How an instruction goes on. `outside`: the interpreter does it, and the region goes on; `interpret`: the region ends there. */
export type Flow =
  | { readonly kind: 'next' | 'outside' | 'interpret' | 'indirect' | 'indirectCall' | 'return' }
  | { readonly kind: 'jump' | 'call'; readonly target: number };

/** An instruction with its place. `cond`: under which condition, after what IT says. */
export interface Item {
  readonly op: Op;
  readonly pc: number;
  readonly cond: number;
  /** ITSTATE before and after it. */
  readonly it: number;
}

/** Calls that were followed into the region: where the innermost one returns to. */
export interface Calls {
  readonly id: number;
  readonly depth: number;
  readonly returnsTo: number;
  readonly outer: Calls | undefined;
}

export class Block {
  readonly pc: number;
  readonly calls: Calls;
  readonly items: Item[] = [];
  /** How the last item goes on. */
  flow: Flow = { kind: 'next' };
  /** Where it goes on if the last item does not branch, and if it does; undefined: out of the region. */
  next: Block | undefined;
  taken: Block | undefined;
  /** Address after the last item. */
  end: number;

  constructor(pc: number, calls: Calls) {
    this.pc = pc;
    this.calls = calls;
    this.end = pc;
  }

  /** Whether the last item may not branch. */
  get conditional(): boolean {
    const last = this.items.at(-1);
    return last !== undefined && (last.cond !== ALWAYS || last.op.name === 'CBZ');
  }
}

export interface Region {
  readonly entry: Block;
  readonly thumb: boolean;
  readonly blocks: readonly Block[];
  /** Whether it leads on to calls, or to other regions, that a larger one would take in. */
  readonly partial: boolean;
  /** Where code without a branch goes on for which there was no room. */
  readonly continues: number | undefined;
}

const MAX_BLOCK_ITEMS = 32;

export interface RegionOptions {
  /** Whether it takes also what was never executed. */
  readonly ahead: boolean;
  /** Instructions in a region, about, at most. */
  readonly items: number;
}

/** How far a region goes. */
export interface Extent {
  /** How many calls deep, how many blocks, and how many instructions, about. */
  readonly calls: number;
  readonly blocks: number;
  readonly items: number;
  /** Whether it ends at an address because another begins there. */
  readonly stopsAt: (pc: number) => boolean;
  /** Where an indirect branch led last, as far as it is known. */
  readonly ledTo: (branch: number) => number | undefined;
}

const unknown = () => undefined;
/** Sizes that keep a region's translation quick. */
export const small = (stopsAt: (pc: number) => boolean): Extent => ({ calls: 0, blocks: 16, items: 64, stopsAt, ledTo: unknown });
/** Sizes that keep its function small enough for the optimising compiler, and what is live in it within the processor's registers. */
export const WHOLE: Extent = { calls: 3, blocks: 32, items: 128, stopsAt: () => false, ledTo: unknown };

/** Where the code of a page lies, if it may be executed at that address now. */
export type PageAt = (va: number) => number | undefined;

export class RegionBuilder {
  readonly #cache: CodeCache;
  readonly #flowOf: (op: Op, pc: number, thumb: boolean) => Flow;
  readonly #pageAt: PageAt;
  readonly #thumb: boolean;
  readonly #options: RegionOptions;
  readonly #extent: Extent;
  readonly #most: number;
  #partial = false;
  #continues: number | undefined;
  readonly #blocks = new Map<number, Block>();
  readonly #calls = new Map<number, Calls>();
  readonly #work: Block[] = [];
  #items = 0;

  constructor(
    cache: CodeCache,
    pageAt: PageAt,
    flowOf: (op: Op, pc: number, thumb: boolean) => Flow,
    thumb: boolean,
    options: RegionOptions,
    extent: Extent,
  ) {
    this.#cache = cache;
    this.#pageAt = pageAt;
    this.#flowOf = flowOf;
    this.#thumb = thumb;
    this.#options = options;
    this.#extent = extent;
    this.#most = Math.min(options.items, extent.items);
  }

  /** The region from an address, or undefined if nothing there can be translated. */
  build(pc: number): Region | undefined {
    const entry = this.#block(pc, OUTSIDE);
    if (entry === undefined) return undefined;
    for (let block = this.#work.shift(); block !== undefined; block = this.#work.shift()) this.#follow(block);
    if (entry.items.length === 0) return undefined;
    return { entry, thumb: this.#thumb, blocks: [...this.#blocks.values()], partial: this.#partial, continues: this.#continues };
  }

  get #isFull(): boolean {
    return this.#blocks.size >= this.#extent.blocks || this.#items >= this.#most;
  }

  /** The block at an address, made if there is room; undefined if it stays outside. */
  #block(pc: number, calls: Calls): Block | undefined {
    const key = calls.id * 0x1_0000_0000 + (pc >>> 0);
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    if (this.#isFull) return undefined;
    if (this.#blocks.size > 0 && this.#extent.stopsAt(pc)) {
      this.#partial = true;
      return undefined;
    }
    const block = new Block(pc, calls);
    this.#fill(block);
    if (block.items.length === 0) return undefined;
    this.#blocks.set(key, block);
    this.#work.push(block);
    return block;
  }

  /** Takes instructions up to one that may branch, that is not translated or that was never executed. */
  #fill(block: Block): void {
    const offset = this.#pageAt(block.pc);
    if (offset === undefined) return;
    const page = this.#cache.page(offset);
    let it = 0;
    let pc = block.pc;
    const most = Math.min(MAX_BLOCK_ITEMS, this.#most);
    while (block.items.length < most || it !== 0) {
      if ((pc & ~0xfff) !== (block.pc & ~0xfff)) break;
      const op = this.#opAt(page, pc, it);
      if (op === undefined) break;
      const flow = this.#flowOf(op, pc, this.#thumb);
      const interpreted = flow.kind === 'interpret' || (flow.kind === 'outside' && it !== 0);
      if (interpreted && block.items.length === 0) break;
      block.flow = interpreted ? INTERPRETED : flow;
      if (interpreted) break;
      block.items.push({ op, pc, cond: conditionOf(op, it), it });
      it = op.name === 'IT' ? (op.operands['firstcond'] as number) * 16 + (op.operands['mask'] as number) : advanceIT(it);
      pc = (pc + op.size) | 0;
      if (flow.kind !== 'next' && flow.kind !== 'outside') break;
    }
    this.#cutIT(block, it);
    block.end = it === 0 ? pc : block.end;
    this.#items += block.items.length;
  }

  /** A block does not end within what an IT instruction governs, but for an instruction that is interpreted there. */
  #cutIT(block: Block, it: number): void {
    if (it === 0) return;
    while (block.items.length > 0 && block.items.at(-1)?.op.name !== 'IT') block.items.pop();
    const last = block.items.pop();
    block.end = last?.pc ?? block.pc;
    block.flow = { kind: 'interpret' };
  }

  #opAt(page: CodePage, pc: number, it: number): Op | undefined {
    const at = pc & 0xfff;
    const ops = this.#thumb ? (it === 0 ? page.t32 : page.t32IT) : page.a32;
    return ops[this.#thumb ? at >>> 1 : at >>> 2] ?? (this.#options.ahead ? this.#decode(page, pc, it) : undefined);
  }

  /** For no use but this one. */
  #decode(page: CodePage, pc: number, it: number): Op | undefined {
    const { decoder } = this.#cache;
    const first = this.#cache.halfword(page, pc);
    if (this.#thumb && !isWide(first)) return decoder.decode('T32', first, true, it !== 0);
    if ((pc & 0xfff) === 0xffe) return undefined;
    const second = this.#cache.halfword(page, pc + 2);
    if (this.#thumb) return decoder.decode('T32', (first << 16) | second, false, it !== 0);
    return decoder.decode('A32', first | (second << 16), false, false);
  }

  /** Finds or makes the blocks that a block leads to. */
  #follow(block: Block): void {
    const { flow, calls, end } = block;
    if (flow.kind === 'interpret') return;
    if (flow.kind === 'next' || flow.kind === 'outside') {
      block.next = this.#block(end, calls);
      if (block.next === undefined && this.#isFull) this.#continues = end;
      return;
    }
    if (block.conditional) block.next = this.#block(end, calls);
    if (flow.kind === 'jump') block.taken = this.#block(flow.target, calls);
    else if (flow.kind === 'call') {
      const inner = this.#call(calls, end);
      if (inner !== undefined) block.taken = this.#block(flow.target, inner);
    } else if (flow.kind === 'return' && calls.outer !== undefined) block.taken = this.#block(calls.returnsTo, calls.outer);
    else block.taken = this.#followIndirect(block);
  }

  /** The block where an indirect branch led last. */
  #followIndirect({ flow, calls, end, items }: Block): Block | undefined {
    if (this.#extent.calls === 0) this.#partial = true;
    const target = this.#extent.ledTo((items.at(-1) as Item).pc);
    if (target === undefined || (target & (this.#thumb ? 1 : 3)) !== 0) return undefined;
    const inner = flow.kind === 'indirectCall' ? this.#call(calls, end) : calls;
    return inner && this.#block(target, inner);
  }

  /** The context within a call; undefined if calls are as deep as they may be. */
  #call(outer: Calls, returnsTo: number): Calls | undefined {
    if (outer.depth === this.#extent.calls) {
      this.#partial = true;
      return undefined;
    }
    const key = outer.id * 0x1_0000_0000 + (returnsTo >>> 0);
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const calls = { id: this.#calls.size + 1, depth: outer.depth + 1, returnsTo, outer };
    this.#calls.set(key, calls);
    return calls;
  }
}

const INTERPRETED: Flow = { kind: 'interpret' };
const OUTSIDE: Calls = { id: 0, depth: 0, returnsTo: 0, outer: undefined };

export const advanceIT = (it: number): number => ((it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f));

export function conditionOf(op: Op, it: number): number {
  if (op.definition.unconditional) return ALWAYS;
  const cond = it === 0 ? op.cond : it >>> 4;
  return Math.min(cond, ALWAYS);
}
