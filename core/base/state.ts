/** Plain state: what every processor, device and hypervisor object saves. Snapshots, replay and the state hash are made of it. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Int32Array
  | readonly Plain[]
  | { readonly [key: string]: Plain };

/** A record of plain values, one per piece of state, named as in the manual. */
export type State = { readonly [key: string]: Plain };

export interface Stateful {
  /** The whole state, as fresh plain values that later changes do not touch. */
  save(): State;
  /** Takes back what `save` gave. */
  load(state: State): void;
  /** The state after a power-on reset. */
  reset(): void;
}
