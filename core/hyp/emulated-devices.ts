/** What a partition has in its address space that stage 2 does not map: each access is carried out here. */
import type { Width } from '../bus/window.ts';
import { GICD } from '../devices/gic/registers.ts';
import type { Caller } from './caller.ts';
import type { DeviceConfig, PartitionConfig, PciConfig } from './config.ts';
import { tellSgi } from './watch.ts';

const PAGE = 0x1000;
/** GICC_DIR's page: the second of the CPU interface. */
const DEACTIVATE = 0x1000;

export interface EmulatedDevice {
  /** As a report names it. */
  readonly name: string;
  readonly base: number;
  read(caller: Caller, offset: number, width: Width): number;
  write(caller: Caller, offset: number, width: Width, value: number): void;
}

const isTarget = (offset: number): boolean => offset >= GICD.ITARGETSR.at && offset < GICD.ICFGR.at;

const distributor = (base: number): EmulatedDevice => ({
  name: 'virtual GIC distributor',
  base,
  read: ({ cpu, vcpu, partition }, offset, width) => partition.vgic.read(cpu, vcpu, offset, width),
  write({ cpu, vcpu, partition, services }, offset, width, value) {
    partition.vgic.write(cpu, vcpu, offset, width, value);
    if (isTarget(offset)) services.route(partition);
    if (offset === GICD.SGIR.at) tellSgi(partition, value & 0xf);
  },
});

/** Write-only: everything else in the page reads as zero. */
const deactivation = (base: number): EmulatedDevice => ({
  name: 'virtual GIC CPU interface',
  base,
  read: () => 0,
  write({ cpu, vcpu, partition }, offset, width, value) {
    if (offset === 0 && width === 4) partition.vgic.deactivate(cpu, vcpu, value);
  },
});

const console = (base: number): EmulatedDevice => ({
  name: 'virtual console',
  base,
  read: ({ partition }, offset, width) => partition.console?.access(offset, width) ?? 0,
  write: ({ partition }, offset, width, value) => {
    partition.console?.access(offset, width, value);
  },
});

const model = (index: number, { name, ipa }: DeviceConfig): EmulatedDevice => ({
  name,
  base: ipa,
  read: ({ partition, vcpu }, offset, width) =>
    partition.devices[index]?.window.read(offset, width, { core: vcpu.index, secure: false }) ?? 0,
  write: ({ partition, vcpu }, offset, width, value) => {
    partition.devices[index]?.window.write(offset, width, value, { core: vcpu.index, secure: false });
  },
});

function pciHost({ ecam, window }: PciConfig): Placed[] {
  const space: EmulatedDevice = {
    name: 'virtual PCI configuration space',
    base: ecam.ipa,
    read: ({ partition }, offset, width) => partition.pci?.readConfig(offset, width) ?? 0,
    write: ({ partition }, offset, width, value) => partition.pci?.writeConfig(offset, width, value),
  };
  const registers: EmulatedDevice = {
    name: 'virtual PCI memory',
    base: window.ipa,
    read: ({ partition }, offset, width) => partition.pci?.read(offset, width) ?? 0,
    write: (caller, offset, width, value) => caller.partition.pci?.write(caller, offset, width, value),
  };
  return [
    { device: space, end: ecam.ipa + ecam.size },
    { device: registers, end: window.ipa + window.size },
  ];
}

interface Placed {
  readonly device: EmulatedDevice;
  readonly end: number;
}

function place({ guestGic, console: uart, devices = [], pci, managementPage: managed }: PartitionConfig): readonly Placed[] {
  const page = (device: EmulatedDevice): Placed => ({ device, end: device.base + PAGE });
  return [
    page(distributor(guestGic.distributor)),
    page(deactivation(guestGic.cpuInterface + DEACTIVATE)),
    ...(uart === undefined ? [] : [page(console(uart.ipa))]),
    ...devices.map((device, index) => ({ device: model(index, device), end: device.ipa + device.size })),
    ...(pci === undefined ? [] : pciHost(pci)),
    ...(managed === undefined ? [] : [page(managementPage(managed.ipa))]),
  ];
}

const managementPage = (base: number): EmulatedDevice => ({
  name: 'management page',
  base,
  read: ({ partition }, offset, width) => partition.page?.read(offset, width) ?? 0,
  write: (caller, offset, width, value) => caller.partition.page?.write(caller, offset, width, value),
});

const PLACED = new WeakMap<PartitionConfig, readonly Placed[]>();

/** The emulated device at an address, if there is one. */
export function emulatedAt(config: PartitionConfig, ipa: number): EmulatedDevice | undefined {
  let placed = PLACED.get(config);
  if (placed === undefined) {
    placed = place(config);
    PLACED.set(config, placed);
  }
  for (const { device, end } of placed) if (ipa >= device.base && ipa < end) return device;
  return undefined;
}
