/** Advanced SIMD as WebAssembly's vectors: all that is lowered. Each is tested against its definition. */
import type { Staged } from '../translate.ts';
import { FLOAT } from './neon-float.ts';
import { INTEGER } from './neon-integer.ts';
import { PERMUTE } from './neon-permute.ts';
import { QUIET } from './neon-quiet.ts';
import { SHIFT } from './neon-shift.ts';
import { STRUCTURES } from './neon-structures.ts';

export const NEON: Readonly<Record<string, Staged>> = { ...INTEGER, ...SHIFT, ...PERMUTE, ...STRUCTURES, ...FLOAT, ...QUIET };
