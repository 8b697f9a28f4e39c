/** Debian's U-Boot, unmodified, as a partition beside control and telemetry: it answers as on QEMU's bare machine, and they do not notice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../core/machine/report.ts';
import { have } from '../support/oracles.ts';
import { answers, haveUBoot, typeInQemu } from '../support/u-boot.ts';
import { Program } from '../tools/cli/program.ts';

/** Compared byte for byte with QEMU's bare virt machine. */
const SAME = [
  'version',
  'help',
  'md 0 40',
  'md.b 0 20',
  'crc32 0 c0dd4',
  'mw.l 40200000 deadbeef 8',
  'md 40200000 c',
  'cp.b 0 40300000 1000',
  'cmp.b 0 40300000 1000',
  'crc32 40300000 1000',
  'itest 5 > 3 && echo yes',
  'setexpr x 0x1234 * 3; echo $x',
  'setenv foo bar$x; printenv foo',
  'for a in 1 2 3; do echo $a; done',
  'coninfo',
  'iminfo 0',
] as const;

const COMMANDS = ['bdinfo', 'printenv', ...SAME, 'flinfo', 'poweroff'];

describe.skipIf(!(haveUBoot() && have('qemu-system-arm')))('U-Boot as a partition on virt', () => {
  let program: Program;
  let status: number | null;
  let report: RunReport;
  let [ours, theirs] = [new Map<string, string>(), new Map<string, string>()];
  const consoleOf = (name: string) => report.partitions.find((partition) => partition.name === name)?.console ?? '';
  beforeAll(async () => {
    program = await Program.build();
    const transcript = typeInQemu(COMMANDS, '64');
    const typed = ['', ...COMMANDS, ''].join('\\n');
    ({ status } = program.run('run', 'boards/virt/u-boot.dts', '--quiet', '--input', `u-boot=${typed}`, '--report', 'r.json'));
    report = JSON.parse(readFileSync(join(program.folder, 'r.json'), 'utf8'));
    [ours, theirs] = [answers(consoleOf('u-boot')), answers(await transcript)];
  }, 120_000);
  afterAll(() => program.remove());

  it('reaches its prompt, gets every command and switches itself off; the system ends with status 0', () => {
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    expect(ours.get('')).toContain('Hit any key to stop autoboot:');
    expect(status).toBe(0);
    expect(report.partitions.map(({ name, state, faultCount }) => `${name} ${state} ${faultCount}`)).toEqual([
      'control off 0',
      'telemetry off 0',
      'u-boot off 0',
    ]);
  });

  it.each(SAME)('%s', (command) => {
    expect(theirs.has(command)).toBe(true);
    expect(ours.get(command)).toBe(theirs.get(command));
  });

  it('bdinfo: the same memory at the same place, but no flash, and a device tree of another size below the stack', () => {
    const facts = (of: Map<string, string>) =>
      of
        .get('bdinfo')
        ?.split('\n')
        .filter((line) => !/^(flashsize|fdt_blob|new_fdt|fdt_size|irq_sp|sp start| reserved|Early malloc)/.test(line));
    expect(facts(ours)).toEqual(facts(theirs));
    expect(ours.get('bdinfo')).toContain('-> start    = 0x40000000\n-> size     = 0x04000000\n');
    expect(ours.get('flinfo')).toBe('');
  });

  it('printenv: the same but for the address of the device tree', () => {
    const rest = (of: Map<string, string>) => of.get('printenv')?.replace(/fdtcontroladdr=[0-9a-f]+/, '');
    expect(rest(ours)).toBe(rest(theirs));
  });

  it('control and telemetry lose no frame, and control has its core for itself', () => {
    expect(consoleOf('telemetry')).toContain('telemetry: 5200 frames, 0 lost, 0 bad CRC');
    const jitter = Number(/jitter min \d+ max (\d+)/.exec(consoleOf('control'))?.[1]);
    expect(jitter).toBeLessThan(20_000);
  });
});
