/**
 * Debian's ARM kernels, ready to boot: zImage, the raw kernel in it as a uImage for each board, an initramfs with a shell, and the kernel's
 * device tree of the V2P-CA15. Made from packages in `.cache/linux/`; nothing of it is part of the project.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.ts';
import { type Entry, writeCpio } from './cpio.ts';
import { debianPackage } from './debian.ts';
import { collectModules, modulesDep } from './modules.ts';
import { makeUImage } from './uimage.ts';

export const FLAVOURS = ['armmp', 'armmp-lpae'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Where the files of a flavour are, whether or not they have been made. */
export const linuxFolder = (flavour: Flavour): string => join(CACHE, 'linux', flavour);

/** The uncompressed kernel runs this far into RAM: TEXT_OFFSET of a multiplatform kernel with Qualcomm's boards among its own. */
const TEXT_OFFSET = 0x208000;
const RAM = { virt: 0x4000_0000, 'vexpress-a15': 0x8000_0000 } as const;
const DTB = 'vexpress-v2p-ca15-tc1.dtb';

/** Loaded by name (`modprobe virtio_blk`); the kernel has them as modules only. */
const MODULES = [
  'virtio_mmio',
  'virtio_pci',
  'virtio_blk',
  'virtio_net',
  'virtio_console',
  'virtio_balloon',
  'virtio-rng',
  'vmw_vsock_virtio_transport',
  '9pnet_virtio',
  '9p',
  'ext4',
  'crc32c_generic',
  'uio_pci_generic',
];

/** What busybox is called as. */
const APPLETS =
  `awk cat chmod cmp cp cttyhack cut date dd df diff dmesg echo env expr false find free grep gunzip gzip halt head hexdump id ifconfig
  insmod ip kill ln ls lsmod md5sum mdev mkdir mke2fs mknod modprobe more mount mv nc netstat nproc od ping poweroff printf ps pwd reboot
  rm rmdir rmmod route sed seq setsid sh sha256sum sleep sort stat stty sync tail tar taskset tee test time timeout top touch tr true
  tty umount uname uniq uptime usleep vi wc wget which xargs yes`.split(/\s+/);

const INIT = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec setsid cttyhack sh
`;

/** Makes the files of a flavour, unless that was done from the same packages. Throws an Error that says what is missing. */
export function makeLinux(flavour: Flavour): string {
  const kernel = fetched(`linux-image-${flavour}`);
  const busybox = join(fetched('busybox-static'), 'bin/busybox');
  const folder = linuxFolder(flavour);
  const made = [kernel, busybox, VERSION].join('\n');
  if (existsSync(join(folder, 'made')) && readFileSync(join(folder, 'made'), 'utf8') === made) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const zImage = readFileSync(join(kernel, 'boot', only(join(kernel, 'boot'), /^vmlinuz-/)));
  const image = unpackKernel(zImage);
  writeFileSync(join(partial, 'zImage'), zImage);
  for (const [board, ram] of Object.entries(RAM)) {
    writeFileSync(join(partial, `${board}.uImage`), makeUImage(`Linux ${flavour}`, image, ram + TEXT_OFFSET));
  }
  const trees = join(kernel, 'usr/lib', only(join(kernel, 'usr/lib'), /^linux-image-/));
  copyFileSync(join(trees, DTB), join(partial, DTB));
  writeFileSync(join(partial, 'initramfs.cpio'), initramfs(kernel, busybox));
  writeFileSync(join(partial, 'made'), made);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  return folder;
}

/** Another number when the content of the files changes though the packages are the same. */
const VERSION = '2';

function fetched(name: string): string {
  const folder = debianPackage(name, 'armhf');
  if (folder !== undefined) return folder;
  const advice = existsSync('/usr/bin/apt-get')
    ? 'apt reaches no archive that has it: does /etc/apt/sources.list name a mirror of Debian 12?'
    : `there is no apt here: unpack the package of Debian 12 (dpkg -x, or ar and tar) to ${join(CACHE, 'debian', `${name}_any_armhf`)}`;
  throw new Error(`the package ${name}:armhf cannot be fetched: ${advice}`);
}

function only(folder: string, shape: RegExp): string {
  const found = readdirSync(folder).find((name) => shape.test(name));
  if (found === undefined) throw new Error(`${folder} has no file like ${shape.source}`);
  return found;
}

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** The kernel that a zImage carries; the decompressor before it has the magic number in its code, too. */
function unpackKernel(zImage: Buffer): Buffer {
  const at = zImage.lastIndexOf(XZ_MAGIC);
  if (at < 0) throw new Error('the kernel is not packed by xz');
  const unpacked = spawnSync('xz', ['-dc', '--single-stream'], { input: zImage.subarray(at), maxBuffer: 256 << 20 });
  if (unpacked.error !== undefined) throw new Error('xz is needed to unpack the kernel (package xz-utils)');
  if (unpacked.stdout.length === 0) throw new Error(`xz cannot unpack the kernel: ${unpacked.stderr.toString().trim()}`);
  return unpacked.stdout;
}

function initramfs(kernel: string, busybox: string): Uint8Array {
  const all = join(kernel, 'lib/modules');
  const release = only(all, /^\d/);
  const modules = collectModules(join(all, release), MODULES);
  const at = `lib/modules/${release}`;
  const folders = new Set(['bin', 'dev', 'mnt', 'proc', 'sys', 'tmp', 'lib', 'lib/modules', at]);
  for (const { path } of modules)
    path.split('/').forEach((_, i, parts) => void (i > 0 && folders.add(`${at}/${parts.slice(0, i).join('/')}`)));
  const entries: Entry[] = [
    ...[...folders].map((path): Entry => ({ kind: 'folder', path })),
    { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, data: Buffer.from(INIT) },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, data: readFileSync(busybox) },
    ...APPLETS.map((name): Entry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
    { kind: 'file', path: `${at}/modules.dep`, data: Buffer.from(modulesDep(modules)) },
    ...modules.map(({ path, data }): Entry => ({ kind: 'file', path: `${at}/${path}`, data })),
  ];
  return writeCpio(entries);
}
