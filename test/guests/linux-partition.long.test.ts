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
import type { SystemRun, Wanted } from '../support/linux-system.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

const NETWORK = (own: number) =>
  `for m in virtio_mmio virtio_blk virtio_net virtio-rng; do modprobe $m; done 2>/dev/null; ifconfig eth0 10.0.1.${own} netmask 255.255.255.0 up`;
const IRQ = 'n=$(grep virtio0 /proc/interrupts | cut -d: -f1); echo 2 > /proc/irq/$((n))/smp_affinity';
const DISK = 'dd if=/dev/vda bs=61 count=1 2>/dev/null; md5sum /dev/vda';
const WRITE =
  'cp /bin/busybox /dev/vda; sync; echo 3 > /proc/sys/vm/drop_caches; cmp -n 1000000 /bin/busybox /dev/vda && echo same';
const INTERRUPTS = 'grep -E "virtio0|Rescheduling|Function call" /proc/interrupts';
const HOTPLUG = 'echo 0 > /sys/devices/system/cpu/cpu1/online; nproc; echo 1 > /sys/devices/system/cpu/cpu1/online; nproc';
const RANDOM = 'dd if=/dev/hwrng bs=64 count=4 2>/dev/null | wc -c';
/** The other is there when it has asked for us. */
const FIND = 'until grep -q "10.0.1.2 .* 0x2" /proc/net/arp; do usleep 10000; done';
const PING = 'ping -c 2 -i 0.1 -W 1 10.0.1.2 | grep packets';
const OFFICE = 'cat /sys/class/net/eth0/address; ls /sys/class/gpio /dev/vda';
/** The real-time clock is the partition's own: an alarm of it interrupts. */
const ALARM =
  'r=/sys/class/rtc/rtc0; cat $r/name; echo +1 > $r/wakealarm; grep rtc /proc/interrupts; sleep 2; grep rtc /proc/interrupts; cat $r/wakealarm';

type Scripts = Wanted['scripts'];

const APART: Scripts = {
  linux: [NETWORK(1), 'nproc', DISK, IRQ, WRITE, INTERRUPTS, HOTPLUG, RANDOM, PING],
  office: [NETWORK(2), OFFICE],
};
const JOINED: Scripts = { linux: [NETWORK(1), FIND, PING], office: [NETWORK(2), 'ping -c 1 -W 1 10.0.1.1 | grep packets'] };
const ALONE: Scripts = { linux: ['grep -E "model name|CPU part" /proc/cpuinfo', ALARM, 'poweroff -f'] };

const quiet = (...names: readonly string[]) =>
  names.map((name) => `${name} { module@0 { bootargs = "console=ttyAMA0 cryptomgr.notests quiet"; }; };`).join('\n');

/** A description of boards/virt as it stands, with fewer messages, and that many periods of control. */
const described = (file: string, periods: number) => `#include "${file}"
/ { chosen { control { module@0 { bootargs = "periods=${periods}"; }; }; ${quiet('linux', 'office')} }; };`;

/** Debian's other kernel, with short descriptors, alone. */
const short = (cpu: string, clock: string) => `#include "board.dts"
/ {
  cpus { cpu@0 { compatible = "arm,${cpu}"; }; };
  chosen {
    #address-cells = <2>;
    #size-cells = <2>;
    linux {
      compatible = "xen,domain";
      cpus = <1>;
      memory = <0x0 65536>;
      vpl011;
      partita,devices = <&{${clock}}>;
      module@0 {
        compatible = "multiboot,kernel", "multiboot,module";
        partita,image = "../../.cache/linux/armmp/virt.uImage";
        bootargs = "console=ttyAMA0 cryptomgr.notests quiet";
      };
      module@1 {
        compatible = "multiboot,ramdisk", "multiboot,module";
        partita,image = "../../.cache/linux/armmp/initramfs.cpio";
      };
    };
  };
};`;

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

/** What a command printed. By its number: a long command's echo goes over several lines, of which the rest stands before the answer. */
function answer({ consoles }: SystemRun, scripts: Scripts, name: string, command: string): string[] {
  const text = (consoles[name] ?? '').replaceAll('\r', '').replaceAll('\x1b[6n', '');
  const all = [...answersOf({ text, status: 0 }).values()];
  return all[1 + (scripts[name]?.indexOf(command) ?? -1)]?.filter((line) => line !== '') ?? [];
}

/** What the counters of an interrupt say, for each processor. */
function counts(lines: readonly string[], what: string): number[] {
  const line = lines.find((one) => one.includes(what));
  return line?.match(/\d+/g)?.slice(1, 3).map(Number) ?? [];
}

function expectContained({ report: { partitions }, consoles }: SystemRun): void {
  expect(partitions.filter(({ faultCount }) => faultCount > 0).map(({ name }) => name)).toEqual(['rogue']);
  expect(partitions.find(({ name }) => name === 'rogue')?.restarts).toBeGreaterThan(0);
  expect(consoles['rogue']).not.toContain('BREACH');
  for (const [name, text] of Object.entries(consoles)) if (name !== 'rogue') expect(text).not.toContain('rogue');
}

describe.skipIf(!(haveLinux() && have('qemu-img')))('Linux as a partition', () => {
  let run: (wanted: Wanted) => SystemRun;

  beforeAll(async () => {
    const program = await Program.build();
    makeDisks(join(program.folder, 'dist/partita.js'));
    program.remove();
    run = (await bundled<typeof import('../support/linux-system.ts')>('test/support/linux-system.ts')).runSystem;
  }, 60_000);

  describe('two of them, beside control at 1 kHz and rogue', () => {
    let ran: SystemRun;
    const linux = (command: string) => answer(ran, APART, 'linux', command);

    beforeAll(() => {
      const until = ['telemetry', 'bad CRC'] as const;
      ran = run({ board: 'virt', description: described('linux.dts', 1500), scripts: APART, until, longest: 4e9 });
    }, 600_000);

    it('come to their shells in less than half a virtual second', () => {
      expect(ran.shells).toBeGreaterThan(0);
      expect(ran.shells).toBeLessThan(5e8);
    });

    it('have two processors, and the disk of three images, the lowest of which shows through', () => {
      expect(linux('nproc')).toEqual(['2']);
      expect(linux(DISK)[0]).toBe('partita: the base of a chain of three images, never written.');
      expect(linux(DISK)[1]).toBe(`${md5OfDisk()}  /dev/vda`);
      expect(linux(WRITE).at(-1)).toBe('same');
      expect(linux(RANDOM)).toEqual(['256']);
    });

    it('have interrupts of devices where they want them, and interrupt each other', () => {
      const lines = linux(INTERRUPTS);
      for (const what of ['Rescheduling', 'Function call']) expect(Math.max(...counts(lines, what))).toBeGreaterThan(10);
      expect(Math.min(...counts(lines, 'virtio0'))).toBeGreaterThan(0);
      expect(linux(HOTPLUG).filter((line) => /^\d+$/.test(line))).toEqual(['1', '2']);
    });

    it('do not reach each other on subnets of their own', () => {
      expect(linux(PING).at(-1)).toContain('2 packets transmitted, 0 packets received');
      expect(answer(ran, APART, 'office', OFFICE)[0]).toBe('52:54:00:00:00:02');
    });

    it('cost control no frame, and nothing of rogue reaches anybody', () => {
      expect(ran.consoles['telemetry']).toContain('telemetry: 1500 frames, 0 lost, 0 bad CRC');
      expect(ran.consoles['control']).toMatch(/jitter min \d+ max (\d{1,4}) mean/);
      expectContained(ran);
    });
  });

  it('reaches the other where the description joins their subnets', { timeout: 600_000 }, () => {
    const until = ['telemetry', 'bad CRC'] as const;
    const joined = described('linux-joined.dts', 400);
    const ran = run({ board: 'virt', description: joined, scripts: JOINED, until, longest: 3e9 });
    expect(answer(ran, JOINED, 'linux', PING).at(-1)).toContain('2 packets transmitted, 2 packets received');
    expect(answer(ran, JOINED, 'office', JOINED['office']?.[1] as string).at(-1)).toContain('1 packets received');
    expect(ran.consoles['telemetry']).toContain('telemetry: 400 frames, 0 lost, 0 bad CRC');
    expectContained(ran);
  });

  it.each([
    ['virt', 'cortex-a7', '0xc07', '/pl031@9010000', '9010000.pl031'],
    ['vexpress-a15', 'cortex-a15', '0xc0f', '/motherboard/rtc@1c170000', '1c170000.rtc'],
  ] as const)(
    'has the clock of %s with its interrupt, with short descriptors on a %s',
    { timeout: 300_000 },
    (board, cpu, part, clock, name) => {
      const ran = run({ board, description: short(cpu, clock), scripts: ALONE, longest: 6e9 });
      expect(answer(ran, ALONE, 'linux', ALONE['linux']?.[0] as string)).toContain(`CPU part\t: ${part}`);
      const alarm = answer(ran, ALONE, 'linux', ALARM);
      expect(alarm).toContain(`rtc-pl031 ${name}`);
      const interrupts = alarm.filter((line) => line.includes('GIC'));
      expect(interrupts.map((line) => line.match(/: +(\d+)/)?.[1])).toEqual(['0', '1']);
      expect(ran.report.partitions.map(({ state, faultCount }) => [state, faultCount])).toEqual([['off', 0]]);
    },
  );
});
