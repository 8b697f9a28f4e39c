/** Joins partitions by ivshmem links: who is which peer, where each sees the memory, and which sections it may write. */
import type { FunctionConfig, LinkConfig, PciConfig, RegionConfig } from '../../hyp/config.ts';
import { memorySize, type Section, sectionsOf } from '../../hyp/ivshmem-sections.ts';
import { doorbells } from './channels.ts';
import type { Domain } from './domain.ts';
import type { Findings } from './finding.ts';
import { GUEST } from './guest-map.ts';
import type { GuestIvshmem, GuestLink } from './ivshmem-nodes.ts';

const PAGE = 4096;

/** What a partition has of ivshmem. */
export interface Joined {
  readonly pci: PciConfig | undefined;
  /** What stage 2 maps. */
  readonly sections: readonly RegionConfig[];
  /** The memories that they are of. */
  readonly memories: readonly { readonly kind: 'channel'; readonly name: string; readonly ipa: number; readonly size: number }[];
}

export interface Joints {
  readonly links: readonly LinkConfig[];
  /** In the order of the domains. */
  readonly joined: readonly Joined[];
}

/** A function that has a place in a link. */
interface Seat {
  readonly domain: Domain;
  readonly function: GuestIvshmem;
  readonly link: number;
  readonly peer: number;
}

/** `addresses`: where the memory of each link lies. */
export function join(
  domains: readonly Domain[],
  links: readonly GuestLink[],
  addresses: readonly number[],
  findings: Findings,
): Joints {
  for (const link of links) checkSize(link, link.memory, findings);
  const seats = domains.flatMap((domain) => domain.ivshmem.flatMap((own) => seat(domain, own, links, findings) ?? []));
  for (const [i, one] of seats.entries()) checkAlone(one, seats.slice(0, i), findings);
  return {
    links: links.map(({ name, peers, stateTable, readWrite, output, protocol }, i) => {
      return { name, pa: addresses[i] as number, peers, stateTable, readWrite, output, protocol };
    }),
    joined: domains.map((domain) => joinedOf(domain, { links, addresses, seats })),
  };
}

/** Sizes say the same twice, so that whoever reads a range knows all of it. */
function checkSize(link: GuestLink, place: GuestLink['memory'] | GuestIvshmem['place'], findings: Findings): void {
  const size = memorySize(link);
  if (place === undefined || place.size === size) return;
  const text = `has 0x${place.size.toString(16)} bytes, the sections of ${link.node.path} have 0x${size.toString(16)}`;
  findings.unusable(place.property.fail(text, { advice: 'The state table has 0x1000 bytes; the other sizes are as written.' }));
}

function seat(domain: Domain, own: GuestIvshmem, links: readonly GuestLink[], findings: Findings): Seat | undefined {
  const [name, peer] = [own.link.string(), own.peer.cell()];
  const index = links.findIndex((link) => link.name === name);
  const link = links[index];
  if (link === undefined) {
    const expected = `the name of a node with compatible = "partita,ivshmem-link"`;
    findings.unusable(own.link.fail(`names "${name}", which no link is called`, { expected }));
    return undefined;
  }
  if (peer >= link.peers) {
    findings.unusable(own.peer.fail(`is ${peer}`, { expected: `0 to ${link.peers - 1}, as ${link.node.path} has it` }));
    return undefined;
  }
  checkSize(link, own.place, findings);
  return { domain, function: own, link: index, peer };
}

/** An output section has one writer. */
function checkAlone({ function: own, link, peer, domain }: Seat, before: readonly Seat[], findings: Findings): void {
  const other = before.find((one) => one.link === link && one.peer === peer);
  if (other === undefined) return;
  const whose = `which ${other.function.node.path} of "${other.domain.name}" is already`;
  findings.isolation(own.peer.fail(`makes "${domain.name}" peer ${peer} of "${own.link.string()}", ${whose}`));
}

interface Table {
  readonly links: readonly GuestLink[];
  readonly addresses: readonly number[];
  readonly seats: readonly Seat[];
}

function joinedOf(domain: Domain, { links, addresses, seats }: Table): Joined {
  const own = seats.filter((one) => one.domain === domain);
  if (own.length === 0) return { pci: undefined, sections: [], memories: [] };
  const irqs = doorbells(domain).slice(domain.shared.length);
  let free: number = GUEST.IVSHMEM;
  const functions = own.map((one, i): FunctionConfig => {
    const ipa = one.function.place?.address ?? free;
    if (one.function.place === undefined) free += memorySize(links[one.link] as GuestLink) + PAGE; // and a page that nothing answers
    return { link: one.link, peer: one.peer, ipa, irq: irqs[i] as number };
  });
  const { ECAM, ECAM_SIZE, WINDOW, WINDOW_SIZE } = GUEST.PCI;
  return {
    pci: { ecam: { ipa: ECAM, size: ECAM_SIZE }, window: { ipa: WINDOW, size: WINDOW_SIZE }, functions },
    sections: functions.flatMap((config) =>
      sectionRegions(links[config.link] as GuestLink, addresses[config.link] as number, config, seats),
    ),
    memories: functions.map(({ link, ipa }) => {
      const { name } = links[link] as GuestLink;
      return { kind: 'channel', name: `link ${name}`, ipa, size: memorySize(links[link] as GuestLink) };
    }),
  };
}

/** Each section is a region of its own, named for people who ask why a write was refused. */
function sectionRegions(link: GuestLink, pa: number, own: FunctionConfig, seats: readonly Seat[]): RegionConfig[] {
  const owner = (peer: number) => seats.find((one) => one.link === own.link && one.peer === peer)?.domain.name;
  return sectionsOf(link).map(({ what, offset, size, writer }) => ({
    kind: 'channel',
    name: `${link.name}: ${what}${whose(writer, owner)}`,
    ipa: own.ipa + offset,
    pa: pa + offset,
    size,
    writable: writer === 'all' || writer === own.peer,
    executable: false,
  }));
}

function whose(writer: Section['writer'], owner: (peer: number) => string | undefined): string {
  if (typeof writer === 'string') return '';
  const name = owner(writer);
  return ` of peer ${writer}${name === undefined ? '' : ` (${name})`}`;
}
