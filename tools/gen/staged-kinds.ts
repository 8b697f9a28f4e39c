/** What is known of the values in a body, and the names that are operations of the translator. */

/** Something that the translator does not write; the instruction is interpreted. */
export class Unsupported extends Error {}

/** What is known of a value: at decoding (`static`), or its width and meaning at run time. `sum`: what AddWithCarry() gives. */
export type Kind = 'static' | 'word' | 'uint' | 'number' | 'boolean' | 'flag' | 'void' | { readonly [property: string]: Kind };
export interface Val {
  readonly text: string;
  readonly kind: Kind;
}

export const word = (text: string): Val => ({ text, kind: 'word' });
export const boolean = (text: string): Val => ({ text, kind: 'boolean' });
export const effect = (text: string): Val => ({ text, kind: 'void' });

export const FLAGS = new Set(['N', 'Z', 'C', 'V']);
/** Loads and stores of `cpu.mem`: those with A must be aligned, which the fast path asks for anyway. */
export const ACCESS = /^(read|write)[UA](8|16|32)$/;
export const BITWISE: Readonly<Record<string, string>> = {
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shl',
  '>>': 'sar',
  '>>>': 'shr',
};
export const COMPARE: Readonly<Record<string, string>> = {
  '===': 'eq',
  '!==': 'ne',
  '<': 'lt',
  '>': 'gt',
  '<=': 'le',
  '>=': 'ge',
};
/** Pure functions of words that are single operations, as `ops.ts` names them. */
export const INTRINSICS = new Set([
  'multiply',
  'multiplyHighUnsigned',
  'multiplyHighSigned',
  'divideSigned',
  'divideUnsigned',
  'countLeadingZeroBits',
]);

export function unify(a: Kind, b: Kind): Kind {
  if (a === 'static') return b === 'uint' ? 'number' : b;
  if (b === 'static') return a === 'uint' ? 'number' : a;
  if (a === 'flag' || b === 'flag') return 'boolean';
  return a === b ? a : 'number';
}

export function kindOfType(text: string): Kind {
  if (text === 'Field') return 'static';
  if (text === 'word' || text === 'uint' || text === 'number' || text === 'boolean' || text === 'void') return text;
  if (text === 'Cpu') return 'void';
  const object = /^\{(.*)\}$/s.exec(text);
  if (object === null) throw new Unsupported(`type ${text}`);
  const parts = (object[1] as string)
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return Object.fromEntries(
    parts.map((part) => part.split(':').map((side) => side.trim())).map(([name, type]) => [name, kindOfType(type as string)]),
  );
}
