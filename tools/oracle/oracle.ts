/** One comparison: cases are generated, the image built, run in QEMU, and each result held against ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { CaseGenerator, type Predicted, rowsOf, type SetName } from './cases.ts';
import { describe, differences, misalignedBranch } from './compare.ts';
import { buildImage, resultWords } from './image.ts';
import { Predictor } from './predict.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';

export interface Outcome {
  readonly cases: number;
  /** Encodings that had at least one case, and those that had none. */
  readonly covered: number;
  readonly uncovered: readonly string[];
  /** Descriptions of the cases that differ, grouped by encoding. */
  readonly different: ReadonlyMap<string, readonly string[]>;
}

export function compareWithQemu(set: SetName, count: number, seed: number): Outcome {
  const decoder = new Decoder(INSTRUCTIONS);
  const rows = rowsOf(decoder, set);
  const generator = new CaseGenerator(decoder, rows, new Predictor(decoder), new Random(seed));
  const cases = Array.from({ length: count }, () => generator.next());
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const image = buildImage(
      folder,
      cases.map(({ test }) => test),
    );
    const theirs = runInQemu(folder, image);
    const names = new Set(cases.map(({ test }) => test.name));
    const uncovered = rows.map((row) => `${row.name} ${row.encodingName}`).filter((name) => !names.has(name));
    return { cases: count, covered: names.size, uncovered, different: differing(cases, theirs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function differing(cases: readonly Predicted[], theirs: Uint32Array): Map<string, string[]> {
  const words = resultWords(cases.some(({ test }) => test.vfp !== undefined));
  const found = new Map<string, string[]>();
  for (const [i, { test, prediction }] of cases.entries()) {
    const expected = theirs.subarray(i * words, (i + 1) * words);
    const lines = differences(prediction.result, expected);
    if (lines.length > 0 && !misalignedBranch(expected))
      found.set(test.name, [...(found.get(test.name) ?? []), describe(test, '', lines)]);
  }
  return found;
}
