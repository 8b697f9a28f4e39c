/**
 * What lies beyond the gateway: services of the host. The gateway asks, at once and without waiting; what comes back is an input, at a point of
 * virtual time. A run's inputs, written down with their times, make the same run again without the host.
 */

/** Ids of what the gateway opens count up from 1, those of what comes from the host down from -1. */
export type Request =
  | { readonly ask: 'connect'; readonly id: number; readonly port: number }
  | { readonly ask: 'send'; readonly id: number; readonly bytes: Uint8Array }
  /** No more will be sent. */
  | { readonly ask: 'end'; readonly id: number }
  /** The connection is broken, or what is there for datagrams is not needed any more. */
  | { readonly ask: 'drop'; readonly id: number }
  /** So many bytes have arrived at the guest. */
  | { readonly ask: 'more'; readonly id: number; readonly count: number }
  | { readonly ask: 'datagram'; readonly id: number; readonly port: number; readonly bytes: Uint8Array }
  | { readonly ask: 'resolve'; readonly id: number; readonly name: string };

export type Input =
  /** Someone connects to a port of the host that is forwarded. */
  | { readonly kind: 'arrived'; readonly id: number; readonly forward: number }
  | { readonly kind: 'connected' | 'refused' | 'ended' | 'broken'; readonly id: number }
  | { readonly kind: 'data'; readonly id: number; readonly bytes: Uint8Array }
  /** So many bytes of what was sent have gone on. */
  | { readonly kind: 'taken'; readonly id: number; readonly count: number }
  /** `forward`: for one of the host's own ids. */
  | { readonly kind: 'datagram'; readonly id: number; readonly bytes: Uint8Array; readonly forward: number }
  /** Addresses of IPv4; none if the name has none. */
  | { readonly kind: 'resolved'; readonly id: number; readonly addresses: readonly number[] };

export interface Outside {
  ask(request: Request): void;
  /** A saved state was loaded: what it has open. Of what is open no more, an input should tell that it is broken. */
  restored(open: readonly number[]): void;
}

/** An input as it is written down. */
export interface Recorded {
  /** Virtual nanoseconds. */
  readonly at: number;
  /** A hash over all that was asked until then: a run that asks something else is not the recorded one. */
  readonly asked: string;
  readonly input: Input;
}

/** Nobody is there. Everything is refused, so a run does not depend on the host. */
export function nobody(put: (input: Input) => void): Outside {
  const ask = (request: Request): void => {
    if (request.ask === 'connect') put({ kind: 'refused', id: request.id });
    if (request.ask === 'resolve') put({ kind: 'resolved', id: request.id, addresses: [] });
  };
  return { ask, restored: () => {} };
}
