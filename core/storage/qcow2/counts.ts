/** How often clusters are used, counted. Takes room only where something was counted. */

const CHUNK = 4096;

export class Counts {
  readonly #chunks = new Map<number, Float64Array>();

  add(cluster: number, times: number): void {
    const index = Math.floor(cluster / CHUNK);
    const chunk = this.#chunks.get(index) ?? new Float64Array(CHUNK);
    this.#chunks.set(index, chunk);
    chunk[cluster % CHUNK] = (chunk[cluster % CHUNK] as number) + times;
  }

  get(cluster: number): number {
    return this.#chunks.get(Math.floor(cluster / CHUNK))?.[cluster % CHUNK] ?? 0;
  }

  /** In ascending order. */
  each(act: (cluster: number, count: number) => void): void {
    for (const index of [...this.#chunks.keys()].sort((a, b) => a - b)) {
      const chunk = this.#chunks.get(index) as Float64Array;
      for (let i = 0; i < CHUNK; i++) if (chunk[i] !== 0) act(index * CHUNK + i, chunk[i] as number);
    }
  }
}
