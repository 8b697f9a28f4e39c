/**
 * A second Partita with a fault in a definition, to be found by the bench. Unless QEMU is asked for, both are our definitions without a machine
 * around them. Tests load it as one bundle, since it executes much.
 */
import { Decoder } from '../../../core/cpu/decode.ts';
import { type Instruction, word } from '../../../core/cpu/insn.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { type Case, type Draft, place } from '../../../tools/oracle/case.ts';
import { RESULT } from '../../../tools/oracle/layout.ts';
import { Comparison, compareWithQemu, type Outcome, type RunBoth, runBoth } from '../../../tools/oracle/oracle.ts';
import { Predictor } from '../../../tools/oracle/predict.ts';
import type { SetName } from '../../../tools/oracle/sets.ts';
import { report } from '../../../tools/oracle/single.ts';

export { report };

function results(predictor: Predictor, cases: readonly Case[]): Uint32Array {
  const all = cases.map((test) => predictor.run(test).result);
  const words = new Uint32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const result of all) {
    words.set(result, at);
    at += result.length;
  }
  return words;
}

/** Ours has other definitions. */
function against(definitions: Readonly<Record<string, Instruction>>): RunBoth {
  const theirs = new Predictor(new Decoder(INSTRUCTIONS));
  const ours = new Predictor(new Decoder({ ...INSTRUCTIONS, ...definitions }));
  return (cases) => ({ ours: results(ours, cases), theirs: results(theirs, cases) });
}

const right = (name: string): Instruction => INSTRUCTIONS[name] as Instruction;

/** Definitions with a mistake, by the instruction. */
const FAULTS: Readonly<Record<string, Instruction>> = {
  /** The result is wrong with a carry and a negative first operand. */
  ADC_reg: {
    ...right('ADC_reg'),
    execute(cpu, operands) {
      const wrong = cpu.C && cpu.r[operands['Rn'] as never] < 0;
      right('ADC_reg').execute(cpu, operands);
      if (wrong) cpu.r[operands['Rd'] as never] = word(cpu.r[operands['Rd'] as never] ^ 0x100);
    },
  },
  /** The encoding is not there for most registers. */
  CLZ: {
    ...right('CLZ'),
    encodings: { T1: { ...(right('CLZ').encodings['T1'] as object), when: ({ Rm }: { Rm: number }) => Rm < 4 } as never },
  },
  /** An exception flag is set if any register holds a denormal double. */
  VNEG: {
    ...right('VNEG'),
    execute(cpu, operands) {
      right('VNEG').execute(cpu, operands);
      const isDenormal = (high: number, i: number) => i % 2 === 1 && (high & 0x7ff00000) === 0 && (high & 0xfffff) !== 0;
      if (cpu.fp.w.some(isDenormal)) cpu.fp.FPSCR |= 0x80;
    },
  },
  /** Never works. */
  REV: { ...right('REV'), execute: (cpu) => cpu.undefined() },
};

export const compareWithFault = (name: string, set: SetName, cases: number, shown: number): Outcome =>
  compareWithQemu(set, cases, 1, { shown, run: against({ [name]: FAULTS[name] as Instruction }) });

/** Both machines have the same result, which is not that of the definition. */
export function compareWithSharedFault(set: SetName, cases: number): Outcome {
  const same = against({});
  const run: RunBoth = (some) => {
    const found = same(some);
    for (const words of [found.ours, found.theirs]) words[RESULT.thread] = 1;
    return found;
  };
  return compareWithQemu(set, cases, 1, { shown: 1, run });
}

/** The fault is in our whole machine, and QEMU finds it: the sign is not extended. */
export function compareMachineWithFault(set: SetName, cases: number): Outcome {
  const definition = right('REVSH') as { execute: Instruction['execute'] };
  const { execute } = definition;
  definition.execute = (cpu, operands) => {
    const wrong = (cpu.r[operands['Rm'] as never] & 0x80) !== 0;
    execute(cpu, operands);
    if (wrong) cpu.r[operands['Rd'] as never] = word(cpu.r[operands['Rd'] as never] & 0xffff);
  };
  try {
    return compareWithQemu(set, cases, 1, { shown: 1 });
  } finally {
    definition.execute = execute;
  }
}

/** First words and CPSRs of all cases, and how many shared an image at most. */
export function casesOf(set: SetName, count: number, seed: number, batch: number): { seen: number[]; largest: number } {
  const seen: number[] = [];
  let largest = 0;
  const same = against({});
  const run: RunBoth = (cases) => {
    largest = Math.max(largest, cases.length);
    seen.push(...cases.flatMap(({ code, cpsr }) => [code[0] as number, cpsr]));
    return same(cases);
  };
  new Comparison({ run }).compare(set, count, seed, batch);
  return { seen, largest };
}

/** What QEMU, we, and the definitions alone say of some cases, which need not be predictable otherwise. */
export function threeResults(drafts: readonly Draft[]): { theirs: Uint32Array; ours: Uint32Array; alone: Uint32Array } {
  const cases = drafts.map(place);
  return { ...runBoth(cases), alone: results(new Predictor(new Decoder(INSTRUCTIONS)), cases) };
}
