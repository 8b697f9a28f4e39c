/** partita: runs systems of partitions, boots bare machines, checks descriptions. */
import { DeviceTreeError } from '../../core/machine/devicetree/error.ts';
import { ImageError } from '../../core/machine/images/error.ts';
import { boot } from './boot.ts';
import { check } from './check.ts';
import { GoneError, RefusedError } from './control-client.ts';
import { HELP, helpOf, type VerbName } from './control-help.ts';
import { runVerb } from './control-verbs.ts';
import { image } from './image.ts';
import { run } from './run.ts';
import { STATUS, USAGE, UsageError } from './usage.ts';

/** What is said in one line, and with which status. */
const ERRORS = [
  [UsageError, STATUS.usage],
  [DeviceTreeError, STATUS.usage],
  [ImageError, STATUS.usage],
  [RefusedError, STATUS.failed],
  [GoneError, STATUS.gone],
] as const;

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<number> | number>> = { run, boot, check, image };

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'image') return image(rest);
  if (name !== undefined && Object.hasOwn(HELP, name)) return verb(name as VerbName, rest);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) {
    process.stdout.write(USAGE);
    return name === undefined ? STATUS.usage : STATUS.ended;
  }
  const command = COMMANDS[name];
  if (command === undefined)
    throw new UsageError(`there is no command "${name}": use run, boot, check, image or ps (partita --help)`);
  return command(rest);
}

function verb(name: VerbName, rest: readonly string[]): Promise<number> | number {
  if (!rest.includes('--help')) return runVerb(name, rest);
  process.stdout.write(helpOf(name));
  return STATUS.ended;
}

/** Whoever read the output is gone, or it has no place to go: there is nothing left to say. A run of the machine ends as by ctrl-C. */
function endQuietly(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => {
      if (Object.hasOwn(HELP, process.argv[2] ?? '')) process.exit(STATUS.failed);
    });
}

endQuietly();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const status = ERRORS.find(([kind]) => error instanceof kind)?.[1];
  if (status === undefined) throw error;
  process.stderr.write(`partita: ${(error as Error).message}\n`);
  process.exitCode = status;
}
