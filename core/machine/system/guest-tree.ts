/** The device tree that a guest gets: what its partition has, and nothing else. */
import type { ChannelConfig, DeviceConfig } from '../../hyp/config.ts';
import { cpuRegions } from '../devicetree/addresses.ts';
import { interrupts as boardInterrupts } from '../devicetree/interrupts.ts';
import { DeviceTree, type Node } from '../devicetree/tree.ts';
import { cells, strings, wideCells } from '../devicetree/values.ts';
import type { Domain } from './domain.ts';
import { pciHost } from './guest-pci.ts';
import type { Joined } from './ivshmem.ts';
import type { Piece } from './layout.ts';

const GIC = 1;
const UART_CLOCK = 24_000_000;
const [SPI, PPI] = [0, 1];
const [EDGE, LEVEL] = [1, 4];

export interface GuestDescription {
  readonly domain: Domain;
  readonly ram: readonly Piece[];
  readonly channels: readonly ChannelConfig[];
  readonly joined: Joined;
  readonly devices: readonly DeviceConfig[];
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
  for (const { ipa, size, irq } of guest.devices) virtio(root, ipa, size, irq);
  if (guest.joined.pci !== undefined) pciHost(root, guest.joined.pci, guest.joined.memories, GIC);
  if (guest.domain.rights.managementPage !== undefined) managementPage(root, guest.domain.rights.managementPage.ipa);
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
  const clock = fixedClock(root, UART_CLOCK);
  const node = root.child(`pl011@${ipa.toString(16)}`);
  node.set('compatible', strings('arm,pl011', 'arm,primecell'));
  node.set('reg', wideCells(2, ipa, 0x1000));
  node.set('interrupts', cells(SPI, irq - 32, LEVEL));
  node.set('clocks', cells(clock, clock));
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

function virtio(root: Node, ipa: number, size: number, irq: number): void {
  const node = root.child(`virtio_mmio@${ipa.toString(16)}`);
  node.set('compatible', 'virtio,mmio');
  node.set('reg', wideCells(2, ipa, size));
  node.set('interrupts', cells(SPI, irq - 32, EDGE));
  node.set('dma-coherent');
}

/** Nothing of the kernel's binds to it: programs reach it by /dev/mem. */
function managementPage(root: Node, ipa: number): void {
  const node = root.child(`management@${ipa.toString(16)}`);
  node.set('compatible', 'partita,management');
  node.set('reg', wideCells(2, ipa, 0x1000));
}

/** A device of the board that belongs to the guest, at its own address. Its clocks stay behind, but drivers want to know their rates. */
function device(root: Node, original: Node): void {
  const regions = cpuRegions(original);
  const copy = root.child(`${original.baseName}@${(regions[0]?.address ?? 0).toString(16)}`);
  for (const { name, value } of original.properties) {
    if (!DROPPED.includes(name) && !name.startsWith('partita,')) copy.set(name, value.slice());
  }
  copy.set('reg', wideCells(2, ...regions.flatMap(({ address, size }) => [address, size])));
  const lines = boardInterrupts(original).flatMap(({ specifier }) => specifier);
  if (lines.length > 0) copy.set('interrupts', cells(...lines));
  clocks(root, original, copy);
}

/** Fixed clocks in the place of the device's own, if they have fixed rates all. */
function clocks(root: Node, original: Node, copy: Node): void {
  const names = original.get('clock-names');
  const sources = (original.get('clocks')?.cells() ?? []).map((phandle) => original.byPhandle(phandle));
  const rates = sources.map((source) => source?.isCompatible('fixed-clock') === true && source.get('clock-frequency')?.cell());
  if (rates.length === 0 || rates.some((rate) => typeof rate !== 'number')) return;
  copy.set('clocks', cells(...rates.map((rate) => fixedClock(root, rate as number))));
  if (names !== undefined) copy.set('clock-names', names.value.slice());
}

/** The phandle of a clock of that rate. */
function fixedClock(root: Node, rate: number): number {
  const found = root.children.find((node) => node.isCompatible('fixed-clock') && node.get('clock-frequency')?.cell() === rate);
  if (found !== undefined) return found.ensurePhandle();
  const node = root.child(root.find('/apb-pclk') === undefined ? 'apb-pclk' : `clock-${rate}`);
  node.set('compatible', 'fixed-clock');
  node.set('#clock-cells', 0);
  node.set('clock-frequency', rate);
  return node.ensurePhandle();
}

const DROPPED: readonly string[] = ['clocks', 'clock-names', 'phandle', 'interrupt-parent', 'interrupts-extended'];
