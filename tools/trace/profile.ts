/** Where the instructions go: every so many of a virtual processor's, its stack of calls, folded into lines as flamegraph.pl and speedscope read them. */
import { MODE } from '../../core/cpu/modes.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import { CallStacks } from './call-stacks.ts';
import type { FunctionSymbol } from './elf-sections.ts';
import type { Block, BlockWatcher } from './execution.ts';
import { type Who, whoKey } from './record.ts';

/** Modes in which a program spends its time, so that they need no name. */
const USUAL: readonly number[] = [MODE.svc, MODE.usr, MODE.sys];
const MODES = new Map<number, string>(Object.entries(MODE).map(([name, value]) => [value, name]));

interface Processor {
  readonly stacks: CallStacks;
  /** Instructions until the next sample. */
  left: number;
}

export class Profile implements BlockWatcher {
  readonly #every: number;
  readonly #processors = new Map<number, Processor>();
  readonly #name: (partition: number, address: number) => string;
  readonly #root: (partition: number) => string;
  /** Samples by their folded stack. */
  readonly #samples = new Map<string, number>();

  constructor(every: number, root: (partition: number) => string, name: (partition: number, address: number) => string) {
    this.#every = every;
    this.#root = root;
    this.#name = name;
  }

  block(cpu: Cpu, who: Who, block: Block): void {
    let processor = this.#processors.get(whoKey(who));
    if (processor === undefined) {
      processor = { stacks: new CallStacks(), left: this.#every };
      this.#processors.set(whoKey(who), processor);
    }
    processor.left -= block.count;
    if (processor.left <= 0) {
      const samples = 1 + Math.floor(-processor.left / this.#every);
      processor.left += samples * this.#every;
      this.#sample(processor, who.partition, block, samples);
    }
    processor.stacks.follow(cpu, block);
  }

  /** One line for each stack, in the order of their texts. */
  lines(): string[] {
    return [...this.#samples].map(([stack, count]) => `${stack} ${count}`).sort();
  }

  #sample({ stacks }: Processor, partition: number, { start, mode }: Block, count: number): void {
    const names = [...stacks.callers(mode), start].map((address) => this.#name(partition, address));
    const special = USUAL.includes(mode) ? [] : [`[${MODES.get(mode) ?? mode}]`];
    const folded = [this.#root(partition), ...special, ...names].join(';');
    this.#samples.set(folded, (this.#samples.get(folded) ?? 0) + count);
  }
}

/** Names addresses by the function that they are in. */
export function functionNames(functions: readonly FunctionSymbol[]): (address: number) => string {
  const sorted = [...functions].sort((a, b) => a.address - b.address);
  return (address) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as FunctionSymbol).address <= address) low = middle + 1;
      else high = middle;
    }
    const found = sorted[low - 1];
    if (found === undefined || (found.size > 0 && address >= found.address + found.size)) return '[unknown]';
    return found.name;
  };
}
