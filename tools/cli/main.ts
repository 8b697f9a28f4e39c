/** partita: runs systems of partitions, boots bare machines, checks descriptions. */
import { DeviceTreeError } from '../../core/machine/devicetree/error.ts';
import { ImageError } from '../../core/machine/images/error.ts';
import { boot } from './boot.ts';
import { check } from './check.ts';
import { GoneError, RefusedError } from './control-client.ts';
import { type ControlVerb, isControlVerb, runVerb } from './control-verbs.ts';
import { image } from './image.ts';
import type { Launched } from './launched.ts';
import { run } from './run.ts';
import { STATUS, UsageError, whyNot } from './usage.ts';
import { helpOf, OVERVIEW } from './verb-text.ts';
import { isVerb, type VerbName } from './verbs.ts';

/** What is said in one line, and with which status. */
const ERRORS = [
  [UsageError, STATUS.usage],
  [DeviceTreeError, STATUS.usage],
  [ImageError, STATUS.usage],
  [RefusedError, STATUS.failed],
  [GoneError, STATUS.gone],
] as const;

type Verb = (argv: readonly string[], launched: Launched) => Promise<number> | number;

const RUN: Readonly<Partial<Record<VerbName, Verb>>> = { run, boot, check };

async function main(argv: readonly string[], launched: Launched): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'image') return image(rest);
  if (name === undefined || HELP.includes(name)) return print(OVERVIEW, name === undefined ? STATUS.usage : STATUS.ended);
  if (!isVerb(name)) throw new UsageError(`there is no command "${name}": partita --help tells which there are`);
  if (asksForHelp(rest)) return print(helpOf(name), STATUS.ended);
  return RUN[name]?.(rest, launched) ?? runVerb(name as ControlVerb, rest);
}

const HELP: readonly string[] = ['--help', '-h', 'help'];

/** What comes after `--` is no option. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => word === '--help' || word === '-h');
}

function print(text: string, status: number): number {
  process.stdout.write(text);
  return status;
}

/** Whoever read the output is gone: there is nothing left to say. A run of the machine ends as by ctrl-C. That a disk is full is said. */
function endQuietly(): void {
  let told = false;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (stream === process.stdout && code === 'ENOSPC' && !told) {
        told = true;
        process.stderr.write(`partita: the output cannot be written: ${whyNot(code)}\n`);
        process.on('exit', () => {
          process.exitCode = STATUS.failed;
        });
      }
      if (isControlVerb(process.argv[2] ?? '')) process.exit(STATUS.failed);
    });
}

/** What launcher.ts calls. */
export async function program(launched: Launched): Promise<void> {
  endQuietly();
  try {
    process.exitCode = await main(process.argv.slice(2), launched);
  } catch (error) {
    const status = ERRORS.find(([kind]) => error instanceof kind)?.[1];
    if (status === undefined) throw error;
    process.stderr.write(`partita: ${(error as Error).message}\n`);
    process.exitCode = status;
  }
}
