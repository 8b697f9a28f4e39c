/** npm run oracle: compares random instructions, sequences of them and more with QEMU; `--help` has the options. */
import type { SetName } from './cases.ts';
import type { Mode, Options } from './mode.ts';
import { parseOptions, UsageError, usage } from './options.ts';
import { compareWithQemu } from './oracle.ts';
import { compareSequences } from './sequence-oracle.ts';

/** One line for a set, after what differs; the number of differences. */
const single = (set: SetName, about: string): Mode => ({
  about,
  run({ cases, seed, shown }: Options): number {
    const { covered, uncovered, different } = compareWithQemu(set, cases, seed);
    for (const [name, descriptions] of different) {
      console.log(`${name}: ${descriptions.length} differ`);
      for (const text of descriptions.slice(0, shown)) console.log(text);
    }
    const total = [...different.values()].reduce((sum, { length }) => sum + length, 0);
    if (uncovered.length > 0) console.log(`no case for ${uncovered.join(', ')}`);
    console.log(`${set}: ${cases} cases of ${covered} encodings, ${total} differ`);
    return total;
  },
});

function sequences({ cases, seed, shown }: Options): number {
  const { exceptions, used, different } = compareSequences(cases, seed);
  for (const text of different.slice(0, shown)) console.log(text);
  console.log(`sequences: ${cases} of ${used.size} encodings with ${exceptions} exceptions, ${different.length} differ`);
  return different.length;
}

/** A row for each thing that can be compared. */
const MODES: Readonly<Record<string, Mode>> = {
  a32: single('a32', 'A32, of the integer core'),
  t16: single('t16', '16-bit T32'),
  t32: single('t32', '32-bit T32, of the integer core'),
  vfp: single('vfp', 'VFP in A32 and T32'),
  neon: single('neon', 'Advanced SIMD in A32 and T32'),
  sequences: { about: 'blocks with loops, memory, exceptions and changes of mode', run: sequences },
};

try {
  const request = parseOptions(process.argv.slice(2), MODES);
  if (request.list === 'help') process.stdout.write(usage(MODES));
  else process.exitCode = compare(request.sets, request) > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`oracle: ${error.message}\n`);
  process.exitCode = 2;
}

function compare(sets: readonly string[], options: Options): number {
  let total = 0;
  for (const set of sets) {
    const started = Date.now();
    total += (MODES[set] as Mode).run(options);
    console.log(`  ${Date.now() - started} ms`);
  }
  return total;
}
