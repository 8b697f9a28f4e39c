/** How often each instruction of a partition was executed, told block by block. */
import type { Cpu } from '../../core/cpu/state.ts';
import type { Block, BlockWatcher } from './execution.ts';
import type { Who } from './record.ts';

/** Bytes of a block, at most: it stays within what an engine runs at once. */
const LONGEST = 2 ** 20;

export class Executed implements BlockWatcher {
  /** By partition: how often a block was executed, by its start and its last instruction's distance from it. */
  readonly #blocks: Map<number, number>[] = [];

  block(_cpu: Cpu, { partition }: Who, { start, last }: Block): void {
    this.#blocks[partition] ??= new Map();
    const blocks = this.#blocks[partition] as Map<number, number>;
    const key = start * LONGEST + Math.min(last - start, LONGEST - 1);
    blocks.set(key, (blocks.get(key) ?? 0) + 1);
  }

  /** Tells for each of the addresses, which are in order, how often the instruction there was executed. */
  counts(partition: number, addresses: readonly number[]): number[] {
    const changes: [number, number][] = [];
    for (const [key, count] of this.#blocks[partition] ?? []) {
      const start = Math.floor(key / LONGEST);
      changes.push([start, count], [start + (key % LONGEST) + 1, -count]);
    }
    changes.sort(([a], [b]) => a - b);
    let [next, count] = [0, 0];
    return addresses.map((address) => {
      for (; (changes[next]?.[0] ?? Number.POSITIVE_INFINITY) <= address; next++) count += (changes[next] as [number, number])[1];
      return count;
    });
  }
}
