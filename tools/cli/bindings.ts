/** `run --drive PARTITION/NODE=FILE`: which image a block device of a partition has, instead of the one that the description names. */
import type { Node } from '../../core/machine/devicetree/tree.ts';
import { type DeviceOption, deviceOption } from './device-options.ts';
import { describeDisk } from './slots.ts';
import { UsageError } from './usage.ts';

type DiskOption = DeviceOption & { readonly kind: 'block' };

export interface BoundDisk {
  /** The device's node below /chosen. */
  readonly place: string;
  readonly disk: DiskOption;
}

export function boundDisk(option: string, text: string): BoundDisk {
  const [, place, disk] = /^([^=,]+\/[^=,/]+)=(.+)$/.exec(text) ?? [];
  if (place === undefined || disk === undefined)
    throw new UsageError(
      `${option} ${text}: give a partition, its device and the image, such as ${option} linux/disk=disk.qcow2`,
    );
  return { place, disk: deviceOption(option, disk) as DiskOption };
}

const DISK = ['partita,disk', 'partita,format', 'partita,read-only', 'partita,snapshot'];

/** Changes the description. */
export function bindDisks(root: Node, disks: readonly BoundDisk[]): void {
  for (const { place, disk } of disks) {
    const node = root.find(`/chosen/${place}`);
    if (node?.get('partita,virtio')?.string() !== 'block')
      throw new UsageError(`--drive ${place}=${disk.file}: the description has no partition with such a block device`);
    for (const name of DISK) node.delete(name);
    describeDisk(node, disk);
  }
}
