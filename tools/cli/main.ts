/** partita: runs systems of partitions, boots bare machines, checks descriptions. */
import { DeviceTreeError } from '../../core/machine/devicetree/error.ts';
import { ImageError } from '../../core/machine/images/error.ts';
import { boot } from './boot.ts';
import { check } from './check.ts';
import { image } from './image.ts';
import { run } from './run.ts';
import { STATUS, USAGE, UsageError } from './usage.ts';

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<number> | number>> = { run, boot, check, image };

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'image') return image(rest);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) {
    process.stdout.write(USAGE);
    return name === undefined ? STATUS.usage : STATUS.ended;
  }
  const command = COMMANDS[name];
  if (command === undefined)
    throw new UsageError(`there is no command "${name}": use run, boot, check or image (partita --help)`);
  return command(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof DeviceTreeError || error instanceof ImageError)) throw error;
  process.stderr.write(`partita: ${error.message}\n`);
  process.exitCode = STATUS.usage;
}
