/** Makes a case that differs as simple as it can be while it still differs: one thing less at a time, many attempts in one image. */
import type { Row } from '../../core/cpu/decode.ts';
import type { Draft } from './case.ts';
import { MEMORIES } from './layout.ts';

/** A way to make a case simpler. Of several for the same part, the first that works is taken. */
interface Step {
  readonly part: string;
  readonly apply: (draft: Draft) => Draft;
}

const USER_AND_MASKS = 0x150;
/** Condition flags, Q, GE and E one by one. */
const FLAG_BITS = [31, 30, 29, 28, 27, 19, 18, 17, 16, 9];
const ALWAYS = 14;

const count = (value: number): number => {
  let bits = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) bits++;
  return bits;
};

/** Words with fewer bits than this one: the fewest first. */
function simpler(value: number): readonly number[] {
  const lowest = (value & -value) >>> 0;
  const highest = value === 0 ? 0 : 2 ** (31 - Math.clz32(value));
  const fewer = [
    0,
    1,
    lowest,
    highest,
    value & 0xff,
    value & 0xffff,
    value & 0xffff0000,
    value & (value - 1),
    value - highest,
    value >>> 1,
  ];
  return [...new Set(fewer.map((word) => word >>> 0))].filter((word) => isSimpler(word, value));
}

const isSimpler = (word: number, value: number): boolean =>
  count(word) < count(value) || (count(word) === count(value) && word < value);

const replaced = (values: readonly number[], index: number, value: number): readonly number[] =>
  values.map((old, i) => (i === index ? value : old));

function* wordSteps(part: 'registers' | 'vfp', values: readonly number[]): Generator<Step> {
  for (const [i, value] of values.entries()) {
    for (const word of simpler(value)) {
      yield { part: `${part}${i}`, apply: (draft) => ({ ...draft, [part]: replaced(draft[part] ?? [], i, word) }) };
    }
  }
}

type Field = Row['fields'][number];

const fieldOf = ({ bits }: Draft, { low, width }: Field): number => (bits >>> low) & (2 ** width - 1);

const withField = (draft: Draft, { low, width }: Field, value: number): Draft => ({
  ...draft,
  bits: ((draft.bits & ~((2 ** width - 1) << low)) | (value << low)) >>> 0,
});

/** Each field, and two that are the same, such as a register that is named twice. */
function* fieldSteps(draft: Draft, { fields }: Row): Generator<Step> {
  for (const [i, field] of fields.entries()) {
    const value = fieldOf(draft, field);
    const candidates = field.name === 'cond' ? [ALWAYS] : simpler(value);
    const twins = fields.slice(i + 1).filter((other) => other.width === field.width && fieldOf(draft, other) === value);
    for (const other of candidates.filter((candidate) => candidate !== value)) {
      yield { part: field.name, apply: (old) => withField(old, field, other) };
      for (const twin of twins) {
        yield { part: field.name, apply: (old) => withField(withField(old, field, other), twin, other) };
      }
    }
  }
}

function* placeSteps({ it, before, skew, memory, flags }: Draft): Generator<Step> {
  if (before.length > 0) yield { part: 'before', apply: (draft) => ({ ...draft, before: [] }) };
  if (it !== undefined) yield { part: 'it', apply: (draft) => ({ ...draft, it: undefined }) };
  if (it !== undefined && it !== ALWAYS) yield { part: 'it', apply: (draft) => ({ ...draft, it: ALWAYS }) };
  if (skew) yield { part: 'skew', apply: (draft) => ({ ...draft, skew: false }) };
  const zero = MEMORIES.length - 1;
  if (memory !== zero) yield { part: 'memory', apply: (draft) => ({ ...draft, memory: zero }) };
  for (const bit of FLAG_BITS.filter((n) => (flags >>> n) & 1)) {
    yield { part: `flag${bit}`, apply: (draft) => ({ ...draft, flags: (draft.flags & ~(1 << bit)) >>> 0 }) };
  }
}

function steps(draft: Draft, row: Row | undefined): readonly Step[] {
  return [
    ...placeSteps(draft),
    ...wordSteps('registers', draft.registers),
    ...wordSteps('vfp', draft.vfp ?? []),
    ...(row === undefined ? [] : fieldSteps(draft, row)),
  ];
}

const together = (draft: Draft, some: readonly Step[]): Draft => some.reduce((simple, { apply }) => apply(simple), draft);

/** One way for each part. */
function firsts(working: readonly Step[]): readonly Step[] {
  const parts = new Map<string, Step>();
  for (const step of working) if (!parts.has(step.part)) parts.set(step.part, step);
  return [...parts.values()];
}

/** Which of these still differ. Those that are left out of the comparison do not. */
export type StillDiffer = (drafts: readonly Draft[]) => readonly boolean[];

const ROUNDS = 40;

/** What works alone need not work together: then half of it, a quarter, one. */
export function shrink(draft: Draft, row: Row | undefined, stillDiffer: StillDiffer): Draft {
  let simplest = { ...draft, flags: (draft.flags | USER_AND_MASKS) >>> 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const all = steps(simplest, row);
    const alone = stillDiffer(all.map(({ apply }) => apply(simplest)));
    const working = firsts(all.filter((_, i) => alone[i]));
    if (working.length === 0) return simplest;
    const combinations: Draft[] = [];
    for (let n = working.length; n > 1; n >>>= 1) combinations.push(together(simplest, working.slice(0, n)));
    const combined = stillDiffer(combinations);
    simplest = combinations.find((_, i) => combined[i]) ?? together(simplest, working.slice(0, 1));
  }
  return simplest;
}
