/**
 * Who called whom, from the branches that are taken: a branch that leaves the address behind it in LR is a call, and a frame is gone when its
 * return address is branched to or the stack has shrunk beyond it. No frame pointer, no unwinding table and no instrumentation is needed.
 */
import { vectorBase } from '../../core/cpu/exception-entry.ts';
import * as S from '../../core/cpu/scalars.ts';
import type { Cpu } from '../../core/cpu/state.ts';
import type { Block } from './execution.ts';

interface Frame {
  /** Where the caller goes on, and its SP. */
  readonly back: number;
  readonly sp: number;
}

/** A jump of SP that no function makes: another task's stack. */
const FAR = 0x4000;
/** Bytes of vectors, where exceptions go: their link register is no caller's. */
const VECTORS = 0x20;
const DEEPEST = 256;
const MOST_STACKS = 256;

interface Stack {
  frames: Frame[];
  sp: number;
}

/** The calls of one virtual processor. Each mode has a stack of its own; tasks have several in the same mode. */
export class CallStacks {
  readonly #modes = new Map<number, Stack[]>();

  /** Follows what a block did with its last instruction. `cpu` is at the next one. */
  follow(cpu: Cpu, { last, thumb, mode }: Block): void {
    const { s, words } = cpu;
    const sp = (words[13] as number) >>> 0;
    const next = (s[S.NEXT] as number) >>> 0;
    const { frames } = this.#stack(s[S.M] as number, sp);
    while (frames.length > 0 && (frames.at(-1) as Frame).sp < sp) frames.pop();
    for (let i = frames.length - 1; i >= 0 && frames[i]?.sp === sp; i--) {
      if (frames[i]?.back !== next) continue;
      frames.length = i;
      return;
    }
    if (mode !== s[S.M] || (next - vectorBase(cpu)) >>> 0 < VECTORS) return;
    const link = (words[14] as number) >>> 0;
    const back = (link & ~1) >>> 0;
    const distance = back - last;
    const isCall = (distance === 4 || (thumb && distance === 2)) && (link & 1) === (thumb ? 1 : 0) && next !== back;
    if (!isCall) return;
    if (frames.length >= DEEPEST) frames.shift();
    frames.push({ back, sp });
  }

  /** Addresses of the calls that lead to where the processor is, the outermost first. */
  callers(mode: number): readonly number[] {
    return (this.#modes.get(mode)?.[0]?.frames ?? []).map(({ back }) => back - 2);
  }

  /** The stack that SP points to; the one used last is the first. */
  #stack(mode: number, sp: number): Stack {
    const stacks = this.#modes.get(mode) ?? [];
    this.#modes.set(mode, stacks);
    const near = stacks.findIndex((stack) => Math.abs(stack.sp - sp) <= FAR);
    const found = near < 0 ? { frames: [], sp } : (stacks[near] as Stack);
    found.sp = sp;
    if (near !== 0) {
      if (near > 0) stacks.splice(near, 1);
      stacks.unshift(found);
      if (stacks.length > MOST_STACKS) stacks.pop();
    }
    return found;
  }
}
