/**
 * Which clusters of an image hold its tables. No two tables share one, and no data may be written there: an image that says otherwise
 * is corrupt, and is found out before it is written.
 */
import { corrupt } from '../error.ts';

/** More tables than any disk of a petabyte has in clusters of the usual size. */
const MOST = 2 ** 21;

export class Claims {
  readonly #clusters = new Set<number>();
  readonly #clusterSize: number;

  constructor(clusterSize: number) {
    this.#clusterSize = clusterSize;
  }

  /** `length` bytes from `offset` on belong to `what`. */
  add(offset: number, length: number, what: string): void {
    const first = offset / this.#clusterSize;
    const count = Math.ceil(length / this.#clusterSize);
    if (this.#clusters.size + count > MOST) throw corrupt('there are too many tables');
    for (let cluster = first; cluster < first + count; cluster++) {
      if (this.#clusters.has(cluster)) {
        throw corrupt(`the ${what} at ${offset} shares cluster ${cluster} with another table: see partita image check`);
      }
      this.#clusters.add(cluster);
    }
  }

  has(cluster: number): boolean {
    return this.#clusters.has(cluster);
  }

  remove(cluster: number): void {
    this.#clusters.delete(cluster);
  }
}
