/** Debian's kernels as partitions beside a control loop and an endless attack: what they can do, and what they cannot. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DISKS, makeDisks } from '../../tools/fetch/disks.ts';
import { bundled } from '../support/bundled.ts';
import { answersOf, haveLinux } from '../support/linux.ts';
import type { SystemRun } from '../support/linux-system.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

const NETWORK = (own: number) =>
  `for m in virtio_mmio virtio_blk virtio_net virtio-rng; do modprobe $m; done 2>/dev/null; for i in 0 1; do ifconfig eth$i 10.0.$((i + 1)).${own} netmask 255.255.255.0 up; done`;
const IRQ = 'n=$(grep virtio0 /proc/interrupts | cut -d: -f1); echo 2 > /proc/irq/$((n))/smp_affinity';
const DISK = 'dd if=/dev/vda bs=61 count=1 2>/dev/null; md5sum /dev/vda';
const WRITE =
  'cp /bin/busybox /dev/vda; sync; echo 3 > /proc/sys/vm/drop_caches; cmp -n 1000000 /bin/busybox /dev/vda && echo same';
const HOTPLUG = 'echo 0 > /sys/devices/system/cpu/cpu1/online; nproc; echo 1 > /sys/devices/system/cpu/cpu1/online; nproc';
const TOGETHER =
  'for i in 1 2 3 4; do ping -c 1 -W 1 10.0.2.2 > /dev/null && break; done; ping -c 2 -i 0.1 10.0.2.2 | grep packets';
const APART = 'ping -c 1 -W 1 10.0.1.2 | grep packets';

const COMMANDS = {
  linux: [
    NETWORK(1),
    'nproc; cat /sys/class/rtc/rtc0/name',
    DISK,
    IRQ,
    WRITE,
    'grep -E "virtio0|Rescheduling|Function call" /proc/interrupts',
    HOTPLUG,
    'dd if=/dev/hwrng bs=64 count=4 2>/dev/null | wc -c',
    TOGETHER,
    APART,
  ],
  office: [NETWORK(2), 'cat /sys/class/net/eth0/address; ls /sys/class/gpio /dev/vda'],
};

/** What QEMU reads from the same images. */
function md5OfDisk(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'disk-')), 'raw');
  try {
    expect(spawnSync('qemu-img', ['convert', '-O', 'raw', join(DISKS, 'top.qcow2'), file]).status).toBe(0);
    return createHash('md5').update(readFileSync(file)).digest('hex');
  } finally {
    rmSync(dirname(file), { recursive: true });
  }
}

describe.skipIf(!(haveLinux() && have('qemu-img')))('two Linux partitions, control at 1 kHz and rogue', () => {
  let run: SystemRun;
  const answers = (name: 'linux' | 'office') =>
    answersOf({ text: (run.consoles[name] ?? '').replaceAll('\r', '').replaceAll('\x1b[6n', ''), status: 0 });
  /** By its number: a long command's echo goes over several lines, of which the rest stands before the answer. */
  const answer = (name: 'linux' | 'office', command: string) =>
    [...answers(name).values()][1 + COMMANDS[name].indexOf(command)]?.filter((line) => line !== '');
  const packets = (command: string) => answer('linux', command)?.find((line) => line.includes('packets received'));
  /** What the counters of an interrupt say, for each processor. */
  const counts = (lines: readonly string[] | undefined, what: string) =>
    lines
      ?.find((line) => line.includes(what))
      ?.match(/\d+/g)
      ?.slice(1, 3)
      .map(Number) ?? [];

  beforeAll(async () => {
    const program = await Program.build();
    makeDisks(join(program.folder, 'dist/partita.js'));
    program.remove();
    const { runLinuxSystem } = await bundled<typeof import('../support/linux-system.ts')>('test/support/linux-system.ts');
    run = runLinuxSystem(COMMANDS, 1500, 4e9);
  }, 600_000);

  it('come to their shells in less than half a virtual second', () => {
    expect(run.shells).toBeGreaterThan(0);
    expect(run.shells).toBeLessThan(5e8);
  });

  it('have two processors, and the disk of three images, the lowest of which shows through', () => {
    expect(answer('linux', 'nproc; cat /sys/class/rtc/rtc0/name')).toEqual(['2', 'rtc-pl031 9010000.pl031']);
    expect(answer('linux', DISK)?.[0]).toBe('partita: the base of a chain of three images, never written.');
    expect(answer('linux', DISK)?.[1]).toBe(`${md5OfDisk()}  /dev/vda`);
    expect(answer('linux', WRITE)?.at(-1)).toBe('same');
    expect(answer('linux', COMMANDS.linux[7] as string)).toEqual(['256']);
  });

  it('have interrupts of devices where they want them, and interrupt each other', () => {
    const lines = answer('linux', COMMANDS.linux[5] as string);
    for (const what of ['Rescheduling', 'Function call']) expect(Math.max(...counts(lines, what))).toBeGreaterThan(10);
    expect(Math.min(...counts(lines, 'virtio0'))).toBeGreaterThan(0);
    expect(answer('linux', HOTPLUG)?.filter((line) => /^\d+$/.test(line))).toEqual(['1', '2']);
  });

  it('reach each other only where the description joins their networks', () => {
    expect(packets(TOGETHER)).toContain('2 packets received');
    expect(packets(APART)).toContain('0 packets received');
    expect(answer('office', COMMANDS.office[1] as string)?.[0]).toBe('52:54:00:00:00:02');
  });

  it('cost control no frame, and nothing of rogue reaches anybody', () => {
    expect(run.consoles['telemetry']).toContain('telemetry: 1500 frames, 0 lost, 0 bad CRC');
    expect(run.consoles['control']).toMatch(/jitter min \d+ max (\d{1,4}) mean/);
    const { partitions } = run.report;
    expect(partitions.filter(({ faultCount }) => faultCount > 0).map(({ name }) => name)).toEqual(['rogue']);
    expect(partitions.find(({ name }) => name === 'rogue')?.restarts).toBeGreaterThan(10);
    expect(run.consoles['rogue']).not.toContain('BREACH');
    for (const [name, text] of Object.entries(run.consoles)) if (name !== 'rogue') expect(text).not.toContain('rogue');
  });
});
