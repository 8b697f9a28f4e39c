/**
 * How the condition flags are held, in words of `Cpu.scratch` and in a byte for each part that tells which of them count: what translated code
 * and the engine agree on. Reference: Arm DDI 0406C, A2.4.
 */
import { SCRATCH_OFFSET } from '../cpu/state.ts';

export const NZ = 0;
export const CARRY = 1;
export const OVERFLOW = 2;
export type Part = typeof NZ | typeof CARRY | typeof OVERFLOW;

/** How a part is held, plus one; 0: only the byte in memory tells. A byte for each part. */
export const UNKNOWN = 0;
export const RESULT = 0;
export const PACKED = 1;
export const FUSED = 2;
export const DIRECT = 0;
export const ADDITION = 1;
export const SUBTRACTION = 2;
export const stateOf = (nz: number, carry: number, overflow: number): number =>
  (nz + 1) | ((carry + 1) << 8) | ((overflow + 1) << 16);
export const kindsOf = (state: number): number => state - 0x10101;
export const COMPARED = stateOf(FUSED, SUBTRACTION, SUBTRACTION);
export const ADDED = stateOf(RESULT, ADDITION, ADDITION);
export const ALL_DIRECT = stateOf(RESULT, DIRECT, DIRECT);
export const BITS = stateOf(PACKED, DIRECT, DIRECT);
/** FPSCR's flags, after a comparison. */
export const FLOAT = stateOf(3, 3, 3);

/** Places in `Cpu.scratch`. */
export const SCRATCH = { result: 0, x: 1, y: 2, C: 3, V: 4, kind: 5 } as const;
export type Word = Exclude<keyof typeof SCRATCH, 'kind'>;
export const WORDS = ['result', 'x', 'y', 'C', 'V'] as const satisfies readonly Word[];
export const offsetOf = (name: keyof typeof SCRATCH): number => SCRATCH_OFFSET + 4 * SCRATCH[name];

/** The same rules for the engine: N, Z, C and V, as it keeps them, from what translated code has left. */
export function readFlags(scratch: Int32Array, s: Int32Array, N: number, Z: number, C: number, V: number): void {
  const [held, x, y, c, v, kind] = scratch as unknown as readonly [number, number, number, number, number, number];
  const nz = kind & 0xff;
  const result = nz === FUSED ? (x - y) | 0 : held;
  s[N] = result >>> 31;
  s[Z] = nz === PACKED ? (result >>> 30) & 1 : result === 0 ? 1 : 0;
  s[C] = flagOf((kind >> 8) & 0xff, x, y, c, carries);
  s[V] = flagOf(kind >> 16, x, y, v, overflows);
}

const flagOf = (kind: number, x: number, y: number, direct: number, of: typeof carries): number =>
  kind === DIRECT ? direct : of(kind, x, y) ? 1 : 0;
const carries = (kind: number, x: number, y: number): boolean =>
  kind === SUBTRACTION ? x >>> 0 >= y >>> 0 : (x + y) >>> 0 < x >>> 0;
function overflows(kind: number, x: number, y: number): boolean {
  const result = kind === SUBTRACTION ? (x - y) | 0 : (x + y) | 0;
  return ((x ^ result) & (kind === SUBTRACTION ? x ^ y : y ^ result)) < 0;
}

/** N, Z, C and V as the engine keeps them, for translated code. */
export function leaveFlags(scratch: Int32Array, s: Int32Array, N: number, Z: number, C: number, V: number): void {
  scratch[SCRATCH.result] = ((s[N] as number) << 31) | ((s[Z] as number) << 30);
  scratch[SCRATCH.C] = s[C] as number;
  scratch[SCRATCH.V] = s[V] as number;
  scratch[SCRATCH.kind] = kindsOf(BITS);
}
