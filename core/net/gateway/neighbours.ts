/** Who is at which address, as ARP and the frames themselves tell; and one packet for each address that is still being asked for. */
import type { State, Stateful } from '../../base/state.ts';

const [MOST, MOST_HELD] = [64, 16];

export class Neighbours implements Stateful {
  /** Hardware addresses as they are written; the one last heard of is last. */
  #known = new Map<number, string>();
  #held = new Map<number, Uint8Array>();

  /** Returns the packet that has waited for this. */
  learn(ip: number, mac: string): Uint8Array | undefined {
    this.#known.delete(ip);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST && oldest.done !== true) this.#known.delete(oldest.value);
    this.#known.set(ip, mac);
    const held = this.#held.get(ip);
    this.#held.delete(ip);
    return held;
  }

  find(ip: number): string | undefined {
    return this.#known.get(ip);
  }

  /** In place of one that waits already. */
  hold(ip: number, packet: Uint8Array): void {
    this.#held.delete(ip);
    const oldest = this.#held.keys().next();
    if (this.#held.size >= MOST_HELD && oldest.done !== true) this.#held.delete(oldest.value);
    this.#held.set(ip, packet);
  }

  save(): State {
    return { known: [...this.#known], held: [...this.#held].map(([ip, packet]) => [ip, packet.slice()]) };
  }

  load(state: State): void {
    this.#known = new Map(state['known'] as unknown as readonly [number, string][]);
    this.#held = new Map(state['held'] as unknown as readonly [number, Uint8Array][]);
  }

  reset(): void {
    this.#known.clear();
    this.#held.clear();
  }
}
