/** What either descriptor format makes of stage 1: the page before stage 2 and before any check of rights. */
import type { Attributes } from './attributes.ts';
import type { Rights } from './permissions.ts';
import type { Level } from './walk.ts';

export interface Stage1Page {
  readonly rights: Rights;
  readonly memory: Attributes;
  /** Output address for the address asked for. */
  readonly output: number;
  readonly blockBits: number;
  readonly level: Level;
  readonly nonSecure: boolean;
  readonly global: boolean;
  readonly domain: number;
}
