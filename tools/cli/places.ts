/** What of the host's files partitions reach, wherever links lead: none is given what another writes, nor a folder around it or within it. */
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { UsageError } from './usage.ts';

interface Place {
  /** Path of the node whose devices have it: a partition, or the board. */
  readonly owner: string;
  readonly real: string;
  readonly folder: boolean;
  readonly writes: boolean;
}

const holds = (outer: Place, inner: Place): boolean =>
  inner.real === outer.real || (outer.folder && (outer.real === sep || inner.real.startsWith(outer.real + sep)));

export class Places {
  readonly #taken: Place[] = [];

  /** A folder that is there. Throws a `UsageError` if it meets what another owner has, and one of both writes. */
  takeFolder(owner: string, path: string, writes: boolean): void {
    this.#take(path, [{ owner, real: realpathSync(path), folder: true, writes }]);
  }

  /** The files of a disk, of which the first alone may be written. */
  takeDisk(owner: string, files: readonly string[], writes: boolean): void {
    const places = files.map((path, i) => ({ owner, real: realpathSync(path), folder: false, writes: writes && i === 0 }));
    this.#take(files[0] as string, places);
  }

  #take(path: string, places: readonly Place[]): void {
    const meet = (a: Place, b: Place) => a.owner !== b.owner && (a.writes || b.writes) && (holds(a, b) || holds(b, a));
    const other = this.#taken.find((before) => places.some((place) => meet(before, place)));
    if (other !== undefined) throw new UsageError(`${path}: ${other.owner} has ${other.real}, and one of them writes it`);
    this.#taken.push(...places);
  }
}
