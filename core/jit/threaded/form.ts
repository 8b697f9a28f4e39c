/** Forms: what instructions have in common that differ in their registers and immediate alone. */
import type { Op } from '../../cpu/decode.ts';
import type { Field, Operands } from '../../cpu/insn.ts';
import { NAMED, NAMES } from './record.ts';

const PC = 15;
const ALWAYS = 14;

export interface Form {
  readonly name: string;
  readonly size: number;
  /** Registers are numbered from `NAMED` on, and the immediate is a word of no meaning. */
  readonly operands: Operands;
  /** Of a branch whose target is known. */
  readonly cond: number;
  readonly thumb: boolean;
  readonly branches: boolean;
  /** What stands for the immediate. */
  readonly any: number | undefined;
}

/** An instruction as its form, and what a record says besides. */
export interface Formed {
  readonly form: Form;
  readonly key: string;
  /** Each register in a byte, as an offset from the processor's place. */
  readonly registers: number;
  readonly immediate: number;
}

/** Words of no meaning, which no field has: one of each sign, and a halfword. */
const ANY = { positive: 0x5a3c_f0e5, negative: 0xa1b2_4d79 | 0, halfword: 0x5ee5 } as const;

/** Operands that are words which a meaning passes on; an instruction has one of them at most. */
const IMMEDIATES = ['imm32', 'imm', 'imm16', 'offset', 'amount'] as const;
/** Meanings that look at the immediate. */
const LOOKING = new Set(['MSR_imm']);

export function formOf({ name, size, operands }: Op, cond: number, thumb: boolean, branches: boolean): Formed {
  const own: Record<string, Field> = {};
  const immediate = immediateOf(name, operands);
  const value = immediate === undefined ? 0 : (operands[immediate] as number) | 0;
  const any = immediate === undefined ? undefined : anyFor(immediate, value, operands);
  const named = operands['list'] === undefined;
  let key = `${name} ${size}${thumb ? 't' : 'a'} ${name === 'B' ? cond : ''} ${any}`;
  let registers = 0;
  let count = 0;
  for (const operand in operands) {
    let field = operands[operand] as number;
    if (operand === 'cond') continue;
    if (operand === immediate) field = any as number;
    else if (named && field !== PC && count < NAMES && isRegister(operand)) {
      registers |= (4 * field) << (8 * count);
      field = NAMED + count++;
    }
    own[operand] = field as Field;
    if (operand !== immediate) key += ` ${field}`;
  }
  const form = { name, size, operands: own as Operands, cond: name === 'B' ? cond : ALWAYS, thumb, branches, any };
  return { form, key, registers, immediate: value };
}

const isRegister = (operand: string): boolean => operand.charCodeAt(0) === 82 && operand.length > 1;

function immediateOf(name: string, operands: Operands): string | undefined {
  // As an address its bit 0 has a meaning.
  if (LOOKING.has(name) || operands['Rd'] === PC) return undefined;
  const found = IMMEDIATES.find((operand) => operands[operand] !== undefined);
  // Shifts by 0 and 32 have meanings of their own.
  return found !== 'amount' || ((operands[found] as number) & 31) !== 0 ? found : undefined;
}

/** The carry out of a rotated immediate is its sign. */
function anyFor(immediate: string, value: number, operands: Operands): number {
  if (immediate === 'imm16') return ANY.halfword;
  return operands['rotated'] && value < 0 ? ANY.negative : ANY.positive;
}
