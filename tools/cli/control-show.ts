/** How the verbs print the state of simulations. */
import { sanitise } from './consoles.ts';
import type { SimulationState } from './control-protocol.ts';
import { newTable } from './packages.ts';

type Row = SimulationState['partitions'][number];

/** A whole number with its thousands apart. The host's own way to do it takes longer to get ready than all of the table. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const seconds = (ns: number): string => `${(ns / 1e9).toFixed(6)} s`;
const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, times) => sum + times, 0);
const bare = { head: [], border: [] };

export function showSimulations(states: readonly SimulationState[]): string {
  const table = newTable({
    head: ['simulation', 'pid', 'virtual time', 'partition', 'state', 'vCPUs', 'restarts', 'faults'],
    style: bare,
  });
  for (const { name, pid, virtualTimeNs, partitions } of states) {
    for (const [i, row] of partitions.entries()) {
      const first = i === 0 ? [name, String(pid), seconds(virtualTimeNs)] : ['', '', ''];
      table.push([...first, row.name, row.state, row.vcpus?.length ?? 1, count(row.restarts), count(row.faultCount)]);
    }
  }
  return `${table.toString()}\n`;
}

/** What was used between two looks. */
export function showUse(before: SimulationState, now: SimulationState): string {
  const passed = now.virtualTimeNs - before.virtualTimeNs;
  const table = newTable({ head: ['partition', 'state', 'vCPU', 'core', 'used', 'asked', 'exits a second'], style: bare });
  for (const [i, row] of now.partitions.entries()) {
    const old = before.partitions[i];
    const exits = total(row.exits) - total(old?.exits ?? {});
    for (const [k, { vcpu, core, ranNs, asked }] of (row.vcpus ?? []).entries()) {
      const used = passed > 0 ? (ranNs - (old?.vcpus?.[k]?.ranNs ?? 0)) / passed : 0;
      const rate = passed > 0 ? count(Math.round((exits * 1e9) / passed)) : '0';
      table.push([
        ...(k === 0 ? [row.name, row.state] : ['', '']),
        vcpu,
        core,
        percent(used),
        asked === null ? '-' : percent(asked),
        k === 0 ? rate : '',
      ]);
    }
  }
  return `${now.name}: ${seconds(now.virtualTimeNs)} virtual, ${seconds(passed)} of it since the last look\n${table.toString()}\n`;
}

export function showPartition(row: Row): string {
  const lines = [
    `${row.name}: ${row.state}, ${count(row.instructions)} instructions, ${count(row.restarts)} restarts, ${count(row.faultCount)} faults`,
  ];
  const causes = Object.entries(row.exits).filter(([, times]) => times > 0);
  lines.push(`  exits: ${causes.map(([cause, times]) => `${cause} ${count(times)}`).join(', ') || 'none'}`);
  if (row.health !== undefined) {
    const { onFault, maxRestarts, recoveries } = row.health;
    lines.push(`  on a fault: ${onFault}${onFault === 'restart' ? `, ${recoveries} of ${maxRestarts} used` : ''}`);
  }
  for (const one of row.vcpus ?? []) lines.push(...vcpuLines(one));
  for (const { job, ...spread } of row.jobs ?? []) lines.push(`  job ${job}: ${spreadText(spread)} from release to completion`);
  for (const { what, askedPerSecond, burst, used, perSecond } of row.limits ?? [])
    lines.push(
      `  ${what}: ${count(used)} used, ${count(perSecond)} a second of ${count(Math.round(askedPerSecond))}, ${count(burst)} at once`,
    );
  for (const { at, kind, text } of (row.events ?? []).slice(-10)) lines.push(`  ${seconds(at)} ${kind}: ${sanitise(text)}`);
  return `${lines.join('\n')}\n`;
}

interface Spread {
  readonly count: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly meanNs: number;
}

const spreadText = ({ count: times, minNs, maxNs, meanNs }: Spread): string =>
  `${count(times)} times, ${count(minNs)} to ${count(maxNs)} ns, ${meanNs.toFixed(1)} on average`;

export function vcpuLines(vcpu: NonNullable<Row['vcpus']>[number]): string[] {
  const { share, asked, timer, lateTimer, interrupts, windows, cut, overrunNs, exhausted } = vcpu;
  const promised = asked === null ? '' : ` of ${percent(asked)} asked`;
  const lines = [`  vCPU ${vcpu.vcpu} on core ${vcpu.core}: ${percent(share)}${promised}`];
  if (windows.count > 0)
    lines.push(`    windows began late: ${spreadText(windows)}; ${count(cut)} cut off, overrun ${count(overrunNs)} ns`);
  if (timer.count > 0) lines.push(`    timer late: ${spreadText(timer)}`);
  if (lateTimer.count > 0) lines.push(`      due while it had no core: ${spreadText(lateTimer)}`);
  if (interrupts.count > 0) lines.push(`    other interrupts waited: ${spreadText(interrupts)}`);
  if (exhausted > 0) lines.push(`    budget used up ${count(exhausted)} times`);
  return lines;
}
