/** Debian's kernel, unmodified, with virtio devices over packed rings: disk, network, 9p, entropy, balloon and console, as in QEMU. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linuxFolder } from '../../tools/fetch/linux.ts';
import { bundled } from '../support/bundled.ts';
import { randoms } from '../support/device-contract.ts';
import { answersOf, haveLinux, session } from '../support/linux.ts';
import { have } from '../support/oracles.ts';

const MODULES = 'virtio_mmio virtio_blk virtio_net virtio-rng virtio_balloon virtio_console 9pnet_virtio 9p crc32c_generic ext4';

/** Compared with QEMU's answers. */
const SAME = [
  'cat /sys/block/vda/size /sys/block/vda/serial; echo',
  'md5sum /dev/vda',
  'mke2fs /dev/vda',
  'mount -t ext4 /dev/vda /mnt 2>/dev/null; cp /bin/busybox /mnt/b; umount /mnt',
  'mount -t ext4 /dev/vda /mnt; cmp /bin/busybox /mnt/b && df /mnt; umount /mnt',
  'ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0',
  'cat /sys/class/net/eth0/address',
  'ping -c 3 10.0.2.2 | grep packets',
  'mkdir /docs; mount -t 9p -o trans=virtio,version=9p2000.L docs /docs; ls /docs /docs/folder',
  'ls -ln /docs/hello /docs/folder/big; ls -d /docs/link; cat /docs/hello /docs/link; md5sum /docs/folder/big',
  'find /docs | sort',
  'cat /docs/out; echo x > /docs/new; rm /docs/hello',
  'cat /sys/class/misc/hw_random/rng_current | cut -c1-10; dd if=/dev/hwrng bs=64 count=4 2>/dev/null | wc -c',
] as const;

const COMMANDS = [`for m in ${MODULES}; do modprobe $m; done`, ...SAME, 'echo over there > /dev/hvc0', 'poweroff -f'];

/** The clock of the kernel's messages goes on while a command runs. */
const told = (lines: readonly string[] | undefined) =>
  lines?.filter((line) => !/EXT4-fs|ext4 filesystem|IPv6|random:/.test(line));

it.skipIf(!(haveLinux() && have('qemu-system-arm')))(
  'Linux uses its virtio devices as in QEMU',
  { timeout: 900_000 },
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'virtio-'));
    try {
      const [folder, file] = [join(base, 'docs'), join(base, 'disk')];
      mkdirSync(join(folder, 'folder'), { recursive: true });
      writeFileSync(join(folder, 'hello'), 'hello, guest\n');
      writeFileSync(join(folder, 'folder/big'), 'big'.repeat(100_000));
      for (const name of ['hello', 'folder/big']) utimesSync(join(folder, name), 1e9, 1e9);
      symlinkSync('hello', join(folder, 'link'));
      symlinkSync('../disk', join(folder, 'out'));
      const random = randoms(1);
      const disk = Uint8Array.from({ length: 16 << 20 }, () => random());
      writeFileSync(file, disk);
      const [kernel, initrd] = ['virt.uImage', 'initramfs.cpio'].map((name) => join(linuxFolder('armmp-lpae'), name)) as [
        string,
        string,
      ];
      const start = [
        '-M',
        'virt',
        '-cpu',
        'cortex-a15',
        '-m',
        '256',
        '-nographic',
        '-no-reboot',
        '-kernel',
        kernel,
        '-initrd',
        initrd,
      ];
      const devices = [
        ...['-append', 'console=ttyAMA0 cryptomgr.notests', '-global', 'virtio-mmio.force-legacy=false'],
        ...['-drive', `if=none,id=d,format=raw,file=${file}`, '-device', 'virtio-blk-device,drive=d,serial=serial,packed=on'],
        ...['-netdev', 'user,id=n', '-device', 'virtio-net-device,netdev=n,packed=on', '-device', 'virtio-rng-device'],
        ...['-fsdev', `local,id=f,path=${folder},security_model=none,readonly=on`],
        ...['-device', 'virtio-9p-device,fsdev=f,mount_tag=docs', '-device', 'virtio-balloon-device'],
        ...['-device', 'virtio-serial-device', '-chardev', 'null,id=c', '-device', 'virtconsole,chardev=c'],
      ];
      const theirs = answersOf(await session('qemu-system-arm', [...start, ...devices], COMMANDS));
      const { runLinux } = await bundled<typeof import('../support/linux-virtio.ts')>('test/support/linux-virtio.ts');
      const ran = runLinux(kernel, initrd, COMMANDS, disk, folder);
      const ours = answersOf({ text: ran.text.replaceAll('\r', '').replaceAll('\x1b[6n', ''), status: 0 });
      expect([ran.ending, ran.hvc]).toEqual(['off', 'over there\r\n']);
      const [mine, its] = [ours, theirs].map((answers) => Object.fromEntries([...answers].filter(([command]) => command !== '')));
      expect(Object.entries(mine ?? {}).map(([command, lines]) => [command, told(lines)])).toEqual(
        Object.entries(its ?? {}).map(([command, lines]) => [command, told(lines)]),
      );
    } finally {
      rmSync(base, { recursive: true });
    }
  },
);
