/** npm run guests:linux: fetches Debian's ARM kernels and makes them ready to boot. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDisks } from './disks.ts';
import { FLAVOURS, makeLinux } from './linux.ts';

try {
  for (const flavour of FLAVOURS) process.stdout.write(`${makeLinux(flavour)}\n`);
  const program = join(dirname(fileURLToPath(import.meta.url)), 'partita.js'); // built beside this one
  process.stdout.write(`${makeDisks(program)}\n`);
} catch (error) {
  process.stderr.write(`guests:linux: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
