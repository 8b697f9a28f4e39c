/** Sequences run in QEMU and here, and compared; those that differ are reduced and told with what differs first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { type Engine, runInPartita } from './partita.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';
import { buildSequenceImage } from './sequence-image.ts';
import { SEQUENCE_RESULT_WORDS } from './sequence-layout.ts';
import { report } from './sequence-report.ts';
import { differ, differences, finalDifferences } from './sequence-result.ts';
import { shrink } from './sequence-shrink.ts';
import { INSTRUCTION_LIMIT, type Sequence, SequenceGenerator } from './sequences.ts';

/** Sequences in one image. */
const BATCH = 10_000;
/** So many are reduced; of more, there will be one reason. */
const REDUCED = 3;

/** The words that the harness leaves, `SEQUENCE_RESULT_WORDS` a sequence. */
export type Run = (sequences: readonly Sequence[]) => Uint32Array;
export interface Runs {
  readonly ours: Run;
  readonly theirs: Run;
}

export interface SequenceOutcome {
  readonly sequences: number;
  /** Exceptions that were logged, all sequences together. */
  readonly exceptions: number;
  /** How often each encoding was placed. */
  readonly used: ReadonlyMap<string, number>;
  readonly different: readonly string[];
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const throughImage =
  (run: (folder: string, image: string, count: number) => Uint32Array): Run =>
  (sequences) =>
    inFolder((folder) => run(folder, buildSequenceImage(folder, sequences), sequences.length));

export const inQemu: Run = throughImage((folder, image) => runInQemu(folder, image));
/** On a machine of ours with an engine; an error if a sequence takes too long. */
export const onEngine = (engine: Engine): Run =>
  throughImage((_, image, count) => runInPartita(image, { engine, limit: START_LIMIT + count * INSTRUCTION_LIMIT }));

/** Instructions of the harness before the first sequence. */
const START_LIMIT = 1_000_000;
const HERE_AND_IN_QEMU: Runs = { ours: onEngine('interpreter'), theirs: inQemu };

export function compareSequences(count: number, seed: number, runs: Runs = HERE_AND_IN_QEMU): SequenceOutcome {
  const decoder = new Decoder(INSTRUCTIONS);
  const generator = new SequenceGenerator(decoder, new Random(seed));
  const different: string[] = [];
  let exceptions = 0;
  for (let done = 0; done < count; done += BATCH) {
    const sequences = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next());
    for (const { sequence, ours, theirs } of compareAll(runs, sequences)) {
      exceptions += theirs?.[0] ?? 0;
      const ended = ours !== undefined && theirs !== undefined;
      if (ended && !differ(ours, theirs)) continue;
      const few = ended && different.length < REDUCED;
      different.push(few ? reduced(decoder, runs, sequence) : described(decoder, sequence, ours, theirs));
    }
  }
  return { sequences: count, exceptions, used: generator.used, different };
}

interface Pair {
  readonly sequence: Sequence;
  /** Undefined: it did not end. */
  readonly ours: Uint32Array | undefined;
  readonly theirs: Uint32Array | undefined;
}

function compareAll({ ours, theirs }: Runs, sequences: readonly Sequence[]): Pair[] {
  const [mine, their] = [resultsOf(ours, sequences), resultsOf(theirs, sequences)];
  return sequences.map((sequence, i) => ({ sequence, ours: mine[i], theirs: their[i] }));
}

/** One by one; where a run does not end, halves of it tell which sequence is the reason. */
function resultsOf(run: Run, sequences: readonly Sequence[]): (Uint32Array | undefined)[] {
  let words: Uint32Array;
  try {
    words = run(sequences);
  } catch (error) {
    if (sequences.length === 1 || !(error instanceof Error)) return [undefined];
    const half = sequences.length >>> 1;
    return [...resultsOf(run, sequences.slice(0, half)), ...resultsOf(run, sequences.slice(half))];
  }
  return sequences.map((_, i) => words.subarray(i * SEQUENCE_RESULT_WORDS, (i + 1) * SEQUENCE_RESULT_WORDS));
}

/** The fewest instructions that still differ, as text. */
export function reduced(decoder: Decoder, runs: Runs, sequence: Sequence): string {
  const judge = (candidates: readonly Sequence[]) =>
    compareAll(runs, candidates).map(({ ours, theirs }) => ours !== undefined && theirs !== undefined && differ(ours, theirs));
  const smallest = shrink(decoder, sequence, judge);
  const [pair] = compareAll(runs, [smallest]);
  return described(decoder, smallest, pair?.ours, pair?.theirs);
}

function described(decoder: Decoder, sequence: Sequence, ours?: Uint32Array, theirs?: Uint32Array): string {
  if (ours === undefined || theirs === undefined) {
    return report(decoder, sequence, [`it does not end ${ours === undefined ? 'here' : 'there'}`]);
  }
  const state = finalDifferences(ours, theirs);
  return report(decoder, sequence, state.length > 0 ? state : differences(ours, theirs));
}
