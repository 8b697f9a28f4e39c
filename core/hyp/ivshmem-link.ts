/**
 * What connects ivshmem functions: their memory, whose state table only the hypervisor writes, and the way of a doorbell from one to another.
 * Reference: ivshmem v2 specification, "Hypervisor Model", "State Table".
 */
import type { Caller } from './caller.ts';
import type { LinkConfig } from './config.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** On whose behalf a peer is told something. */
export type Sender = Pick<Caller, 'partition' | 'vcpu'>;

/** A function, as the link sees it. */
export interface Peer {
  /** Somebody rang its doorbell, or changed state. */
  notify(from: Sender): void;
}

export class Link {
  readonly config: LinkConfig;
  readonly #memory: PhysicalMemory;
  readonly #peers: (Peer | undefined)[];

  constructor(config: LinkConfig, memory: PhysicalMemory) {
    this.config = config;
    this.#memory = memory;
    this.#peers = Array.from({ length: config.peers });
  }

  join(id: number, peer: Peer): void {
    if (id >= this.config.peers || this.#peers[id] !== undefined)
      throw new RangeError(`link ${this.config.name}: there is no place for a peer ${id}`);
    this.#peers[id] = peer;
  }

  /** A target that does not exist hears nothing. */
  ring(from: Sender, target: number): void {
    this.#peers[target]?.notify(from);
  }

  /** A peer's new state goes to the table before anybody is told of it. */
  announce(from: Sender, id: number, state: number): void {
    this.#memory.writeWord(this.config.pa + 4 * id, state);
    for (const [other, peer] of this.#peers.entries()) if (other !== id) peer?.notify(from);
  }
}

export const makeLinks = (configs: readonly LinkConfig[] = [], memory: PhysicalMemory): Link[] =>
  configs.map((config) => new Link(config, memory));
