/** Devices of the board that are given to partitions: each to one, with its pages and its interrupts. */
import type { PartitionConfig, RegionConfig } from '../../hyp/config.ts';
import { cpuRegions } from '../devicetree/addresses.ts';
import { interrupts } from '../devicetree/interrupts.ts';
import type { Node } from '../devicetree/tree.ts';
import type { Domain } from './domain.ts';
import type { Findings } from './finding.ts';

const PAGE = 4096;
const EDGES = 3;

/** Finds devices that two partitions claim, or that share a page. */
export function checkDevices(domains: readonly Domain[], findings: Findings): void {
  const owners = new Map<Node, Domain>();
  const pages = new Map<number, { readonly node: Node; readonly domain: Domain }>();
  for (const domain of domains) {
    for (const { node, property } of domain.devices) {
      const other = owners.get(node);
      if (other !== undefined)
        findings.isolation(property.fail(`gives ${node.path} to "${domain.name}", which "${other.name}" has already`));
      owners.set(node, domain);
      for (const page of pagesOf(node)) {
        const neighbour = pages.get(page);
        if (neighbour !== undefined && neighbour.domain !== domain && neighbour.node !== node) {
          findings.isolation(
            property.fail(
              `${node.path} shares the page 0x${(page * PAGE).toString(16)} with ${neighbour.node.path} of "${neighbour.domain.name}"`,
            ),
          );
        }
        pages.set(page, { node, domain });
      }
    }
  }
}

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
