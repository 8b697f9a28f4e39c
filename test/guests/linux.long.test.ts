/**
 * Debian's ARM kernels, unmodified, on bare boards: to a shell that answers as in QEMU with the same tree, with disk, network and a folder of the
 * host, to power-off and to reset.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf, type Configuration, haveLinux, linuxInPartita, linuxInQemu, type Session } from '../support/linux.ts';
import { have } from '../support/oracles.ts';
import { Program } from '../tools/cli/program.ts';

/** Kernel, board, cores and processor in every combination; each of these values with both modes of entry. */
const CONFIGURATIONS = [
  'armmp virt 1 cortex-a15 svc',
  'armmp virt 1 cortex-a7 hyp',
  'armmp virt 4 cortex-a15 svc',
  'armmp virt 4 cortex-a7 hyp',
  'armmp vexpress-a15 1 cortex-a15 svc',
  'armmp vexpress-a15 1 cortex-a7 hyp',
  'armmp vexpress-a15 4 cortex-a15 svc',
  'armmp vexpress-a15 4 cortex-a7 hyp',
  'armmp-lpae virt 1 cortex-a15 hyp',
  'armmp-lpae virt 1 cortex-a7 svc',
  'armmp-lpae virt 4 cortex-a15 hyp',
  'armmp-lpae virt 4 cortex-a7 svc',
  'armmp-lpae vexpress-a15 1 cortex-a15 hyp',
  'armmp-lpae vexpress-a15 1 cortex-a7 svc',
  'armmp-lpae vexpress-a15 4 cortex-a15 hyp',
  'armmp-lpae vexpress-a15 4 cortex-a7 svc',
  // As people start it: the packed kernel, with its own tree of the board.
  'armmp-lpae vexpress-a15 2 cortex-a15 svc zImage vexpress-v2p-ca15-tc1.dtb',
] as const;

function configuration(text: string): Configuration {
  const [flavour, board, cores, cpu, el, image = 'Image', dtb] = text.split(' ');
  return { flavour, board, cores: Number(cores), cpu, el, image, ...(dtb === undefined ? {} : { dtb }) } as Configuration;
}

const MODULES = 'virtio-rng virtio_mmio virtio_blk virtio_net 9pnet_virtio 9p crc32c_generic ext4';
const DD = 'dd if=/dev/zero of=/tmp/zeros bs=4k count=999 2>&1 | head -n 2; wc -c /tmp/zeros';
const SHA =
  'for i in 1 2 3 4 5 6 7 8 9 a b c d e; do cat /bin/busybox; done > /tmp/big; dd of=/tmp/big bs=64k seek=256 count=0 2>/dev/null; sha256sum /tmp/big';
const P9 =
  'mkdir /docs; mount -t 9p -o trans=virtio,version=9p2000.L docs /docs; find /docs | sort; cat /docs/hello /docs/folder/*';
const PING = 'ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ping -c 2 -i 0.1 10.0.2.2 | grep packets';
const COMMANDS = [
  'uname -a',
  'cat /proc/cpuinfo',
  DD,
  'sha256sum /bin/busybox /init',
  `for m in ${MODULES}; do modprobe $m; done 2>/dev/null`,
  'mke2fs /dev/vda',
  'mount -t ext2 /dev/vda /mnt 2>/dev/null; cp /bin/busybox /mnt/b; umount /mnt; cat /proc/mounts',
  'mount -t ext2 -o ro /dev/vda /mnt; cmp -n 300000 /bin/busybox /mnt/b; ls -ln /mnt; df /mnt; umount /mnt',
  P9,
  'ls -ln /docs/hello; cat /sys/class/net/eth0/address',
  PING,
  'cat /proc/iomem',
  'cat /proc/interrupts',
];

/** The big file takes seconds, so that not all make one. */
const commandsFor = (text: string): readonly string[] =>
  BIG.test(text) ? COMMANDS.map((command) => (command.startsWith('sha256sum') ? SHA : command)) : COMMANDS;
const BIG = /^(armmp virt 4|armmp-lpae vexpress-a15 1)/;

/** What both have beside the board: a disk, a folder, a network that answers. */
function devicesFor(folder: string) {
  const [disk, docs] = [join(folder, 'disk'), join(folder, 'docs')];
  writeFileSync(disk, new Uint8Array(8 << 20));
  mkdirSync(join(docs, 'folder'), { recursive: true });
  writeFileSync(join(docs, 'hello'), 'hello, guest\n');
  writeFileSync(join(docs, 'folder/deeper'), 'and deeper\n');
  utimesSync(join(docs, 'hello'), 1e9, 1e9);
  return {
    ours: ['--drive', `${disk},snapshot`, '--share', `${docs},tag=docs`, '--net', 'user', '--rng', '1'],
    theirs: [
      ...['-drive', `if=none,id=d,format=raw,snapshot=on,file=${disk}`, '-device', 'virtio-blk-device,drive=d'],
      ...['-fsdev', `local,id=f,path=${docs},security_model=none,readonly=on`],
      ...['-device', 'virtio-9p-device,fsdev=f,mount_tag=docs'],
      ...['-netdev', 'user,id=n', '-device', 'virtio-net-device,netdev=n,mac=52:54:00:12:34:56'],
      ...['-device', 'virtio-rng-device'],
    ],
  };
}

/**
 * What depends on the host's speed and randomness in QEMU, on how long the device tree is, of which memory is the less, or on what QEMU 7.2 lacks:
 * no SMCCC 1.1.
 */
const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/^random: crng init done$/, ''],
  [/^hrtimer: interrupt took \d+ ns$/, ''],
  [/^(audit: type=2000 audit).*(: state)/, '$1$2'],
  [/^(.*: setting system clock to .*T)\S+ UTC.*/, '$1'],
  [/^(Memory: )\d+(.*, )\d+(K reserved)/, '$1$2$3'],
  // QEMU's board has slots for virtio of its own, as edges; its devices hold their lines like ours.
  [/^( *\d+:.* )(?:Edge|Level) +(virtio\d)/, '$1$2'],
  [/^((?:rootfs|devtmpfs) .*,size=)\d+k,nr_inodes=\d+/, '$1'],
  [/^(psci: SMC Calling Convention v1\.)[01]$/, '$1'],
];

const different = (line: string): string => DIFFERENT.reduce((text, [shape, instead]) => text.replace(shape, instead), line);

/** Cores and kernel threads print when they are ready, so the order of lines is left out. */
const booted = (lines: readonly string[] | undefined): string[] | undefined =>
  lines
    ?.map(different)
    .filter((line) => line !== '' && !line.startsWith('not modelled'))
    .sort();

/** How often an interrupt came depends on time. */
const uncounted = (lines: readonly string[] | undefined): string[] | undefined =>
  lines?.map((line) => {
    const [, name = '', counts = '', rest = line] = /^( *\w+:)((?: +\d+)+)(.*)$/.exec(line) ?? [];
    return different(`${name}${counts.replaceAll(/ *\d+/g, ' n')}${rest.trimStart()}`);
  });

const said = (lines: readonly string[] | undefined): string[] | undefined => lines?.filter((line) => line !== '').map(different);

const WIDTH = 70;

describe.skipIf(!(haveLinux() && have('qemu-system-arm')))('Linux', () => {
  let program: Program;
  let devices: ReturnType<typeof devicesFor>;
  beforeAll(async () => {
    program = await Program.build();
    devices = devicesFor(program.folder);
  }, 60_000);
  afterAll(() => program.remove());

  describe.each(CONFIGURATIONS)('%s', (text) => {
    const wanted = configuration(text);
    const typed = commandsFor(text);
    const last = wanted.el === 'hyp' ? 'reboot -f' : 'poweroff -f';
    let [ours, theirs] = [new Map<string, string[]>(), new Map<string, string[]>()];
    let [ran, reference]: Session[] = [];
    beforeAll(async () => {
      const commands = [...typed, last];
      const both = [
        linuxInPartita(program, wanted, commands, devices.ours),
        linuxInQemu(program, wanted, commands, devices.theirs),
      ] as const;
      [ran, reference] = await Promise.all(both);
      [ours, theirs] = [answersOf(ran, true), answersOf(reference, true)];
    }, 500_000);

    it('prints the same while it starts', () => {
      expect(booted(theirs.get(''))?.length).toBeGreaterThan(100);
      expect(booted(ours.get(''))).toEqual(booted(theirs.get('')));
    });

    it('gets every command, each at its prompt', () => {
      for (const answers of [ours, theirs]) {
        const echoed = [...answers.keys()];
        // The shell breaks a line that is longer than its terminal is wide.
        expect(echoed.map((command) => command.slice(0, WIDTH))).toEqual(
          ['', ...typed, last].map((command) => command.slice(0, WIDTH)),
        );
      }
    });

    it('answers the same', () => {
      const [mine, its] = [[...ours], [...theirs]];
      const told = ([, lines]: (typeof mine)[number]) => said(lines);
      expect(mine.slice(1, -2).map(told)).toEqual(its.slice(1, -2).map(told));
      expect(uncounted(mine.at(-2)?.[1])).toEqual(uncounted(its.at(-2)?.[1]));
      const answer = (command: string) => said(mine[1 + typed.indexOf(command)]?.[1])?.at(-1);
      expect(mine[2]?.[1].filter((line) => line.startsWith('processor')).length).toBe(wanted.cores);
      expect(answer(DD)).toBe('4091904 /tmp/zeros');
      if (typed.includes(SHA)) expect(answer(SHA)).toMatch(/^[0-9a-f]{64} {2}\/tmp\/big$/);
      if (typed.includes(PING)) expect(answer(PING)).toContain('2 packets transmitted, 2 packets received');
    });

    it('ends the run', () => {
      expect([ran?.status, reference?.status]).toEqual([0, 0]);
      expect(ran?.text).toMatch(wanted.el === 'hyp' ? /; ended: reset/ : /; ended: off/);
    });
  });

  it('comes to the same state at the prompt in every run', async () => {
    const wanted = configuration('armmp-lpae virt 4 cortex-a15 svc');
    const runs = await Promise.all([1, 2].map(() => linuxInPartita(program, wanted, [], ['--expect', 'uart0=\\n/ # '])));
    const states = runs.map(({ text }) => /^state [0-9a-f]{16}/m.exec(text)?.[0]);
    expect(states[0]).toBeDefined();
    expect(states[1]).toBe(states[0]);
  });
});
