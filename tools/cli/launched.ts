/** What the launcher tells the program that it starts. */
export interface Launched {
  /** To be called when a guest has run for a while: what starting needs has been compiled by then. */
  readonly keepCode: () => void;
  /** Where the program lies, and a sum of it. */
  readonly folder: string;
  readonly sum: number;
}
