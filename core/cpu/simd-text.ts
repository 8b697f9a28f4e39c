/** What stands for the placeholders of Advanced SIMD's assembly templates. Reference: Arm DDI 0406C, A8.2, A8.8. */
import { registerName, type Site } from './assembly-text.ts';

type Filler = (site: Site) => string;

/** A doubleword, or a quadword if Q says so. */
const vector =
  (name: string): Filler =>
  ({ operand }) =>
    operand('Q') === 1 ? `q${operand(name) >> 1}` : `d${operand(name)}`;
const quadword =
  (name: string): Filler =>
  ({ operand }) =>
    `q${operand(name) >> 1}`;

/** Registers `inc` apart: a range only where they follow each other, and never of single lanes. */
function registers(first: number, count: number, inc: number, suffix: string): string {
  const names = Array.from({ length: count }, (_, i) => `d${first + i * inc}${suffix}`);
  return inc === 1 && count > 1 && !/\d/.test(suffix) ? `{${names[0]}-${names.at(-1)}}` : `{${names.join(', ')}}`;
}

const table: Filler = ({ operand }) => registers(operand('n'), operand('length'), 1, '');

/** The registers of a structure, each with what follows its name. */
const structure =
  (count: number, suffix: (site: Site) => string): Filler =>
  (site) => {
    const [regs, inc] = [site.operand('regs'), site.operand('inc')];
    // Two structures of two elements stand in four registers one after the other.
    const all = count === 1 || regs > 1 ? registers(site.operand('d'), count * regs, 1, suffix(site)) : undefined;
    return all ?? registers(site.operand('d'), count, inc, suffix(site));
  };
const counted = (name: string, suffix: (site: Site) => string): Readonly<Record<string, Filler>> =>
  Object.fromEntries([1, 2, 3, 4].map((count) => [`${name}${count}`, structure(count, suffix)]));

/** With the alignment in bits, and what is added to the base afterwards. */
const address: Filler = ({ operand }) => {
  const alignment = operand('alignment') > 1 ? ` :${8 * operand('alignment')}` : '';
  const [Rn, Rm] = [registerName(operand('Rn')), operand('Rm')];
  return `[${Rn}${alignment}]${Rm === 15 ? '' : Rm === 13 ? '!' : `, ${registerName(Rm)}`}`;
};

const FLOAT = 4;
const I64 = 3;

/** Of 64 bits all digits, of a single its number. */
const constant: Filler = ({ operand }) => {
  const [low, high] = [operand('low') >>> 0, operand('high') >>> 0];
  if (operand('type') === I64) return `0x${((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0')}`;
  if (operand('type') === FLOAT) {
    const exponent = ((low >>> 23) & 0xff) - 127;
    return String((low >>> 31 === 1 ? -1 : 1) * (1 + (low & 0x7fffff) / 2 ** 23) * 2 ** exponent);
  }
  const bits = 8 << operand('type');
  return String(bits === 32 ? low : low & (2 ** bits - 1));
};

export const SIMD_FILLERS: Readonly<Record<string, Filler>> = {
  QDd: vector('d'),
  QDn: vector('n'),
  QDm: vector('m'),
  Qn: quadword('n'),
  Qm: quadword('m'),
  Dn: ({ operand }) => `d${operand('n')}`,
  table,
  vector_constant: constant,
  ...counted('structures', () => ''),
  ...counted('lanes', ({ operand }) => `[${operand('x')}]`),
  ...counted('all_lanes', () => '[]'),
  element_address: address,
};
