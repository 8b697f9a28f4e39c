/** Virtio devices of partitions: where the guest finds them, what of the host they have, and the models behind them. */

import { DeviceWindow } from '../../bus/window.ts';
import type { DeviceConfig, DeviceModel, DevicePorts } from '../../hyp/config.ts';
import { Console } from '../console.ts';
import type { Node, Property } from '../devicetree/tree.ts';
import type { Machine } from '../machine.ts';
import { makeVirtio } from '../virtio.ts';
import { deviceInterrupts } from './devices.ts';
import type { Domain } from './domain.ts';
import type { Findings } from './finding.ts';
import { GUEST } from './guest-map.ts';
import { type GuestVirtio, SIZE } from './virtio-nodes.ts';

/** Each gets the next free registers and the next free interrupt, in the order of the description. */
export function virtioDevices(domain: Domain): DeviceConfig[] {
  const taken = new Set(deviceInterrupts(domain).map(({ virtual }) => virtual));
  let [irq, free] = [GUEST.VIRTIO_IRQ - 1, GUEST.VIRTIO - SIZE];
  return domain.virtio.map(({ node, kind, address }) => {
    do irq++;
    while (taken.has(irq));
    if (address === undefined) free += SIZE;
    return { name: `virtio ${kind} ${node.name}`, ipa: address ?? free, size: SIZE, irq };
  });
}

/** Files and folders of the host that one device writes and another has, too: a way between them that nothing else says. */
export function checkVirtio(domains: readonly Domain[], findings: Findings): void {
  const all = domains.flatMap(({ virtio }) => virtio).flatMap(({ node }) => hostOf(node));
  for (const [i, one] of all.entries()) {
    const other = all.slice(0, i).find((before) => (before.writes || one.writes) && (holds(before, one) || holds(one, before)));
    if (other !== undefined)
      findings.isolation(
        one.property.fail(`names what ${other.property.node.path} has, and one of them writes it`, {
          advice: "Make both 'partita,read-only' or 'partita,snapshot', or take another.",
        }),
      );
  }
}

interface Place {
  readonly property: Property;
  readonly place: string;
  readonly folder: boolean;
  readonly writes: boolean;
}

/** The same, or a folder around it. Links are the host's to see. */
const holds = (outer: Place, inner: Place): boolean =>
  inner.place === outer.place || (outer.folder && inner.place.startsWith(`${outer.place}/`));

function hostOf(node: Node): Place[] {
  const [disk, folder] = [node.get('partita,disk'), node.get('partita,folder')];
  const property = disk ?? folder;
  if (property === undefined) return [];
  const name = property.string();
  const place = name.startsWith('/') ? name : property.origin.file.replace(/[^/]*$/, '') + name;
  const writes =
    disk === undefined ? node.has('partita,writable') : !node.has('partita,read-only') && !node.has('partita,snapshot');
  return [{ property, place: plainPath(place), folder: disk === undefined, writes }];
}

/** One spelling for each path: `./a/b`, `../a` or `/a`. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const start = path.startsWith('/') ? [''] : parts[0] === '..' ? [] : ['.'];
  return [...start, ...parts].join('/');
}

/** The model of a partition's device. */
export function makeDevice(machine: Machine, { name }: Domain, { node }: GuestVirtio, ports: DevicePorts): DeviceModel {
  const clock = machine.clock.of(ports.core);
  const { virtio, networks } = machine;
  const console = (): Console => {
    const made = new Console(`${name}/${node.name}`, clock);
    machine.consoles.set(made.name, made);
    return made;
  };
  // Sockets lead to other partitions only where the description names what they are on.
  const sockets = networks.sockets(node.get('partita,sockets')?.string() ?? node.path);
  const device = makeVirtio(node, ports.irq, { clock, memory: ports.memory, virtio, networks, sockets, console }, 2);
  return {
    window: new DeviceWindow(`${name} ${node.name}`, device),
    save: () => device.save(),
    load: (state) => device.load(state),
    reset: () => device.reset(),
  };
}
