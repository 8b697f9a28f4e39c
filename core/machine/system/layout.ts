/** Gives physical memory to partitions, channels and the hypervisor, and finds what collides. First fit, so the same for the same description. */
import { memorySize } from '../../hyp/ivshmem-sections.ts';
import { memoryRegions } from '../board.ts';
import { cpuRegions } from '../devicetree/addresses.ts';
import type { DeviceTreeError } from '../devicetree/error.ts';
import type { DeviceTree, Node, Property } from '../devicetree/tree.ts';
import type { Domain, Range, SharedMemory } from './domain.ts';
import type { Findings } from './finding.ts';
import { GUEST } from './guest-map.ts';
import type { GuestLink } from './ivshmem-nodes.ts';

const KIB = 1024;
const BLOCK = 2 * KIB * KIB;
const PAGE = 4 * KIB;
const GIB = KIB * KIB * KIB;
/** Pages of tables: a root of 40 bits where it is aligned, with the GIC and the UART; and a device's, whose two ends may be in pages. */
const [ROOT_TABLES, DEVICE_TABLES] = [16, 4];

/** A piece of a guest's RAM. */
export interface Piece {
  readonly ipa: number;
  readonly pa: number;
  readonly size: number;
}

export interface Layout {
  /** Memory of the hypervisor's own, for stage-2 tables. */
  readonly heap: Range;
  /** RAM of each domain, in the order of the domains. */
  readonly ram: readonly (readonly Piece[])[];
  /** Physical address of the memory of each ivshmem link. */
  readonly links: readonly number[];
}

/** Memory that is taken, by whom, and where the description says so. */
interface Claim extends Range {
  readonly by: string;
  readonly fail: (problem: string) => DeviceTreeError;
}

const overlap = (a: Range, b: Range): boolean => a.address < b.address + b.size && b.address < a.address + a.size;
const show = ({ address, size }: Range): string => `0x${address.toString(16)}-0x${(address + size - 1).toString(16)}`;

export function layOut(tree: DeviceTree, domains: readonly Domain[], links: readonly GuestLink[], findings: Findings): Layout {
  const board = memoryRegions(tree);
  const claims: Claim[] = [];
  for (const claim of [...staticClaims(domains), ...sharedClaims(domains), ...linkClaims(links)]) {
    if (!board.some((ram) => claim.address >= ram.address && claim.address + claim.size <= ram.address + ram.size)) {
      findings.unusable(claim.fail(`${show(claim)} is not within the board's memory (${board.map(show).join(', ')})`));
    }
    const other = claims.find((earlier) => overlap(earlier, claim));
    if (other === undefined) claims.push(claim);
    else findings.isolation(claim.fail(`${show(claim)} of ${claim.by} overlaps ${show(other)} of ${other.by}`));
  }
  const memory = new Memory(board, claims);
  const heap = memory.take(heapSize(domains, links), 'the hypervisor', tree.root, findings);
  const ram = domains.map((domain) => ramOf(domain, memory, findings));
  const place = (link: GuestLink) =>
    link.memory?.address ?? memory.take(memorySize(link), `link "${link.name}"`, link.node, findings).address;
  return { heap, ram, links: links.map(place) };
}

/** For stage-2 tables: a MiB for each partition, or more for one whose memory may be mapped in single pages. */
function heapSize(domains: readonly Domain[], links: readonly GuestLink[]): number {
  const tables = (size: number) => Math.ceil(size / BLOCK) + Math.ceil(size / GIB) + 4;
  const needs = domains.map((domain) => {
    const sizes = [...domain.memoryMap, ...domain.staticMemory, ...domain.shared].map(({ size }) => tables(size));
    const devices = domain.devices.flatMap(({ node }) => cpuRegions(node)).length * DEVICE_TABLES;
    const joined = domain.ivshmem.flatMap((own) => links.filter(({ name }) => name === own.link.string()));
    sizes.push(...joined.map((link) => tables(memorySize(link))));
    return PAGE * (sizes.reduce((sum, pages) => sum + pages, ROOT_TABLES + devices) + tables(domain.memory));
  });
  return BLOCK + needs.reduce((sum, bytes) => sum + Math.max(bytes, KIB * KIB), 0);
}

const atProperty = (property: Property) => (problem: string) => property.fail(problem);

const staticClaims = (domains: readonly Domain[]): Claim[] =>
  domains.flatMap(({ name, staticMemory }) =>
    staticMemory.map((range) => ({ ...range, by: name, fail: atProperty(range.property) })),
  );

const linkClaims = (links: readonly GuestLink[]): Claim[] =>
  links.flatMap(({ name, memory }) => {
    if (memory === undefined) return [];
    const { address, size, property } = memory;
    return [{ address, size, by: `link "${name}"`, fail: atProperty(property) }];
  });

/** Each shared memory once, as its owner (or else the first to name it) places it. */
function sharedClaims(domains: readonly Domain[]): Claim[] {
  const all = domains.flatMap(({ shared }) => shared);
  const ids = [...new Set(all.map(({ id }) => id))];
  return ids.map((id) => {
    const same = all.filter((memory) => memory.id === id);
    const first = (same.find(({ role }) => role === 'owner') ?? same[0]) as SharedMemory;
    return { address: first.pa, size: first.size, by: `shared memory "${id}"`, fail: atProperty(first.property) };
  });
}

/** The board's memory, less what is taken. */
class Memory {
  #free: Range[];

  constructor(board: readonly Range[], taken: readonly Range[]) {
    this.#free = board.map(({ address, size }) => ({ address, size }));
    for (const range of taken) this.#remove(range);
  }

  take(size: number, whom: string, node: Node, findings: Findings): Range {
    const step = size >= BLOCK ? BLOCK : PAGE;
    for (const free of this.#free) {
      const address = Math.ceil(free.address / step) * step;
      if (address + size > free.address + free.size) continue;
      this.#remove({ address, size });
      return { address, size };
    }
    const left = this.#free.reduce((sum, free) => sum + free.size, 0);
    findings.unusable(
      node.fail(`no room for ${size / KIB} KiB of ${whom}: ${Math.floor(left / KIB)} KiB are left`, {
        advice: 'Give the board more memory, or the partitions less.',
      }),
    );
    return { address: 0, size };
  }

  #remove(taken: Range): void {
    this.#free = this.#free.flatMap((free) => {
      if (!overlap(free, taken)) return [free];
      const before = { address: free.address, size: taken.address - free.address };
      const end = taken.address + taken.size;
      const after = { address: end, size: free.address + free.size - end };
      return [before, after].filter(({ size }) => size > 0);
    });
  }
}

function ramOf(domain: Domain, memory: Memory, findings: Findings): Piece[] {
  const { staticMemory, memoryMap, directMap, node } = domain;
  const granted = staticMemory.length > 0 ? staticMemory : [memory.take(domain.memory, `"${domain.name}"`, node, findings)];
  if (directMap && memoryMap.length > 0)
    findings.unusable(node.need('partita,memory-map').fail("contradicts 'direct-map'", { advice: 'Leave out one of them.' }));
  const seen = directMap ? granted : memoryMap.length > 0 ? memoryMap : [{ address: GUEST.RAM, size: domain.memory }];
  const total = (ranges: readonly Range[]) => ranges.reduce((sum, { size }) => sum + size, 0);
  const wrong = total(granted) !== domain.memory ? granted : total(seen) !== domain.memory ? seen : undefined;
  if (wrong !== undefined) {
    const what = wrong === granted ? 'xen,static-mem' : 'partita,memory-map';
    findings.unusable(node.fail(`'memory' is ${domain.memory / KIB} KiB, '${what}' adds up to ${total(wrong) / KIB} KiB`));
  }
  return pair(seen, granted);
}

/** Lays the guest's ranges over the physical ones. */
function pair(seen: readonly Range[], granted: readonly Range[]): Piece[] {
  const pieces: Piece[] = [];
  let [i, used] = [0, 0];
  for (const range of seen) {
    for (let done = 0; done < range.size && i < granted.length; ) {
      const source = granted[i] as Range;
      const size = Math.min(range.size - done, source.size - used);
      pieces.push({ ipa: range.address + done, pa: source.address + used, size });
      done += size;
      used += size;
      if (used === source.size) [i, used] = [i + 1, 0];
    }
  }
  return pieces;
}
