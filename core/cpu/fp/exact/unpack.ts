/** Taking bit patterns apart, and what NaN operands turn into. Reference: Arm DDI 0406C, A2.7 (FPUnpack, FPProcessNaN and relatives). */
import { AHP, DN, FZ, IDC, IOC } from '../fpscr.ts';
import { type Format, FPDefaultNaN, HALF } from './format.ts';

/** FPSCR as an operation sees it: the control bits that it obeys, and the exceptions that it has raised so far. */
export interface Environment {
  readonly control: number;
  exceptions: number;
}

export function environment(control: number): Environment {
  return { control, exceptions: 0 };
}

/** A number is `mantissa * 2^exponent`; the mantissa of a zero is zero. */
export interface Unpacked {
  readonly type: 'zero' | 'nonzero' | 'infinity' | 'quiet' | 'signalling';
  readonly sign: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** FPUnpack(): flush-to-zero takes effect on single and double operands, never on half-precision ones. */
export function FPUnpack(format: Format, operand: bigint, env: Environment): Unpacked {
  const sign = (operand & format.signBit) !== 0n;
  const biased = Number((operand & ~format.signBit) >> BigInt(format.fractionBits));
  const fraction = operand & format.fractionMask;
  if (biased === format.exponentMax && !(format === HALF && env.control & AHP)) return special(format, sign, fraction);
  const least = format.minimumExponent - format.fractionBits;
  if (biased !== 0) {
    return { type: 'nonzero', sign, mantissa: fraction | (format.quietBit << 1n), exponent: least + biased - 1 };
  }
  if (fraction === 0n) return { type: 'zero', sign, mantissa: 0n, exponent: 0 };
  if (format !== HALF && env.control & FZ) {
    env.exceptions |= IDC;
    return { type: 'zero', sign, mantissa: 0n, exponent: 0 };
  }
  return { type: 'nonzero', sign, mantissa: fraction, exponent: least };
}

function special(format: Format, sign: boolean, fraction: bigint): Unpacked {
  const type = fraction === 0n ? 'infinity' : fraction & format.quietBit ? 'quiet' : 'signalling';
  return { type, sign, mantissa: 0n, exponent: 0 };
}

export function isAnyNaN(value: Unpacked): boolean {
  return value.type === 'quiet' || value.type === 'signalling';
}

/** FPProcessNaN(): a signalling NaN is reported and made quiet; default NaN mode replaces either kind. */
export function FPProcessNaN(format: Format, type: Unpacked['type'], operand: bigint, env: Environment): bigint {
  if (type === 'signalling') env.exceptions |= IOC;
  return env.control & DN ? FPDefaultNaN(format) : operand | format.quietBit;
}

/** FPProcessNaNs() and FPProcessNaNs3(): the first signalling NaN, else the first quiet one, else undefined. */
export function FPProcessNaNs(
  format: Format,
  values: readonly Unpacked[],
  operands: readonly bigint[],
  env: Environment,
): bigint | undefined {
  for (const type of ['signalling', 'quiet'] as const) {
    const index = values.findIndex((value) => value.type === type);
    if (index >= 0) return FPProcessNaN(format, type, operands[index]!, env);
  }
  return undefined;
}

/** The answer to an operation that has none: the default NaN, with Invalid Operation. */
export function invalidOperation(format: Format, env: Environment): bigint {
  env.exceptions |= IOC;
  return FPDefaultNaN(format);
}
