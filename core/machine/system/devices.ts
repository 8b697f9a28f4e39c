/** Devices of the board that are given to partitions: each to one, with its pages and its interrupts. */
import type { PartitionConfig, RegionConfig } from '../../hyp/config.ts';
import { GICS } from '../bindings.ts';
import { memoryRegions } from '../board.ts';
import { cpuRegions, type Region } from '../devicetree/addresses.ts';
import { interrupts } from '../devicetree/interrupts.ts';
import type { DeviceTree, Node } from '../devicetree/tree.ts';
import type { Domain } from './domain.ts';
import type { Findings } from './finding.ts';

const PAGE = 4096;
const EDGES = 3;

/** Through these a guest would reach beyond its partition, whatever stage 2 says. */
const REACHES_BEYOND: readonly (readonly [why: string, compatible: readonly string[]])[] = [
  ["the interrupt controller is the hypervisor's", GICS],
  ['its DMA reaches all memory', ['qemu,fw-cfg-mmio', 'pci-host-ecam-generic']],
  ['it switches the whole board off', ['arm,vexpress-sysreg']],
];

/** Finds devices that no partition may have, that two claim, and that share a page, an interrupt or memory with others. */
export function checkDevices(tree: DeviceTree, domains: readonly Domain[], findings: Findings): void {
  const gic = [...tree.root.walk()].filter((node) => node.isCompatible(...GICS)).flatMap(pagesOf);
  const ram = memoryRegions(tree);
  const owners = new Map<string, { readonly node: Node; readonly domain: Domain }>();
  for (const domain of domains) {
    for (const { node, property } of domain.devices) {
      const problem = (text: string) => findings.isolation(property.fail(text));
      const [beyond] = REACHES_BEYOND.find(([, compatible]) => node.isCompatible(...compatible)) ?? [];
      if (beyond !== undefined) problem(`gives ${node.path} to "${domain.name}": ${beyond}`);
      else if (pagesOf(node).some((page) => gic.includes(page)))
        problem(`${node.path} shares a page with the interrupt controller`);
      if (cpuRegions(node).some((region) => ram.some((range) => overlap(region, range))))
        problem(`${node.path} lies in the board's memory`);
      for (const claim of claimsOf(node)) {
        const other = owners.get(claim);
        if (other?.node === node && claim === node.path)
          problem(`gives ${node.path} to "${domain.name}", which "${other.domain.name}" has already`);
        else if (other !== undefined && other.node !== node && other.domain !== domain)
          problem(`${node.path} shares ${claim} with ${other.node.path} of "${other.domain.name}"`);
        owners.set(claim, { node, domain });
      }
    }
  }
}

/** What a device takes for itself: its node, its pages, its interrupts. */
const claimsOf = (node: Node): string[] => [
  node.path,
  ...pagesOf(node).map((page) => `the page 0x${(page * PAGE).toString(16)}`),
  ...interrupts(node).map(({ specifier: [kind, number] }) => `interrupt <${kind} ${number}>`),
];

const overlap = (a: Region, b: Region): boolean => a.address < b.address + b.size && b.address < a.address + a.size;

function pagesOf(node: Node): number[] {
  return cpuRegions(node).flatMap(({ address, size }) => {
    const first = Math.floor(address / PAGE);
    return Array.from({ length: Math.floor((address + size - 1) / PAGE) - first + 1 }, (_, i) => first + i);
  });
}

export const deviceRegions = (domain: Domain): RegionConfig[] =>
  domain.devices.flatMap(({ node }) =>
    cpuRegions(node).map(({ address, size }) => {
      const ipa = address - (address % PAGE);
      const pages = Math.ceil((address + size - ipa) / PAGE);
      return { kind: 'device' as const, name: node.name, ipa, pa: ipa, size: pages * PAGE, writable: true, executable: false };
    }),
  );

/** The shared interrupts of the devices, with the same numbers in the guest. */
export const deviceInterrupts = (domain: Domain): PartitionConfig['interrupts'] =>
  domain.devices.flatMap(({ node }) =>
    interrupts(node)
      .filter(({ specifier }) => specifier[0] === 0)
      .map(({ specifier }) => {
        const id = 32 + (specifier[1] as number);
        return { physical: id, virtual: id, edge: ((specifier[2] as number) & EDGES) !== 0 };
      }),
  );
