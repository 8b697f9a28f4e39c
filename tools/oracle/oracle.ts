/** One comparison: cases are generated, the image built, run in QEMU, and each result held against ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../core/cpu/decode.ts';
import { disassemble } from '../../core/cpu/disassemble.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { type Case, CaseGenerator, type Predicted, rowsOf, type SetName } from './cases.ts';
import { describe, differences, misalignedBranch } from './compare.ts';
import { buildImage, resultWords } from './image.ts';
import { runInPartita } from './partita.ts';
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
    const ours = runInPartita(image);
    const names = new Set(cases.map(({ test }) => test.name));
    const uncovered = rows.map((row) => `${row.name} ${row.encodingName}`).filter((name) => !names.has(name));
    return { cases: count, covered: names.size, uncovered, different: differing(decoder, cases, ours, theirs) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A machine of ours and the prediction each must agree with QEMU. */
function differing(decoder: Decoder, cases: readonly Predicted[], ours: Uint32Array, theirs: Uint32Array): Map<string, string[]> {
  const words = resultWords(cases.some(({ test }) => test.vfp !== undefined));
  const found = new Map<string, string[]>();
  for (const [i, { test, prediction }] of cases.entries()) {
    const expected = theirs.subarray(i * words, (i + 1) * words);
    if (misalignedBranch(expected)) continue;
    const lines = differences(ours.subarray(i * words, (i + 1) * words), expected);
    if (lines.length === 0) lines.push(...differences(prediction.result, expected).map((line) => `predicted ${line}`));
    if (lines.length > 0) found.set(test.name, [...(found.get(test.name) ?? []), describe(test, textOf(decoder, test), lines)]);
  }
  return found;
}

/** The instruction as assembly text. */
function textOf(decoder: Decoder, { name, bits, at, cpsr }: Case): string {
  const arm = / A\d/.test(name);
  const op = decoder.decode(arm ? 'A32' : 'T32', bits | 0, !arm && bits <= 0xffff, (cpsr & 0x0600fc00) !== 0);
  return disassemble(op, at);
}
