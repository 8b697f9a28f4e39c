/** A level-sensitive wire from a device to whatever listens: `set` may be called as often as one likes. */
export class IrqLine {
  readonly #listener: (level: boolean) => void;
  #level = false;

  constructor(listener: (level: boolean) => void) {
    this.#listener = listener;
  }

  get level(): boolean {
    return this.#level;
  }

  set(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#listener(level);
  }

  /** A pulse, for edge-triggered inputs. */
  pulse(): void {
    this.set(true);
    this.set(false);
  }
}
