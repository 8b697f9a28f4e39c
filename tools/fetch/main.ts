/** npm run guests:linux: fetches Debian's ARM kernels and makes them ready to boot. */
import { FLAVOURS, makeLinux } from './linux.ts';

try {
  for (const flavour of FLAVOURS) process.stdout.write(`${makeLinux(flavour)}\n`);
} catch (error) {
  process.stderr.write(`guests:linux: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
