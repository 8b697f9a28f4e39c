/** The report of a run, as JSON has it. All but `hostSeconds`, `engine` and `translated` is the same from run to run, with either engine. */
import type { FaultReport, PartitionReport } from '../hyp/config.ts';
import type { Translations } from '../jit/translations.ts';
import type { Machine } from './machine.ts';

export type { PartitionReport } from '../hyp/config.ts';

export interface RunReport {
  readonly schema: 'partita-report-1';
  readonly board: string;
  readonly virtualTimeNs: number;
  readonly hostSeconds: number;
  readonly instructions: number;
  readonly engine: string;
  /** What the translator made: regions and their instructions, modules of them, and how many regions it dropped again. */
  readonly translated?: Translations['made'];
  readonly stateHash: string;
  /** Why the run ended. */
  readonly ended: string;
  /** Commands that came from outside, with the virtual time at which each entered: the run depends on them. Absent if none could come. */
  readonly outside?: readonly { readonly at: number; readonly what: string }[];
  readonly partitions: readonly PartitionRow[];
  /** Nodes of the description that nothing models, and accesses that nothing answered. */
  readonly unmodelled: readonly string[];
  readonly strays: readonly { readonly where: string; readonly write: boolean; readonly count: number }[];
}

export interface PartitionRow {
  readonly name: string;
  readonly state: string;
  readonly instructions: number;
  readonly exits: Readonly<Record<string, number>>;
  readonly faults: readonly Pick<FaultReport, 'kind' | 'pc' | 'va' | 'ipa' | 'why'>[];
  readonly faultCount: number;
  readonly restarts: number;
  readonly console: string;
  /** Of a partition: its health policy, what was told of it, and what was measured of time and limits. */
  readonly health?: PartitionReport['health'];
  readonly events?: PartitionReport['events'];
  readonly vcpus?: PartitionReport['vcpus'];
  readonly jobs?: PartitionReport['jobs'];
  readonly limits?: PartitionReport['limits'];
}

export interface Measured {
  readonly outside?: RunReport['outside'];
  readonly engine: string;
  readonly hostSeconds: number;
  readonly ended: string;
}

/** `partitions` are the hypervisor's; a bare machine has one row for all of it. */
export function makeReport(machine: Machine, partitions: readonly PartitionReport[] | undefined, measured: Measured): RunReport {
  const instructions = machine.loop.instructions.reduce((sum, count) => sum + count, 0);
  return {
    schema: 'partita-report-1',
    board: machine.tree.root.compatible[0] ?? '',
    virtualTimeNs: machine.clock.now(),
    hostSeconds: measured.hostSeconds,
    instructions,
    engine: measured.engine,
    ...(machine.translations === undefined ? {} : { translated: { ...machine.translations.made } }),
    // It takes a look at all memory: only where somebody reads it.
    get stateHash() {
      return machine.stateHash();
    },
    ended: measured.ended,
    ...(measured.outside === undefined ? {} : { outside: measured.outside }),
    partitions: (partitions && partitionRows(machine, partitions)) ?? [bare(machine, instructions, measured.ended)],
    unmodelled: machine.unmodelled.map(({ path }) => path),
    strays: [...machine.strays.values()],
  };
}

export const partitionRows = (machine: Machine, reports: readonly PartitionReport[]): PartitionRow[] =>
  reports.map((report) => hosted(machine, report));

const hosted = (machine: Machine, report: PartitionReport): PartitionRow => {
  const { name, state, instructions, exits, faults, faultCount, restarts, health, events, vcpus, jobs, limits } = report;
  return {
    name,
    state,
    instructions,
    exits,
    faults: faults.map(({ kind, pc, va, ipa, why }) => ({ kind, pc, va, ipa, why })),
    faultCount,
    restarts,
    health,
    events,
    vcpus,
    jobs,
    limits,
    console: machine.consoles.get(name)?.text() ?? '',
  };
};

function bare(machine: Machine, instructions: number, ended: string): PartitionRow {
  const console = [...machine.consoles.values()].map((one) => one.text()).join('');
  return { name: 'machine', state: ended, instructions, exits: {}, faults: [], faultCount: 0, restarts: 0, console };
}
