/**
 * What a running system tells whoever watches it. An event says nothing that its maker would not know anyway, and nothing waits for an answer: a
 * run is the same with a watcher and without. Times are the watcher's business; it has the clock.
 */

/** Interrupts of a guest by their ID; `vcpu` is the target of a private one, and counts for nothing for a shared one. */
export type InterruptStep = 'pend' | 'withdraw' | 'acknowledge' | 'end';

export type TraceEvent =
  /** A virtual processor goes on. The hypervisor's stay takes one more nanosecond. */
  | { readonly kind: 'enter'; readonly core: number; readonly partition: number; readonly vcpu: number }
  | { readonly kind: 'idle'; readonly core: number }
  /** Counted in the partition's report. What the exit was about comes before it, as 'call' or 'mmio'. */
  | {
      readonly kind: 'exit';
      readonly core: number;
      readonly partition: number;
      readonly vcpu: number;
      readonly cause: string;
      readonly pc: number;
    }
  | {
      readonly kind: 'call';
      readonly partition: number;
      readonly vcpu: number;
      readonly id: number;
      readonly args: readonly number[];
      readonly results: readonly number[];
    }
  | MmioEvent
  | {
      readonly kind: 'interrupt';
      readonly partition: number;
      readonly vcpu: number;
      readonly id: number;
      readonly step: InterruptStep;
    }
  /** At the interface of the processor that has the core, or of the core itself where no hypervisor of ours runs. */
  | { readonly kind: 'interface'; readonly core: number; readonly id: number; readonly step: InterruptStep }
  /** A doorbell of a channel that rings at a peer, as its interrupt. */
  | {
      readonly kind: 'message';
      readonly partition: number;
      readonly vcpu: number;
      readonly channel: string;
      readonly to: number;
      readonly interrupt: number;
    }
  /** The partition ended, or starts again: none of its interrupts is left. */
  | { readonly kind: 'ended'; readonly partition: number; readonly how: 'restart' | 'off' | 'stopped' }
  | { readonly kind: 'health'; readonly partition: number; readonly what: string; readonly text: string };

export interface MmioEvent {
  readonly kind: 'mmio';
  readonly partition: number;
  readonly vcpu: number;
  readonly device: string;
  readonly address: number;
  readonly width: number;
  readonly write: boolean;
  readonly value: number;
}

export type Trace = (event: TraceEvent) => void;
