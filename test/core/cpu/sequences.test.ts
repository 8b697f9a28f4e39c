import { beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../../core/cpu/isa/all.ts';
import { Random } from '../../../tools/oracle/random.ts';
import type { Placed } from '../../../tools/oracle/sequence-code.ts';
import { SEQUENCE_WORDS } from '../../../tools/oracle/sequence-layout.ts';
import { lastOf, remaining, shrink } from '../../../tools/oracle/sequence-shrink.ts';
import { codeOf, type Sequence, SequenceGenerator, sequenceBatches } from '../../../tools/oracle/sequences.ts';
import { bundled } from '../../support/bundled.ts';
import { have } from '../../support/oracles.ts';

type Oracle = typeof import('../../../tools/oracle/sequence-oracle.ts');
let oracle: Oracle;
beforeAll(async () => {
  oracle = await bundled<Oracle>('tools/oracle/sequence-oracle.ts');
});

const decoder = new Decoder(INSTRUCTIONS);
const here = (sequences: readonly Sequence[]) => oracle.onEngine('interpreter')(sequences);

describe('random sequences with loops, calls, IT blocks, memory, floating point, exceptions, changes of mode and instruction set', () => {
  it.skipIf(!have('qemu-system-arm', 'arm-none-eabi-as'))('end as in QEMU, with the same exceptions on the way: 2,000', () => {
    const { exceptions, used, different } = oracle.compareSequences(2000, 20260103);
    expect(different.slice(0, 3).join('\n')).toBe('');
    expect(exceptions).toBeGreaterThan(20_000);
    expect(used.size).toBeGreaterThan(900);
  });
});

describe('the generator of sequences', () => {
  it('makes the same sequences of the same seed, in batches of any size, and each again from its own', () => {
    const [all = []] = sequenceBatches(decoder, 5, 30, 30);
    const parts = [...sequenceBatches(decoder, 5, 30, 7)];
    expect(parts.map(({ length }) => length)).toEqual([7, 7, 7, 7, 2]);
    expect(parts.flat()).toEqual(all);
    expect(new Set(all.map(({ seed }) => seed)).size).toBe(30);
    const again = new SequenceGenerator(decoder, new Random(0));
    expect(all.map(({ seed }) => again.make(seed))).toEqual(all);
  });

  it('keeps to the room there is, and places instructions one after the other', () => {
    for (const sequence of [...sequenceBatches(decoder, 6, 500)].flat()) {
      expect(codeOf(sequence).length).toBeLessThanOrEqual(SEQUENCE_WORDS);
      let here = sequence.at;
      for (const { address, narrow } of sequence.instructions) {
        expect(address).toBe(here);
        here += narrow ? 2 : 4;
      }
      expect(here).toBe(sequence.end);
    }
  });
});

/** Runs sequences here with some instructions exchanged for others. */
const withFault = (exchange: (name: string, bits: number) => number) => ({
  ours: (sequences: readonly Sequence[]) => here(sequences.map((sequence) => faulty(sequence, exchange))),
  theirs: (sequences: readonly Sequence[]) => here(sequences),
});

function faulty(sequence: Sequence, exchange: (name: string, bits: number) => number): Sequence {
  const instructions = sequence.instructions.map((placed) => {
    const { set, bits, narrow, condition } = placed;
    const { name } = decoder.decode(set, bits | 0, narrow, condition !== undefined);
    return { ...placed, bits: exchange(name, bits) };
  });
  return { ...sequence, instructions };
}

describe.skipIf(!have('arm-none-eabi-as'))('a sequence that differs is reduced', () => {
  it('to the one instruction that is wrong, with what it changes', () => {
    // VADD and VSUB exchanged.
    const runs = withFault((name, bits) => (name === 'VADD' ? bits ^ 0x40 : bits));
    const hasFault = ({ instructions }: Sequence) =>
      instructions.some(({ set, bits, narrow }) => decoder.decode(set, bits | 0, narrow, false).name === 'VADD');
    const sequence = [...sequenceBatches(decoder, 9, 300)].flat().find(hasFault) as Sequence;
    const lines = oracle.reduced(decoder, runs, sequence).split('\n');
    expect(lines[0]).toMatch(/^sequence [0-9a-f]{8}: CPSR=/);
    expect(lines[1]).toMatch(/vadd\.f/);
    expect(lines[2]).toMatch(/they differ after .* vadd\.f/);
    expect(lines[3]).toMatch(/(D\d+<|FPSCR).*: ours [0-9a-f]{8}, theirs [0-9a-f]{8}/);
  });

  it('tells which one does not end', () => {
    const [all = []] = sequenceBatches(decoder, 4, 8);
    const runs = {
      ours: (some: readonly Sequence[]) =>
        here(some.map((sequence) => (sequence.seed === all[5]?.seed ? stuck(sequence) : sequence))),
      theirs: (some: readonly Sequence[]) => here(some),
    };
    const { different } = oracle.compareSequences(8, 4, runs);
    expect(different.length).toBe(1);
    expect(different[0]).toContain('it does not end here');
    expect(different[0]).toContain((all[5] as Sequence).seed.toString(16));
  });
});

/** Its first instruction branches to itself. */
function stuck(sequence: Sequence): Sequence {
  const [first, ...rest] = sequence.instructions;
  if (first === undefined) throw new Error('an empty sequence');
  const bits = first.set === 'A32' ? 0xeafffffe : first.narrow ? 0xe7fe : 0xf7ffbffe;
  return { ...sequence, instructions: [{ ...first, bits }, ...rest] };
}

describe('the shrinker', () => {
  const all = [...sequenceBatches(decoder, 3, 300)].flat();
  const has = (sequence: Sequence, is: (placed: Placed) => boolean) => remaining(sequence).some(is);

  it('finds the fewest turns of a loop with which the judge still sees a difference, and leaves out all else', () => {
    const often = ({ role, bits }: Placed) => role === 'count' && (bits & 0xff) >= 3;
    const sequence = all.find((one) => has(one, (placed) => often(placed) && (placed.bits & 0xff) > 9)) as Sequence;
    const smallest = shrink(decoder, sequence, (candidates) => candidates.map((one) => has(one, often)));
    const [loop, ...rest] = remaining(smallest);
    expect((loop as Placed).bits & 0xff).toBe(3);
    expect(rest.every(({ group, fixed }) => fixed || group === loop?.group)).toBe(true);
    expect(smallest.float.every((value) => value === 0)).toBe(true);
    expect(smallest.registers.every((value) => value === 0)).toBe(true);
  });

  it('makes operands simple, and leaves the instruction what it is', () => {
    const isUmlal = ({ set, bits, role }: Placed) =>
      set === 'A32' && role === 'free' && decoder.decode(set, bits | 0, false, false).name === 'UMLAL';
    const sequence = all.find((one) => has(one, isUmlal)) as Sequence;
    const smallest = shrink(decoder, sequence, (candidates) => candidates.map((one) => has(one, isUmlal)));
    const [first] = remaining(smallest).filter(isUmlal);
    // Always, S clear, Rm and Rn R0; RdLo and RdHi cannot both be.
    const { bits } = first as Placed;
    expect((bits & 0xf0100f0f) >>> 0).toBe(0xe0000000);
    expect((bits & 0xf0000) === 0 || (bits & 0xf000) === 0).toBe(true);
  });

  it('ends at the instruction after which the judge sees it, and keeps values that matter', () => {
    const sequence = all.find(({ registers, instructions }) => registers[3] !== 0 && instructions.length > 40) as Sequence;
    const place = sequence.instructions.findIndex((placed, i) => i > 20 && placed.condition === undefined) as number;
    const there = sequence.instructions[place] as Placed;
    const smallest = shrink(decoder, sequence, (candidates) =>
      candidates.map(({ end, registers }) => end > there.address && registers[3] === sequence.registers[3]),
    );
    expect(smallest.end).toBeLessThanOrEqual(there.address + 16);
    expect(lastOf(smallest)?.address).toBeGreaterThanOrEqual(there.address);
    expect(smallest.registers.filter((value) => value !== 0)).toEqual([sequence.registers[3]]);
  });
});
