/** `partita run`: the partitions of a system under the hypervisor. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { hostFiles } from './files.ts';
import { engineOptions, runArguments } from './options.ts';
import { runSession } from './session.ts';
import { printUnmodelled } from './table.ts';

export async function run(argv: readonly string[]): Promise<number> {
  const options = runArguments(argv);
  const { machine, hypervisor } = startSystem(parseDts(options.system, hostFiles), hostFiles, engineOptions(options.engine));
  if (!options.quiet) printUnmodelled(machine.unmodelled.map(({ path }) => path));
  return runSession({ machine, partitions: () => hypervisor.report() }, options);
}
