/** Contents of FPSCR and D0 to D31 in which rounding, overflow, underflow, NaNs and conversions meet their corners. */
import { VFP_WORDS } from './layout.ts';
import type { Random } from './random.ts';

interface Shape {
  readonly exponentBits: number;
  /** Fraction bits in the word that has the exponent. */
  readonly fractionBits: number;
}
const DOUBLE: Shape = { exponentBits: 11, fractionBits: 20 };
const SINGLE: Shape = { exponentBits: 8, fractionBits: 23 };
const HALF: Shape = { exponentBits: 5, fractionBits: 10 };

/** Zero, subnormal, around one, around the range of integers, huge, infinite or NaN, or anything. */
function exponent(random: Random, { exponentBits }: Shape): number {
  const most = 2 ** exponentBits - 1;
  const bias = most >>> 1;
  const near = random.pick([0, 1, bias - 1, bias, bias, bias, bias + 14, bias + 30, most - 1, most]);
  return Math.min(random.once(4) ? random.below(most + 1) : near + random.below(3), most);
}

function fraction(random: Random, bits: number): number {
  const all = 2 ** bits - 1;
  const chosen = random.pick([0, 1, all, 2 ** (bits - 1), all << random.below(bits), all >>> random.below(bits)]);
  return (random.once(2) ? random.word() : chosen) & all;
}

function upper(random: Random, shape: Shape): number {
  const sign = random.below(2) << (shape.exponentBits + shape.fractionBits);
  return (sign | (exponent(random, shape) << shape.fractionBits) | fraction(random, shape.fractionBits)) >>> 0;
}

/** One D register: a double, two singles, four halves, or two integers. */
function doubleword(random: Random): readonly [number, number] {
  const halves = () => (upper(random, HALF) | (upper(random, HALF) << 16)) >>> 0;
  switch (random.below(8)) {
    case 0:
      return [random.value(), random.value()];
    case 1:
      return [halves(), halves()];
    case 2:
    case 3:
    case 4:
      return [upper(random, SINGLE), upper(random, SINGLE)];
    default:
      return [fraction(random, 32) >>> 0, upper(random, DOUBLE)];
  }
}

/** LEN and STRIDE, with which arithmetic is UNDEFINED. */
const SHORT_VECTORS = 0x370000;
/** What a Cortex-A15 stores in FPSCR: flags, modes and cumulative exceptions. */
const FPSCR = 0xffc0009f;

/** Some numbers occur twice, so that sums cancel and comparisons find equals. */
export function vfpState(random: Random): readonly number[] {
  const modes = random.word() & (random.once(2) ? 0xf000009f : FPSCR);
  const state = [(modes | (random.once(32) ? random.word() & SHORT_VECTORS : 0)) >>> 0];
  const known: (readonly [number, number])[] = [];
  while (state.length < VFP_WORDS) {
    const again = known.length > 0 && random.once(4);
    const [low, high] = again ? random.pick(known) : doubleword(random);
    known.push([low, high]);
    state.push(low, again && random.once(2) ? (high ^ 0x80000000) >>> 0 : high);
  }
  return state;
}
