/** The closing table of a run. */
import pc from 'picocolors';
import type { RunReport } from '../../core/machine/report.ts';
import type { Plan } from '../../core/machine/system/plan.ts';
import { count, vcpuLines } from './control-show.ts';
import { newTable } from './packages.ts';

export function printTable(report: RunReport, missing: ReadonlySet<string>): void {
  const table = newTable({
    head: ['partition', 'state', 'instructions', 'exits', 'faults contained'],
    style: { head: [], border: [] },
  });
  for (const { name, state, instructions, exits, faultCount } of report.partitions) {
    const causes = Object.entries(exits).filter(([, times]) => times > 0);
    table.push([
      name,
      state,
      count(instructions),
      causes.map(([cause, times]) => `${cause} ${count(times)}`).join('\n') || '-',
      count(faultCount),
    ]);
  }
  const speed = report.hostSeconds > 0 ? report.instructions / report.hostSeconds / 1e6 : 0;
  const lines = [
    '',
    table.toString(),
    `${(report.virtualTimeNs / 1e9).toFixed(6)} s virtual, ${count(report.instructions)} instructions in ${report.hostSeconds.toFixed(2)} s (${speed.toFixed(1)} M/s, ${report.engine})`,
    `state ${report.stateHash}; ended: ${report.ended}`,
    ...times(report),
    ...outside(report),
    ...strays(report),
    ...[...missing].map((text) => pc.red(`never shown: ${text}`)),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** What a schedule promised and what came of it, or who had to wait for others; the rest is in `--report`. */
function times({ partitions }: RunReport): string[] {
  return partitions.flatMap(({ name, vcpus = [] }) => {
    const told = vcpus.filter(({ asked, lateTimer }) => asked !== null || lateTimer.count > 0);
    return told.length === 0 ? [] : [`${name}:`, ...told.flatMap(vcpuLines)];
  });
}

function outside({ outside: commands = [] }: RunReport): string[] {
  if (commands.length === 0) return [];
  const shown = commands.slice(-8).map(({ at, what }) => `  ${(at / 1e9).toFixed(6)} s ${what}`);
  return [`${count(commands.length)} commands came from outside, so this run is not the next one's:`, ...shown];
}

/** Devices that are not modelled, and what was tried on them. */
function strays(report: RunReport): string[] {
  const listed = report.strays
    .slice(0, 8)
    .map(({ where, write, count: times }) => `  ${write ? 'write to' : 'read of'} ${where}: ${count(times)}`);
  const rest = report.strays.length - listed.length;
  if (listed.length === 0) return [];
  return ['accesses that no model answered:', ...listed, ...(rest > 0 ? [`  and ${rest} more (see --report)`] : [])];
}

/** Devices of the description that nothing models, once, before the run. */
export function printUnmodelled(paths: readonly string[]): void {
  if (paths.length > 0) process.stderr.write(pc.dim(`not modelled, read as zero: ${paths.join(' ')}\n`));
}

/** What each partition gets, for `check`. */
export function printPlan({ config }: Plan): void {
  const table = newTable({
    head: ['partition', 'vCPUs', 'guest address', 'physical', 'size', 'rights', 'what'],
    style: { head: [], border: [] },
  });
  const address = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
  for (const { name, vcpus, regions, devices = [], pci } of config.partitions) {
    const cores = vcpus.map(({ core }) => (core === undefined ? 'any' : `core ${core}`)).join(', ');
    const emulated = (ipa: number, size: string, what: string) => ['', '', address(ipa), '-', size, 'rw-', what];
    const virtio = devices.map(({ name: what, ipa, size }) => emulated(ipa, `${size} B`, what));
    const windows = Object.entries(pci === undefined ? {} : { 'PCI configuration space': pci.ecam, 'PCI memory': pci.window });
    for (const [i, { ipa, pa, size, writable, executable, kind, name: what }] of regions.entries()) {
      const rights = `r${writable ? 'w' : '-'}${executable ? 'x' : '-'}`;
      table.push([
        i === 0 ? name : '',
        i === 0 ? cores : '',
        address(ipa),
        address(pa),
        `${size / 1024} KiB`,
        rights,
        `${kind} ${what}`,
      ]);
    }
    table.push(...virtio, ...windows.map(([what, { ipa, size }]) => emulated(ipa, `${size / 1024} KiB`, what)));
  }
  process.stdout.write(`${table.toString()}\nNo memory but the channels is shared, no device has two owners.\n`);
}
