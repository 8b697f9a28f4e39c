/** The device tree that a guest gets: what its partition has, and nothing else. */
import type { ChannelConfig } from '../../hyp/config.ts';
import { cpuRegions } from '../devicetree/addresses.ts';
import { interrupts as boardInterrupts } from '../devicetree/interrupts.ts';
import { DeviceTree, type Node } from '../devicetree/tree.ts';
import { cells, strings, wideCells } from '../devicetree/values.ts';
import type { Domain } from './domain.ts';
import type { Piece } from './layout.ts';

const [GIC, CLOCK] = [1, 2];
const [SPI, PPI] = [0, 1];
const [EDGE, LEVEL] = [1, 4];

export interface GuestDescription {
  readonly domain: Domain;
  readonly ram: readonly Piece[];
  readonly channels: readonly ChannelConfig[];
  readonly gic: { readonly distributor: number; readonly cpuInterface: number };
  readonly console: { readonly ipa: number; readonly irq: number } | undefined;
  readonly cpu: string;
  readonly bootargs: string | undefined;
  readonly initrd: { readonly start: number; readonly end: number } | undefined;
}

export function guestTree(guest: GuestDescription): DeviceTree {
  const tree = new DeviceTree();
  const { root } = tree;
  root.set('#address-cells', 2);
  root.set('#size-cells', 2);
  root.set('compatible', strings('partita,guest', 'linux,dummy-virt'));
  root.set('model', `Partita partition ${guest.domain.name}`);
  root.set('interrupt-parent', GIC);
  chosen(root, guest);
  cpus(root, guest);
  for (const { ipa, size } of guest.ram) {
    const memory = root.child(`memory@${ipa.toString(16)}`);
    memory.set('device_type', 'memory');
    memory.set('reg', wideCells(2, ipa, size));
  }
  const psci = root.child('psci');
  psci.set('compatible', strings('arm,psci-1.0', 'arm,psci-0.2'));
  psci.set('method', 'hvc');
  interrupts(root, guest);
  if (guest.console !== undefined) console(root, guest.console);
  for (const [i, channel] of guest.channels.entries()) shared(root, channel, i);
  for (const { node } of guest.domain.devices) device(root, node);
  return tree;
}

function chosen(root: Node, { bootargs, initrd, console }: GuestDescription): void {
  const node = root.child('chosen');
  if (bootargs !== undefined) node.set('bootargs', bootargs);
  if (console !== undefined) node.set('stdout-path', `/pl011@${console.ipa.toString(16)}`);
  if (initrd === undefined) return;
  node.set('linux,initrd-start', cells(initrd.start));
  node.set('linux,initrd-end', cells(initrd.end));
}

function cpus(root: Node, { domain, cpu }: GuestDescription): void {
  const parent = root.child('cpus');
  parent.set('#address-cells', 1);
  parent.set('#size-cells', 0);
  for (let i = 0; i < domain.vcpus; i++) {
    const node = parent.child(`cpu@${i}`);
    node.set('device_type', 'cpu');
    node.set('compatible', `arm,${cpu}`);
    node.set('reg', i);
    node.set('enable-method', 'psci');
  }
}

function interrupts(root: Node, { gic, domain }: GuestDescription): void {
  const node = root.child(`interrupt-controller@${gic.distributor.toString(16)}`);
  node.set('compatible', strings('arm,cortex-a15-gic'));
  node.set('interrupt-controller');
  node.set('#interrupt-cells', 3);
  node.set('#address-cells', 0);
  node.set('reg', wideCells(2, gic.distributor, 0x1000, gic.cpuInterface, 0x2000));
  node.set('phandle', GIC);
  const timer = root.child('timer');
  const level = (((1 << domain.vcpus) - 1) << 8) | LEVEL;
  timer.set('compatible', 'arm,armv7-timer');
  timer.set('interrupts', cells(PPI, 13, level, PPI, 14, level, PPI, 11, level, PPI, 10, level));
}

function console(root: Node, { ipa, irq }: { readonly ipa: number; readonly irq: number }): void {
  const clock = root.child('apb-pclk');
  clock.set('compatible', 'fixed-clock');
  clock.set('#clock-cells', 0);
  clock.set('clock-frequency', 24_000_000);
  clock.set('phandle', CLOCK);
  const node = root.child(`pl011@${ipa.toString(16)}`);
  node.set('compatible', strings('arm,pl011', 'arm,primecell'));
  node.set('reg', wideCells(2, ipa, 0x1000));
  node.set('interrupts', cells(SPI, irq - 32, LEVEL));
  node.set('clocks', cells(CLOCK, CLOCK));
  node.set('clock-names', strings('uartclk', 'apb_pclk'));
}

function shared(root: Node, channel: ChannelConfig, index: number): void {
  const node = root.child(`channel@${channel.ipa.toString(16)}`);
  node.set('compatible', 'partita,channel');
  node.set('reg', wideCells(2, channel.ipa, channel.size));
  node.set('partita,index', index);
  node.set('xen,shm-id', channel.name);
  if (!channel.writable) node.set('partita,access', 'read-only');
  if (channel.doorbell > 0) node.set('interrupts', cells(SPI, channel.doorbell - 32, EDGE));
}

/** A device of the board that belongs to the guest, at its own address. Clocks lead out of the partition, so they stay behind. */
function device(root: Node, original: Node): void {
  const regions = cpuRegions(original);
  const copy = root.child(`${original.baseName}@${(regions[0]?.address ?? 0).toString(16)}`);
  for (const { name, value } of original.properties) {
    if (!DROPPED.includes(name) && !name.startsWith('partita,')) copy.set(name, value.slice());
  }
  copy.set('reg', wideCells(2, ...regions.flatMap(({ address, size }) => [address, size])));
  const lines = boardInterrupts(original).flatMap(({ specifier }) => specifier);
  if (lines.length > 0) copy.set('interrupts', cells(...lines));
}

const DROPPED: readonly string[] = ['clocks', 'clock-names', 'phandle', 'interrupt-parent', 'interrupts-extended'];
