/** Everything that the translator can write: generated from the definitions, and lowered by hand where speed asks for it. */
import { STAGED as GENERATED } from './staged/all.ts';
import type { Staged } from './translate.ts';

export const STAGED: Readonly<Record<string, Staged>> = { ...GENERATED };
