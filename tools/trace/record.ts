/** What a trace shows, made from the events of a run: each with its time, exits with what they were about, nothing told twice. */

/** A partition and one of its virtual processors, or the bare machine and a core of it. */
export interface Who {
  readonly partition: number;
  readonly vcpu: number;
}

export type Detail =
  | { readonly kind: 'call'; readonly id: number; readonly args: readonly number[]; readonly results: readonly number[] }
  | Access;

export interface Access {
  readonly kind: 'access';
  readonly device: string;
  readonly address: number;
  readonly width: number;
  readonly write: boolean;
  readonly value: number;
}

/** An interrupt; a shared one is nobody's in particular, and its `vcpu` is -1. */
export interface Interrupt extends Who {
  readonly id: number;
}

export type Record =
  /** Somebody else has the core, or nobody. */
  | { readonly kind: 'window'; readonly at: number; readonly core: number; readonly who: Who | undefined }
  | {
      readonly kind: 'exit';
      readonly at: number;
      readonly core: number;
      readonly who: Who;
      readonly cause: string;
      readonly pc: number;
      readonly detail: Detail | undefined;
      /** Numbers of the messages that it sent. */
      readonly messages: readonly number[];
    }
  /** It goes on after an exit. */
  | { readonly kind: 'resume'; readonly at: number; readonly who: Who }
  | {
      readonly kind: 'interrupt';
      readonly at: number;
      readonly interrupt: Interrupt;
      readonly step: 'pend' | 'withdraw' | 'acknowledge' | 'end';
      /** Numbers of the messages that it brings, for an acknowledgement. */
      readonly messages: readonly number[];
    }
  | {
      readonly kind: 'message';
      readonly at: number;
      readonly number: number;
      readonly channel: string;
      readonly from: Who;
      readonly to: Interrupt;
    }
  /** A message whose doorbell nobody acknowledged: the partition ended, or the trace did. */
  | { readonly kind: 'lost'; readonly at: number; readonly number: number; readonly to: Interrupt }
  /** An access of a device that is the guest's own, without an exit. */
  | { readonly kind: 'mmio'; readonly at: number; readonly core: number; readonly who: Who; readonly access: Access }
  | { readonly kind: 'note'; readonly at: number; readonly partition: number; readonly what: string; readonly text: string };

export type Sink = (record: Record) => void;

/** Numbers that stand for them, one for each. */
export const whoKey = ({ partition, vcpu }: Who): number => partition * 16 + vcpu + 1;
export const interruptKey = (interrupt: Interrupt): number => whoKey(interrupt) * 1024 + interrupt.id;
