/** Why a debugger stopped the machine. */
import type { BreakpointKind, Watchpoint } from './breakpoints.ts';
import type { Thread } from './threads.ts';

export type Cause =
  | { readonly kind: 'breakpoint'; readonly by: BreakpointKind }
  | {
      readonly kind: 'watchpoint';
      readonly watchpoint: Watchpoint;
      readonly va: number;
      readonly size: number;
      readonly write: boolean;
    }
  | { readonly kind: 'step' | 'halt' | 'idle' };

/** The instruction at the thread's PC has not been executed. */
export interface Stop {
  readonly thread: Thread;
  readonly cause: Cause;
}

/** Thrown through an engine to stop it: no `Exception` of the processor, which would have a kind. */
export class Halt {
  readonly stop: Stop;

  constructor(thread: Thread, cause: Cause) {
    this.stop = { thread, cause };
  }
}
