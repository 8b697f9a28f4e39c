/** `partita run`: the partitions of a system under the hypervisor. */
import { resolve } from 'node:path';
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { Files } from '../../core/machine/devicetree/dts-preprocessor.ts';
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import { type System, startSystem } from '../../core/machine/system/system.ts';
import { bindDisks } from './bindings.ts';
import { ControlServer } from './control-server.ts';
import { withGdb } from './debugging.ts';
import { type HostDevices, withDevices } from './host-devices.ts';
import { KeptTranslations } from './kept-translations.ts';
import type { Launched } from './launched.ts';
import { engineOptions, type RunArguments, runArguments } from './options.ts';
import { systemPrograms } from './program-files.ts';
import { RunFiles } from './run-files.ts';
import { runSession } from './session.ts';
import { printUnmodelled } from './table.ts';
import { withTracing } from './tracing.ts';
import { type MakeWith, verifySession } from './verify.ts';

/** The description with the disks of the command line. */
export function readSystem({ system, disks }: Pick<RunArguments, 'system' | 'disks'>, files: Files): DeviceTree {
  const tree = parseDts(system, files);
  bindDisks(tree.root, disks);
  return tree;
}

export async function run(argv: readonly string[], launched?: Launched): Promise<number> {
  const options = runArguments(argv);
  if (options.verify) {
    const make: MakeWith = (engine, virtio) => start(options, virtio, ...engine).machine;
    return verifySession(make, options, true);
  }
  const kept = KeptTranslations.of(options, launched, ['run', resolve(options.system)]);
  return withDevices(options, async (virtio) => {
    const { tree, machine, hypervisor } = start(options, virtio, options.engine, { kept: kept?.read() });
    virtio.join(machine);
    if (!options.quiet) printUnmodelled(machine.unmodelled.map(({ path }) => path));
    await virtio.networks.ready();
    const { name, system, engine } = options;
    const control = name === undefined ? undefined : await ControlServer.open({ name, system, engine, machine, hypervisor });
    const partitions = () => hypervisor.report();
    const subject = { machine, partitions, networks: virtio.networks, control, launched, kept };
    try {
      const session = () =>
        withGdb(options.gdb, [machine, hypervisor.partitions], (gdb) => runSession(gdb ? { ...subject, gdb } : subject, options));
      return await withTracing({ machine, hypervisor, programs: systemPrograms(tree) }, options.tracing, session);
    } finally {
      control?.close();
    }
  });
}

/** A system about to run; none of what it was made of is to be overwritten. */
function start(
  options: RunArguments,
  virtio: HostDevices,
  ...engine: Parameters<typeof engineOptions>
): System & { readonly tree: DeviceTree } {
  const files = new RunFiles();
  const tree = readSystem(options, files);
  const system = startSystem(tree, files, { virtio, ...engineOptions(...engine) });
  files.check(options, virtio);
  return { ...system, tree };
}
