/** Everything that the translator can write: generated from the definitions, and lowered by hand where speed asks for it. */
import { BLOCK_TRANSFER } from './lowering/block-transfer.ts';
import { EXCLUSIVE } from './lowering/exclusive.ts';
import { NEON } from './lowering/neon.ts';
import { SYSTEM } from './lowering/system.ts';
import { VFP } from './lowering/vfp.ts';
import { STAGED as GENERATED } from './staged/all.ts';
import type { Staged } from './translate.ts';

export const STAGED: Readonly<Record<string, Staged>> = {
  ...GENERATED,
  ...BLOCK_TRANSFER,
  ...EXCLUSIVE,
  ...SYSTEM,
  ...VFP,
  ...NEON,
};
