/** Single instructions with the operands of the oracle's cases, on two processors: one interpreted, one translated. */
import { Decoder, isWide } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { type Case, halfwordsOf } from '../../../tools/oracle/case.ts';
import { CaseGenerator, WordReader } from '../../../tools/oracle/cases.ts';
import { BATCH, Lockstep, type LockstepOptions } from '../../../tools/oracle/engine-lockstep.ts';
import { SLOT } from '../../../tools/oracle/layout.ts';
import { Predictor } from '../../../tools/oracle/predict.ts';
import { Random } from '../../../tools/oracle/random.ts';
import type { Placed } from '../../../tools/oracle/sequence-code.ts';
import type { Sequence } from '../../../tools/oracle/sequences.ts';
import type { SetName } from '../../../tools/oracle/sets.ts';
import { vfpState } from '../../../tools/oracle/vfp-state.ts';

export interface InstructionOutcome {
  readonly different: readonly string[];
  /** How many cases of each instruction ran in translated code to their end. */
  readonly translated: ReadonlyMap<string, number>;
}

export function lockstepInstructions(
  set: SetName,
  count: number,
  seed: number,
  options: LockstepOptions = {},
): InstructionOutcome {
  const decoder = new Decoder(INSTRUCTIONS);
  const random = new Random(seed);
  const generator = new CaseGenerator(new WordReader(decoder), set, new Predictor(decoder), random);
  const lockstep = new Lockstep(seed, options);
  const different: string[] = [];
  const translated = new Map<string, number>();
  for (let done = 0; done < count; done += BATCH) {
    const cases = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next().test);
    const sequences = cases.map((test, i) => sequenceOf(test, done + i, random));
    different.push(
      ...lockstep.run(sequences, ({ seed: number, instructions }, inside) => {
        const { name } = cases[number - done] as Case;
        const key = name.replace(/ .*/, '');
        if (inside >= instructions.length) translated.set(key, (translated.get(key) ?? 0) + 1);
      }),
    );
  }
  return { different, translated };
}

/** The case as a sequence: in an IT block if it asks for one, and ended by the trap that follows. */
function sequenceOf(test: Case, seed: number, random: Random): Sequence {
  const { set, it, before, registers, flags } = test;
  const halfwords = [...before, ...halfwordsOf(test)];
  const block = it === undefined ? [] : [0xbf00 | (it << 4) | (before.length > 0 ? ((it & 1) << 3) | 4 : 8)];
  const instructions: Placed[] = [];
  let address = SLOT;
  const place = (bits: number, narrow: boolean, condition: number | undefined) => {
    const frame = { group: 0, whole: false, fixed: false, nested: false, role: undefined };
    instructions.push({ address, set: set === 'A32' ? 'A32' : 'T32', bits: bits >>> 0, narrow, condition, ...frame });
    address += narrow ? 2 : 4;
  };
  for (const bits of block) place(bits, true, undefined);
  for (let i = 0; i < halfwords.length; ) {
    const [first, second] = [halfwords[i] as number, halfwords[i + 1] as number];
    const narrow = set !== 'A32' && !isWide(first);
    place(narrow ? first : set === 'A32' ? first | (second << 16) : (first << 16) | second, narrow, it);
    i += narrow ? 1 : 2;
  }
  const [modes = 0, ...numbers] = test.vfp ?? vfpState(random);
  const thumb = set === 'A32' ? 0 : 0x20;
  return {
    seed,
    instructions,
    at: SLOT,
    cpsr: (flags | thumb) >>> 0,
    end: address,
    registers,
    // Inexact is recorded already in most programs: without it, VFP is left to the interpreter.
    float: [(modes | (random.once(2) ? 0x10 : 0)) >>> 0, ...numbers],
  };
}
