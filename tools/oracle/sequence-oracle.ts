/** Sequences run in QEMU and here, and compared: the log of exceptions first, then what is left at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder } from '../../core/cpu/decode.ts';
import { disassemble } from '../../core/cpu/disassemble.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { ENTRY_WORDS, LOG_ENTRIES, SEQUENCE_RESULT_WORDS } from './layout.ts';
import { runInPartita } from './partita.ts';
import { runInQemu } from './qemu.ts';
import { Random } from './random.ts';
import { buildSequenceImage } from './sequence-image.ts';
import { type Sequence, SequenceGenerator } from './sequences.ts';

/** Sequences in one image. */
const BATCH = 10_000;

export interface SequenceOutcome {
  readonly sequences: number;
  /** Exceptions that were logged, all sequences together. */
  readonly exceptions: number;
  /** How often each encoding was placed. */
  readonly used: ReadonlyMap<string, number>;
  readonly different: readonly string[];
}

export function compareSequences(count: number, seed: number): SequenceOutcome {
  const decoder = new Decoder(INSTRUCTIONS);
  const generator = new SequenceGenerator(decoder, new Random(seed));
  const different: string[] = [];
  let exceptions = 0;
  for (let done = 0; done < count; done += BATCH) {
    const sequences = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next());
    const { ours, theirs } = runBoth(sequences);
    for (const [i, sequence] of sequences.entries()) {
      const [from, to] = [i * SEQUENCE_RESULT_WORDS, (i + 1) * SEQUENCE_RESULT_WORDS];
      const [mine, their] = [ours.subarray(from, to), theirs.subarray(from, to)];
      exceptions += their[0] as number;
      const lines = differences(mine, their);
      if (lines.length > 0) different.push(describe(decoder, sequence, lines));
    }
  }
  return { sequences: count, exceptions, used: generator.used, different };
}

function runBoth(sequences: readonly Sequence[]): { ours: Uint32Array; theirs: Uint32Array } {
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const image = buildSequenceImage(folder, sequences);
    return { theirs: runInQemu(folder, image), ours: runInPartita(image) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ENTRY = ['exception', 'goes on at', 'SPSR', 'fault status', 'fault address', 'digest of R0 to R12'];
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `R${from + i}`);
const FINAL = [
  ...numbered(0, 14).map((name) => `${name}_usr`),
  'last SP',
  ...['irq', 'svc', 'abt', 'und'].flatMap((mode) => [`SP_${mode}`, `LR_${mode}`, `SPSR_${mode}`]),
  'SPSR_fiq',
  ...numbered(8, 14).map((name) => `${name}_fiq`),
];

function nameOf(index: number): string {
  if (index === 0) return 'number of exceptions';
  const entry = Math.floor((index - 1) / ENTRY_WORDS);
  if (entry < LOG_ENTRIES) return `exception ${entry}: ${ENTRY[(index - 1) % ENTRY_WORDS]}`;
  const last = index - 1 - LOG_ENTRIES * ENTRY_WORDS;
  return FINAL[last] ?? `window+${4 * (last - FINAL.length)}`;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

function differences(ours: Uint32Array, theirs: Uint32Array): string[] {
  return Array.from(theirs, (value, i) =>
    value === ours[i] ? '' : `${nameOf(i)}: ours ${hex(ours[i] as number)}, theirs ${hex(value)}`,
  ).filter((line) => line !== '');
}

function describe(decoder: Decoder, { instructions, cpsr, registers }: Sequence, lines: readonly string[]): string {
  const text = instructions.map(({ address, set, bits, narrow }) => {
    const op = decoder.decode(set, bits | 0, narrow, false);
    return `  ${hex(address)} ${hex(bits)} ${disassemble(op, address)}`;
  });
  const values = registers.map((value, n) => `R${n}=${hex(value)}`).join(' ');
  return [`CPSR ${hex(cpsr)} ${values}`, ...text, ...lines.slice(0, 8).map((line) => `  ${line}`)].join('\n');
}
