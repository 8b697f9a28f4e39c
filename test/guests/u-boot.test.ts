/** Debian's U-Boot, unmodified, on the bare virt board: it answers as in QEMU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { have } from '../support/oracles.ts';
import { answers, haveUBoot, typeInQemu, U_BOOT } from '../support/u-boot.ts';
import { Program } from '../tools/cli/program.ts';

/** Compared byte for byte. */
const SAME = [
  'version',
  'bdinfo',
  'printenv',
  'help',
  'md 0 40',
  'md.b 0 20',
  'md.w 100 20',
  'crc32 0 c0dd4',
  'mw.l 40200000 deadbeef 8',
  'md 40200000 c',
  'mw.b 40200003 55 9',
  'md.b 401ffff8 20',
  'cp.b 0 40300000 1000',
  'cmp.b 0 40300000 1000',
  'cmp.l 0 40200000 4',
  'crc32 40300000 1000',
  'crc32 -v 40300000 1000 0',
  'itest 5 > 3 && echo yes',
  'itest.l *40300000 == ea0000b8; echo $?',
  'setexpr x 0x1234 * 3; echo $x',
  'setexpr.l y *40300000 / 7; echo $y',
  "setenv foo 'bar' $x; printenv foo",
  'for a in 1 2 3; do echo $a; done',
  'false || echo no; test -n "" ; echo $?',
  'coninfo',
  'virtio scan',
  'virtio info',
  'pci',
  'pci header 0.0.0',
  'pci display 0.0.0 0 10',
  'usb start',
  'ls virtio 0',
  'qfw cpus',
  'flinfo',
  'protect off all',
  'protect on 1:100-101',
  'erase 1:100-101',
  'erase 4000000 +40000',
  'cp.b 40200000 4000000 20',
  'md 4000000 10',
  'cp.b 0 4000000 4',
  'erase 2:0',
  'md 4000000 4',
  'iminfo 0',
  'bootm 40200000',
  'bootz 40200000',
  'base',
  'go',
  'no-such-command',
] as const;

/** Compared after sorting, since `dtc` writes a tree in the order of its source and QEMU back to front; addresses of U-Boot's own follow it. */
const SORTED = [
  'dm tree',
  'dm uclass',
  'fdt addr $fdtcontroladdr',
  'fdt print /psci',
  'fdt print /timer',
  'fdt print /memory@40000000',
  'fdt print /flash@0',
  'fdt print /fw-cfg@9020000',
  'fdt print /virtio_mmio@a003e00',
  'fdt print /platform-bus@c000000 compatible',
  'fdt list /chosen',
] as const;

/** The last takes typed keys for a ctrl-C while it waits, as any U-Boot does, so nothing may follow it in a script. */
const COMMANDS = ['date', 'qfw list', ...SAME, ...SORTED, 'sleep 0.002; poweroff'];

const sorted = (text: string | undefined): string[] | undefined =>
  text
    ?.replaceAll(/@ [0-9a-f]{8}/g, '@')
    .replaceAll(/\|--|`--/g, '--')
    .split('\n')
    .sort();

describe.skipIf(!(haveUBoot() && have('qemu-system-arm')))('U-Boot on virt', () => {
  let program: Program;
  let ran: ReturnType<Program['run']>;
  let [ours, theirs] = [new Map<string, string>(), new Map<string, string>()];
  beforeAll(async () => {
    program = await Program.build();
    const typed = ['', ...COMMANDS, ''].join('\n').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    const machine = ['boot', '--board', 'virt', '--memory', '256M', '--bios', U_BOOT];
    const transcript = typeInQemu(COMMANDS, '256');
    ran = program.run(...machine, '--console', 'uart0', '--input', `uart0=${typed}`, '--for', '2s');
    [ours, theirs] = [answers(ran.stdout), answers(await transcript)];
  }, 120_000);
  afterAll(() => program.remove());

  it('gets every command, each at its prompt, and ends with status 0 at poweroff', () => {
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    expect(ours.size).toBe(COMMANDS.length + 1);
    expect(ran.status).toBe(0);
  });

  it('starts as in QEMU, but for the countdown that a key ends when it comes', () => {
    const start = (of: Map<string, string>) => of.get('')?.replace(/(autoboot: ) *2[ \b0-9]*/, '$1');
    expect(start(ours)).toBe(start(theirs));
    expect(start(ours)).toContain('Core:  47 devices, 13 uclasses, devicetree: board');
  });

  it.each(SAME)('%s', (command) => {
    expect(theirs.has(command)).toBe(true);
    expect(ours.get(command)).toBe(theirs.get(command));
  });

  it.each(SORTED)('%s, in any order', (command) => {
    expect(theirs.has(command)).toBe(true);
    expect(sorted(ours.get(command))).toEqual(sorted(theirs.get(command)));
  });

  it('qfw list: QEMU has files for firmware of PCs there, which this board does not', () => {
    expect(ours.get('qfw list')).toBe('');
    expect(theirs.get('qfw list')).toContain('etc/acpi/tables');
  });

  it('date: the start is the same, the seconds are QEMU host time', () => {
    const minute = (of: Map<string, string>) => of.get('date')?.replace(/:\d\d\n/, '\n');
    expect(minute(ours)).toBe('Date: 2026-01-01 (Thursday)    Time:  0:00\n');
    expect(minute(theirs)).toBe(minute(ours));
  });

  it('saveenv fills the second flash, which QEMU 7.2 fails at (a full write buffer times out); --expect ends a run at the prompt', () => {
    const typed = '\\nsetenv planet mars; saveenv; crc32 4000004 3fffc; md 4000000 1; echo done $planet\\n';
    const machine = ['boot', '--board', 'virt', '--memory', '64M', '--bios', U_BOOT, '--console', 'uart0'];
    const { status, stdout } = program.run(...machine, '--input', `uart0=${typed}`, '--expect', 'uart0=done mars', '--for', '1s');
    expect(status).toBe(0);
    expect(stdout).toContain('Writing to Flash... done');
    const [crc, stored] = [/==> ([0-9a-f]{8})/, /04000000: ([0-9a-f]{8})/].map((shape) => shape.exec(stdout)?.[1]);
    expect(crc).toMatch(/^[0-9a-f]{8}$/);
    expect(stored).toBe(crc);
  });
});
