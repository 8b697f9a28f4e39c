/** Reads how the cores are shared: the node under /chosen that says so (`docs/scheduling.md`). Whatever cannot be kept is found here. */
import type { PartitionConfig } from '../../hyp/config.ts';
import type { CyclicConfig, FixedPriorityConfig, ScheduleConfig, ServerConfig, WindowConfig } from '../../hyp/schedule-config.ts';
import { placeVcpus } from '../../hyp/scheduler.ts';
import type { Node, Property } from '../devicetree/tree.ts';
import type { Domain } from './domain.ts';
import type { Findings } from './finding.ts';
import { IVSHMEM_LINK } from './ivshmem-nodes.ts';

export interface Schedule {
  readonly config: ScheduleConfig;
  /** Virtual nanoseconds of a turn. */
  readonly slice: number;
  /** The partitions, each vCPU that has windows on the core of these. */
  readonly partitions: readonly PartitionConfig[];
}

const SLICE = 1_000_000;
/** The shortest time that means anything: below it a guest would do little else than be switched. */
const SHORTEST = 1000;
const KINDS = ['partita,round-robin', 'partita,cyclic', 'partita,fixed-priority'] as const;
const KNOWN: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  'partita,round-robin': ['partita,slice-ns'],
  'partita,cyclic': ['partita,frame-ns'],
  'partita,fixed-priority': ['partita,slice-ns', 'partita,servers'],
};
const OF_CORE = ['partita,core', 'partita,windows'];
const ALWAYS = ['compatible', 'status', 'phandle'];

interface Context {
  readonly domains: readonly Domain[];
  readonly partitions: readonly PartitionConfig[];
  readonly cores: number;
  readonly findings: Findings;
}

/** Without a node it is round robin, with the slice that /chosen may name. */
export function readSchedule(root: Node, context: Context): Schedule {
  const chosen = root.find('/chosen');
  const nodes = (chosen?.children ?? []).filter((node) => node.isCompatible(...KINDS) && node.okay);
  const [node, second] = nodes;
  const odd = chosen?.children.find(isOddSchedule);
  if (odd !== undefined) throw odd.need('compatible').fail('is known to nobody here', { expected: `one of ${KINDS.join(', ')}` });
  const usual = readSlice(chosen) ?? SLICE;
  if (second !== undefined) throw second.fail('is a second schedule', { expected: `one, which is ${(node as Node).path}` });
  const { partitions } = context;
  if (node === undefined) return { config: { kind: 'round-robin' }, slice: usual, partitions };
  const kind = KINDS.find((name) => node.isCompatible(name)) as (typeof KINDS)[number];
  checkProperties(node, KNOWN[kind]);
  const slice = readSlice(node) ?? usual;
  if (kind === 'partita,round-robin') return { config: { kind: 'round-robin' }, slice, partitions };
  if (kind === 'partita,fixed-priority') return { config: readServers(node, context), slice, partitions };
  const config = readCyclic(node, context);
  return { config, slice, partitions: partitions.map((partition) => placed(partition, config)) };
}

/** What is ours under /chosen is a schedule: a misspelt one is not passed over. */
const OTHERS = ['partita,switch', IVSHMEM_LINK];
const isOddSchedule = (node: Node): boolean =>
  node.okay && node.compatible.some((name) => name.startsWith('partita,')) && !node.isCompatible(...KINDS, ...OTHERS);

function readSlice(node: Node | undefined): number | undefined {
  const property = node?.get('partita,slice-ns');
  const slice = property?.cell();
  if (property !== undefined && slice !== undefined && slice < SHORTEST)
    throw property.fail(`is ${slice}`, { expected: `${SHORTEST} ns or more` });
  return slice;
}

function checkProperties(node: Node, known: readonly string[]): void {
  const odd = node.properties.find(({ name }) => !known.includes(name) && !ALWAYS.includes(name));
  if (odd !== undefined) throw odd.fail('is not known here', { expected: known.join(', '), advice: 'See docs/scheduling.md.' });
}

// Cyclic

interface Entry extends WindowConfig {
  readonly property: Property;
  readonly text: string;
}

function readCyclic(node: Node, context: Context): CyclicConfig {
  const property = node.need('partita,frame-ns');
  const frame = property.cell();
  if (frame < SHORTEST) throw property.fail(`is ${frame}`, { expected: `${SHORTEST} ns or more` });
  const entries = node.children.filter(({ okay }) => okay).flatMap((core) => readCore(core, frame, context));
  for (const [i, entry] of entries.entries()) checkPlace(entry, entries.slice(0, i), context);
  checkAllServed(node, entries, context);
  const windows = entries.map(({ core, offset, duration, partition, vcpu }) => ({ core, offset, duration, partition, vcpu }));
  return { kind: 'cyclic', frame, windows };
}

/** The windows of a core: offset, duration, partition and vCPU, four cells each. */
function readCore(node: Node, frame: number, { domains, cores, findings }: Context): Entry[] {
  checkProperties(node, OF_CORE);
  const number = node.need('partita,core');
  const core = number.cell();
  if (core >= cores) findings.unusable(number.fail(`is ${core}`, { expected: `a core of the board, 0 to ${cores - 1}` }));
  const property = node.need('partita,windows');
  const cells = property.cells();
  if (cells.length % 4 !== 0)
    throw property.fail(`has ${cells.length} cells`, { expected: 'four for each window: <offset duration &partition vCPU>' });
  return Array.from({ length: cells.length / 4 }, (_, i) => {
    const [offset, duration, phandle, vcpu] = cells.slice(4 * i, 4 * i + 4) as [number, number, number, number];
    const text = `has window ${i} (${offset} ns, for ${duration} ns)`;
    const fail = (problem: string, expected: string) => findings.unusable(property.fail(`${text} ${problem}`, { expected }));
    const partition = domains.findIndex((domain) => domain.node.phandle === phandle);
    if (partition < 0) fail('of no partition', 'a reference to a node with compatible = "xen,domain"');
    else if (vcpu >= (domains[partition] as Domain).vcpus)
      fail(`of vCPU ${vcpu} of "${domains[partition]?.name}"`, `0 to ${(domains[partition] as Domain).vcpus - 1}`);
    if (duration < SHORTEST) fail('too short', `${SHORTEST} ns or more`);
    if (offset + duration > frame) fail(`that ends after the frame of ${frame} ns`, 'an end within the frame');
    return { core, offset, duration, partition, vcpu, property, text };
  });
}

function checkPlace(entry: Entry, earlier: readonly Entry[], { domains, findings }: Context): void {
  const { core, offset, duration, partition, vcpu, property, text } = entry;
  const overlapping = earlier.find(
    (other) => other.core === core && offset < other.offset + other.duration && other.offset < offset + duration,
  );
  if (overlapping !== undefined)
    findings.unusable(property.fail(`${text} on core ${core} that overlaps the one at ${overlapping.offset} ns`));
  const domain = domains[partition];
  if (domain === undefined) return;
  const home = domain.pins[vcpu] ?? earlier.find((other) => other.partition === partition && other.vcpu === vcpu)?.core ?? core;
  if (home !== core)
    findings.unusable(
      property.fail(`${text} of vCPU ${vcpu} of "${domain.name}" on core ${core}, which belongs to core ${home}`, {
        advice: "A vCPU stays on one core: see 'partita,cores'.",
      }),
    );
}

function checkAllServed(node: Node, entries: readonly Entry[], { domains, findings }: Context): void {
  for (const [partition, { name, vcpus }] of domains.entries()) {
    for (let vcpu = 0; vcpu < vcpus; vcpu++) {
      if (entries.some((entry) => entry.partition === partition && entry.vcpu === vcpu)) continue;
      findings.unusable(node.fail(`vCPU ${vcpu} of "${name}" has no window, so it would never run`));
    }
  }
}

function placed(partition: PartitionConfig, { windows }: CyclicConfig): PartitionConfig {
  const vcpus = partition.vcpus.map((vcpu, i) => {
    const core = windows.find((window) => window.partition === partition.id && window.vcpu === i)?.core;
    return core === undefined ? vcpu : { core };
  });
  return { ...partition, vcpus };
}

// Fixed priority

/** vCPUs with priority, capacity and period: five cells each. */
function readServers(node: Node, context: Context): FixedPriorityConfig {
  const { domains, findings } = context;
  const property = node.need('partita,servers');
  const cells = property.cells();
  if (cells.length % 5 !== 0)
    throw property.fail(`has ${cells.length} cells`, { expected: 'five for each: <&partition vCPU priority capacity period>' });
  const servers = Array.from({ length: cells.length / 5 }, (_, i): ServerConfig => {
    const [phandle, vcpu, priority, capacity, period] = cells.slice(5 * i, 5 * i + 5) as [number, number, number, number, number];
    const fail = (problem: string, expected: string) =>
      findings.unusable(property.fail(`has entry ${i} ${problem}`, { expected }));
    const partition = domains.findIndex((domain) => domain.node.phandle === phandle);
    if (partition < 0) fail('of no partition', 'a reference to a node with compatible = "xen,domain"');
    else if (vcpu >= (domains[partition] as Domain).vcpus)
      fail(`of vCPU ${vcpu} of "${domains[partition]?.name}"`, `0 to ${(domains[partition] as Domain).vcpus - 1}`);
    if (capacity === 0 && period === 0) return { partition, vcpu, priority };
    if (capacity < SHORTEST || capacity > period)
      fail(
        `with ${capacity} ns in each ${period} ns`,
        `a capacity from ${SHORTEST} ns to the period, or 0 and 0 for one without limit`,
      );
    return { partition, vcpu, priority, budget: { capacity, period } };
  });
  for (const [i, { partition, vcpu }] of servers.entries())
    if (servers.slice(0, i).some((other) => other.partition === partition && other.vcpu === vcpu))
      findings.unusable(property.fail(`names vCPU ${vcpu} of "${domains[partition]?.name}" twice`));
  checkLoad(property, servers, context);
  return { kind: 'fixed-priority', servers };
}

/** Budgets that add up to more than a core has cannot all be kept. */
function checkLoad(property: Property, servers: readonly ServerConfig[], { partitions, cores, findings }: Context): void {
  if (findings.list.length > 0) return;
  const places = placeVcpus(partitions, cores);
  const load = new Array<number>(cores).fill(0);
  for (const { partition, vcpu, budget } of servers) {
    const core = places[partition]?.[vcpu] ?? 0;
    load[core] = (load[core] as number) + (budget === undefined ? 0 : budget.capacity / budget.period);
  }
  for (const [core, share] of load.entries())
    if (share > 1 + 1e-9)
      findings.unusable(
        property.fail(`promises ${Math.round(share * 1000) / 10} % of core ${core}`, { expected: '100 % at most' }),
      );
}
