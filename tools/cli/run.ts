/** `partita run`: the partitions of a system under the hypervisor. */
import { parseDts } from '../../core/machine/devicetree/dts-parser.ts';
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { bindDisks } from './bindings.ts';
import { ControlServer } from './control-server.ts';
import { withGdb } from './debugging.ts';
import { hostFiles } from './files.ts';
import { withDevices } from './host-devices.ts';
import { engineOptions, type RunArguments, runArguments } from './options.ts';
import { systemPrograms } from './program-files.ts';
import { runSession } from './session.ts';
import { printUnmodelled } from './table.ts';
import { withTracing } from './tracing.ts';
import { type MakeWith, verifySession } from './verify.ts';

/** The description with the disks of the command line. */
export function readSystem({ system, disks }: Pick<RunArguments, 'system' | 'disks'>): DeviceTree {
  const tree = parseDts(system, hostFiles);
  bindDisks(tree.root, disks);
  return tree;
}

export async function run(argv: readonly string[]): Promise<number> {
  const options = runArguments(argv);
  if (options.verify) {
    const make: MakeWith = (engine, virtio) =>
      startSystem(readSystem(options), hostFiles, { virtio, ...engineOptions(...engine) }).machine;
    return verifySession(make, options, true);
  }
  const tree = readSystem(options);
  return withDevices(options, async (virtio) => {
    const { machine, hypervisor } = startSystem(tree, hostFiles, { virtio, ...engineOptions(options.engine) });
    virtio.join(machine);
    if (!options.quiet) printUnmodelled(machine.unmodelled.map(({ path }) => path));
    await virtio.networks.ready();
    const { name, system, engine } = options;
    const control = name === undefined ? undefined : await ControlServer.open({ name, system, engine, machine, hypervisor });
    const subject = { machine, partitions: () => hypervisor.report(), networks: virtio.networks, control };
    try {
      const session = () =>
        withGdb(options.gdb, [machine, hypervisor.partitions], (gdb) => runSession(gdb ? { ...subject, gdb } : subject, options));
      return await withTracing({ machine, hypervisor, programs: systemPrograms(tree) }, options.tracing, session);
    } finally {
      control?.close();
    }
  });
}
