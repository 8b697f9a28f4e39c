/** The demo system, whole: what its three partitions print, and what the report says of those that attack. */
import { beforeAll, describe, expect, it } from 'vitest';
import { makeReport, type RunReport } from '../../core/machine/report.ts';
import { bundled } from '../support/bundled.ts';

const { startFile, runToEnd, consoleOf, attacksOf } = await bundled<typeof import('../support/demo.ts')>('test/support/demo.ts');

/** Attacks after which the hypervisor has something to tell: FAULT in the table of guests/rogue/main.c. */
const RECORDED = [
  'read-unmapped',
  'write-unmapped',
  'execute-unmapped',
  'last-page',
  'neighbour-memory',
  'beyond-width',
  'walk-unmapped',
  'walk-device',
  'mmu-off',
  'cross-page',
  'device-odd-loads',
  'device-odd-stores',
  'device-execute',
];

function run(name: string) {
  const system = startFile(name);
  const attacks = attacksOf(system);
  expect(runToEnd(system)).toBe('ended');
  const { hostSeconds: _, ...report } = makeReport(system.machine, system.hypervisor.report(), {
    engine: 'interpreter',
    hostSeconds: 0,
    ended: 'off',
  });
  return { system, attacks, report: report as Omit<RunReport, 'hostSeconds'> };
}

describe('the demo system', () => {
  let first: ReturnType<typeof run>;
  beforeAll(() => {
    first = run('demo.dts');
  }, 60_000);
  const lines = (name: string) => consoleOf(first.system, name).trimEnd().split('\n');

  it('carries at least 5000 frames in at least 5 virtual seconds, without a loss', () => {
    expect(first.report.virtualTimeNs).toBeGreaterThanOrEqual(5e9);
    expect(lines('telemetry').at(-1)).toBe('telemetry: 5200 frames, 0 lost, 0 bad CRC');
    expect(first.report.partitions.map(({ name, state, restarts }) => `${name} ${state} ${restarts}`)).toEqual([
      'control off 0',
      'telemetry off 0',
      'rogue off 0',
    ]);
  });

  it('refuses every attack, and rogue is the only one that has faults', () => {
    expect(lines('rogue').at(-1)).toBe('rogue: 55 attacks, 55 refused, 0 breaches');
    expect(consoleOf(first.system, 'rogue')).not.toContain('BREACH');
    expect(first.report.partitions.map(({ faultCount }) => faultCount > 0)).toEqual([false, false, true]);
  });

  it.each(RECORDED)('says why %s was refused, down to the descriptor', (attack) => {
    const faults = first.attacks.get(attack) ?? [];
    expect(faults.length).toBeGreaterThan(0);
    for (const { kind, ipa, why } of faults) {
      expect(kind).toMatch(/^(data|prefetch) abort$/);
      expect(why).toContain(`0x${ipa.toString(16).padStart(8, '0')}`);
      expect(why).toMatch(/VTTBR 0x[0-9a-f]{8}, VMID 3.*stage 2 L[1-3] @0x[0-9a-f]{8,10} = 0x[0-9a-f]{8,16}/);
    }
  });

  it('attributes no fault to the refusals that need none', () => {
    for (const attack of ['first-run', 'hyp-registers', 'hvc-unknown', 'cps-modes', 'msr-modes', 'error-storm', 'tlb-storm'])
      expect(first.attacks.get(attack)).toEqual([]);
  });

  it('ends in the same state with the same consoles and reports when it is run again', () => {
    const again = run('demo.dts');
    expect(again.report).toEqual(first.report);
    expect(again.report.stateHash).toMatch(/^[0-9a-f]{16}$/);
  }, 60_000);

  it('shows the same on the consoles of control and telemetry without rogue, the jitter to the nanosecond', () => {
    const { system, report } = run('demo-without-rogue.dts');
    expect(report.partitions.map(({ name }) => name)).toEqual(['control', 'telemetry']);
    expect(lines('control').at(-1)).toMatch(
      /^control: 5200 frames, jitter min \d+ max \d+ mean \d+ ns, period min \d+ max \d+ mean \d+ ns$/,
    );
    for (const name of ['control', 'telemetry']) expect(consoleOf(system, name)).toBe(consoleOf(first.system, name));
  }, 60_000);
});
