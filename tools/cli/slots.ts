/**
 * Puts the devices of the command line into the board's description, as if it had them. As in QEMU the first device gets the slot with the
 * highest address.
 */
import { cpuRegions } from '../../core/machine/devicetree/addresses.ts';
import { BUILT, type Node } from '../../core/machine/devicetree/tree.ts';
import { cells, strings, wideCells } from '../../core/machine/devicetree/values.ts';
import { SWITCH, switches } from '../../core/machine/networks.ts';
import type { DeviceOption, OutsideOption } from './device-options.ts';
import { UsageError } from './usage.ts';

/** `version` is that of virtio-mmio; without it, what the board has. */
export function addDevices(root: Node, devices: readonly DeviceOption[], version: number | undefined): void {
  const slots = freeSlots(root);
  if (devices.length > slots.length)
    throw new UsageError(`${devices.length} devices, and the board has ${slots.length} free virtio-mmio slots: give fewer`);
  const tags = devices.flatMap((device) => (device.kind === '9p' ? [device.tag] : []));
  const twice = tags.find((tag, i) => tags.indexOf(tag) !== i);
  if (twice !== undefined) throw new UsageError(`--share: two folders have the tag "${twice}": give another with tag=NAME`);
  for (const [i, device] of devices.entries()) {
    const slot = slots[i] as Node;
    slot.set('partita,virtio', device.kind);
    if (version !== undefined) slot.set('partita,virtio-version', version);
    describe(root, slot, device);
  }
}

function freeSlots(root: Node): Node[] {
  const address = (node: Node): number => cpuRegions(node)[0]?.address ?? 0;
  const all = [...root.walk()].filter((node) => node.isCompatible('virtio,mmio') && node.okay && !node.has('partita,virtio'));
  return all.sort((a, b) => address(b) - address(a));
}

function describe(root: Node, slot: Node, device: DeviceOption): void {
  switch (device.kind) {
    case 'block':
      return describeDisk(slot, device);
    case 'net':
      return plug(root, slot, device);
    case '9p':
      slot.set('partita,folder', device.folder);
      slot.set('partita,tag', device.tag);
      if (device.writable) slot.set('partita,writable');
      return;
    case 'entropy':
      slot.set('partita,seed', device.seed);
  }
}

export function describeDisk(slot: Node, device: DeviceOption & { readonly kind: 'block' }): void {
  slot.set('partita,disk', device.file);
  if (device.format !== undefined) slot.set('partita,format', device.format);
  if (device.use !== 'write') slot.set(device.use === 'read' ? 'partita,read-only' : 'partita,snapshot');
}

/** A port of its own on the switch of that name, which there is from now on. */
function plug(root: Node, slot: Node, device: DeviceOption & { readonly kind: 'net' }): void {
  const { network, vlan, mac, rate, frames, pcap, outside } = device;
  slot.set('partita,network', network);
  slot.set('local-mac-address', Uint8Array.from(mac ?? usualAddress(root)));
  if (device.port !== undefined) {
    const found = switches(root)
      .find((node) => node.name === network)
      ?.children.find((child) => child.name === device.port);
    if (found === undefined)
      throw new UsageError(`--net ${network},port=${device.port}: the description has no switch with such a port`);
    slot.set('partita,port', device.port);
    return;
  }
  const lan = findSwitch(root, network);
  if (lan.children.length === 0 && lan.origin !== BUILT) {
    if ((vlan ?? rate ?? frames ?? pcap ?? outside) === undefined) return;
    throw new UsageError(
      `--net ${network}: the description's switch has no ports, so they are all alike: leave out vlan, rate, frames, pcap and the way out`,
    );
  }
  const taken = new Set(lan.children.map(({ name }) => name));
  let number = 0;
  while (taken.has(`net${number}`)) number++;
  const port = lan.append(`net${number}`);
  if (vlan !== undefined) port.set('partita,vlan', vlan);
  if (rate !== undefined) port.set('partita,rate', rate > 0xffff_ffff ? wideCells(2, rate) : cells(rate));
  if (frames !== undefined) port.set('partita,frame-rate', frames);
  if (pcap !== undefined) port.set('partita,capture', pcap);
  slot.set('partita,port', port.name);
  if (outside !== undefined) leadOut(lan, vlan, outside);
}

/** Devices of one VLAN share the way out, and each may add to it. */
function leadOut(lan: Node, vlan: number | undefined, { services, forwards, resolve, subnet }: OutsideOption): void {
  const name = vlan === undefined ? 'outside' : `outside-${vlan}`;
  const port = lan.children.find((child) => child.name === name) ?? lan.append(name);
  port.set('partita,outside');
  if (vlan !== undefined) port.set('partita,vlan', vlan);
  for (const [property, more] of [['partita,services', services] as const, ['partita,forwards', forwards] as const]) {
    const all = [...(port.get(property)?.strings() ?? []), ...more];
    if (all.length > 0) port.set(property, strings(...all));
  }
  if (resolve) port.set('partita,resolve');
  if (subnet !== undefined) port.set('partita,subnet', cells(...subnet));
}

function findSwitch(root: Node, name: string): Node {
  const found = switches(root).find((node) => node.name === name);
  if (found !== undefined) return found;
  if (root.children.some((child) => child.name === name))
    throw new UsageError(`--net ${name}: the board has something else of that name: choose another`);
  const made = root.append(name);
  made.set('compatible', SWITCH);
  return made;
}

/** As QEMU numbers them; those of the description come first. */
function usualAddress(root: Node): readonly number[] {
  const all = [...root.walk()].filter((node) => node.get('partita,virtio')?.string() === 'net');
  return [0x52, 0x54, 0x00, 0x12, 0x34, 0x56 + all.length - 1];
}
