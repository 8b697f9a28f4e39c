/** From a system's description to what the hypervisor is told. Everything wrong with it is found here, before anything runs. */
import type { HypervisorConfig, PartitionConfig, RegionConfig } from '../../hyp/config.ts';
import { GICS } from '../bindings.ts';
import { readCpus } from '../board.ts';
import { cpuRegions } from '../devicetree/addresses.ts';
import { writeDtb } from '../devicetree/dtb-writer.ts';
import type { Files } from '../devicetree/dts-preprocessor.ts';
import type { DeviceTree, Node } from '../devicetree/tree.ts';
import { consoleNames } from '../wiring.ts';
import { connect } from './channels.ts';
import { checkConsole, checkDevices, deviceInterrupts, deviceRegions } from './devices.ts';
import { ADDRESS_SPACE, type Domain, readDomains } from './domain.ts';
import { Findings } from './finding.ts';
import { GUEST } from './guest-map.ts';
import { guestTree } from './guest-tree.ts';
import { fits, loadModules } from './images.ts';
import { type Joined, join } from './ivshmem.ts';
import { readLinks } from './ivshmem-nodes.ts';
import { type Layout, layOut } from './layout.ts';
import { readSchedule } from './schedule.ts';
import { checkVirtio, virtioDevices } from './virtio.ts';

const PAGE = 4096;
/** What a distributor has, private interrupts included: a board's if it does not say, and a guest's at most. */
const [INTERRUPTS, MOST_INTERRUPTS] = [160, 992];

export interface Plan {
  readonly domains: readonly Domain[];
  readonly findings: Findings;
  readonly config: Omit<HypervisorConfig, 'timerFrequency'>;
}

/** Throws DeviceTreeError where the description cannot even be read; all else is in the findings. */
export function plan(tree: DeviceTree, files: Files): Plan {
  const { count, name } = readCpus(tree);
  const findings = new Findings();
  const domains = readDomains(tree.root);
  const guestLinks = readLinks(tree.root);
  const layout = layOut(tree, domains, guestLinks, findings);
  const channels = connect(domains, findings);
  const { links, joined } = join(domains, guestLinks, layout.links, findings);
  const controller = gicOf(tree);
  const spis = Math.min(controller.get('partita,interrupts')?.cell() ?? INTERRUPTS, MOST_INTERRUPTS) - 32;
  checkDevices(tree, domains, spis, findings);
  checkVirtio(domains, findings);
  checkPins(domains, count, findings);
  checkNames(tree, domains, findings);
  const gic = gicAddresses(controller);
  const partitions = domains.map((domain, id) =>
    partition(
      { domain, id, layout, channels: channels[id] ?? [], joined: joined[id] as Joined, cpu: name, gic },
      files,
      findings,
    ),
  );
  for (const [id, domain] of domains.entries())
    checkRegions(domain, partitions[id] as PartitionConfig, joined[id] as Joined, findings);
  const schedule = readSchedule(tree.root, { domains, partitions, cores: count, findings });
  return {
    domains,
    findings,
    config: {
      cores: count,
      gic,
      heap: { base: layout.heap.address, size: layout.heap.size },
      slice: schedule.slice,
      schedule: schedule.config,
      partitions: schedule.partitions,
      ...(links.length === 0 ? {} : { links }),
    },
  };
}

function gicOf(tree: DeviceTree): Node {
  const node = [...tree.root.walk()].find((candidate) => candidate.isCompatible(...GICS));
  if (node !== undefined) return node;
  throw tree.root.fail('the board has no interrupt controller', { expected: `compatible = "${GICS.join('" or "')}"` });
}

function gicAddresses(node: Node): HypervisorConfig['gic'] {
  const [distributor, cpuInterface, virtualControl, virtualCpu] = cpuRegions(node).map(({ address }) => address);
  if (distributor === undefined || cpuInterface === undefined || virtualControl === undefined || virtualCpu === undefined)
    throw node.fail('the interrupt controller has no virtual interface', { expected: "GICD, GICC, GICH and GICV in 'reg'" });
  const odd = [distributor, cpuInterface, virtualCpu].find(
    (address) => address % PAGE !== 0 || address + 2 * PAGE > ADDRESS_SPACE,
  );
  if (odd === undefined) return { distributor, cpuInterface, virtualControl, virtualCpu };
  throw node.need('reg').fail(`has a block at 0x${odd.toString(16)}`, { expected: 'blocks at 4 KiB pages below 2^40' });
}

/** A partition's name is its console's. */
function checkNames(tree: DeviceTree, domains: readonly Domain[], findings: Findings): void {
  const taken = new Map(consoleNames(tree.root).map((name) => [name, 'a console of the board has']));
  for (const { node, name } of domains) {
    const whose = taken.get(name);
    if (whose !== undefined)
      findings.unusable(node.fail(`the name "${name}" is one that ${whose}`, { advice: 'Choose another.' }));
    taken.set(name, 'another partition has');
  }
}

function checkPins(domains: readonly Domain[], cores: number, findings: Findings): void {
  for (const { node, pins, vcpus } of domains) {
    if (pins.length === 0) continue;
    const property = node.need('partita,cores');
    if (pins.length !== vcpus) findings.unusable(property.fail(`names ${pins.length} cores for ${vcpus} vCPUs`));
    const beyond = pins.find((core) => core >= cores);
    if (beyond !== undefined) findings.unusable(property.fail(`names core ${beyond}`, { expected: `0 to ${cores - 1}` }));
  }
}

interface Context {
  readonly domain: Domain;
  readonly id: number;
  readonly layout: Layout;
  readonly channels: PartitionConfig['channels'];
  readonly joined: Joined;
  readonly cpu: string;
  readonly gic: HypervisorConfig['gic'];
}

function partition(context: Context, files: Files, findings: Findings): PartitionConfig {
  const { domain, id, layout, channels, joined, cpu, gic } = context;
  const ram = layout.ram[id] ?? [];
  const guestGic = domain.directMap
    ? { distributor: gic.distributor, cpuInterface: gic.cpuInterface }
    : { distributor: GUEST.GICD, cpuInterface: GUEST.GICC };
  const console = domain.console ? { ipa: domain.consoleAddress ?? GUEST.UART, irq: GUEST.UART_IRQ } : undefined;
  const { segments, entry, bootargs, initrd } = loadModules(domain, ram, files, findings);
  const devices = virtioDevices(domain);
  const dtb = writeDtb(guestTree({ domain, ram, channels, joined, devices, gic: guestGic, console, cpu, bootargs, initrd }));
  const at = describeAt(domain, ram, dtb.length);
  const taken = segments.some(({ ipa, bytes }) => ipa < at + dtb.length && at < ipa + bytes.length);
  const given = !taken && at < 2 ** 32 && fits(ram, at, dtb.length);
  if (!given && domain.dtbAddress !== undefined)
    findings.unusable(
      domain.node
        .need('partita,device-tree-address')
        .fail(`is 0x${at.toString(16)}: ${dtb.length} bytes do not fit there`, { expected: 'free RAM of the guest' }),
    );
  if (console !== undefined) checkConsole(domain, console.irq, findings);
  return {
    name: domain.name,
    id,
    vcpus: Array.from({ length: domain.vcpus }, (_, i) => ({
      ...(domain.pins[i] === undefined ? {} : { core: domain.pins[i] }),
    })),
    entry: { ...entry, registers: [0, -1, given ? at : 0] },
    regions: [...ramRegions(ram), ...channelRegions(domain), ...joined.sections, ...deviceRegions(domain)],
    guestGic,
    interruptCount: interruptCount(domain, channels, joined, findings),
    ...(console === undefined ? {} : { console }),
    devices,
    interrupts: deviceInterrupts(domain),
    channels,
    ...(joined.pci === undefined ? {} : { pci: joined.pci }),
    health: domain.health,
    ...domain.rights,
    image: given ? [...segments, { ipa: at, bytes: dtb }] : segments,
  };
}

/** The device tree goes to where the description says, or to the top of the guest's RAM (the first 128 MiB of it). */
function describeAt(domain: Domain, ram: Layout['ram'][number], length: number): number {
  if (domain.dtbAddress !== undefined) return domain.dtbAddress;
  const last = ram.reduce((high, piece) => (piece.ipa > high.ipa ? piece : high), ram[0] ?? { ipa: 0, pa: 0, size: 0 });
  const size = Math.min(last.size, 0x800_0000);
  return last.ipa + Math.floor((size - length) / PAGE) * PAGE;
}

const ramRegions = (ram: Layout['ram'][number]): RegionConfig[] =>
  ram.map((piece) => ({ kind: 'ram', name: 'RAM', ...piece, writable: true, executable: true }));

const channelRegions = (domain: Domain): RegionConfig[] =>
  domain.shared.map(({ id, ipa, pa, size, writable }) => ({
    kind: 'channel',
    name: id,
    ipa,
    pa,
    size,
    writable,
    executable: false,
  }));

/** Enough for the devices' interrupts and the doorbells. */
function interruptCount(domain: Domain, channels: PartitionConfig['channels'], { pci }: Joined, findings: Findings): number {
  const emulated = [...virtioDevices(domain), ...(pci?.functions ?? [])];
  const own = [...channels.map(({ doorbell }) => doorbell), ...emulated.map(({ irq }) => irq)];
  const ids = [...own, ...deviceInterrupts(domain).map(({ virtual }) => virtual)];
  const count = Math.max(96, Math.ceil((Math.max(0, ...ids) + 1) / 32) * 32);
  if (count > MOST_INTERRUPTS)
    findings.unusable(domain.node.fail(`its channels and devices need interrupts beyond ${MOST_INTERRUPTS - 1}`));
  return count;
}

/** No two things at one guest address, and a page that nothing answers on either side of a channel. */
function checkRegions(domain: Domain, partition: PartitionConfig, { sections, memories }: Joined, findings: Findings): void {
  const others = partition.regions.filter((region) => !sections.includes(region));
  const regions = [...emulated(partition), ...others, ...memories];
  for (const [i, region] of regions.entries()) {
    for (const other of regions.slice(0, i)) {
      const guard = [region, other].some(({ kind }) => kind === 'channel') ? PAGE : 0;
      if (region.ipa >= other.ipa + other.size + guard || other.ipa >= region.ipa + region.size + guard) continue;
      const what = guard > 0 ? 'touch: a channel needs a free page on either side' : 'overlap';
      findings.unusable(
        domain.node.fail(
          `${region.name} at guest address 0x${region.ipa.toString(16)} and ${other.name} at 0x${other.ipa.toString(16)} ${what}`,
        ),
      );
    }
  }
}

/** Where the hypervisor itself answers the guest. */
function emulated({
  guestGic,
  console,
  devices = [],
  pci,
  managementPage,
}: PartitionConfig): readonly { kind: string; name: string; ipa: number; size: number }[] {
  const uart = console === undefined ? [] : [{ kind: 'emulated', name: 'the virtual UART', ipa: console.ipa, size: PAGE }];
  return [
    { kind: 'emulated', name: "the virtual GIC's distributor", ipa: guestGic.distributor, size: PAGE },
    { kind: 'emulated', name: "the virtual GIC's CPU interface", ipa: guestGic.cpuInterface, size: 2 * PAGE },
    ...uart,
    ...devices.map(({ name, ipa, size }) => ({ kind: 'emulated', name, ipa, size })),
    ...(pci === undefined ? [] : [{ kind: 'emulated', name: "the virtual PCI host's configuration space", ...pci.ecam }]),
    ...(pci === undefined ? [] : [{ kind: 'emulated', name: "the virtual PCI host's memory", ...pci.window }]),
    ...(managementPage === undefined ? [] : [{ kind: 'emulated', name: 'the management page', ...managementPage, size: PAGE }]),
  ];
}
