/** Cases for an oracle: an operation, what FPSCR has before it, and three registers. Random ones, and all of a small kind. */
import { AHP, DN, FPSCR_MASK, FZ, IXC, LEN, RMODE, STRIDE } from '../../../../core/cpu/fp.ts';
import { operandTriple } from './operands.ts';
import { groups, type Operation, operations } from './operations.ts';
import type { Random } from './random.ts';

/** In: operation, FPSCR, D0, D1, D2. Out: D0, FPSCR, a spare word. */
export const IN_BYTES = 32;
export const OUT_BYTES = 16;

/** Something outside the project that knows what an operation gives. */
export interface Oracle {
  readonly name: 'qemu-arm' | 'host';
  answers(operation: Operation): boolean;
  run(vectors: Uint8Array): Uint8Array;
}

const RMODE_SHIFT = 22;
const NZCV_QC_AND_STATUS = 0xf800009f | 0;

/**
 * The four rounding modes take turns. Flush-to-zero, default NaNs and the alternative format are on in a quarter of the cases each.
 * Often Inexact is recorded already, which is when arithmetic takes its shortest way. Short vectors would make it UNDEFINED.
 */
function controlWord(random: Random, operation: Operation, index: number): number {
  const any = random.word();
  if (operation.kind === 'control') return any;
  const status = random.pick([0, IXC, any & 0x9f, any & NZCV_QC_AND_STATUS]);
  const modes = (any & 0x300 ? 0 : FZ) | (any & 0xc00 ? 0 : DN) | (any & 0x3000 ? 0 : AHP);
  return (status | modes | ((index & 3) << RMODE_SHIFT)) & ~(LEN | STRIDE);
}

function put(into: DataView, index: number, operation: number, fpscr: number, registers: readonly bigint[]): void {
  const at = index * IN_BYTES;
  into.setUint32(at, operation, true);
  into.setInt32(at + 4, fpscr, true);
  registers.forEach((bits, slot) => {
    into.setBigUint64(at + 8 + slot * 8, bits, true);
  });
}

export function randomVectors(oracle: Oracle, random: Random, count: number): DataView {
  const choices = groups.map((group) => group.filter((operation) => oracle.answers(operation)));
  const vectors = new DataView(new ArrayBuffer(count * IN_BYTES));
  for (let index = 0; index < count; index++) {
    const operation = random.pick(random.pick(choices));
    const control = controlWord(random, operation, index);
    put(vectors, index, operations.indexOf(operation), control, operandTriple(random, operation.kind));
  }
  return vectors;
}

/** Every half-precision number, in both formats, with and without default NaNs, from both halves of a register. */
export function allHalves(): DataView {
  const conversions = operations.filter(({ asm }) => /^vcvt[bt]\.f32\.f16/.test(asm));
  const modes = [0, DN, AHP, AHP | DN];
  const vectors = new DataView(new ArrayBuffer(0x10000 * conversions.length * modes.length * IN_BYTES));
  let index = 0;
  for (const conversion of conversions) {
    for (const mode of modes) {
      for (let half = 0; half < 0x10000; half++) {
        const word = BigInt(conversion.asm.startsWith('vcvtt') ? half * 0x10000 : half);
        put(vectors, index++, operations.indexOf(conversion), mode | ((half & 3) << RMODE_SHIFT), [0n, word, 0n]);
      }
    }
  }
  return vectors;
}

/** The bits of FPSCR that the given word sets, for a table of what was tried. */
export function modesOf(fpscr: number): readonly string[] {
  const rounding = ['RN', 'RP', 'RM', 'RZ'][(fpscr & FPSCR_MASK & RMODE) >> RMODE_SHIFT]!;
  return [rounding, ...(fpscr & FZ ? ['FZ'] : []), ...(fpscr & DN ? ['DN'] : []), ...(fpscr & AHP ? ['AHP'] : [])];
}
