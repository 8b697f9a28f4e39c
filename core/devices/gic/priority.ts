/** Priorities of a GICv2: group priority and subpriority, the active priorities, and the Non-secure view (IHI 0048B §3.3, §3.5). */
import { IDLE } from './registers.ts';

/** The bits of a priority that decide on preemption. `binaryPoint` is that of GICC_BPR: 0 leaves 7:1, 7 leaves none. */
export const groupPriorityMask = (binaryPoint: number): number => (0xff << (binaryPoint + 1)) & 0xff;

/** A priority as Non-secure software sees it: the lower half of the range, stretched. */
export const toNonSecure = (priority: number): number => (priority < 0x80 ? 0 : (priority << 1) & 0xff);

export const fromNonSecure = (priority: number): number => 0x80 | (priority >>> 1);

/** Active Priorities Registers: one bit for each group priority at which some interrupt is active. */
export class ActivePriorities {
  readonly words: Int32Array;
  readonly #shift: number;

  /** `minimum` is the lowest binary point. */
  constructor(minimum: number) {
    this.#shift = minimum + 1;
    this.words = new Int32Array(Math.max(1, 128 >>> (minimum + 5)));
  }

  /** The highest group priority that is active, or IDLE. */
  get highest(): number {
    for (let i = 0; i < this.words.length; i++) {
      const word = this.words[i] as number;
      if (word !== 0) return (i * 32 + 31 - Math.clz32(word & -word)) << this.#shift;
    }
    return IDLE;
  }

  add(groupPriority: number): void {
    const level = groupPriority >>> this.#shift;
    this.words[level >>> 5] = (this.words[level >>> 5] as number) | (1 << (level & 31));
  }

  /** Priority drop. Returns false if none was active. */
  drop(): boolean {
    const i = this.words.findIndex((word) => word !== 0);
    if (i < 0) return false;
    const word = this.words[i] as number;
    this.words[i] = word & (word - 1);
    return true;
  }
}
