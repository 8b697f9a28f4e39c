/** From a region to a WebAssembly function. */
import type { Op } from '../cpu/decode.ts';
import type { Operands } from '../cpu/insn.ts';
import { Emitter, EXECUTE, WHY } from './emitter.ts';
import { Flags } from './flags.ts';
import { changesFlags } from './flow.ts';
import { analyse, type Node } from './graph.ts';
import type { RegionCode } from './kept-entry.ts';
import { numbersIn } from './ops.ts';
import type { Item, Region } from './region.ts';
import { binary, constant, inLocal, type Value } from './value.ts';
import { I32, OP, type Writer } from './wasm.ts';

/** The meaning of an instruction, written into a function. */
export type Staged = (e: Emitter, operands: Operands) => void;

export interface TranslateOptions {
  readonly staged: Readonly<Record<string, Staged>>;
  /** Reads a word of the code's own page, in which case it counts as code. */
  readonly literal: (address: number) => number | undefined;
  /** What to add to an address for its place in the arena, of pages that may be executed. */
  readonly delta: (address: number) => number | undefined;
  /** The place in the arena where to note where an indirect branch leads, if somebody wants to know. */
  readonly noteOf: (branch: number) => number | undefined;
}

/** What there is to know of the function of a region. */
type Translated = Pick<RegionCode, 'exits' | 'hints' | 'callsFunctions'>;

const ALWAYS = 14;
const LR = 1 << 14;
const PC = 1 << 15;

/** Writes the function of a region, with its length in front. */
export function translate(region: Region, options: TranslateOptions, out: Writer): Translated {
  return new Translation(region, options).write(out);
}

class Translation {
  readonly #e = new Emitter();
  readonly #options: TranslateOptions;
  readonly #nodes: readonly Node[];
  readonly #thumb: boolean;
  readonly #region: Region;
  /** All registers that the region's instructions name, once an instruction asks that is executed outside. */
  #named: readonly number[] | undefined;

  constructor(region: Region, options: TranslateOptions) {
    this.#options = options;
    this.#e.literal = options.literal;
    this.#nodes = analyse(region.entry);
    this.#thumb = region.thumb;
    this.#region = region;
    this.#e.homes.plan(opsOf(region));
  }

  write(out: Writer): Translated {
    this.#tree(this.#nodes[0] as Node);
    const hints = this.#e.finish(out);
    return { exits: Int32Array.from(this.#e.exits), hints, callsFunctions: this.#e.callsFunctions };
  }

  /** A node with all that it dominates. Blocks that several ways lead to follow the end of a block around those ways. */
  #tree(node: Node): void {
    const e = this.#e;
    if (node.loops) {
      e.open(OP.loop);
      node.loopLevel = e.depth;
      e.flags.inMemory();
    }
    const merging = node.children.filter((child) => child.merges);
    for (const child of [...merging].reverse()) {
      e.open(OP.block);
      child.mergeLevel = e.depth;
    }
    this.#block(node);
    for (const child of merging) {
      e.close();
      e.owed = 0;
      e.flags.inMemory(child.flags);
      this.#tree(child);
    }
    if (node.loops) {
      e.close();
      e.code.byte(OP.unreachable);
    }
  }

  #block(node: Node): void {
    const e = this.#e;
    const { block } = node;
    this.#begin(block.items[0] as Item, e.owed);
    e.beginBlock(node.dominator?.vfpChecked ?? false);
    if (node.checked) this.#checkBudget(node);
    const last = block.items.length - 1;
    const branches = !['next', 'outside', 'interpret'].includes(block.flow.kind);
    block.items.forEach((item, i) => {
      this.#begin(item, e.owed + i);
      if (i === last && branches) return;
      if (this.#options.staged[item.op.name] !== undefined) this.#item(item);
      else this.#outside(item, i);
    });
    node.vfpChecked = e.vfpChecked;
    e.owed += last + 1;
    if (branches) this.#branching(node, block.items[last] as Item);
    else if (block.flow.kind === 'interpret') e.goToUntranslated(block.end);
    else this.#go(node, node.next, block.end);
  }

  #begin({ pc, op, cond, it }: Item, count: number): void {
    this.#e.fallback = () => {
      this.#e.outside(this.#registers, numbersIn(namedBy(op)), changesFlags(op));
      this.#e.spend(-1 - count);
    };
    this.#e.fallbackFloat = () => this.#e.outsideFloat(cond !== ALWAYS);
    this.#e.begin({ pc, size: op.size, thumb: this.#thumb, it, count });
  }

  /** Leaves if there is not time enough for all that may follow before it is looked at again. */
  #checkBudget(node: Node): void {
    const e = this.#e;
    e.leaveIf(binary(OP.i32_lt_s, inLocal(I32, e.budget), constant(node.longest + e.owed)), WHY.budget);
  }

  get #registers(): readonly number[] {
    if (this.#named !== undefined) return this.#named;
    let named = 0;
    for (const op of opsOf(this.#region)) named |= namedBy(op);
    this.#named = numbersIn(named);
    return this.#named;
  }

  /** An instruction that the interpreter executes. */
  #outside(item: Item, i: number): void {
    this.#e.outside(this.#registers, numbersIn(namedBy(item.op)), changesFlags(item.op));
    this.#e.owed = -1 - i;
  }

  /** An instruction that does not branch. */
  #item({ op, cond }: Item): void {
    const e = this.#e;
    if (cond === ALWAYS) return this.#stage(op);
    const condition = e.flags.condition(cond);
    if (isSelectable(op)) {
      e.predicate = e.hold(condition);
      this.#stage(op);
      e.predicate = undefined;
    } else e.when(condition, () => this.#stage(op));
  }

  #stage(op: Op): void {
    const staged = this.#options.staged[op.name] as Staged;
    staged(this.#e, op.operands);
  }

  /** The last instruction of a block, which may branch. */
  #branching(node: Node, { op, cond }: Item): void {
    const e = this.#e;
    const otherwise = () => this.#go(node, node.next, node.block.end);
    if (op.name === 'CBZ') {
      const { Rn, nz } = op.operands as Record<string, never>;
      const value = e.r(Rn);
      return this.#either(nz ? value : binary(OP.i32_eq, value, constant(0)), node, otherwise);
    }
    if (op.name === 'B') {
      if (cond !== ALWAYS) return this.#either(e.flags.condition(cond), node, otherwise);
      return this.#go(node, node.taken, targetOf(node));
    }
    if (cond === ALWAYS) return this.#taken(node, op, otherwise);
    e.put(e.flags.condition(cond));
    e.open(OP.if);
    this.#apart(() => this.#taken(node, op, otherwise));
    e.close();
    otherwise();
  }

  /** A branch whose target is known, or on. */
  #either(condition: Value, node: Node, otherwise: () => void): void {
    const e = this.#e;
    e.put(condition);
    e.open(OP.if);
    this.#apart(() => this.#go(node, node.taken, targetOf(node)));
    e.close();
    otherwise();
  }

  /** Code after which other code follows that begins with things as they are now. */
  #apart(write: () => void): void {
    const e = this.#e;
    const { owed } = e;
    const { held } = e.flags;
    write();
    e.flags.held = held;
    e.owed = owed;
  }

  /** What a branching instruction does, and where it goes. */
  #taken(node: Node, op: Op, otherwise: () => void): void {
    const e = this.#e;
    this.#stage(op);
    const { target } = e;
    if (target === undefined) return otherwise();
    if (node.block.flow.kind === 'call') return this.#go(node, node.taken, target.address as number);
    if (target.address !== undefined && !target.interworks) return e.goTo(target.address);
    if (target.address !== undefined) {
      e.put(constant(target.address));
      e.setLocal(e.pc);
    }
    if (node.taken !== undefined) {
      e.isTarget(node.taken.block.pc, target.interworks);
      e.open(OP.if);
      this.#apart(() => this.#go(node, node.taken, node.taken?.block.pc as number));
      e.close();
    }
    if (target.interworks) e.storeThumb();
    this.#note((node.block.items.at(-1) as Item).pc);
    e.goTo(undefined);
  }

  /** Notes where an indirect branch leads. */
  #note(branch: number): void {
    const note = this.#options.noteOf(branch);
    if (note !== undefined) this.#e.note(note, branch);
  }

  /** Goes on at a node, or leaves for an address. */
  #go(from: Node, to: Node | undefined, address: number): void {
    const e = this.#e;
    if (to === undefined) return e.goTo(address);
    if ((address ^ (from.block.items.at(-1) as Item).pc) >>> 12 !== 0) this.#checkPage(address);
    if (to.order <= from.order) {
      e.pay();
      e.flags.settle();
      e.br(to.loopLevel);
    } else if (to.merges) {
      e.pay();
      e.flags.settle();
      to.flags = Flags.meet(to.flags, e.flags.state);
      e.br(to.mergeLevel);
    } else {
      if (to.loops) {
        e.pay();
        e.flags.settle();
      }
      this.#tree(to);
    }
  }

  /** Leaves unless the page of an address is where it was when the region was translated. */
  #checkPage(address: number): void {
    const e = this.#e;
    const page = constant(address & ~0xfff);
    const pair = e.executePair(address);
    const moved = binary(OP.i32_ne, e.loadAt(I32, pair, EXECUTE), page);
    const elsewhere = binary(OP.i32_ne, e.loadAt(I32, pair, EXECUTE + 4), constant(this.#options.delta(address) as number));
    e.goToIf(binary(OP.i32_or, moved, elsewhere), address);
  }
}

function opsOf({ blocks }: Region): Op[] {
  const ops: Op[] = [];
  for (const { items } of blocks) for (const { op } of items) ops.push(op);
  return ops;
}

/** The core registers that an instruction names, the PC aside, as bits. */
function namedBy({ name, operands }: Op): number {
  let named: number = operands['list'] ?? 0;
  for (const key in operands) if (/^R[a-z]/.test(key)) named |= 1 << (operands[key] as number);
  return (name.startsWith('BL') ? named | LR : named) & ~PC;
}

const targetOf = (node: Node): number => (node.block.flow as { readonly target: number }).target;

/** Whether all that an instruction does is to put a value into a register: then both are computed, and one is chosen. */
const isSelectable = ({ name, operands }: Op): boolean => SELECTABLE.test(name) && (operands['S'] ?? 0) === 0;

const SELECTABLE =
  /^((ADD|SUB|RSB|AND|ORR|EOR|BIC|ORN)_(imm|reg)|(MOV|MVN)_(imm|reg)|MOVW|MOVT|ADR|[SU]XT[BH]|[SU]BFX|BF[CI]|CLZ|REV|REV16|MUL|ML[AS])$/;
