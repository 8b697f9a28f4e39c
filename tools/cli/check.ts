/** `partita check`: what is wrong with a system's description, without running it. */
import type { DeviceTree } from '../../core/machine/devicetree/tree.ts';
import { plan } from '../../core/machine/system/plan.ts';
import { startSystem } from '../../core/machine/system/system.ts';
import { hostFiles } from './files.ts';
import { HostDevices } from './host-devices.ts';
import { checkArguments } from './options.ts';
import { readSystem } from './run.ts';
import { printPlan } from './table.ts';
import { STATUS } from './usage.ts';

export function check(argv: readonly string[]): number {
  const options = checkArguments(argv);
  const tree = readSystem(options, hostFiles);
  const found = plan(tree, hostFiles);
  for (const { error, isolation } of found.findings.list) {
    process.stderr.write(`partita: ${isolation ? 'isolation: ' : ''}${error.message}\n`);
  }
  if (found.findings.list.some(({ isolation }) => !isolation)) return STATUS.usage;
  if (found.findings.list.length > 0) return STATUS.failed;
  assemble(tree, options.snapshot);
  printPlan(found);
  return STATUS.ended;
}

/** Goes the way of a run up to its first instruction. Throws what that would throw. */
function assemble(tree: DeviceTree, snapshot: boolean): void {
  const virtio = new HostDevices({ snapshot, dry: true });
  try {
    startSystem(tree, hostFiles, { virtio });
  } finally {
    virtio.close();
  }
}
