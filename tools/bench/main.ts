/** npm run bench: the same images in Partita and in QEMU's TCG, turn by turn, as whole processes. docs/performance.md has the method. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import arg from 'arg';
import { BOOTS, type Boot } from './boots.ts';
import { IMAGES } from './images.ts';
import { type Engine, measure, type Result, type Setting } from './measure.ts';
import { soak, soakText } from './soak.ts';
import { asText, describeMachine, type Figures, intoDocument, means } from './tables.ts';
import { missing } from './timed.ts';
import { translateHere, translationCosts } from './translation.ts';

/** What is measured when nothing is run as often as an image or a start: `--only` may ask for it by this name. */
const TRANSLATION = { name: 'translation' };

const USAGE = `npm run bench -- [options]

  --only NAME         only images and starts whose name contains NAME (may be given several times)
  --runs N            runs of each (5)
  --engine NAME       interpreter or jit (jit)
  --json FILE         write all figures there
  --markdown FILE     put the tables into that document, between its marks
  --soak SECONDS      instead of all that, a guest that writes new code all the time, and what memory it takes
  --list              print the names and end
`;

class Mistake extends Error {}

function options() {
  const given = arg({
    '--only': [String] as [StringConstructor],
    '--runs': Number,
    '--engine': String,
    '--json': String,
    '--markdown': String,
    '--list': Boolean,
    '--soak': Number,
    '--translate': String,
    '--help': Boolean,
  });
  const engine = given['--engine'] ?? 'jit';
  const runs = given['--runs'] ?? 5;
  if (engine !== 'jit' && engine !== 'interpreter') throw new Mistake(`--engine ${engine}: give interpreter or jit`);
  if (!Number.isInteger(runs) || runs < 1) throw new Mistake(`--runs: give a whole number from 1`);
  return { given, engine: engine as Engine, runs };
}

async function run(): Promise<void> {
  const { given, engine, runs } = options();
  const wanted = ({ name }: { readonly name: string }) => given['--only']?.some((part) => name.includes(part)) ?? true;
  const images = IMAGES.filter(wanted);
  const starts = BOOTS.filter((boot) => boot.available && wanted(boot));
  const translation = engine === 'jit' && wanted(TRANSLATION);
  const names = [...images, ...starts, ...(translation ? [TRANSLATION] : [])].map(({ name }) => name);
  if (given['--help'] || given['--list']) {
    process.stdout.write(given['--help'] ? USAGE : names.map((name) => `${name}\n`).join(''));
    return;
  }
  // The process that the measurement of translation starts.
  if (given['--translate'] !== undefined) {
    process.stdout.write(JSON.stringify(translateHere(given['--translate'])));
    return;
  }
  if (names.length === 0) throw new Mistake('--only: nothing has such a name (see --list)');
  if (missing().length > 0) throw new Mistake(`these programs are needed (names of Debian's packages): ${missing().join(', ')}`);
  const scratch = mkdtempSync(join(tmpdir(), 'partita-bench-'));
  try {
    if (given['--soak'] !== undefined) {
      process.stdout.write(soakText(await soak(given['--soak'], scratch)));
      return;
    }
    const setting: Setting = { runs, engine, scratch };
    const [results, boots]: [Result[], Boot[]] = [[], []];
    for (const image of images) results.push(await told(image.name, () => measure(image, setting)));
    for (const { name, measure: times } of starts)
      boots.push(await told(name, async () => ({ name, times: await times(setting) })));
    const costs = translation ? await told(TRANSLATION.name, async () => translationCosts(runs, scratch)) : [];
    const figures: Figures = { machine: describeMachine(), engine, runs, results, boots, costs, means: means(results) };
    process.stdout.write(asText(figures));
    write(figures, given['--json'], given['--markdown']);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function write(figures: Figures, json: string | undefined, markdown: string | undefined): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, undefined, 2)}\n`);
  if (markdown !== undefined) writeFileSync(markdown, intoDocument(readFileSync(markdown, 'utf8'), figures));
}

/** Says on the terminal what is being measured. */
async function told<T>(name: string, work: () => Promise<T>): Promise<T> {
  process.stderr.write(`bench: ${name}\n`);
  return work();
}

try {
  await run();
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof Mistake ? 2 : 1;
}
