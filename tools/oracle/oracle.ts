/** The comparison of single instructions: cases in batches, each in one image that runs in QEMU and here; what differs is made simple. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { type Case, type Draft, place } from './case.ts';
import { Unsuitable } from './case-memory.ts';
import { CaseGenerator, opName, type Predicted, WordReader } from './cases.ts';
import { describe, differences, type Finding } from './compare.ts';
import { DEVIATIONS, NEVER, nameOf, ruleOf } from './exclusions.ts';
import { buildImage, resultWords } from './image.ts';
import { type PartitaOptions, runInPartita } from './partita.ts';
import { Predictor } from './predict.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';
import { rowsOf, type SetName } from './sets.ts';
import { shrink } from './shrink.ts';

/** Cases in one image: enough that starting QEMU does not count, few enough that no host runs out of memory. */
const BATCH = 25_000;

/** The results of some cases, one after the other. */
export interface Results {
  readonly ours: Uint32Array;
  readonly theirs: Uint32Array;
}
export type RunBoth = (cases: readonly Case[]) => Results;

/** One instruction takes a nanosecond of virtual time, as here, so that a case's limit does not depend on the host. */
const COUNTED = ['-icount', 'shift=0,sleep=off'];

/** Nanoseconds that the harness may take to start, and for one case with its limit and all around it. */
const START = 1_000_000;
const CASE = 20_000;

export function runBoth(cases: readonly Case[], options: PartitaOptions = {}): Results {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const image = buildImage(folder, cases);
    const theirs = runInQemu(folder, image, 'virt', ['-kernel', image, ...COUNTED]);
    return { theirs, ours: runInPartita(image, { limit: START + CASE * cases.length, ...options }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface CompareOptions extends PartitaOptions {
  /** How many differences of one encoding are made simple and described. */
  readonly shown?: number;
  /** Who gives the results: QEMU and Partita, if nobody else does. */
  readonly run?: RunBoth;
}

export interface Outcome {
  readonly cases: number;
  /** How many were UNDEFINED. */
  readonly undefined: number;
  /** Encodings that had at least one case, and those that had none though not all of their words are left out. */
  readonly covered: number;
  readonly uncovered: readonly string[];
  /** What was drawn and left out, by the exclusion. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Differences in which QEMU is not as the manual has it, by the reason. */
  readonly explained: ReadonlyMap<string, number>;
  /** How many differ, by encoding, and some of them described. */
  readonly different: ReadonlyMap<string, Found>;
}

export interface Found {
  count: number;
  readonly described: string[];
}

const NO_INSTRUCTION = 'UNDEFINED';

export class Comparison {
  readonly #reader = new WordReader(new Decoder(INSTRUCTIONS));
  readonly #predictor = new Predictor(this.#reader.decoder);
  readonly #run: RunBoth;
  readonly #shown: number;
  readonly #names = new Set<string>();
  readonly #different = new Map<string, Found>();
  readonly #explained = new Map<string, number>();
  #undefined = 0;

  constructor(options: CompareOptions) {
    this.#run = options.run ?? ((cases) => runBoth(cases, options));
    this.#shown = options.shown ?? 2;
  }

  /** `batch` changes nothing but how many cases share an image. */
  compare(set: SetName, count: number, seed: number, batch = BATCH): Outcome {
    const generator = new CaseGenerator(this.#reader, set, this.#predictor, new Random(seed));
    for (let done = 0; done < count; done += batch) {
      const cases = Array.from({ length: Math.min(batch, count - done) }, () => generator.next());
      this.#batch(cases, (i) => `--set ${set} --seed ${seed}, case ${done + i + 1}, made simple`);
    }
    const all = rowsOf(this.#reader.decoder, set).map(nameOf);
    const uncovered = all.filter((name) => !this.#names.has(name) && !NEVER.test(name));
    const covered = all.filter((name) => this.#names.has(name)).length;
    const { leftOut } = generator;
    const found = { explained: this.#explained, different: this.#different };
    return { cases: count, undefined: this.#undefined, covered, uncovered, leftOut, ...found };
  }

  #batch(cases: readonly Predicted[], from: (i: number) => string): void {
    const findings = this.#findings(cases);
    for (const [i, { test }] of cases.entries()) {
      this.#names.add(test.name);
      if (test.name === NO_INSTRUCTION) this.#undefined++;
      const finding = findings[i];
      if (finding !== undefined) this.#found(test, from(i));
    }
  }

  /** What differs in each of the cases, undefined where nothing does. */
  #findings(cases: readonly Predicted[]): readonly (Omit<Finding, 'from'> | undefined)[] {
    const { ours, theirs } = this.#run(cases.map(({ test }) => test));
    const words = resultWords(cases.some(({ test }) => test.vfp !== undefined));
    return cases.map(({ test, prediction: { result, unknown } }, i) => {
      const expected = theirs.subarray(i * words, (i + 1) * words);
      const mine = ours.subarray(i * words, (i + 1) * words);
      const rows = differences(mine, expected, unknown);
      const alone = differences(result, mine, unknown);
      if (rows.length === 0) return alone.length > 0 ? { test, rows: alone, alone: true } : undefined;
      const explained = alone.length === 0 && this.#isExplained(test, mine, expected);
      return explained ? undefined : { test, rows, alone: false };
    });
  }

  #isExplained(test: Case, ours: Uint32Array, theirs: Uint32Array): boolean {
    const decoded = this.#reader.read(test, test.it !== undefined);
    const found = DEVIATIONS.find(({ explains }) => explains(decoded, ours, theirs));
    if (found !== undefined) this.#explained.set(found.id, (this.#explained.get(found.id) ?? 0) + 1);
    return found !== undefined;
  }

  #found(test: Case, from: string): void {
    const found = this.#different.get(test.name) ?? { count: 0, described: [] };
    this.#different.set(test.name, found);
    found.count++;
    if (found.described.length >= this.#shown) return;
    const { row } = this.#reader.read(test, test.it !== undefined);
    const simple = shrink(test, row, (drafts) => this.#stillDiffer(drafts));
    const [finding] = this.#findings([this.#predicted(simple) as Predicted]);
    if (finding !== undefined) found.described.push(describe(this.#reader, { ...finding, from }));
  }

  #stillDiffer(drafts: readonly Draft[]): readonly boolean[] {
    const cases = drafts.map((draft) => this.#predicted(draft));
    const good = cases.filter((found) => found !== undefined);
    if (good.length === 0) return drafts.map(() => false);
    const findings = this.#findings(good);
    let at = 0;
    return cases.map((found) => found !== undefined && findings[at++] !== undefined);
  }

  /** The case, unless it now is another encoding or left out. */
  #predicted(draft: Draft): Predicted | undefined {
    const decoded = this.#reader.read(draft, draft.it !== undefined);
    if (opName(decoded.op) !== draft.name || ruleOf(decoded) !== undefined) return undefined;
    const test = place(draft);
    try {
      return { test, prediction: this.#predictor.run(test) };
    } catch (thrown) {
      if (thrown instanceof Unsuitable) return undefined;
      throw thrown;
    }
  }
}

export const compareWithQemu = (set: SetName, count: number, seed: number, options: CompareOptions = {}): Outcome =>
  new Comparison(options).compare(set, count, seed);
