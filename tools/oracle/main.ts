/** npm run oracle: compares random instructions, sequences of them and more with QEMU; `--help` has the options. */
import { Decoder } from '../../core/cpu/decode.ts';
import { INSTRUCTIONS } from '../../core/cpu/isa/all.ts';
import { ENGINES_MODE, quickCode } from './engines.ts';
import { exclusions } from './exclusions.ts';
import type { Mode, Options } from './mode.ts';
import { parseOptions, UsageError, usage } from './options.ts';
import { takeTally } from './partita.ts';
import { compareSequences, inQemu, onEngine } from './sequence-oracle.ts';
import { single } from './single.ts';
import { SYSTEM_MODES } from './system.ts';

function sequences({ cases, seed, shown, engine }: Options): number {
  const { exceptions, used, different } = compareSequences(cases, seed, { ours: onEngine(engine), theirs: inQemu });
  for (const text of different.slice(0, shown)) console.log(text);
  console.log(`sequences: ${cases} of ${used.size} encodings with ${exceptions} exceptions, ${different.length} differ`);
  return different.length;
}

/** A row for each thing that can be compared. */
const MODES: Readonly<Record<string, Mode>> = {
  a32: single(['a32'], 'A32 but for VFP and Advanced SIMD'),
  t16: single(['t16'], '16-bit T32'),
  t32: single(['t32'], '32-bit T32 but for VFP and Advanced SIMD'),
  'vfp-a32': single(['vfp-a32'], 'VFP in A32'),
  'vfp-t32': single(['vfp-t32'], 'VFP in T32'),
  'neon-a32': single(['neon-a32'], 'Advanced SIMD in A32'),
  'neon-t32': single(['neon-t32'], 'Advanced SIMD in T32'),
  vfp: { ...single(['vfp-a32', 'vfp-t32'], 'VFP in both, half the cases each'), repeats: true },
  neon: { ...single(['neon-a32', 'neon-t32'], 'Advanced SIMD in both, half the cases each'), repeats: true },
  sequences: { about: 'blocks with loops, calls, memory, floating point, exceptions and changes of mode', run: sequences },
  ...ENGINES_MODE,
  ...SYSTEM_MODES,
};

try {
  const request = parseOptions(process.argv.slice(2), MODES);
  if (request.list === 'help') process.stdout.write(usage(MODES));
  else if (request.list === 'exclusions') process.stdout.write(exclusions(new Decoder(INSTRUCTIONS)));
  else process.exitCode = compare(request.sets, request) > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`oracle: ${error.message}\n`);
  process.exitCode = 2;
}

function compare(sets: readonly string[], options: Options): number {
  if (options.engine === 'jit') quickCode();
  let total = 0;
  for (const set of sets) {
    const started = Date.now();
    takeTally();
    total += (MODES[set] as Mode).run(options);
    const { translated, regions, executed, inside } = takeTally();
    const share = `${inside} of ${executed} executed in translated code`;
    if (regions > 0) console.log(`  ${translated} instructions translated, in ${regions} regions; ${share}`);
    console.log(`  ${Date.now() - started} ms`);
  }
  return total;
}
