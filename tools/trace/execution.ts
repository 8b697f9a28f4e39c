/**
 * An engine that shows what it executes: the interpreter, instruction by instruction or up to each branch that is taken. It attends to whatever
 * the interpreter attends to, at the same instructions, so that the run is the same.
 */
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import type { Processor } from '../../core/machine/processor.ts';
import type { Filter } from './filter.ts';
import type { Observation } from './observation.ts';
import type { Who } from './record.ts';

/** Instructions that were executed in a row. */
export interface Block {
  readonly start: number;
  /** The last one: a branch that was taken, or whatever else made the engine look up. */
  readonly last: number;
  readonly thumb: boolean;
  /** In which mode it was executed. */
  readonly mode: number;
  readonly count: number;
}

export interface BlockWatcher {
  /** `cpu` is at the instruction that comes next. */
  block(cpu: Cpu, who: Who, block: Block): void;
}

export interface InstructionWatcher {
  before(cpu: Cpu, who: Who): void;
  after(cpu: Cpu, who: Who): void;
}

export interface Watchers {
  readonly blocks: readonly BlockWatcher[];
  readonly instructions: InstructionWatcher | undefined;
  readonly filter: Filter;
}

class WatchedEngine {
  readonly #processor: Processor;
  readonly #observation: Observation;
  readonly #watchers: Watchers;
  readonly #partitions: ReadonlySet<number>;

  constructor(processor: Processor, observation: Observation, watchers: Watchers) {
    this.#processor = processor;
    this.#observation = observation;
    this.#watchers = watchers;
    this.#partitions = new Set(watchers.filter.partitions.map((name) => observation.names.partitions.indexOf(name)));
  }

  run(): void {
    const { cpu, interpreter } = this.#processor;
    const { s } = cpu;
    if (this.#isOutside(s[S.REMAINING] as number)) return interpreter.run();
    while ((s[S.REMAINING] as number) > 0 && interpreter.attend()) {
      const who = this.#observation.on(cpu.index);
      if (who === undefined || !this.#wants(who)) interpreter.runBlock();
      else this.#watched(cpu, who);
    }
  }

  /** Whether nothing of a turn of so many nanoseconds is wanted. */
  #isOutside(length: number): boolean {
    const now = this.#observation.now();
    return now + length <= this.#watchers.filter.from || now >= this.#watchers.filter.to;
  }

  #wants({ partition }: Who): boolean {
    if (this.#partitions.size > 0 && !this.#partitions.has(partition)) return false;
    const { from, to } = this.#watchers.filter;
    if (from === 0 && to === Number.POSITIVE_INFINITY) return true;
    const now = this.#observation.now();
    return now >= from && now < to;
  }

  #watched(cpu: Cpu, who: Who): void {
    const { s } = cpu;
    const { instructions, blocks } = this.#watchers;
    const start = (s[S.NEXT] as number) >>> 0;
    const thumb = s[S.T] !== 0;
    const mode = s[S.M] as number;
    const left = s[S.REMAINING] as number;
    if (instructions === undefined) this.#processor.interpreter.runBlock();
    else {
      instructions.before(cpu, who);
      this.#processor.interpreter.step();
      instructions.after(cpu, who);
    }
    if (blocks.length === 0) return;
    const count = left - (s[S.REMAINING] as number);
    const last = lastOf(cpu, start, thumb, count);
    if (last === undefined) return;
    for (const watcher of blocks) watcher.block(cpu, who, { start, last, thumb, mode, count });
  }
}

/** R15 tells the last instruction. A fetch that aborts takes a nanosecond, too, and executes nothing: undefined if that was all. */
function lastOf({ words }: Cpu, start: number, thumb: boolean, spent: number): number | undefined {
  const last = ((words[15] as number) - (thumb ? 4 : 8)) >>> 0;
  const bytes = last - start;
  const fewest = 1 + Math.floor(bytes / 4);
  const most = thumb ? 1 + Math.floor(bytes / 2) : fewest;
  return bytes < 0 || spent < fewest || spent > most + 1 ? undefined : last;
}

export function watchExecution(observation: Observation, watchers: Watchers): void {
  for (const processor of observation.machine.processors) processor.engine = new WatchedEngine(processor, observation, watchers);
}
