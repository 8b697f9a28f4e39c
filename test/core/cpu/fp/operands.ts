/** Operands rich in corners: the places where rounding, overflow, underflow, NaNs and cancellation happen. */
import type { Kind } from './operations.ts';
import type { Random } from './random.ts';

interface Shape {
  readonly bits: number;
  readonly exponentBits: number;
  readonly fractionBits: number;
}

const shapes: { readonly [kind in 'double' | 'single' | 'half']: Shape } = {
  double: { bits: 64, exponentBits: 11, fractionBits: 52 },
  single: { bits: 32, exponentBits: 8, fractionBits: 23 },
  half: { bits: 16, exponentBits: 5, fractionBits: 10 },
};

function raw(random: Random): bigint {
  return (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0);
}

/** Exponents at both ends, around one, at the range of integers, and at the ends of the narrower formats. */
function exponent(random: Random, shape: Shape): number {
  const most = 2 ** shape.exponentBits - 1;
  const bias = most >> 1;
  switch (random.below(8)) {
    case 0:
      return random.below(4);
    case 1:
      return most - random.below(4);
    case 2:
      return bias + random.below(40) - 4;
    case 3:
      return Math.min(Math.max(bias + random.pick([-149, -126, 127, 128, -24, -14, 15, 16]) + random.below(4) - 2, 0), most);
    case 4:
      return random.below(most + 1);
    default:
      return bias + random.below(8) - 4;
  }
}

/** Runs of ones, single bits, nothing, everything, and noise; often aligned so that a narrower format meets a tie. */
function fraction(random: Random, shape: Shape): bigint {
  const width = BigInt(shape.fractionBits);
  const mask = (1n << width) - 1n;
  const position = BigInt(random.below(shape.fractionBits + 1));
  switch (random.below(8)) {
    case 0:
      return 0n;
    case 1:
      return mask;
    case 2:
      return (1n << position) & mask;
    case 3:
      return (mask << position) & mask;
    case 4:
      return (((raw(random) & mask) >> position) << position) & mask;
    case 5:
      return mask >> position;
    default:
      return raw(random) & mask;
  }
}

function floating(random: Random, shape: Shape): bigint {
  const sign = BigInt(random.below(2)) << BigInt(shape.bits - 1);
  if (random.below(16) === 0) return sign; // Zeros.
  return sign | (BigInt(exponent(random, shape)) << BigInt(shape.fractionBits)) | fraction(random, shape);
}

function integer(random: Random): bigint {
  const word = random.pick([
    0,
    1,
    -1,
    0x7fffffff,
    -0x80000000,
    0x7fff,
    0x8000,
    0xffff,
    random.word(),
    random.word() >> random.below(32),
  ]);
  return BigInt.asUintN(32, BigInt(word + random.below(3) - 1));
}

/** A number of the narrower format, its middle to the next one, or next to either: `dropped` bits do not fit. */
function nearNarrower(random: Random, narrow: Shape, wide: Shape): bigint {
  const dropped = BigInt(wide.fractionBits - narrow.fractionBits);
  const most = 2 ** narrow.exponentBits - 1;
  // Below the narrower format's normal numbers more bits do not fit, one for each power of two.
  const narrowExponent = random.below(most + 16) - 14;
  const cut = dropped + BigInt(Math.max(0, 1 - narrowExponent));
  const biased = BigInt(narrowExponent + ((2 ** wide.exponentBits - 2 ** narrow.exponentBits) >> 1));
  const fractionMask = (1n << BigInt(wide.fractionBits)) - 1n;
  const magnitude = (biased << BigInt(wide.fractionBits)) | (((raw(random) & fractionMask) >> cut) << cut);
  const middle = random.below(2) === 0 ? 0n : 1n << (cut - 1n);
  const sign = BigInt(random.below(2)) << BigInt(wide.bits - 1);
  return sign | (magnitude + middle + BigInt(random.below(3) - 1));
}

function toHalf(random: Random): bigint {
  return random.below(4) === 0 ? floating(random, shapes.single) : nearNarrower(random, shapes.half, shapes.single);
}

/** A 64-bit register whose part in use is of the kind asked for; the rest is noise, or a second lane. */
export function operand(random: Random, kind: Kind): bigint {
  switch (kind) {
    case 'double':
      return floating(random, shapes.double);
    case 'single':
      return floating(random, shapes.single) | (floating(random, shapes.single) << 32n);
    case 'toSingle':
      return random.below(2) === 0 ? floating(random, shapes.double) : nearNarrower(random, shapes.single, shapes.double);
    case 'toHalf':
      return toHalf(random) | (toHalf(random) << 32n);
    case 'half':
      return floating(random, shapes.half) | (floating(random, shapes.half) << 16n) | (raw(random) << 32n);
    case 'integer':
      return integer(random) | (raw(random) << 32n);
    case 'control':
      return raw(random);
  }
}

const convert = new DataView(new ArrayBuffer(8));

/** The bits of the rounded product, so that a sum with it cancels or nearly so. */
function productOf(kind: 'double' | 'single', n: bigint, m: bigint): bigint {
  if (kind === 'double') {
    const [a, b] = [n, m].map((bits) => {
      convert.setBigUint64(0, bits);
      return convert.getFloat64(0);
    }) as [number, number];
    convert.setFloat64(0, a * b);
    return convert.getBigUint64(0);
  }
  const [a, b] = [n, m].map((bits) => {
    convert.setUint32(0, Number(bits & 0xffffffffn));
    return convert.getFloat32(0);
  }) as [number, number];
  convert.setFloat32(0, a * b);
  return BigInt(convert.getUint32(0));
}

/** `n` and an operand whose product with it, or the quotient, lies where underflow, overflow or the limits of a shortcut are. */
function aimed(random: Random, shape: Shape, n: bigint): bigint {
  const most = 2 ** shape.exponentBits - 1;
  const bias = most >> 1;
  const own = Number((n >> BigInt(shape.fractionBits)) & BigInt(most));
  const target =
    random.pick([0, 1, most - 1, bias - 900, bias - 1000, bias + 900, -shape.fractionBits, -2]) + random.below(3) - 1;
  const other = random.below(2) === 0 ? target + bias - own : own + bias - target;
  const sign = BigInt(random.below(2)) << BigInt(shape.bits - 1);
  return sign | (BigInt(Math.min(Math.max(other, 0), most - 1)) << BigInt(shape.fractionBits)) | fraction(random, shape);
}

function second(random: Random, kind: Kind, n: bigint): bigint {
  const choice = random.below(8);
  if (choice < 2) return n ^ BigInt(random.below(4)) ^ (BigInt(random.below(2)) << (kind === 'double' ? 63n : 31n));
  if (choice < 4 && (kind === 'double' || kind === 'single')) return aimed(random, shapes[kind], n);
  return operand(random, kind);
}

/** Three operands D0, D1, D2; sometimes the second is the first with other low bits or sign, sometimes the addend is the product. */
export function operandTriple(random: Random, kind: Kind): readonly [bigint, bigint, bigint] {
  const n = operand(random, kind);
  const m = second(random, kind, n);
  if ((kind === 'double' || kind === 'single') && random.below(4) === 0) {
    const sign = BigInt(random.below(2)) << (kind === 'double' ? 63n : 31n);
    return [productOf(kind, n, m) ^ sign ^ BigInt(random.below(2)), n, m];
  }
  return [operand(random, kind), n, m];
}
