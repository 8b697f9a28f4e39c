/** Devices of the board that are given to partitions: each to one, with its pages and its interrupts. */
import type { PartitionConfig, RegionConfig } from '../../hyp/config.ts';
import { ASSIGNABLE, BEYOND, GICS, modelOf, REACHES_OUT } from '../bindings.ts';
import { memoryRegions } from '../board.ts';
import { cpuRegions, type Region } from '../devicetree/addresses.ts';
import { type Interrupt, interrupts } from '../devicetree/interrupts.ts';
import type { DeviceTree, Node } from '../devicetree/tree.ts';
import { isDevice } from '../wiring.ts';
import { ADDRESS_SPACE, type Domain } from './domain.ts';
import type { Findings } from './finding.ts';

const PAGE = 4096;
const EDGES = 3;
/** Several times what the largest device of a board has. */
const LARGEST = 0x1000_0000;

interface Given {
  readonly node: Node;
  readonly domain: Domain;
}

/** Finds devices that no partition may have, that two claim, and that share a page, an interrupt or memory with others. */
export function checkDevices(tree: DeviceTree, domains: readonly Domain[], spis: number, findings: Findings): void {
  const kept = [...tree.root.walk()].filter((node) => isDevice(node) && whyNot(node) !== undefined);
  const ram = memoryRegions(tree);
  const given: Given[] = [];
  for (const domain of domains) {
    for (const { node, property } of domain.devices) {
      const hole = (text: string) => findings.isolation(property.fail(text));
      const why = whyNot(node);
      if (why !== undefined) hole(`gives ${node.path} to "${domain.name}": ${why}`);
      checkShape(node, (text) => findings.unusable(property.fail(text)));
      for (const other of why === undefined ? kept : []) {
        if (sharedPage(node, other) !== undefined) hole(`${node.path} shares a page with ${other.path}: ${whyNot(other)}`);
      }
      if (cpuRegions(node).some((region) => ram.some((range) => overlap(region, range))))
        hole(`${node.path} lies in the board's memory`);
      for (const earlier of given) checkPair({ node, domain }, earlier, hole);
      checkInterrupts(node, spis, findings);
      given.push({ node, domain });
    }
  }
}

/** Through these a guest could reach beyond its partition, whatever stage 2 says: all but the models that are known not to. */
function whyNot(node: Node): string | undefined {
  const model = modelOf(node);
  const beyond = Object.keys(REACHES_OUT).find((property) => node.has(property));
  if (beyond !== undefined) return REACHES_OUT[beyond];
  if (model !== undefined && ASSIGNABLE.includes(model)) return undefined;
  const reason = node.compatible.find((name) => Object.hasOwn(BEYOND, name));
  return reason === undefined ? 'nothing models it, so nothing says what it reaches' : BEYOND[reason];
}

function checkShape(node: Node, problem: (text: string) => void): void {
  for (const { address, size } of cpuRegions(node)) {
    if (size === 0 || size > LARGEST || address + size > ADDRESS_SPACE)
      problem(
        `${node.path} has 0x${size.toString(16)} bytes at 0x${address.toString(16)}: a device has 1 byte to 256 MiB, below 2^40`,
      );
  }
}

function checkPair({ node, domain }: Given, other: Given, hole: (text: string) => void): void {
  if (other.node === node) return hole(`gives ${node.path} to "${domain.name}", which "${other.domain.name}" has already`);
  if (other.domain === domain) return;
  const page = sharedPage(node, other.node);
  const theirs = shared(other.node).map(spiOf);
  const both = shared(node)
    .map(spiOf)
    .find((id) => theirs.includes(id));
  const whose = `with ${other.node.path} of "${other.domain.name}"`;
  if (page !== undefined) hole(`${node.path} shares the page 0x${page.toString(16)} ${whose}`);
  if (both !== undefined) hole(`${node.path} shares interrupt ${both} ${whose}`);
}

/** Interrupts must be shared ones, of the GIC, and such as it has. */
function checkInterrupts(node: Node, spis: number, findings: Findings): void {
  for (const { controller, specifier } of interrupts(node)) {
    const property = node.get('interrupts-extended') ?? node.need('interrupts');
    const [kind, number] = specifier;
    if (!controller.isCompatible(...GICS) || kind !== 0 || number === undefined || number >= spis)
      findings.unusable(
        property.fail(`has interrupt <${specifier.join(' ')}>`, {
          expected: `a shared one of the GIC: <0 number flags>, 0 to ${spis - 1}`,
        }),
      );
  }
}

const overlap = (a: Region, b: Region): boolean => a.address < b.address + b.size && b.address < a.address + a.size;

/** Rounded to the pages that stage 2 can give. */
function pagesOf(node: Node): Region[] {
  return cpuRegions(node).map(({ address, size }) => {
    const first = address - (address % PAGE);
    return { address: first, size: Math.ceil((address + size - first) / PAGE) * PAGE };
  });
}

/** The first page that both have a part of. */
function sharedPage(a: Node, b: Node): number | undefined {
  for (const one of pagesOf(a)) {
    const other = pagesOf(b).find((region) => overlap(one, region));
    if (other !== undefined) return Math.max(one.address, other.address);
  }
  return undefined;
}

const shared = (node: Node): Interrupt[] => interrupts(node).filter(({ specifier }) => specifier[0] === 0);
const spiOf = ({ specifier }: Interrupt): number => 32 + (specifier[1] ?? 0);

export const deviceRegions = (domain: Domain): RegionConfig[] =>
  domain.devices.flatMap(({ node }) =>
    pagesOf(node).map(({ address, size }) => ({
      kind: 'device' as const,
      name: node.name,
      ipa: address,
      pa: address,
      size,
      writable: true,
      executable: false,
    })),
  );

/** The shared interrupts of the devices, with the same numbers in the guest. */
export const deviceInterrupts = (domain: Domain): PartitionConfig['interrupts'] =>
  domain.devices.flatMap(({ node }) =>
    shared(node).map((interrupt) => {
      const id = spiOf(interrupt);
      return { physical: id, virtual: id, edge: ((interrupt.specifier[2] ?? 0) & EDGES) !== 0 };
    }),
  );

/** The interrupt of the guest's UART is fixed: no device may bring the same. */
export function checkConsole(domain: Domain, irq: number, findings: Findings): void {
  const taken = domain.devices.find(({ node }) => shared(node).some((interrupt) => spiOf(interrupt) === irq));
  if (taken !== undefined)
    findings.unusable(
      taken.property.fail(`gives ${taken.node.path}, whose interrupt ${irq} the virtual UART has`, {
        advice: "Leave out 'vpl011', or the device.",
      }),
    );
}
