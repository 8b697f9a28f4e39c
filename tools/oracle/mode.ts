/** What the bench can compare: a mode has a name in main.ts, a line for `--help`, and a function that prints its findings. */
import type { Engine } from './partita.ts';

export interface Options {
  readonly cases: number;
  readonly seed: number;
  /** What executes in Partita. */
  readonly engine: Engine;
  /** How many differences are printed for one encoding. */
  readonly shown: number;
}

export interface Mode {
  readonly about: string;
  /** It repeats others, so it runs only if it is asked for. */
  readonly repeats?: true;
  /** Prints what differs and a closing line; the number of differences. */
  readonly run: (options: Options) => number;
}
