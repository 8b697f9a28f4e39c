/**
 * Reduces a sequence on which two runs differ: to the instruction after which they do, then to the fewest instructions, the fewest turns of loops and
 * the simplest operands with which they still do. Instructions that are left out become NOP, so that all others keep their addresses.
 * Each step tries all its candidates in one run.
 */
import type { Decoder } from '../../core/cpu/decode.ts';
import { type Placed, sizeOf } from './sequence-code.ts';
import { MASKS } from './sequence-maker.ts';
import type { Sequence } from './sequences.ts';

/** Tells of each sequence whether the two runs differ. */
export type Judge = (sequences: readonly Sequence[]) => readonly boolean[];

/** Candidates in order of preference. */
type Step = (sequence: Sequence) => readonly Sequence[];

export function shrink(decoder: Decoder, sequence: Sequence, judge: Judge): Sequence {
  let best = firstOf(sequence, judge, start(firstOf(sequence, judge, cut(sequence))));
  for (const step of [withoutGroups, turns, withoutInstructions, operands(decoder), values]) best = repeat(best, judge, step);
  return firstOf(best, judge, cut(best));
}

/** The first of the candidates that still differs. */
function firstOf(sequence: Sequence, judge: Judge, candidates: readonly Sequence[]): Sequence {
  if (candidates.length === 0) return sequence;
  return candidates[judge(candidates).indexOf(true)] ?? sequence;
}

const ROUNDS = 20;

/** All changes with which they still differ, at once if they do then too, until there is none. */
function repeat(sequence: Sequence, judge: Judge, step: Step): Sequence {
  let best = sequence;
  for (let round = 0; round < ROUNDS; round++) {
    const candidates = step(best);
    if (candidates.length === 0) break;
    const verdicts = judge(candidates);
    const good = candidates.filter((_, i) => verdicts[i]);
    const [first] = good;
    if (first === undefined) break;
    best = good.length === 1 ? first : firstOf(first, judge, [merged(best, good)]);
  }
  return best;
}

/** Each element as the first of the candidates has it that changes it. */
function merged(best: Sequence, candidates: readonly Sequence[]): Sequence {
  const elements = <T>(of: (sequence: Sequence) => readonly T[]): T[] =>
    of(best).map((old, i) => {
      const changed = candidates.find((candidate) => of(candidate)[i] !== old);
      return changed === undefined ? old : (of(changed)[i] as T);
    });
  const cpsr = candidates.find((candidate) => candidate.cpsr !== best.cpsr)?.cpsr ?? best.cpsr;
  const instructions = elements((of) => of.instructions);
  return { ...best, cpsr, instructions, registers: elements((of) => of.registers), float: elements((of) => of.float) };
}

/** UDF. */
const stop = (at: Placed): Placed =>
  at.set === 'A32' ? { ...at, bits: 0xe7f000f0, narrow: false } : { ...at, bits: 0xde00, narrow: true };

/** Ends earlier: after one instruction, after two, and so on. */
function cut(sequence: Sequence): Sequence[] {
  const { instructions, at } = sequence;
  const places = instructions.flatMap((placed, i) => (placed.condition === undefined && placed.address > at ? [i] : []));
  return places.map((i) => {
    const last = instructions[i] as Placed;
    return { ...sequence, instructions: [...instructions.slice(0, i), stop(last)], end: last.address };
  });
}

/** Starts later: as late as it can. */
function start(sequence: Sequence): Sequence[] {
  const { instructions, at, end } = sequence;
  const firsts = instructions.filter((placed, i) => {
    const before = instructions[i - 1];
    return placed.group !== before?.group && !placed.nested && placed.address > at && placed.address < end;
  });
  return firsts.reverse().map((first) => ({
    ...sequence,
    at: first.address,
    cpsr: ((sequence.cpsr & ~0x20) | (first.set === 'T32' ? 0x20 : 0)) >>> 0,
  }));
}

const nop = (placed: Placed): Placed =>
  ({ ...placed, bits: placed.set === 'A32' ? 0xe320f000 : placed.narrow ? 0xbf00 : 0xf3af8000, role: undefined }) as const;
export const isNop = ({ set, bits, narrow }: Placed): boolean =>
  bits === (set === 'A32' ? 0xe320f000 : narrow ? 0xbf00 : 0xf3af8000);

/** Those that are executed, or may be, and are not what ends the sequence. */
const counts = ({ at, end }: Sequence, placed: Placed): boolean => !isNop(placed) && placed.address >= at && placed.address < end;

/** Without halves, quarters and so on of the groups, and without each. */
function withoutGroups(sequence: Sequence): Sequence[] {
  const groups = [...new Set(sequence.instructions.filter((p) => counts(sequence, p) && !p.fixed).map(({ group }) => group))];
  const candidates: Sequence[] = [];
  for (let size = Math.ceil(groups.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let i = 0; i < groups.length; i += size) candidates.push(without(sequence, groups.slice(i, i + size)));
  }
  return candidates;
}

function without(sequence: Sequence, groups: readonly number[]): Sequence {
  const left = (placed: Placed): boolean => groups.includes(placed.group) && counts(sequence, placed);
  return { ...sequence, instructions: sequence.instructions.map((placed) => (left(placed) ? nop(placed) : placed)) };
}

/** Without one instruction, where that can do no harm: User mode reaches nothing of the harness. */
function withoutInstructions(sequence: Sequence): Sequence[] {
  if ((sequence.cpsr & 0xf) !== 0) return [];
  return changes(sequence, (placed) => (placed.whole ? [] : [nop(placed)]));
}

const replaced = <T>(all: readonly T[], at: number, value: T): T[] => all.map((old, i) => (i === at ? value : old));

/** One changed instruction in each. */
function changes(sequence: Sequence, change: (placed: Placed) => readonly Placed[]): Sequence[] {
  const { instructions } = sequence;
  return instructions.flatMap((placed, i) => {
    if (!counts(sequence, placed)) return [];
    return change(placed).map((other) => ({ ...sequence, instructions: replaced(instructions, i, other) }));
  });
}

/** Loops with fewer turns: the immediate of MOVW, which is below 256. */
function turns(sequence: Sequence): Sequence[] {
  return changes(sequence, (placed) => {
    const count = placed.bits & 0xff;
    if (placed.role !== 'count' || count === 1) return [];
    return [...new Set([1, 2, count >>> 1, count - 1])].map((less) => ({
      ...placed,
      bits: ((placed.bits & ~0xff) | less) >>> 0,
    }));
  });
}

/** Fields set to zero one by one, where the instruction stays the same one and does not become UNPREDICTABLE. */
function operands(decoder: Decoder): Step {
  return (sequence) =>
    changes(sequence, (placed) => {
      if (placed.role !== 'free') return [];
      const { set, narrow, bits, condition } = placed;
      const op = decoder.decode(set, bits | 0, narrow, condition !== undefined);
      const row = decoder.rows.find(({ name, encodingName }) => name === op.name && encodingName === op.encoding);
      return (row?.fields ?? []).flatMap(({ name, low, width }) => {
        // A register of a loop or call would do for neither.
        if (placed.nested && /^(R|list)/.test(name)) return [];
        const mask = ((2 ** width - 1) << low) >>> 0;
        const simple = name === 'cond' ? 14 << 28 : 0;
        const simpler = ((bits & ~mask) | simple) >>> 0;
        const other = decoder.decode(set, simpler | 0, narrow, condition !== undefined);
        const same = other.name === op.name && other.encoding === op.encoding && !other.unpredictable;
        return simpler === bits || !same ? [] : [{ ...placed, bits: simpler }];
      });
    });
}

/** Registers that start as zero: all, or one more. */
function values(sequence: Sequence): Sequence[] {
  const { registers, float, cpsr } = sequence;
  const plain = (cpsr & (MASKS | 0x3f)) >>> 0;
  const zeroed = (all: readonly number[]) => all.flatMap((value, i) => (value === 0 ? [] : [replaced(all, i, 0)]));
  const none = (all: readonly number[]) => (all.some((value) => value !== 0) ? [all.map(() => 0)] : []);
  return [
    ...none(float).map((other) => ({ ...sequence, float: other })),
    ...none(registers).map((other) => ({ ...sequence, registers: other })),
    ...(plain === cpsr ? [] : [{ ...sequence, cpsr: plain }]),
    ...zeroed(registers).map((other) => ({ ...sequence, registers: other })),
    ...zeroed(float).map((other) => ({ ...sequence, float: other })),
  ];
}

/** What is left of it: the instructions from its start to its end without NOPs. */
export function remaining(sequence: Sequence): readonly Placed[] {
  return sequence.instructions.filter((placed) => counts(sequence, placed));
}

/** The instruction after which the runs differ. */
export function lastOf(sequence: Sequence): Placed | undefined {
  return sequence.instructions.filter((placed) => placed.address + sizeOf(placed) <= sequence.end).at(-1);
}
